"""What the demonstration study asks: areas of law, guideline, wording, and the seed of everything simulated."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files

SEED = 20261012
STUDY_SLUG = "areas-of-law"
STUDY_NAME = "Areas of law"
STUDY_QUESTION = "Which areas of law does this request raise?"
CAMPAIGN_NAME = "Accuracy of areas"
CAMPAIGN_QUESTION = "Which output says more accurately what areas of law this text raises?"
SIMULATION_NOTICE = (
    "This is a demonstration: the requests are invented, and the people, their labels, the methods' outputs "
    f"and the judgments are simulated (seed {SEED}). Nothing here says anything about a real method or person."
)
ANSWERS_PER_REQUEST = 5

# Version 2 clarified one rule half-way; each answer remembers the version that was read.
GUIDELINE_1_SINCE = datetime(2026, 10, 9, tzinfo=UTC)
GUIDELINE_2_SINCE = datetime(2026, 10, 19, tzinfo=UTC)


@dataclass(frozen=True)
class Area:
    """An area of law: a label of the study, and the key that stands for it by its place."""

    key: str
    name: str
    description: str
    shortcut: str


AREAS: tuple[Area, ...] = (
    Area(
        "administrative",
        "Administrative law",
        "A public authority decided, refused, delayed or failed to act, and the person wants that reviewed.",
        "Q",
    ),
    Area(
        "consumer",
        "Consumer rights",
        "A private buyer and a trader disagree about goods, services, cancelling or a refund.",
        "W",
    ),
    Area(
        "contract",
        "Contract",
        "The agreement itself is in dispute: how it was made, its terms, its breach, its end.",
        "E",
    ),
    Area(
        "criminal",
        "Criminal law",
        "The person is suspected of an offence, or was harmed by what may be one.",
        "R",
    ),
    Area(
        "debt",
        "Debt and insolvency",
        "The person cannot or will not pay what is claimed: collection, enforcement, guarantees, bankruptcy.",
        "A",
    ),
    Area(
        "employment",
        "Employment",
        "Work for another: being hired, paid, treated, injured or dismissed, and whether it is employment at all.",
        "S",
    ),
    Area(
        "family",
        "Family",
        "Marriage, separation, children, maintenance, care of relatives, and who inherits.",
        "D",
    ),
    Area(
        "housing",
        "Housing and tenancy",
        "The home: rent, repairs, deposit, notice, neighbours, and those who own or manage the house.",
        "F",
    ),
    Area(
        "immigration",
        "Immigration and asylum",
        "The right to enter, stay, work, bring one's family or become a citizen.",
        "Z",
    ),
    Area(
        "injury",
        "Injury and negligence",
        "Harm to body, mind or things through somebody's want of care, and who makes it good.",
        "X",
    ),
    Area(
        "privacy",
        "Privacy and data",
        "Watching, filming, publishing or processing what concerns a person, and what is held about them.",
        "C",
    ),
    Area(
        "social_security",
        "Social security",
        "Benefits, pensions and public insurance: who may have them, how much, and what is to be paid back.",
        "V",
    ),
)
AREA_KEYS: tuple[str, ...] = tuple(area.key for area in AREAS)


@dataclass(frozen=True)
class Request:
    """An invented request for legal help.

    `areas` holds, for each area that comes into question, the probability that a careful lawyer chooses it.
    """

    id: str
    lang: str
    text: str
    areas: dict[str, float]


def requests() -> tuple[Request, ...]:
    """All requests, in the order of the study."""
    lines = files("hlv.demo").joinpath("requests.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(Request(**json.loads(line)) for line in lines)


def guideline(version: int) -> str:
    """The guideline's Markdown, version 1 or 2."""
    return files("hlv.demo").joinpath(f"guideline_{version}.md").read_text(encoding="utf-8")

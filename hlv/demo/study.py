"""What the demonstration study asks: areas of law, guideline, wording, and the seed of everything simulated."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from hlv.stats.arrays import FloatArray

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


CERTAINTY_LEVELS = 5

# What a careful lawyer gives to an area that a request does not mention: slips of the finger, mostly.
_UNMENTIONED = 0.012
_DAYS = 14
_SLOT_HOURS = (8.0, 13.0, 19.0)
_SLOT_LENGTH_HOURS = 2.5


@dataclass(frozen=True)
class Person:
    """A simulated person: an invented name, an address that cannot exist, a group.

    People of one circle share part of their tastes; where none is named, it is their group.
    """

    key: str
    name: str
    group: str
    languages: tuple[str, ...] = ("en",)
    circle: str = ""

    @property
    def email(self) -> str:
        return f"{self.key}@demonstration.invalid"


_BOTH = ("en", "ar")

LAWYERS: tuple[Person, ...] = (
    Person("lawyer-01", "Odile Marchbanks", "bar"),
    Person("lawyer-02", "Nadim Sarkalian", "bar", _BOTH),
    Person("lawyer-03", "Petra Holloway-Dunn", "bar"),
    Person("lawyer-04", "Yasmin Attarwala", "bar", _BOTH),
    Person("lawyer-05", "Gregor Lindqvale", "bar"),
    Person("lawyer-06", "Salma Benhaddou", "bar", _BOTH),
    Person("lawyer-07", "Tobias Wrenfield", "bar"),
    Person("lawyer-08", "Rania Khalloufi", "academia", _BOTH),
    Person("lawyer-09", "Imogen Carrow", "academia"),
    Person("lawyer-10", "Faris Dabbaghian", "academia", _BOTH),
    Person("lawyer-11", "Hala Mirzayev", "academia", _BOTH),
    Person("lawyer-12", "Casimir Oduya-Blum", "academia", _BOTH),
)

JUDGES: tuple[Person, ...] = (
    Person("judge-1", "Leonie Ashgrove", "bar", _BOTH, "judges"),
    Person("judge-2", "Khalid Merzouki", "bar", _BOTH, "judges"),
    Person("judge-3", "Beatrix Sundqvist", "bar", _BOTH, "judges"),
    Person("judge-4", "Amal Fakhrani", "bar", _BOTH, "judges"),
    Person("judge-5", "Julian Pemberwick", "academia", _BOTH, "judges"),
    Person("judge-6", "Noor Ellisander", "academia", _BOTH, "judges"),
    Person("judge-7", "Marek Tavistock", "academia", _BOTH, "judges"),
    Person("judge-8", "Dalia Shahinova", "academia", _BOTH, "judges"),
)


@dataclass(frozen=True)
class Leaning:
    """How one person departs from the careful lawyer, in natural-log odds.

    Attributes
    ----------
    readiness : float
        Added to every area: above 0 chooses more areas.
    tastes : float array, shape (12,)
        Added to each area.
    unsteadiness : float
        Scale of the logistic noise of a single answer; 1 reproduces the probabilities of the requests.
    boldness : float
        Added to every certainty, in levels of the scale from 1 to 5.
    words_per_minute : float
    """

    readiness: float
    tastes: FloatArray
    unsteadiness: float
    boldness: float
    words_per_minute: float


def draw_leanings(
    people: tuple[Person, ...], rng: np.random.Generator, *, spread: float = 1.0
) -> tuple[Leaning, ...]:
    """One leaning for each person; those of a circle share part of their tastes.

    `spread` scales how far people stand apart in readiness and tastes.
    """
    circles = sorted({person.circle or person.group for person in people})
    shared = {circle: rng.normal(0.0, 0.25 * spread, len(AREA_KEYS)) for circle in circles}
    return tuple(
        Leaning(
            readiness=float(rng.normal(0.0, 0.35 * spread)),
            tastes=shared[person.circle or person.group] + rng.normal(0.0, 0.35 * spread, len(AREA_KEYS)),
            unsteadiness=float(rng.uniform(0.55, 1.15)),
            boldness=float(rng.normal(0.2, 0.6)),
            words_per_minute=float(rng.uniform(150, 260)),
        )
        for person in people
    )


def careful_log_odds(requests: tuple[Request, ...]) -> FloatArray:
    """Log odds that a careful lawyer chooses each area, shape (n_requests, 12)."""
    chances = np.array(
        [[request.areas.get(key, _UNMENTIONED) for key in AREA_KEYS] for request in requests],
        dtype=np.float64,
    )
    log_odds: FloatArray = np.log(chances) - np.log1p(-chances)
    return log_odds


def draw_times(
    active_ms: NDArray[np.int64], *, first_day: datetime, rng: np.random.Generator
) -> list[tuple[datetime, datetime]]:
    """When each task was shown and submitted, in order: sittings spread over two weeks.

    `first_day` is midnight in UTC. Raises ValueError where a sitting does not fit into its hours.
    """
    n_sittings = int(np.clip(round(len(active_ms) / 24), 3, _DAYS * len(_SLOT_HOURS)))
    slots = np.sort(rng.choice(_DAYS * len(_SLOT_HOURS), n_sittings, replace=False))
    times: list[tuple[datetime, datetime]] = []
    for slot, tasks in zip(slots.tolist(), np.array_split(active_ms, n_sittings), strict=True):
        day, part = divmod(slot, len(_SLOT_HOURS))
        hour = _SLOT_HOURS[part] + float(rng.uniform(0, 1.5))
        start = first_day + timedelta(days=day, seconds=round(hour * 3600))
        end = start + timedelta(hours=_SLOT_LENGTH_HOURS)
        for active, pause in zip(tasks.tolist(), rng.integers(0, 15_000, len(tasks)).tolist(), strict=True):
            submitted = start + timedelta(milliseconds=active + pause)
            times.append((start, submitted))
            start = submitted
        if start > end:
            raise ValueError(f"a sitting of {len(tasks)} tasks is longer than {_SLOT_LENGTH_HOURS} hours")
    return times


def midnight(year: int, month: int, day: int) -> datetime:
    """The start of a day in UTC."""
    return datetime(year, month, day, tzinfo=UTC)

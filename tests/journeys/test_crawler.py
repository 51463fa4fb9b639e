"""Every button and link of every page, pressed on a real server: in a small study, and as every role in the demonstration."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

import pytest

from annotations import jobs
from annotations.models import Job, Study, User
from annotations.services.invitations import Terms, invite
from annotations.services.people import make_sign_in_link
from annotations.services.studies import add_participant
from annotations.services.study_settings import set_state
from hlv.demo.load import RESEARCHER, load_demonstration
from hlv.demo.study import JUDGES, LAWYERS
from metaeval.models import Campaign
from tests.hlv.test_access_matrix import MATRIX
from tests.hlv.world import make_world
from tests.journeys.crawler import Answer, Control, Visitor
from tests.making import make_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("blank_figures")]

FEW: dict[str, dict[str, int]] = {
    **{
        kind: {"n_resamples": 99, "seed": 1}
        for kind in ("metaeval", "round", "agreement", "judges", "sensitivity")
    },
    "forecast": {"n_simulations": 2},
}
FILES = {
    "items": ("items.csv", b"id,text\nx1,The rent is late.\nx2,They part.\nx3,A wedding.\nx4,A lease.\n"),
    "annotations": (
        "answers.csv",
        b"item,annotator,label\nx1,w,housing\nx1,v,family\nx2,w,family\nx3,v,family\nx4,w,housing\n",
    ),
    "counts": ("counts.csv", b"item,family,housing\nx1,2,3\n"),
    "outputs": (
        "outputs.jsonl",
        b"".join(
            b'{"item": "x%d", "method": "%s", "distribution": {"family": %.1f, "housing": %.1f}}\n'
            % (item, method, share, 1 - share)
            for item in range(1, 5)
            for method, share in ((b"alpha", 0.1 * item), (b"beta", 0.5), (b"gamma", 1 - 0.2 * item))
        ),
    ),
    "judgments": (
        "judgments.csv",
        b"item,judge,left,right,winner\nx1,a,alpha,beta,left\nx2,a,beta,gamma,right\nx3,b,gamma,alpha,left\n"
        b"x4,b,alpha,gamma,left\n",
    ),
    # A file with a fault, as people bring them.
    "scores": ("scores.csv", b"method,blue\nalpha,0.1\nbeta,much\n"),
}
# What a person may be refused: route, status, words of the refusal, and why it is right.
EXPECTED = (
    ("second-factor", 400, "This field is required", "no app is at hand to give a code"),
    ("search", 400, "This field is required", "nothing was typed"),
    ("training-new", 400, "", "the texts of this study are too few to train"),
    ("sign-in-link", 410, "", "the link works once"),
    ("join", 410, "", "the invitation is used, or never was"),
    ("upload", 400, "", "the file went with its import, which another tab began"),
    ("guideline-edit", 409, "was published while you wrote", "another tab was first"),
    ("preregistration", 400, "is identical", "the same plan is not frozen twice"),
    ("campaign-new", 400, "There is already a campaign", "the name is taken since another tab stored it"),
    ("campaign-new", 400, "no methods yet", "another tab withdrew the import of their outputs"),
    ("campaign-new", 400, "that other methods have", "the files of this crawl name new texts and methods"),
)
# No link or button of this crawl leads to these.
OUT_OF_REACH = {
    "next-items": "a script asks for the next text ahead of time",
    "job-progress": "a script asks how far a job is",
    "exposure-labels": "the demonstration's campaign asks for no labels before the outputs",
    "confirm": "nobody here signed in long enough ago to be asked for the password again",
    "allow-judging": "no judge of the demonstration has seen results",
    "end-sessions": "everybody here has one session",
    "next-pair": "a script reports that a pair was shown",
    "metric-direction": "the demonstration has no uploaded metric",
    "campaign-data": "only tables too large for their page have one",
}
# Buttons that come first (below 0, while a job still waits) and last, so that the crawl stays whole.
RANKS = {
    "job-cancel": -1,
    "upload do try": 1,
    "upload do import": 2,
    "sign-in-link": 3,
    "import-withdraw": 5,
    "invitation-withdraw": 5,
    "campaign-state state closed": 6,
    "participant do deactivate": 7,
    "study-state do paused": 7,
    "study-state do closed": 7,
    "account": 8,
    "sign-out": 9,
}
# Of each kind of long job in each study, one more than the demonstration has.
MOST_RUNS = 2
_numbers = count(1)


def fill(route: str, control: Control) -> str | None:
    """What a person would write into an empty field."""
    name, n = control.name, next(_numbers)
    if control.kind == "email":
        return f"guest{n}@example.org"
    if "password" in name or name == "again":
        return "correct horse battery"
    if name in ("labels-0-name", "labels-0-key"):
        return "family"
    if name in ("labels-1-name", "labels-1-key"):
        return "housing"
    if name in ("name", "slug", "whom"):
        return f"something-{n}"
    if name == "reason":
        return "A reason."
    if name == "text":
        return "# Read\n\nAll of it."
    if name == "metrics" and control.value == "soft_micro_f1":
        return control.value
    return None


def work() -> bool:
    """What a worker would do, with few resamples; whether there was anything."""
    did = False
    while (job := Job.objects.filter(state=Job.State.QUEUED).order_by("pk").first()) is not None:
        did = True
        done = Job.objects.filter(kind=job.kind, study=job.study, state=Job.State.DONE)
        if job.kind in FEW and done.count() >= MOST_RUNS:
            jobs.request_cancel(job)
            continue
        Job.objects.filter(pk=job.pk).update(params=job.params | FEW.get(job.kind, {}))
        job.refresh_from_db()
        jobs.run_now(job)
    return did


def make_demonstration() -> Study:
    """As `hlv demo` shows it, with few resamples."""
    study = load_demonstration()
    campaign = {"campaign": str(Campaign.objects.get(study=study).uuid)}
    for kind, params in (
        ("round", {}),
        ("metaeval", campaign),
        ("judges", campaign),
        ("texts", {}),
        ("sensitivity", campaign),
    ):
        jobs.create(kind=kind, study=study, params=params)
        work()
    return study


def routes_to_reach() -> set[str]:
    """All that the access matrix knows, but what scripts ask."""
    return {route for route in MATRIX if not route.startswith(("api-", "v1"))} - set(OUT_OF_REACH)


def is_expected(answer: Answer) -> bool:
    return any(
        (answer.route, answer.status) == (route, status) and words in answer.said
        for route, status, words, _why in EXPECTED
    )


@dataclass
class Crawl:
    address: str
    answers: list[Answer] = field(default_factory=list)
    routes: set[str] = field(default_factory=set)
    table: list[str] = field(default_factory=list)

    def visit(self, actor: str, *starts: str, briefly: bool = False) -> None:
        visitor = Visitor(
            actor,
            self.address,
            fill=fill,
            files=FILES,
            n_addresses=1 if briefly else 2,
        )
        visitor.crawl([self.address + start for start in starts], ranks=RANKS, work=work)
        self.answers += visitor.answers
        self.routes |= visitor.routes
        seen = visitor.seen
        self.table.append(f"{actor:34}{seen['pages']:7}{seen['links']:7}{seen['buttons']:9}{seen['forms']:7}")


def dead_doors(crawl: Crawl) -> list[Answer]:
    return [answer for answer in crawl.answers if not 200 <= answer.status < 400 and not is_expected(answer)]


def test_every_link_and_button_opens_in_a_small_study(address: str) -> None:
    world = make_world()
    Job.objects.filter(kind="bundle").delete()  # it has no file
    crawl = Crawl(address)

    for actor in ("annotator", "judge", "researcher"):
        crawl.visit(actor, make_sign_in_link(world.people[actor]), briefly=True)

    dead = dead_doors(crawl)
    assert not dead, "\n".join(map(str, dead))
    assert {"annotate-item", "exposure", "my-answers", "progress", "people", "campaign"} <= crawl.routes


@pytest.mark.slow
def test_every_link_and_button_of_every_page_opens_as_every_role(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    study = make_demonstration()
    owner = User.objects.get(email=RESEARCHER.email)
    annotator, judge = (User.objects.get(email=person.email) for person in (LAWYERS[1], JUDGES[-1]))
    founder, stranger, researcher, judging, annotating = (
        make_person(name) for name in ("Founder", "Stranger", "Researcher", "Judging", "Annotating")
    )
    User.objects.filter(pk=founder.pk).update(may_create_studies=True)
    for person, roles in (
        (researcher, ["researcher"]),
        (judging, ["judge", "researcher"]),
        (annotating, ["annotator", "researcher"]),
    ):
        for role in roles:
            add_participant(study, user=person, role=role)
    _invitation, invited = invite(study, terms=Terms(role="annotator"), by=owner)
    crawl = Crawl(address)

    def signed_in(person: User) -> str:
        return make_sign_in_link(person)

    crawl.visit("nobody", "/", invited, "/join/gone/", "/sign-in/gone/")
    crawl.visit("stranger", signed_in(stranger))
    crawl.visit("annotator", signed_in(annotator), briefly=True)
    crawl.visit("judge", signed_in(judge), briefly=True)
    crawl.visit("judge and researcher", signed_in(judging), briefly=True)
    crawl.visit("annotator and researcher", signed_in(annotating), briefly=True)
    crawl.visit("researcher", signed_in(researcher), briefly=True)
    crawl.visit("founder of an empty study", signed_in(founder), briefly=True)
    crawl.visit("founder, with texts and outputs", signed_in(founder), briefly=True)
    for state in ("paused", "closed"):
        set_state(study, state=state, by=owner)
        for actor, person in (("annotator", annotator), ("judge", judge)):
            crawl.visit(f"{actor}, {state} study", signed_in(person), briefly=True)
    set_state(study, state="open", by=owner)
    crawl.visit("owner", signed_in(owner), briefly=True)

    with capsys.disabled():
        print(f"\n{'role':34}{'pages':>7}{'links':>7}{'buttons':>9}{'forms':>7}")
        print("\n".join(crawl.table))
    dead = dead_doors(crawl)
    assert not dead, "\n".join(map(str, dead))
    assert routes_to_reach() - crawl.routes == set(), "no link and no button leads there"

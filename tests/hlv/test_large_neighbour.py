"""A large study beside it costs a small one nothing: counted in rows that the database reads, not timed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from annotations.models import Assignment, Study
from annotations.selectors.answers import (
    answers_to,
    current_answers,
    current_answers_by,
    label_shares,
    n_open_remarks,
    n_texts_answered,
)
from annotations.selectors.assignment_preview import assignment_preview
from annotations.selectors.distributions import answer_arrays, label_table
from annotations.selectors.exports import exported_answers, participant_names
from annotations.selectors.groups import open_group_slots, taken_group_slots
from annotations.selectors.open_items import previous_assignment
from annotations.selectors.participation import (
    coverage,
    has_answers,
    participant_share,
    participations,
    people_in,
)
from annotations.selectors.progress import (
    active_times,
    answers_came_from_files,
    item_coverage,
    item_flags,
    participant_shares,
)
from annotations.services.assigning import next_assignment
from benchmarks.assignment.filling import make_study_at_work
from benchmarks.assignment.judging_filling import make_campaign_at_work
from metaeval.models import Campaign, Exposure
from metaeval.selectors.campaigns import counted_campaigns, judging_pace, n_judged_by
from metaeval.selectors.exposures import campaign_coverage, judge_share, own_judgments, shares_to_judge
from metaeval.selectors.judges import judge_lines
from metaeval.selectors.judgments import all_current_judgments, comparison_counts
from metaeval.selectors.texts import texts_judged
from metaeval.services.presentation import next_exposure
from tests.costs import forget_statistics, gather_statistics, rows_read
from tests.making import make_participant
from tests.metaeval.making import signed_in

pytestmark = pytest.mark.django_db

N_TEXTS, N_TEXTS_BESIDE = 60, 20_000
N_COMPARISONS, N_COMPARISONS_BESIDE = 156, 18_720
# Another plan of the same campaign may read its 156 comparisons for each of a judge's 26 judgments; whoever reads the
# neighbour reads 18,000 rows or more.
GROWS, MORE_ROWS = 1.3, 4_500

Asks = dict[str, Callable[[], object]]


@dataclass(frozen=True)
class Small:
    """A study and a campaign, and who works there."""

    study: Study
    campaign: Campaign

    def asks(self) -> Asks:
        return self._of_answers() | self._of_judgments() | self._pages()

    def _of_answers(self) -> Asks:
        study = self.study
        person = study.participants.filter(role="annotator").order_by("number")[1]
        assert person.user is not None
        item, seat = study.items.all()[0], person.assignments.all()[0]
        people, now = study.participants.all(), timezone.now()
        return {
            "next seat": lambda: next_assignment(person),
            "own share": lambda: participant_share(person),
            "roles": lambda: list(participations(person.user)),
            "people": lambda: list(people_in(study)),
            "left for groups": lambda: open_group_slots(people),
            "taken by groups": lambda: taken_group_slots([study.pk]),
            "coverage": lambda: (coverage(study), item_coverage(study)),
            "shares of people": lambda: participant_shares(study),
            "labels given": lambda: has_answers(study),
            "from files": lambda: answers_came_from_files(study),
            "seat before": lambda: previous_assignment(seat),
            "own answers": lambda: list(current_answers_by(person)),
            "preview": lambda: assignment_preview(study, with_invited=True, sees_names=True),
            "texts given": lambda: n_texts_answered(study, "area 0"),
            "standing answers": lambda: list(current_answers(study)),
            "label table": lambda: label_table(study),
            "answer arrays": lambda: answer_arrays(study),
            "one text": lambda: (label_shares(item), list(answers_to(item))),
            "remarks": lambda: n_open_remarks(study),
            "report": lambda: (active_times(study, as_of=now), item_flags(study, as_of=now)),
            "export": lambda: list(
                exported_answers(
                    study, as_of=now, names=participant_names(study, with_names=False), only_current=False
                )
            ),
        }

    def _of_judgments(self) -> Asks:
        campaign, study = self.campaign, self.campaign.study
        judge = study.participants.filter(role="judge").order_by("number")[1]
        return {
            "next pair": lambda: next_exposure(judge, campaign),
            "share of a judge": lambda: judge_share(judge, campaign),
            "campaigns of a judge": lambda: shares_to_judge(judge),
            "coverage of a campaign": lambda: campaign_coverage(campaign),
            "own judgments": lambda: list(own_judgments(judge, campaign)),
            "campaigns": lambda: list(counted_campaigns(study)),
            "pace": lambda: judging_pace(study),
            "judged by": lambda: n_judged_by(study),
            "standing judgments": lambda: list(all_current_judgments(campaign)),
            "board": lambda: comparison_counts(campaign),
            "judges": lambda: judge_lines(campaign),
            "texts judged": lambda: texts_judged(study, []),
        }

    def _pages(self) -> Asks:
        person = self.study.participants.filter(role="annotator").order_by("number")[2]
        judge = self.campaign.study.participants.filter(role="judge").order_by("number")[2]
        seat, exposure = next_assignment(person), next_exposure(judge, self.campaign)
        assert isinstance(seat, Assignment)
        assert isinstance(exposure, Exposure)
        owners = [make_participant(study, "owner") for study in (self.study, self.campaign.study)]
        annotating, judging, owning, running = map(signed_in, (person, judge, *owners))
        study, judged = [self.study.uuid], [self.campaign.study.uuid]
        pages = {
            "a text": (annotating, f"/seats/{seat.uuid}/"),
            "the study": (annotating, reverse("study", args=study)),
            "the studies": (annotating, "/studies/"),
            "a pair": (judging, f"/exposures/{exposure.uuid}/"),
            "the judge's study": (judging, reverse("study", args=judged)),
            "the owner's study": (owning, reverse("study", args=study)),
            "the people": (owning, reverse("people", args=study)),
            "the campaigns": (running, reverse("campaigns", args=judged)),
        }

        def get(client: object, address: str) -> None:
            assert client.get(address).status_code == 200, address  # type: ignore[attr-defined]

        return {name: (lambda page=page: get(*page)) for name, page in pages.items()}  # type: ignore[misc]


@pytest.fixture
def small() -> Iterator[Small]:
    return Small(
        make_study_at_work(N_TEXTS, n_answers=3, wanted=6, slug="small", n_people=12, assignment="groups"),
        make_campaign_at_work(N_COMPARISONS, n_judges=6),
    )


def add_neighbours() -> None:
    """Few people who do much: so the average of all people says nothing of the small study's."""
    make_study_at_work(N_TEXTS_BESIDE, n_answers=2, wanted=6, slug="large", n_people=4)
    make_campaign_at_work(N_COMPARISONS_BESIDE, n_judges=4)


def costs_of(asks: Asks) -> dict[str, int]:
    for ask in asks.values():
        ask()
    return {name: rows_read(ask) for name, ask in asks.items()}


def costs_alone_and_beside(small: Small, *, with_statistics: bool) -> dict[str, tuple[int, int]]:
    """Of each question that costs more beside a large study, both numbers."""
    asks = small.asks()
    if with_statistics:
        gather_statistics()
    if connection.vendor == "postgresql":
        # Else it reads tables of this size whole, rightly, and only much larger ones by an index.
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL random_page_cost = 1")
    alone = costs_of(asks)
    add_neighbours()
    if with_statistics:
        gather_statistics()
    beside = costs_of(asks)
    return {name: (alone[name], n) for name, n in beside.items() if n > GROWS * alone[name] + MORE_ROWS}


@pytest.mark.both_databases
def test_a_large_neighbour_costs_a_small_study_nothing(small: Small) -> None:
    assert costs_alone_and_beside(small, with_statistics=True) == {}


@pytest.mark.embedded
def test_a_large_neighbour_costs_nothing_on_sqlite_without_statistics_either(small: Small) -> None:
    forget_statistics()
    assert costs_alone_and_beside(small, with_statistics=False) == {}

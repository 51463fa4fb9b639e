"""Twice as many answers or judgments cost twice as much to read, also before a database has statistics: counted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import pytest
from django.db import connection
from django.utils import timezone

from annotations.models import Annotation, Study
from annotations.selectors.answers import current_answers
from annotations.selectors.distributions import answer_arrays, label_table
from annotations.selectors.exports import exported_answers, participant_names
from benchmarks.assignment.filling import make_study_at_work
from benchmarks.assignment.judging_filling import make_campaign_at_work
from metaeval.models import Campaign, Judgment
from metaeval.selectors.exports import exported_judgments
from metaeval.selectors.judges import judge_lines
from metaeval.selectors.judgments import all_current_judgments, comparison_counts
from metaeval.selectors.scores import method_names
from tests.costs import forget_statistics, gather_statistics, plan_of_sqlite, rows_read

pytestmark = pytest.mark.django_db

# Of twice as many; a reading that looks for each row among all others costs four times as much.
MOST_GROWTH = 3.0
N_COMPARISONS = 936


def make_answered(n_texts: int) -> Study:
    """Three people answered every text, so that each of them gave as many answers as there are texts."""
    return make_study_at_work(n_texts, n_answers=3, wanted=4, n_people=3, slug=f"answered-{n_texts}")


def make_judged(n_comparisons: int) -> Campaign:
    return make_campaign_at_work(n_comparisons, n_judges=2)


def standing(study: Study) -> list[Annotation]:
    return list(current_answers(study))


def verdicts(campaign: Campaign) -> list[Judgment]:
    return list(all_current_judgments(campaign))


def exported(study: Study) -> list[object]:
    names, now = participant_names(study, with_names=False), timezone.now()
    return list(exported_answers(study, as_of=now, names=names, only_current=True))


def exported_verdicts(campaign: Campaign) -> list[object]:
    now = timezone.now()
    return list(
        exported_judgments(
            campaign,
            automatic_judge=None,
            as_of=now,
            methods=method_names(campaign.study, as_of=now),
            judges=participant_names(campaign.study, with_names=False),
        )
    )


Subject = TypeVar("Subject")


def growth(read: Callable[[Subject], object], smaller: Subject, larger: Subject) -> float:
    """Each read once before, so that nothing is counted of a first time."""
    costs = []
    for subject in (smaller, larger):
        read(subject)
        costs.append(rows_read(partial(read, subject)))
    return costs[1] / costs[0]


# PostgreSQL gathers them by itself.
WITH_STATISTICS = [True] if connection.vendor == "postgresql" else [False, True]


@pytest.mark.both_databases
@pytest.mark.parametrize("with_statistics", WITH_STATISTICS)
def test_reading_answers_grows_with_their_number(with_statistics: bool) -> None:
    studies = make_answered(300), make_answered(600)
    if with_statistics:
        gather_statistics()
    reads = {"standing": standing, "counts": label_table, "each": answer_arrays, "export": exported}
    found = {name: growth(read, *studies) for name, read in reads.items()}
    assert {name: times for name, times in found.items() if times > MOST_GROWTH} == {}


@pytest.mark.both_databases
@pytest.mark.parametrize("with_statistics", WITH_STATISTICS)
def test_reading_judgments_grows_with_their_number(with_statistics: bool) -> None:
    campaigns = make_judged(N_COMPARISONS), make_judged(2 * N_COMPARISONS)
    if with_statistics:
        gather_statistics()
    reads = {
        "standing": verdicts,
        "counts": comparison_counts,
        "judges": judge_lines,
        "export": exported_verdicts,
    }
    found = {name: growth(read, *campaigns) for name, read in reads.items()}
    assert {name: times for name, times in found.items() if times > MOST_GROWTH} == {}


@pytest.mark.embedded
@pytest.mark.parametrize("with_statistics", [False, True])
def test_sqlite_finds_a_newer_answer_and_a_revision_by_an_index(with_statistics: bool) -> None:
    forget_statistics()
    study, campaign = make_answered(300), make_judged(N_COMPARISONS)
    if with_statistics:
        gather_statistics()
    answers = plan_of_sqlite(lambda: standing(study))
    assert any(
        "USING INDEX annotation_of_item (item_id=? AND participant_id=? AND rowid>?)" in line
        for line in answers
    )
    verdicts = plan_of_sqlite(lambda: comparison_counts(campaign))
    assert sum("USING INDEX judgment_revision (root_id=?" in line for line in verdicts) == 2
    tables = {Annotation._meta.db_table, Judgment._meta.db_table}
    for plan in (
        answers,
        verdicts,
        plan_of_sqlite(lambda: exported(study)),
        plan_of_sqlite(lambda: exported_verdicts(campaign)),
    ):
        assert not [
            line for line in plan if line.startswith("SCAN") and line.split()[1] in tables | {"W0", "U0"}
        ], plan

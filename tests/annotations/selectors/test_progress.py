"""Live numbers of a round, and remarks: they are what the rows say, and settling one edits nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.utils import timezone

from annotations.findings.round_findings import pace_reading, projection, two_alphas
from annotations.findings.round_tables import annotators_table, coverage_bars
from annotations.models import Annotation, ImportReversal, Item, Settlement, Study
from annotations.policy import Action, allowed_actions
from annotations.results.round_report import AnnotatorRow, RoundResult
from annotations.selectors.answers import remarks
from annotations.selectors.participation import coverage
from annotations.selectors.progress import Pace, item_coverage, pace, participant_shares
from annotations.services.rounds import settle_remark
from hlv.stats.agreement import label_agreement
from hlv.stats.agreement.agreement_report import Alpha
from hlv.stats.agreement.annotator_agreement import Mean
from tests.annotations.rounds import answer, make_round
from tests.making import make_import, make_items, make_participant, make_seat, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_coverage_by_text_leaves_out_seats_in_hand_withdrawn_texts_and_texts_with_counts() -> None:
    study = make_study(answers_wanted=2)
    items = make_items(study, 6)
    people = [make_participant(study) for _ in range(2)]
    for _ in range(2):
        answer(people[0], chosen={"housing": 0.8})
    answer(people[1], chosen={"housing": 0.8})
    make_seat(people[1])
    batch = make_import(study, "items")
    Item.objects.filter(pk=items[4].pk).update(import_batch=batch)
    ImportReversal.objects.create(batch=batch, withdrawn=True)
    Item.objects.filter(pk=items[5].pk).update(evidence="counts")
    found = item_coverage(study)
    assert sum(n * k for n, k in found.n_items_by_answers.items()) == 3
    assert (found.n_items, found.n_in_hand, found.n_wanted) == (4, 1, 8)
    assert found.n_answers == coverage(study).n_answers


def test_bars_of_coverage_hold_every_text_also_where_many_answers_are_wanted() -> None:
    study = make_study(answers_wanted=100)
    items = make_items(study, 4)
    for item, taken in zip(items, (0, 1, 57, 130), strict=True):
        Item.objects.filter(pk=item.pk).update(seats_taken=taken)
    bars = coverage_bars(item_coverage(study))
    assert sum(bar.n for bar in bars) == 4
    assert (bars[0].words, bars[-1].words) == ("no answer", "complete: 100 answers")
    assert len(bars) <= 12


def test_days_are_those_of_the_study_and_the_last_ones_that_people_worked() -> None:
    study = make_study(time_zone="Australia/Melbourne", answers_wanted=5)
    make_items(study, 3)
    person = make_participant(study)
    # Half past nine in the evening in London is the next morning in Melbourne.
    evening = datetime(2025, 3, 3, 21, 30, tzinfo=UTC)
    answer(person, when=evening, chosen={"housing": 0.8})
    answer(person, when=evening, skipped=True, reason="other")
    last = participant_shares(study)[person.pk].last_hour
    found = pace(study, last_hour=last, now=timezone.now())
    assert found.days[-1] == (date(2025, 3, 4), 1)
    assert not found.ends_today
    assert (len(found.days), found.per_day) == (28, found.n_answers / 28)
    assert pace_reading(found).endswith("the last four weeks, 0.0 a day.")


def test_today_which_is_not_over_slows_no_pace() -> None:
    found = Pace([(date(2025, 3, 1), 24), (date(2025, 3, 2), 25), (date(2025, 3, 3), 1)], ends_today=True)
    assert pace_reading(found) == "50 answers in the last four weeks and today; 24.5 a day before today."


def test_alpha_of_sets_beside_alphas_of_labels_says_that_they_ask_two_questions() -> None:
    of_sets = label_agreement(
        task="multilabel",
        items=np.array([0, 0]),
        annotators=np.array([0, 1]),
        memberships=np.array([[True, False], [True, True]]),
        n_labels=2,
        n_resamples=0,
        rng=np.random.default_rng(1),
    )
    (said,) = two_alphas(of_sets)
    assert "whole sets of labels (MASI distance)" in said.plain
    assert two_alphas(replace(of_sets, krippendorff_alpha=Alpha(0.4, distance="nominal"))) == []


def test_an_end_is_projected_from_whole_weeks_with_its_caution_or_not_at_all() -> None:
    study = make_study(answers_wanted=5)
    make_items(study, 30)
    person, now = make_participant(study), timezone.now()
    for days in range(1, 15):
        answer(person, when=now - timedelta(days=days), chosen={"housing": 0.8})
    found = pace(study, last_hour=now - timedelta(days=1), now=now)
    since = (now - timedelta(days=14)).date()
    said = projection(study, item_coverage(study), found, since=since)
    assert "last 14 days, the remaining 136 answers" in said[0]
    assert "later" in said[-1]
    early = projection(study, item_coverage(study), found, since=(now - timedelta(days=3)).date())
    assert "after the first whole week" in early[0]
    study.state = Study.State.PAUSED
    assert "not open" in projection(study, item_coverage(study), found, since=since)[0]


def test_remarks_are_the_standing_answers_that_say_something_to_those_who_run_the_study() -> None:
    made = make_round(n_items=2)
    lawyer = make_participant(made.study)
    Study.objects.filter(pk=made.study.pk).update(answers_wanted=9)
    lawyer.study.refresh_from_db()
    answer(lawyer, facts_insufficient=True)
    answer(lawyer, skipped=True, reason="language")
    shown = {
        kind: remarks(made.study, kind=kind).count()
        for kind in ("all", "comment", "guideline", "facts", "skip")
    }
    assert shown == {"all": 3, "comment": 1, "guideline": 1, "facts": 1, "skip": 1}


def test_settling_a_remark_is_a_row_of_its_own_once_and_so_is_opening_it_again() -> None:
    made = make_round(n_items=1)
    remark = remarks(made.study).get()
    before = Annotation.objects.values().get(pk=remark.pk)
    by = made.researcher.user
    for _ in range(2):
        settle_remark(remark, settled=True, by=by)
    assert not remarks(made.study).exists()
    assert remarks(made.study, state="settled").get() == remark
    settle_remark(remark, settled=False, by=by)
    assert remarks(made.study).get() == remark
    assert list(Settlement.objects.values_list("settled", "created_by")) == [
        (True, by and by.pk),
        (False, by and by.pk),
    ]
    assert Annotation.objects.values().get(pk=remark.pk) == before


@pytest.mark.parametrize("other", ["annotator", "judge"])
def test_who_annotates_or_judges_sees_no_answers_of_others_whatever_else_they_are(other: str) -> None:
    answers = {Action.WATCH, Action.EXPORT}
    assert answers <= allowed_actions(frozenset({"owner"}))
    assert not answers & allowed_actions(frozenset({"owner", "researcher", other}))


def test_of_a_crowd_only_those_with_an_interval_are_listed() -> None:
    value = Mean(0.5, None, "Too few items.", 3)
    rows = [AnnotatorRow(f"Annotator {n}", "", value, value) for n in range(25)]
    rows[0] = replace(rows[0], departure=replace(value, interval=(0.1, 0.9)))

    def listed(some: list[AnnotatorRow]) -> list[str]:
        table = annotators_table(RoundResult(annotators=some, n_annotators=25), names={})
        assert table is not None
        return [row.head for row in table.rows]

    assert listed(rows) == ["Annotator 0"]
    assert len(listed(rows[1:])) == 24, "where nobody has one, all"
    assert len(listed(rows[:5])) == 5, "few fit on a page"

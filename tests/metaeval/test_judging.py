"""Blind pairs: who is shown what on which side, and a verdict stored once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.db.models import F, ProtectedError
from django.utils import timezone

from annotations.assignment_leases import Waiting
from annotations.models import Participant, Study
from metaeval.models import Campaign, Comparison, Exposure, Judgment
from metaeval.selectors.audit import audit
from metaeval.selectors.exposures import OwnShare, campaign_coverage, judge_share
from metaeval.selectors.judgments import comparison_counts
from metaeval.selectors.outputs import shown_pair
from metaeval.services.judging import InvalidVerdictError, SubmittedVerdict, record_judgment
from metaeval.services.presentation import next_exposure
from tests.making import (
    make_campaign,
    make_comparisons,
    make_exposure,
    make_imported_judgment,
    make_items,
    make_methods,
    make_output,
    make_outputs,
    make_participant,
    make_study,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def make_board(*, n_items: int = 2, n_methods: int = 3, **fields: int) -> tuple[Campaign, Participant]:
    study = make_study()
    items = make_items(study, n_items)
    methods = make_methods(study, [f"method {number}" for number in range(n_methods)])
    make_outputs(methods, items)
    campaign = make_campaign(study, **fields)
    make_comparisons(campaign, items, methods)
    return campaign, make_participant(study, "judge")


def judge_all(campaign: Campaign, judge: Participant, verdict: str = "left") -> list[Exposure]:
    shown = []
    while isinstance(exposure := next_exposure(judge, campaign), Exposure):
        record_judgment(
            exposure=exposure,
            client_key=uuid4(),
            submitted=SubmittedVerdict(verdict, confidence=0.6, reason="-"),
        )
        shown.append(exposure)
    return shown


def test_the_same_pair_comes_back_until_it_is_judged() -> None:
    campaign, judge = make_board()
    first = make_exposure(judge, campaign)
    assert make_exposure(judge, campaign) == first
    record_judgment(exposure=first, client_key=uuid4(), submitted=SubmittedVerdict("left"))
    assert make_exposure(judge, campaign) != first


def test_every_pair_is_judged_once_by_a_judge_and_then_the_work_is_done() -> None:
    campaign, judge = make_board()
    shown = judge_all(campaign, judge)
    assert len({exposure.comparison_id for exposure in shown}) == 6
    assert next_exposure(judge, campaign) == Waiting("done")
    assert judge_share(judge, campaign) == OwnShare(6, 6, 6)


def test_a_quota_ends_the_judging() -> None:
    campaign, judge = make_board()
    judge.quota = 2
    judge.save()
    assert len(judge_all(campaign, judge)) == 2
    assert next_exposure(judge, campaign) == Waiting("quota")


def test_what_falls_to_a_judge_is_the_plan_dealt_out_evenly_and_not_all_that_others_may_leave() -> None:
    campaign, judge = make_board(n_items=5)
    others = [make_participant(campaign.study, "judge") for _ in range(3)]
    assert judge_share(judge, campaign) == OwnShare(0, 4, 15, is_even_share=True)
    for _ in range(5):
        record_judgment(
            exposure=make_exposure(judge, campaign), client_key=uuid4(), submitted=SubmittedVerdict("both")
        )
    beyond = judge_share(judge, campaign)
    assert (beyond.n_done, beyond.n_beyond, beyond.is_over, beyond.is_about) == (5, 1, False, True)
    judge_all(campaign, others[0])
    over = judge_share(judge, campaign)
    assert (over.n_done, over.n_may_come, over.is_over, over.is_about) == (5, 5, True, False)
    assert judge_share(others[1], campaign).n_own == 0, "the others left nothing"


def test_sides_of_a_pair_alternate_and_methods_stand_left_as_often_as_right() -> None:
    campaign, judge = make_board(n_items=8, n_methods=4)
    shown = judge_all(campaign, judge)
    for _, lefts in Counter(
        (e.comparison.low_id, e.comparison.high_id, e.low_is_left) for e in shown
    ).items():
        assert lefts == 4
    left = Counter(e.comparison.low_id if e.low_is_left else e.comparison.high_id for e in shown)
    assert set(left.values()) == {12}


def test_no_side_can_be_told_from_the_one_before() -> None:
    campaign, judge = make_board(n_items=40, n_methods=2)
    sides = [exposure.low_is_left for exposure in judge_all(campaign, judge)]
    assert sum(sides) == 20
    same_as_before = sum(one == other for one, other in pairwise(sides))
    # Balanced in blocks of two: a side repeats only between blocks, there half of the time (0 once in 500,000 runs).
    assert 1 <= same_as_before <= 34, "neither alternating nor in blocks"


def test_judges_see_pairs_in_mixed_orders_of_their_own() -> None:
    campaign, one = make_board(n_items=5, n_methods=4, judges_per_comparison=2)
    two = make_participant(campaign.study, "judge")
    orders = {
        judge.pk: [(e.comparison.low_id, e.comparison.high_id) for e in judge_all(campaign, judge)]
        for judge in (one, two)
    }
    assert orders[one.pk] != orders[two.pk]
    for order in orders.values():
        assert sum(first == second for first, second in pairwise(order)) < 15, "30 showings of 6 pairs"


def test_after_closing_a_begun_verdict_is_kept_and_a_second_thought_is_not() -> None:
    campaign, judge = make_board()
    first = make_exposure(judge, campaign)
    stored = record_judgment(exposure=first, client_key=uuid4(), submitted=SubmittedVerdict("left")).row
    begun = make_exposure(judge, campaign)
    campaign.state = "closed"
    campaign.save()
    for exposure in (first, begun):
        exposure.refresh_from_db()
    assert (
        record_judgment(exposure=begun, client_key=uuid4(), submitted=SubmittedVerdict("left")).status == 201
    )
    late = record_judgment(
        exposure=first, client_key=uuid4(), submitted=SubmittedVerdict("right"), replaces=stored
    )
    assert (late.status, late.row, "closed" in late.sentence) == (409, stored, True)


def test_what_was_shown_is_kept_even_when_nobody_answers() -> None:
    campaign, judge = make_board()
    exposure = make_exposure(judge, campaign)
    left, right = shown_pair(exposure)
    assert (exposure.left_hash, exposure.right_hash) == (left.digest, right.digest)
    assert left.labels != right.labels
    assert not Judgment.objects.exists()


def test_runs_of_a_method_are_averaged_for_the_eye() -> None:
    study = make_study()
    items = make_items(study, 1)
    one, other = make_methods(study, ["one", "other"])
    make_output(one, items[0], [0.2, 0.4, 0.0], run="1")
    make_output(one, items[0], [0.4, 0.8, 0.0], run="2")
    make_output(other, items[0], [1.0, 1.0, 1.0])
    campaign = make_campaign(study)
    make_comparisons(campaign, items, [one, other])
    exposure = make_exposure(make_participant(study, "judge"), campaign)
    shown = shown_pair(exposure)[0 if exposure.low_is_left else 1]
    assert [label.value for label in shown.labels] == pytest.approx([0.3, 0.6, 0.0])


def test_a_repeated_verdict_is_one_row_and_another_one_is_refused() -> None:
    campaign, judge = make_board()
    exposure, key = make_exposure(judge, campaign), uuid4()
    first = record_judgment(exposure=exposure, client_key=key, submitted=SubmittedVerdict("both", 0.8))
    assert (
        record_judgment(exposure=exposure, client_key=key, submitted=SubmittedVerdict("both", 0.8)).status
        == 200
    )
    assert (
        record_judgment(exposure=exposure, client_key=key, submitted=SubmittedVerdict("left", 0.8)).status
        == 409
    )
    other = record_judgment(exposure=exposure, client_key=uuid4(), submitted=SubmittedVerdict("left", 0.8))
    assert (other.status, other.row) == (409, first.row)
    assert Judgment.objects.count() == 1


def test_second_thoughts_replace_the_verdict_in_the_count() -> None:
    campaign, judge = make_board(n_items=1)
    exposure = make_exposure(judge, campaign)
    first = record_judgment(exposure=exposure, client_key=uuid4(), submitted=SubmittedVerdict("left")).row
    record_judgment(
        exposure=exposure, client_key=uuid4(), submitted=SubmittedVerdict("neither"), replaces=first
    )
    counted = comparison_counts(campaign)
    assert (counted.cells.n_judgments, counted.cells.n_ties, counted.n_neither) == (1, 1, 1)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (SubmittedVerdict("better"), "which output is better"),
        (SubmittedVerdict("tie"), "which output is better"),
        (SubmittedVerdict("cannot"), "why you cannot judge"),
        (SubmittedVerdict("left", confidence=3), "between 0 and 1"),
    ],
)
def test_a_verdict_that_says_nothing_is_refused_in_words(given: SubmittedVerdict, sentence: str) -> None:
    campaign, judge = make_board()
    exposure = make_exposure(judge, campaign)
    with pytest.raises(InvalidVerdictError, match=sentence):
        record_judgment(exposure=exposure, client_key=uuid4(), submitted=given)


def test_cannot_judge_is_stored_and_leaves_the_count() -> None:
    campaign, judge = make_board(n_items=1)
    record_judgment(
        exposure=make_exposure(judge, campaign),
        client_key=uuid4(),
        submitted=SubmittedVerdict("cannot", reason="unreadable"),
    )
    counted = comparison_counts(campaign)
    assert (counted.n_cannot, counted.cells.n_judgments, Judgment.objects.count()) == (1, 0, 1)


def test_the_winner_is_counted_whichever_side_it_stood_on() -> None:
    study = make_study()
    campaign = make_campaign(study)
    strong, weak = make_methods(study, ["strong", "weak"])
    for _ in range(3):
        make_imported_judgment(campaign, winner=strong, loser=weak)
    make_imported_judgment(campaign, winner=weak, loser=strong)
    counted = comparison_counts(campaign)
    assert [method.name for method in counted.methods] == ["strong", "weak"]
    assert dict(zip(counted.cells.outcome.tolist(), counted.cells.count.tolist(), strict=True)) == {
        0: 3,
        1: 1,
    }


def test_a_paused_study_shows_no_pair() -> None:
    campaign, judge = make_board()
    Study.objects.filter(pk=campaign.study_id).update(state="paused")
    campaign.study.refresh_from_db()
    assert next_exposure(judge, campaign) == Waiting("paused")


def test_a_judgment_is_never_edited_nor_its_ground_deleted() -> None:
    campaign, judge = make_board()
    exposure = make_exposure(judge, campaign)
    judgment = record_judgment(exposure=exposure, client_key=uuid4(), submitted=SubmittedVerdict("left")).row
    assert judgment is not None
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        Judgment.objects.filter(pk=judgment.pk).update(verdict="right")
    for row in (exposure, judgment.comparison, judgment.comparison.low, campaign, judge):
        with pytest.raises(ProtectedError), transaction.atomic():
            row.delete()


def test_imported_comparisons_are_not_given_to_judges() -> None:
    study = make_study()
    campaign = make_campaign(study)
    make_imported_judgment(
        campaign, winner=make_methods(study, ["a"])[0], loser=make_methods(study, ["b"])[0]
    )
    assert Comparison.objects.get().mode == Comparison.Mode.IMPORTED
    assert next_exposure(make_participant(study, "judge"), campaign) == Waiting("done")


@pytest.mark.parametrize(("lengths", "n_alike"), [((6, 9), 2), ((4, 9), 0), ((6, 9, 3, 7), 3)])
def test_an_order_that_begins_as_anothers_is_found_however_far_each_judge_went(
    lengths: tuple[int, ...], n_alike: int
) -> None:
    campaign, _judge = make_board(n_items=3)
    in_order = list(campaign.comparisons.order_by("position"))
    for length in lengths:
        judge = make_participant(campaign.study, "judge")
        for sequence, comparison in enumerate(in_order[:length], start=1):
            Exposure.objects.create(
                comparison=comparison,
                participant=judge,
                low_is_left=True,
                sequence=sequence,
                shown_at=timezone.now(),
                lease_until=timezone.now(),
            )
    assert audit(campaign).n_orders_alike == n_alike


# ---- leases that ran out -------------------------------------------------------------------------------


def lapse(exposure: Exposure) -> None:
    """Its lease ran out, and somebody asked after that."""
    Exposure.objects.filter(pk=exposure.pk).update(lease_until=timezone.now() - timedelta(minutes=1))
    campaign = exposure.comparison.campaign
    onlooker = make_participant(campaign.study, "judge")
    other = next_exposure(onlooker, campaign)
    exposure.refresh_from_db()
    assert exposure.returned_at is not None
    if isinstance(other, Exposure):
        # The onlooker leaves again at once.
        Exposure.objects.filter(pk=other.pk).update(returned_at=timezone.now())
        Comparison.objects.filter(pk=other.comparison_id).update(seats_taken=F("seats_taken") - 1)


def test_a_lapsed_pair_comes_again_to_its_judge_as_it_was_and_the_campaign_is_completed() -> None:
    campaign, judge = make_board(n_items=1)
    left = make_exposure(judge, campaign)
    lapse(left)
    assert judge_share(judge, campaign).n_may_come == 3
    shown = judge_all(campaign, judge)
    (again,) = (one for one in shown if one.pk == left.pk)
    as_shown = ("low_is_left", "sequence", "left_hash", "right_hash")
    assert [getattr(again, name) for name in as_shown] == [getattr(left, name) for name in as_shown]
    assert (len(shown), judge_share(judge, campaign).n_done) == (3, 3)
    assert campaign_coverage(campaign).percent == 100
    assert next_exposure(judge, campaign) == Waiting("done")


def test_a_judge_whose_lapsed_pair_is_with_another_hears_that_it_may_come_again() -> None:
    campaign, judge = make_board(n_items=1, n_methods=2)
    lapsed = make_exposure(judge, campaign)
    Exposure.objects.update(lease_until=timezone.now() - timedelta(minutes=1))
    held = make_exposure(make_participant(campaign.study, "judge"), campaign)
    assert held.comparison == lapsed.comparison
    assert next_exposure(judge, campaign) == Waiting("nothing_now", held.lease_until)


@pytest.mark.parametrize("taken_by_another", [False, True])
def test_a_late_verdict_counts_while_one_is_wanted_and_else_is_surplus(taken_by_another: bool) -> None:
    campaign, judge = make_board(n_items=1, n_methods=2)
    late = make_exposure(judge, campaign)
    lapse(late)
    if taken_by_another:
        make_exposure(make_participant(campaign.study, "judge"), campaign)
    stored = record_judgment(exposure=late, client_key=uuid4(), submitted=SubmittedVerdict("left")).row
    late.refresh_from_db()
    assert stored is not None
    assert (stored.surplus, late.returned_at is not None) == (taken_by_another, taken_by_another)
    assert Comparison.objects.get().seats_taken == 1
    assert campaign_coverage(campaign).percent == (0 if taken_by_another else 100)

"""Judges who ask and answer at the same moment: exactly the wanted number, and nothing twice."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from annotations import assignment_leases
from annotations.assignment_leases import Waiting
from metaeval.models import Comparison, Exposure, Judgment
from metaeval.services.judging import SubmittedVerdict, record_judgment
from metaeval.services.presentation import next_exposure
from tests.at_once import at_once
from tests.making import make_exposure, make_participant
from tests.metaeval.making import make_board

pytestmark = pytest.mark.django_db(transaction=True)

WITH_ROW_LOCKS = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")


@pytest.mark.both_databases
def test_judges_asking_at_once_are_given_exactly_the_wanted_number() -> None:
    campaign = make_board(n_items=2, judges_per_comparison=2)
    judges = [make_participant(campaign.study, "judge") for _ in range(20)]
    given = at_once(20, lambda index: next_exposure(judges[index], campaign))
    shown = Counter(exposure.comparison_id for exposure in given if isinstance(exposure, Exposure))
    assert list(shown.values()) == [2] * 6
    assert set(Comparison.objects.values_list("seats_taken", flat=True)) == {2}
    assert {found.kind for found in given if isinstance(found, Waiting)} == {"nothing_now"}, "nobody is done"


@pytest.mark.both_databases
def test_one_judge_asking_in_many_tabs_at_once_is_shown_one_pair() -> None:
    campaign = make_board()
    judge = make_participant(campaign.study, "judge")
    given = at_once(8, lambda _: next_exposure(judge, campaign))
    assert len({found.pk for found in given if isinstance(found, Exposure)}) == Exposure.objects.count() == 1


@pytest.mark.both_databases
def test_the_same_verdict_sent_many_times_at_once_is_one_row() -> None:
    campaign = make_board()
    exposure, key = make_exposure(make_participant(campaign.study, "judge"), campaign), uuid4()
    statuses = at_once(
        20,
        lambda _: (
            record_judgment(exposure=exposure, client_key=key, submitted=SubmittedVerdict("left")).status
        ),
    )
    assert Counter(statuses) == {201: 1, 200: 19}
    assert Judgment.objects.count() == 1


@pytest.mark.both_databases
def test_verdicts_and_requests_at_once_after_leases_ran_out_lose_nothing() -> None:
    campaign = make_board(n_items=2, judges_per_comparison=2)
    judges = [make_participant(campaign.study, "judge") for _ in range(18)]
    held = [make_exposure(judge, campaign) for judge in judges[:12]]
    Exposure.objects.update(lease_until=timezone.now() - timedelta(minutes=1))

    def save_or_ask(index: int) -> int:
        if index < 6:
            given = SubmittedVerdict("left")
            return record_judgment(exposure=held[index], client_key=uuid4(), submitted=given).status
        next_exposure(judges[6 + index], campaign)
        return 0

    assert Counter(at_once(12, save_or_ask)) == {201: 6, 0: 6}
    for comparison in campaign.comparisons.all():
        assert comparison.seats_taken == comparison.exposures.filter(returned_at__isnull=True).count() <= 2


@WITH_ROW_LOCKS
def test_a_pair_that_somebody_holds_for_a_moment_is_never_called_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(assignment_leases, "PAUSES", (0.01, 0.01))
    campaign = make_board(n_items=1, judges_per_comparison=1)
    judge = make_participant(campaign.study, "judge")
    with transaction.atomic():
        list(Comparison.objects.select_for_update())
        (said,) = at_once(1, lambda _: next_exposure(judge, campaign))
    assert said == Waiting("nothing_now")
    assert isinstance(next_exposure(judge, campaign), Exposure)

"""Results refresh by themselves while judging goes on, at most once in so many minutes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from annotations.models import Job
from metaeval.models import Campaign, Ranking
from metaeval.results.planned_analysis import PlannedAnalysis
from metaeval.services.judging import SubmittedVerdict, record_judgment
from metaeval.services.preregistration import preregister
from metaeval.services.refresh import next_refresh, refresh_results
from tests.making import make_exposure, make_participant
from tests.metaeval.making import make_board, make_ranking_snapshot, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

MINUTES = 10


@pytest.fixture(autouse=True)
def every_ten_minutes(settings: Any) -> None:
    settings.REFRESH_MINUTES = MINUTES


def after(minutes: float) -> datetime:
    return timezone.now() + timedelta(minutes=minutes)


def make_judged_since(n_judgments: int = 2, **snapshot: Any) -> tuple[Campaign, Ranking]:
    """A campaign with a ranking, and judgments that came after it."""
    campaign = make_board()
    ranked = make_ranking_snapshot(campaign, **snapshot)
    judge_on(campaign, n_judgments)
    return campaign, ranked


def judge_on(campaign: Campaign, n_judgments: int = 1) -> None:
    judge = make_participant(campaign.study, "judge")
    for _ in range(n_judgments):
        shown = make_exposure(judge, campaign)
        record_judgment(exposure=shown, client_key=uuid4(), submitted=SubmittedVerdict("left"))


def test_results_are_asked_for_once_the_minutes_are_over_with_the_choices_of_the_newest() -> None:
    campaign, _ = make_judged_since(parameters={"n_resamples": 2000, "seed": 7, "base_model": ""})
    assert refresh_results(now=after(MINUTES - 1)) == []
    (job,) = refresh_results(now=after(MINUTES + 1))
    assert (job.kind, job.created_by) == ("metaeval", None)
    assert job.params == {"campaign": str(campaign.uuid), "n_resamples": 2000, "seed": 7}


def test_a_campaign_has_one_refresh_at_a_time_and_none_before_the_minutes_are_over_again() -> None:
    campaign, _ = make_judged_since()
    (job,) = refresh_results(now=after(MINUTES + 1))
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED)
    # It failed: nothing came since it was asked for.
    assert refresh_results(now=after(60)) == []
    judge_on(campaign)
    assert refresh_results(now=after(MINUTES - 1)) == []
    (again,) = refresh_results(now=after(MINUTES + 1))
    assert again != job
    assert refresh_results(now=after(MINUTES + 1)) in ([], [again])
    assert Job.objects.count() == 2


def test_nothing_is_refreshed_without_new_judgments_without_a_result_or_where_it_is_turned_off(
    settings: Any,
) -> None:
    make_ranking_snapshot(make_board())
    judge_on(make_board())
    assert refresh_results(now=after(60)) == []
    make_judged_since()
    settings.REFRESH_MINUTES = 0
    assert refresh_results(now=after(60)) == []


def test_a_preregistered_analysis_is_computed_only_when_somebody_asks() -> None:
    campaign, ranked = make_judged_since()
    assert next_refresh(campaign, ranked) is not None
    preregister(campaign, PlannedAnalysis(metrics=("po_jsd",)), by=None)
    assert next_refresh(campaign, ranked) is None
    assert refresh_results(now=after(60)) == []


@pytest.mark.parametrize(
    ("ago", "words"), [(6, "next refresh in 4 minutes"), (60, "a refresh starts within a minute")]
)
def test_the_page_says_how_many_judgments_came_and_when_results_refresh(ago: int, words: str) -> None:
    campaign, ranked = make_judged_since(as_of=after(-ago))
    client = signed_in(make_participant(campaign.study, "researcher"))
    page = client.get(f"/campaigns/{campaign.uuid}/results/").content.decode()
    assert f"2 judgments since this snapshot; {words}" in page
    assert "refresh" not in client.get(f"/rankings/{ranked.uuid}/").content.decode()

"""On an empty database: what the next pair costs in campaigns of several sizes."""

from __future__ import annotations

from statistics import median
from typing import Any
from uuid import uuid4

from django.core.management import call_command
from django.test import Client

from annotations.models import Participant
from benchmarks.assignment.judging_filling import make_campaign_at_work
from benchmarks.assignment.next_item_work import N_WARMING, Meter
from metaeval.models import Campaign, Exposure
from metaeval.services.judging import SubmittedVerdict, record_judgment
from metaeval.services.presentation import next_exposure


def main(*, sizes: list[int], n_rounds: int) -> list[dict[str, Any]]:
    """For each size medians in seconds, and queries."""
    call_command("migrate", verbosity=0)
    return [{"size": size, **measure(make_campaign_at_work(size), n_rounds)} for size in sizes]


def measure(campaign: Campaign, n_rounds: int) -> dict[str, Any]:
    """Judges in turn, each of whom has judged some of the comparisons."""
    meter = Meter()
    judges = campaign.study.participants.order_by("number").select_related("study", "user")
    for judge in judges[: n_rounds + N_WARMING]:
        _go_on(meter, campaign, judge)
    return {
        kind: {
            "seconds": median(meter.seconds[kind][N_WARMING:]),
            "queries": max(meter.queries[kind][N_WARMING:]),
        }
        for kind in meter.seconds
    }


def _go_on(meter: Meter, campaign: Campaign, judge: Participant) -> None:
    assert judge.user is not None
    client = Client(raise_request_exception=True)
    client.force_login(judge.user, backend="django.contrib.auth.backends.ModelBackend")
    shown = meter.step("seat", lambda: next_exposure(judge, campaign))
    assert isinstance(shown, Exposure), shown
    assert meter.step("next", lambda: client.get(f"/campaigns/{campaign.uuid}/judge/")).status_code == 302
    for kind in ("first page", "page"):
        assert meter.step(kind, lambda: client.get(f"/exposures/{shown.uuid}/")).status_code == 200
    meter.step(
        "verdict",
        lambda: record_judgment(
            exposure=shown, client_key=uuid4(), submitted=SubmittedVerdict(verdict="left")
        ),
    )

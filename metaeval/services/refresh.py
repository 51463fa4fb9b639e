"""Results that refresh by themselves while judging goes on."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.utils import timezone

from annotations.jobs import JobRefusedError, request_job
from annotations.models import Job
from metaeval.models import Campaign, Ranking
from metaeval.selectors.judgments import n_judgments_since
from metaeval.selectors.snapshots import (
    agreement_with_ranking,
    campaigns_judged_since_ranked,
    newest_preregistration,
    newest_request,
)


def next_refresh(campaign: Campaign, ranked: Ranking) -> datetime | None:
    """When the newest ranking is computed again without anybody asking; None where nothing came, or it never is.

    A preregistered analysis is computed only when somebody asks: each look at its results counts.
    """
    if not settings.REFRESH_MINUTES or newest_preregistration(campaign) is not None:
        return None
    job = newest_request(campaign)
    # A job that failed is not tried again before something came after it.
    asked_at = ranked.as_of if job is None else max(ranked.as_of, job.created_at)
    if not n_judgments_since(campaign, asked_at):
        return None
    return asked_at + timedelta(minutes=settings.REFRESH_MINUTES)


def minutes_until(moment: datetime) -> int:
    """Rounded up; 0 where it has come."""
    return max(0, ceil((moment - timezone.now()) / timedelta(minutes=1)))


def refresh_results(*, now: datetime | None = None) -> list[Job]:
    """Ask for new results, with the choices of the newest ones, wherever they are due."""
    now = now or timezone.now()
    asked: list[Job] = []
    for campaign, ranked in campaigns_judged_since_ranked():
        due = next_refresh(campaign, ranked)
        if due is None or due > now:
            continue
        try:
            job = request_job(
                study=campaign.study, kind="metaeval", params=choices_of(campaign, ranked), by=None
            )
        except JobRefusedError:
            # The page of the results names what is missing.
            continue
        asked.append(job)
    return asked


def choices_of(campaign: Campaign, earlier: Ranking, *, as_of_then: bool = False) -> dict[str, object]:
    """What a ranking was computed with, to be computed again."""
    choices: dict[str, object] = {
        name: value for name, value in earlier.parameters.items() if value not in (None, "")
    }
    agreed = agreement_with_ranking(earlier)
    null = None if agreed is None or agreed.ranking_id != earlier.pk else agreed.parameters.get("null")
    if null is not None:
        choices |= {"null": null}
    if as_of_then:
        choices |= {"as_of": earlier.as_of.isoformat()}
    return {"campaign": str(campaign.uuid)} | choices

"""Snapshots of a campaign: what came since, two of them compared, and recomputing."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotations import policy
from annotations.models import Job
from annotations.submit_responses import reply_with_job
from metaeval.findings.analysis_history import job_option_words, job_words, made_words, since_words
from metaeval.findings.dashboard import selection_words
from metaeval.findings.snapshot_differences import Differences, differences
from metaeval.forms.campaigns import ComputeForm, ComputeRequest
from metaeval.models import Campaign, Ranking
from metaeval.results.ranking_options import RankingOptions
from metaeval.selectors.selections import Selection
from metaeval.selectors.snapshots import (
    campaign_jobs,
    campaign_rankings,
    numbered_ranking,
    since,
    snapshot_selection,
)
from metaeval.services.preregistration import planned_params
from metaeval.services.refresh import choices_of
from metaeval.views.results import campaign_for

ROWS_OF_A_PAGE = 15
SEED = "seed"


@dataclass(frozen=True)
class ShownJob:
    job: Job
    summary: str
    # Of which part of the campaign, and by which seed where one was asked for.
    of: str


@dataclass(frozen=True)
class ShownSnapshot:
    snapshot: Ranking
    number: int
    # By which choices, and of which part of the campaign.
    made: str
    part: str
    since: str


@require_safe
@login_required
def campaign_runs(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    page = Paginator(campaign_rankings(campaign), ROWS_OF_A_PAGE).get_page(request.GET.get("page"))
    rankings = list(page.object_list)
    came = since(campaign, rankings)
    newest = page.paginator.count - page.start_index() + 1
    jobs_page = Paginator(campaign_jobs(campaign), ROWS_OF_A_PAGE).get_page(request.GET.get("jobs"))
    first, second = request.GET.get("first", ""), request.GET.get("second", "")
    compared, wrong = _compared(campaign, first, second)
    context = {
        "study": campaign.study,
        "campaign": campaign,
        "snapshots": [
            ShownSnapshot(
                ranking,
                newest - place,
                made_words(ranking),
                selection_words(snapshot_selection(ranking)),
                since_words(came[ranking.pk]),
            )
            for place, ranking in enumerate(rankings)
        ],
        "page": page,
        "jobs": [ShownJob(job, job_words(job), job_option_words(job)) for job in jobs_page.object_list],
        "jobs_page": jobs_page,
        "compared": compared,
        "wrong": wrong,
        "first": first,
        "second": second,
        "may_run": policy.may(request.user, campaign.study, policy.Action.RUN_JOBS),
    }
    return render(request, "results/runs.html", context)


def _compared(campaign: Campaign, first: str, second: str) -> tuple[Differences | None, str]:
    if not first and not second:
        return None, ""
    one, other = _snapshot(campaign, first), _snapshot(campaign, second)
    if one is None or other is None:
        return None, _("Choose two snapshots of this campaign; one of those named is none.")
    if one.pk == other.pk:
        return None, _("Choose two different snapshots.")
    return differences(one, other), ""


def _snapshot(campaign: Campaign, text: str) -> Ranking | None:
    try:
        return numbered_ranking(campaign, UUID(text))
    except ValueError:
        return None


@require_POST
@login_required
def compute(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """Ask a worker for a new snapshot; asking twice is asking once."""
    study = policy.study_for(request.user, study_uuid, policy.Action.RUN_JOBS)
    form = ComputeForm(request.POST)
    if not form.is_valid():
        context = {"reason": _("Choose the campaign to compute and what to compute.")}
        return render(request, "400.html", context, status=400)
    asked = form.request()
    if asked.again is None and (asked.seed or asked.then):
        # Both belong to a snapshot: without one they would have no effect.
        context = {"reason": _("Choose the snapshot that is to be computed again.")}
        return render(request, "400.html", context, status=400)
    campaign = study.campaigns.filter(uuid=asked.campaign).first()
    if campaign is None:
        raise Http404("No such campaign.")
    kind = asked.what or "metaeval"
    if asked.again is None:
        return reply_with_job(request, study, kind, _as_planned(campaign, kind, asked))
    earlier = campaign.rankings.filter(uuid=asked.again).first()
    if earlier is None:
        raise Http404("No such snapshot.")
    choices = choices_of(campaign, earlier, as_of_then=asked.then)
    if asked.seed != "new":
        return reply_with_job(request, study, kind, choices)
    # As many digits as anybody copies by hand.
    reseeded = choices | {SEED: secrets.randbelow(10**9)}

    def is_reseeded(other: Mapping[str, object]) -> bool:
        """Each new seed is another: who asks again before it is computed asks for the job that has one."""
        return other.get(SEED) != choices.get(SEED) and _but_the_seed(other) == _but_the_seed(choices)

    return reply_with_job(request, study, kind, reseeded, same=lambda job: is_reseeded(job.params))


def _as_planned(campaign: Campaign, kind: str, asked: ComputeRequest) -> dict[str, object]:
    """What was planned is done as planned, unless other weights or an earlier snapshot's choices are asked for."""
    planned = planned_params(campaign) if kind == "metaeval" else {}
    params: dict[str, object] = {"campaign": str(campaign.uuid), **planned}
    # Named or not, what would be done anyhow is one and the same job.
    if asked.weights and asked.weights != RankingOptions.of(planned).weights:
        params |= {"weights": asked.weights}
    # What a kind has no choice of, its job refuses in words.
    return params | Selection(asked.base_model, asked.judge_group).params


def _but_the_seed(params: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in params.items() if name != SEED}

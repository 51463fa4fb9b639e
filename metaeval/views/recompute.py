"""Asking a worker for a new snapshot."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotations import policy
from annotations.submit_responses import reply_with_job
from hlv.stats.labels.distributions import EQUAL
from metaeval.forms import ComputeForm
from metaeval.models import Campaign, Ranking
from metaeval.selectors.selections import Selection
from metaeval.selectors.snapshots import agreement_with_ranking
from metaeval.services.preregistration import planned_params


@require_POST
@login_required
def compute(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """Ask a worker for a new snapshot; asking twice is asking once."""
    study = policy.study_for(request.user, study_uuid, policy.Action.RUN_JOBS)
    form = ComputeForm(request.POST)
    if not form.is_valid():
        context = {"reason": _("Choose the campaign to compute and what to compute.")}
        return render(request, "400.html", context, status=400)
    wanted = form.cleaned_data
    if wanted["again"] is None and (wanted["seed"] or wanted["then"]):
        # Both speak of a snapshot: without one they would be passed over.
        context = {"reason": _("Choose the snapshot that is to be computed again.")}
        return render(request, "400.html", context, status=400)
    campaign = study.campaigns.filter(uuid=wanted["campaign"]).first()
    if campaign is None:
        raise Http404("No such campaign.")
    kind = wanted["what"] or "metaeval"
    if wanted["again"] is None:
        return reply_with_job(
            request, study, kind, _as_planned(campaign, kind, Selection.of(wanted), weights=wanted["weights"])
        )
    earlier = campaign.rankings.filter(uuid=wanted["again"]).first()
    if earlier is None:
        raise Http404("No such snapshot.")
    choices = _choices_of(campaign, earlier, as_of_then=wanted["then"])
    if wanted["seed"] != "new":
        return reply_with_job(request, study, kind, choices)
    # As many digits as anybody copies by hand.
    reseeded = choices | {"seed": secrets.randbelow(10**9)}
    return reply_with_job(request, study, kind, reseeded, same=lambda job: _is_reseeded(choices, job.params))


def _as_planned(campaign: Campaign, kind: str, selection: Selection, *, weights: str) -> dict[str, Any]:
    """What was planned is done as planned, unless other weights or an earlier snapshot's choices are asked for."""
    params: dict[str, Any] = {"campaign": str(campaign.uuid)}
    if kind == "metaeval":
        params |= planned_params(campaign)
    # Named or not, what would be done anyhow is one and the same job.
    if weights and weights != params.get("weights", EQUAL):
        params["weights"] = weights
    # What a kind has no choice of, its job refuses in words.
    return params | selection.params


def _choices_of(campaign: Campaign, earlier: Ranking, *, as_of_then: bool) -> dict[str, Any]:
    """What a ranking was computed with, to be taken again."""
    choices = {name: value for name, value in earlier.parameters.items() if value not in (None, "")}
    agreed = agreement_with_ranking(earlier)
    null = None if agreed is None or agreed.ranking_id != earlier.pk else agreed.parameters.get("null")
    if null is not None:
        choices["null"] = null
    if as_of_then:
        choices["as_of"] = earlier.as_of.isoformat()
    return {"campaign": str(campaign.uuid)} | choices


def _is_reseeded(choices: dict[str, Any], other: dict[str, Any]) -> bool:
    """Each new seed is another: who asks again before it is computed asks for the job that has one."""
    return other.get("seed") != choices.get("seed") and _but_the_seed(other) == _but_the_seed(choices)


def _but_the_seed(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if name != "seed"}

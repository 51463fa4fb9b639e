"""Asking a worker for a new snapshot."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotations import jobs, policy
from annotations.jobs import JobRefusedError
from annotations.models import Study, User
from metaeval.forms import ComputeForm
from metaeval.models import Campaign
from metaeval.selectors.selections import Selection
from metaeval.selectors.snapshots import unfinished_jobs
from metaeval.services.plans import planned_params


@require_POST
@login_required
def compute(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """Ask a worker for a new snapshot; asking twice is asking once."""
    study = policy.study_for(request.user, study_uuid, policy.Action.RUN_JOBS)
    form = ComputeForm(request.POST)
    if not form.is_valid():
        context = {"reason": _("Say which campaign is to be computed, and what.")}
        return render(request, "400.html", context, status=400)
    try:
        return redirect("job", _job_of(request, study, form.cleaned_data))
    except JobRefusedError as refusal:
        return render(request, "400.html", {"reason": str(refusal)}, status=400)


def _job_of(request: HttpRequest, study: Study, wanted: dict[str, Any]) -> UUID:
    kind = wanted["what"] or "metaeval"
    with transaction.atomic():
        # The lock makes the second of two clicks find the job of the first.
        Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        campaign = study.campaigns.filter(uuid=wanted["campaign"]).first()
        if campaign is None:
            raise Http404("No such campaign.")
        params: dict[str, Any] = {"campaign": str(campaign.uuid)}
        if wanted["again"] is not None:
            params |= _choices_of(campaign, wanted)
        else:
            # What was planned is done as planned, unless an earlier snapshot's choices are asked for.
            params |= planned_params(campaign) if kind == "metaeval" else {}
            params |= Selection.of(wanted).params
        known = unfinished_jobs(campaign, Selection.of(params)).get(kind)
        if known is not None:
            return known.uuid
        job = jobs.create(
            kind=kind,
            study=study,
            params=params,
            created_by=request.user if isinstance(request.user, User) else None,
        )
        jobs.wake(job)
        return job.uuid


def _choices_of(campaign: Campaign, wanted: dict[str, Any]) -> dict[str, Any]:
    """What a ranking was computed with, to be taken again."""
    earlier = campaign.rankings.filter(uuid=wanted["again"]).first()
    if earlier is None:
        raise Http404("No such snapshot.")
    choices = {name: value for name, value in earlier.parameters.items() if value not in (None, "")}
    if wanted["seed"] == "new":
        # As many digits as anybody copies by hand.
        choices["seed"] = secrets.randbelow(10**9)
    if wanted["then"]:
        choices["as_of"] = earlier.as_of.isoformat()
    return choices

"""Asking a worker for a new snapshot."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotations import jobs, policy
from annotations.models import Study, User
from metaeval.forms import ComputeForm
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
    wanted = form.cleaned_data
    return redirect("job", _job_of(request, study, wanted["campaign"], kind=wanted["what"] or "metaeval"))


def _job_of(request: HttpRequest, study: Study, campaign_uuid: UUID, *, kind: str) -> UUID:
    with transaction.atomic():
        # The lock makes the second of two clicks find the job of the first.
        Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        campaign = study.campaigns.filter(uuid=campaign_uuid).first()
        if campaign is None:
            raise Http404("No such campaign.")
        known = unfinished_jobs(campaign).get(kind)
        if known is not None:
            return known.uuid
        job = jobs.create(
            kind=kind,
            study=study,
            params={"campaign": str(campaign.uuid)}
            | (planned_params(campaign) if kind == "metaeval" else {}),
            created_by=request.user if isinstance(request.user, User) else None,
        )
        jobs.wake(job)
        return job.uuid

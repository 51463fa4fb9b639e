"""A job as a page: what it does, how far it is, how to stop it or try again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotations import jobs, policy
from annotations.models import Job
from annotations.workers import no_worker_running


def _page(request: HttpRequest, job: Job, template: str) -> HttpResponse:
    return render(
        request,
        template,
        {
            "job": job,
            "actions": policy.allowed_actions(policy.study_roles(request.user, job.study)),
            "study": job.study,
            "missing": jobs.missing_of(job),
            "percent": job.percent_done,
            "no_worker": not job.is_over and no_worker_running(),
        },
    )


@require_safe
@login_required
def job(request: HttpRequest, job_uuid: UUID) -> HttpResponse:
    return _page(request, policy.job_for(request.user, job_uuid), "jobs/job.html")


@require_safe
@login_required
def job_progress(request: HttpRequest, job_uuid: UUID) -> HttpResponse:
    """Progress of the job, fetched again until it is over."""
    job = policy.job_for(request.user, job_uuid)
    response = _page(request, job, "jobs/_progress.html")
    if job.is_over:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@login_required
def job_cancel(request: HttpRequest, job_uuid: UUID) -> HttpResponse:
    jobs.request_cancel(policy.job_for(request.user, job_uuid))
    return redirect("job", job_uuid)


@require_POST
@login_required
def job_retry(request: HttpRequest, job_uuid: UUID) -> HttpResponse:
    again = policy.job_for(request.user, job_uuid)
    asked = jobs.retry_once(again)
    if asked.pk != again.pk:
        messages.info(request, _("The same was asked for since: this is that job."))
    return redirect("job", asked.uuid)

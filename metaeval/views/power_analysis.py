"""Power analysis of a campaign: the form, and the simulated precision of its results."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from annotations import policy
from annotations.models import Job
from annotations.submit_responses import reply_with_job
from hlv.stats.power.forecast import StoredScenario, cautions
from hlv.stats.power.scenario import Scenario
from metaeval.findings.power_analysis_tables import (
    as_planned,
    order_headline,
    separation_table,
    side_by_side,
    size_words,
)
from metaeval.forms.campaigns import PlanForm
from metaeval.results.power_analysis import read_power_analysis
from metaeval.selectors.snapshots import finished_forecasts, usual_sizes
from metaeval.services.power_analysis import DEFAULT_SEED

USUAL = Scenario(n_methods=2, n_judges=1, n_judgments=1)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def power_analyses(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """Say what is planned; a worker simulates it."""
    study = policy.study_for(request.user, study_uuid, policy.Action.RUN_JOBS)
    if request.method != "POST":
        usual = {**vars(USUAL), "tie_percent": 20, "seed": DEFAULT_SEED}
        form = PlanForm(initial=usual | usual_sizes(study))
    else:
        form = PlanForm(request.POST)
        if form.is_valid():
            return reply_with_job(request, study, "forecast", form.params())
    earlier = [(job, size_words(StoredScenario(**job.params["plan"]))) for job in finished_forecasts(study)]
    context = {"study": study, "form": form, "earlier": earlier}
    return render(request, "power_analysis/power_analysis.html", context, status=400 if form.errors else 200)


@require_safe
@login_required
def power_analysis_result(request: HttpRequest, job_uuid: UUID) -> HttpResponse:
    """What the simulations found, the plan beside what more work would give."""
    job = Job.objects.select_related("study").filter(uuid=job_uuid, kind="forecast").first()
    if job is None:
        raise Http404("No such forecast.")
    policy.require(request.user, job.study, policy.Action.RUN_JOBS)
    if job.state != Job.State.DONE or job.result is None:
        return redirect("job", job.uuid)
    found = read_power_analysis(job.result).forecasts
    context = {
        "study": job.study,
        "job": job,
        "planned": as_planned(found[0]),
        "beside": side_by_side(found),
        "separation": separation_table(found[0]),
        "headline": order_headline(found[0]),
        "cautions": cautions(found[0]),
    }
    return render(request, "power_analysis/result.html", context)

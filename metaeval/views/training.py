"""Methods of a study, training them, and the table of what was trained."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from annotations import jobs, policy
from annotations.models import Missing, Study
from annotations.submit_responses import reply_with_job
from metaeval.exporters.training import training_csv, training_tex
from metaeval.findings.method_tables import method_table_notes, method_tables
from metaeval.findings.training_findings import (
    expected_time_note,
    learning_curves_table,
    parts_table,
    plan_notes,
    training_notes,
    trainings_table,
)
from metaeval.forms.campaigns import OF_GROUP
from metaeval.forms.training import TrainingForm
from metaeval.models import Training
from metaeval.results.training import TrainingPlan, read_training
from metaeval.selectors.methods import (
    method_lines,
    newest_trainings,
    training_by_uuid,
    unfinished_training,
)
from metaeval.services.training import prepare_training, read_training_parameters
from metaeval.views.results import download


@require_safe
@login_required
def methods(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """All methods with their outputs, and what was trained."""
    study = policy.study_for(request.user, study_uuid, policy.Action.SEE_RESULTS)
    context = {
        "study": study,
        "lines": method_lines(study),
        "trainings": newest_trainings(study),
        "running": unfinished_training(study),
        "actions": policy.allowed_actions(policy.study_roles(request.user, study)),
    }
    return render(request, "methods/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_training(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """GET shows what the entered training would do; POST asks a worker to train."""
    study = policy.study_for(request.user, study_uuid, policy.Action.RUN_JOBS)
    if "look" in request.POST:
        sent = request.POST.copy()
        for name in ("csrfmiddlewaretoken", "look"):
            sent.pop(name, None)
        return redirect(f"{request.path}?{sent.urlencode()}")
    is_sent = request.method == "POST"
    entered = request.POST if is_sent else request.GET if "runs" in request.GET else None
    form = TrainingForm(entered, study=study)
    plan: TrainingPlan | None = None
    missing: list[Missing] = []
    if form.is_bound and form.is_valid():
        if is_sent:
            return reply_with_job(request, study, "training", form.params())
        plan, missing = _plan(study, form)
    context = {
        "study": study,
        "form": form,
        "plan": plan,
        "parts": parts_table(plan) if plan else None,
        "notes": [*plan_notes(plan), expected_time_note(plan)] if plan else [],
        "missing": missing,
        "actions": policy.allowed_actions(policy.study_roles(request.user, study)),
    }
    return render(request, "methods/train.html", context, status=400 if form.errors else 200)


def _plan(study: Study, form: TrainingForm) -> tuple[TrainingPlan | None, list[Missing]]:
    """What would be trained, or what is missing; a refusal becomes an error of the form."""
    try:
        return prepare_training(study, read_training_parameters(form.params())).plan, []
    except jobs.MissingDataError as refusal:
        return None, [refusal.missing]
    except jobs.JobRefusedError as refusal:
        form.add_error(None, str(refusal))
        return None, []


def _training_for(request: HttpRequest, training_uuid: UUID) -> Training:
    found = training_by_uuid(training_uuid)
    if found is None:
        raise Http404("No such training.")
    policy.require(request.user, found.study, policy.Action.SEE_RESULTS, of="training")
    return found


@require_safe
@login_required
def training(request: HttpRequest, training_uuid: UUID) -> HttpResponse:
    """One training: the table of its methods, what was trained, and the way to a campaign."""
    found = _training_for(request, training_uuid)
    result = read_training(found)
    notes, table = training_notes(result), result.table
    context = {
        "study": found.study,
        "training": found,
        "plan": result.plan,
        "meeting": f"{OF_GROUP}{result.plan.base_model}",
        "same": {other for _, *others in result.plan.same for other in others},
        "tables": method_tables(table) if table else [],
        "table_notes": method_table_notes(table) if table else [],
        "filed": notes[0],
        "notes": notes[1:],
        "parts": parts_table(result.plan),
        "trainings": trainings_table(result),
        "curves": learning_curves_table(result),
        "actions": policy.allowed_actions(policy.study_roles(request.user, found.study)),
    }
    return render(request, "methods/training.html", context)


@require_safe
@login_required
def training_file(request: HttpRequest, training_uuid: UUID, name: str) -> HttpResponse:
    """The table of methods for programs, or for LaTeX."""
    found = _training_for(request, training_uuid)
    table = read_training(found).table
    if table is None or name not in ("methods.csv", "methods.tex"):
        raise Http404("No such file.")
    is_csv = name == "methods.csv"
    text = "".join(training_csv(found, table)) if is_csv else training_tex(found, table)
    media_type = "text/csv" if is_csv else "text/plain"
    return download(text, name=f"{slugify(found.study.slug)}-{name}", media_type=media_type)

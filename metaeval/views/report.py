"""Report and preregistration of a campaign: pages, and the files of a report."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from annotations import policy
from annotations.models import User
from hlv.core.rendering.tables import Table
from metaeval.exporters.report import METHODS_TEX, METHODS_TEXT, REFERENCES, snapshot_report
from metaeval.findings.analysis_history import preregistration_version
from metaeval.findings.dashboard import dashboard, selection_words
from metaeval.findings.sensitivity_findings import sensitivity_section
from metaeval.forms.preregistration import PreregistrationForm, initial_values
from metaeval.results.planned_analysis import PlannedAnalysis
from metaeval.selectors.snapshots import newest_sensitivity, preregistrations, snapshot_selection
from metaeval.services.preregistration import PreregistrationRefusedError, known_metrics, preregister
from metaeval.services.scoring import default_resamples
from metaeval.views.results import campaign_for, download, snapshots_for

COLUMNS_OF_A_SHEET = 7


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def preregistration(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    """What will be computed: read, or frozen anew."""
    campaign = campaign_for(request, campaign_uuid, policy.Action.RUN_JOBS)
    study = campaign.study
    versions, labels = list(preregistrations(campaign)), known_metrics(study)
    if request.method == "POST":
        form = PreregistrationForm(request.POST, study=study)
        if form.is_valid():
            try:
                frozen = preregister(campaign, form.planned(), by=cast(User, request.user))
            except PreregistrationRefusedError as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(
                    request, _("Version %(n)s of the preregistration is frozen.") % {"n": frozen.version}
                )
                return redirect("preregistration", campaign.uuid)
    else:
        newest = (
            PlannedAnalysis.of(versions[-1].content)
            if versions
            else PlannedAnalysis(n_resamples=default_resamples(study))
        )
        form = PreregistrationForm(study=study, initial=initial_values(newest))
    context = {
        "study": study,
        "campaign": campaign,
        "form": form,
        "versions": [preregistration_version(plan, labels) for plan in reversed(versions)],
    }
    return render(request, "report/preregistration.html", context, status=400 if form.errors else 200)


@require_safe
@login_required
def campaign_report(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    """One document: what was planned, done and found; of the newest snapshot, or for good of the one named."""
    campaign = campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    ranked, agreed = snapshots_for(request, campaign)
    if ranked is None:
        return redirect("campaign-results", campaign.uuid)
    report = snapshot_report(campaign, ranked, agreed)
    agreed = report.agreed
    shown = dashboard(ranked, agreed, QueryDict())
    labels = known_metrics(campaign.study)
    context: dict[str, Any] = {
        "study": campaign.study,
        "campaign": campaign,
        "ranking": ranked,
        "agreement": agreed,
        "fixed": "snapshot" in request.GET,
        "part": selection_words(snapshot_selection(ranked)),
        "view_query": shown.view_query,
        "n_since": shown.n_since,
        "corrected": shown.corrected,
        "findings": shown.findings,
        "sensitivity": sensitivity_section(newest_sensitivity(ranked), ranked, None),
        "paragraph": report.paragraph,
        "compliance": report.preregistration_compliance,
        "departure": report.departure,
        "plan": report.plan,
        "versions": [preregistration_version(plan, labels) for plan in preregistrations(campaign)],
        "later_plan": preregistrations(campaign).filter(frozen_at__gt=ranked.as_of).exists(),
        "figures": shown.figures,
        "scores": report_sheets(shown.scores),
        "references": report.references,
        "file_names": [METHODS_TEXT, METHODS_TEX, REFERENCES, *(f"{one.name}.tex" for one in report.tables)],
    }
    return render(request, "report/report.html", context)


def report_sheets(table: Table | None) -> list[Table]:
    """In parts that a sheet of paper is wide enough for."""
    return [] if table is None else table.sheets(COLUMNS_OF_A_SHEET)


@require_safe
@login_required
def report_file(request: HttpRequest, campaign_uuid: UUID, name: str) -> HttpResponse:
    """A part of the report as a file: LaTeX, BibTeX or plain text."""
    campaign = campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    ranked, agreed = snapshots_for(request, campaign)
    if ranked is None:
        raise Http404("No such file.")
    text = snapshot_report(campaign, ranked, agreed).files().get(name)
    if text is None:
        raise Http404("No such file.")
    return download(text, name=f"{slugify(campaign.study.slug)}-{name}", media_type="text/plain")

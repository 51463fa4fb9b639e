"""Supplementary analyses: computed on request, at their own address, and as files."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from annotations import policy
from annotations.submit_responses import reply_with_job
from metaeval.exporters.supplementary import analysis_csv, analysis_tex
from metaeval.findings.supplementary_sections import analysis_section
from metaeval.forms.supplementary import AnalysisForm
from metaeval.models import SupplementaryAnalysis
from metaeval.selectors.snapshots import analysis_by_uuid, figure_files
from metaeval.views.results import download


@require_POST
@login_required
def analyse(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """Ask a worker for a supplementary analysis; asking twice is asking once."""
    study = policy.study_for(request.user, study_uuid, policy.Action.RUN_JOBS)
    form = AnalysisForm(request.POST)
    if not form.is_valid():
        context = {"reason": _("Choose which analysis to compute.")}
        return render(request, "400.html", context, status=400)
    return reply_with_job(request, study, form.cleaned_data["what"], form.params())


def _analysis_for(request: HttpRequest, analysis_uuid: UUID) -> SupplementaryAnalysis:
    found = analysis_by_uuid(analysis_uuid)
    if found is None:
        raise Http404("No such snapshot.")
    policy.require(request.user, found.study, policy.Action.SEE_RESULTS)
    return found


@require_safe
@gzip_page
@login_required
def analysis(request: HttpRequest, analysis_uuid: UUID) -> HttpResponse:
    """One snapshot for good, whatever was computed after it."""
    found = _analysis_for(request, analysis_uuid)
    context = {
        "study": found.study,
        "campaign": found.campaign,
        "section": analysis_section(found.kind, found, files=figure_files(found)),
    }
    return render(request, "results/analysis.html", context)


@require_safe
@login_required
def analysis_file(request: HttpRequest, analysis_uuid: UUID, name: str) -> HttpResponse:
    """A table of a snapshot for programs, or all its tables for LaTeX."""
    found = _analysis_for(request, analysis_uuid)
    stem, _dot, ending = name.rpartition(".")
    if ending == "tex" and stem == found.kind:
        text, media_type = analysis_tex(found), "text/plain"
    else:
        pieces = analysis_csv(found, stem) if ending == "csv" else None
        if pieces is None:
            raise Http404("No such file.")
        text, media_type = "".join(pieces), "text/csv"
    return download(text, name=f"{slugify(found.study.slug)}-{name}", media_type=media_type)

"""Metric agreement over all campaigns and human scores of a study: one table with one correction, and its files."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from annotations import policy
from annotations.models import Study
from metaeval.exporters.agreement_over_campaigns import FILE_NAME, over_campaigns_csv, over_campaigns_tex
from metaeval.findings.agreement_over_campaigns_tables import (
    over_campaigns_headline,
    over_campaigns_notes,
    over_campaigns_table,
    sources_table,
)
from metaeval.findings.choice_labels import STATISTIC_WORDS
from metaeval.forms.agreement_over_campaigns import OverCampaignsForm
from metaeval.results.agreement_over_campaigns import AgreementOverCampaigns
from metaeval.results.metric_rows import MEASURES
from metaeval.selectors.selections import selectable
from metaeval.services.agreement_over_campaigns import agreement_over_campaigns, newest_agreements
from metaeval.views.results import download


def _found(request: HttpRequest, study: Study) -> AgreementOverCampaigns | None:
    """As the address asks; None without a snapshot. Raises `Http404` for a statistic that does not exist."""
    form = OverCampaignsForm(request.GET)
    if not form.is_valid():
        raise Http404("No such table.")
    snapshots = newest_agreements(study)
    if not snapshots:
        return None
    return agreement_over_campaigns(
        snapshots,
        statistic=form.cleaned_data["statistic"] or MEASURES[0],
        by_base_model=form.cleaned_data["by_base_model"],
    )


@require_safe
@gzip_page
@login_required
def over_campaigns(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """The newest metric agreement of each campaign and human score."""
    study = policy.study_for(request.user, study_uuid, policy.Action.SEE_RESULTS)
    found = _found(request, study)
    context: dict[str, object] = {"study": study, "found": found}
    if found is not None:
        chosen = {"statistic": found.statistic, "by_base_model": request.GET.get("by_base_model", "")}
        table = over_campaigns_table(found)
        context |= {
            "headline": over_campaigns_headline(found),
            "notes": over_campaigns_notes(found)[1:],
            "table": table,
            "sources": sources_table(found),
            "statistics": STATISTIC_WORDS.items(),
            "has_base_models": bool(selectable(study).base_models),
            "by_base_model": bool(chosen["by_base_model"]),
            "file_query": "?" + urlencode({name: value for name, value in chosen.items() if value}),
        }
    return render(request, "results/over_campaigns.html", context)


@require_safe
@login_required
def over_campaigns_file(request: HttpRequest, study_uuid: UUID, ending: str) -> HttpResponse:
    """The same table as CSV or LaTeX."""
    study = policy.study_for(request.user, study_uuid, policy.Action.SEE_RESULTS)
    found = _found(request, study)
    if found is None or ending not in {"csv", "tex"}:
        raise Http404("No such file.")
    text = "".join(over_campaigns_csv(found)) if ending == "csv" else over_campaigns_tex(found)
    media_type = "text/csv" if ending == "csv" else "text/plain"
    return download(text, name=f"{slugify(study.slug)}-{FILE_NAME}.{ending}", media_type=media_type)

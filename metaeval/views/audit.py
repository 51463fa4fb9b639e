"""The blinding audit, as a page and as a file that a reviewer can read."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotations import policy
from hlv.core.tabular.writing import csv_text
from metaeval.exporters.audit import EXPOSURE_HEADER, exposure_rows
from metaeval.findings.campaign_summary import audit_checks, protocol_lines
from metaeval.selectors.audit import audit, audited_exposures, judges_with_other_roles, verdicts_by_exposure
from metaeval.selectors.methods import method_names
from metaeval.selectors.protocols import campaign_protocol
from metaeval.views.campaigns import csv_file
from metaeval.views.results import campaign_for


@require_safe
@login_required
def campaign_audit(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    audited = campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    found = audit(audited)
    context = {
        "study": audited.study,
        "campaign": audited,
        "audit": found,
        "checks": audit_checks(found),
        "protocol": protocol_lines(audited, campaign_protocol(audited)),
        "other_roles": judges_with_other_roles(audited),
        "closed": sorted(str(action) for action in policy.CLOSED_TO_JUDGES),
    }
    return render(request, "campaigns/audit.html", context)


@require_safe
@login_required
def campaign_audit_file(request: HttpRequest, campaign_uuid: UUID) -> StreamingHttpResponse:
    """Every exposure, answered or not."""
    audited = campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    rows = exposure_rows(
        audited_exposures(audited),
        names=method_names(audited.study),
        verdicts=verdicts_by_exposure(audited),
    )
    return csv_file(audited, "blinding-audit", csv_text(EXPOSURE_HEADER, rows))

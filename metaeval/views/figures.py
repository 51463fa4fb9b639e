"""The bytes of a figure, as they were drawn."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from annotations import policy
from annotations.charts.pictures import PDF, PNG, SVG
from metaeval.selectors.snapshots import figures

# Only what this program draws is served under its type.
ENDINGS = {SVG: "svg", PNG: "png", PDF: "pdf"}


@require_safe
@login_required
def figure(request: HttpRequest, figure_uuid: UUID) -> HttpResponse:
    """Shown in a page, or saved as a file with `?download`."""
    found = figures().filter(uuid=figure_uuid).first()
    if found is None or found.media_type not in ENDINGS:
        raise Http404("No such figure.")
    snapshot = found.ranking or found.metric_agreement
    if snapshot is None:
        raise Http404("No such figure.")
    policy.require(request.user, snapshot.study, policy.Action.SEE_RESULTS)
    theme = "" if found.theme == "light" else f"-{found.theme}"
    name = f"{slugify(snapshot.study.slug)}-{found.name}{theme}.{ENDINGS[found.media_type]}"
    kind = "attachment" if "download" in request.GET else "inline"
    return HttpResponse(
        bytes(found.content),
        content_type=found.media_type,
        headers={
            "Content-Disposition": f'{kind}; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            # A drawing holds names that people typed: opened by itself it may run and fetch nothing.
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )

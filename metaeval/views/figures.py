"""The bytes of a figure, as they were drawn."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import slugify
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from annotations import policy
from annotations.charts.pictures import SVG
from annotations.replies import reply_with_figure
from metaeval.selectors.snapshots import figures


@require_safe
@login_required
def figure(request: HttpRequest, figure_uuid: UUID) -> HttpResponse:
    """Shown in a page, or saved as a file with `?download`."""
    found = figures().filter(uuid=figure_uuid).first()
    if found is None:
        raise Http404("No such figure.")
    snapshot = found.ranking or found.metric_agreement
    if snapshot is None:
        raise Http404("No such figure.")
    policy.require(request.user, snapshot.study, policy.Action.SEE_RESULTS)
    theme = "" if found.theme == "light" else f"-{found.theme}"
    response = reply_with_figure(
        bytes(found.content),
        found.media_type,
        name=f"{slugify(snapshot.study.slug)}-{found.name}{theme}",
        download="download" in request.GET,
    )
    # A drawing of sixty methods is a fifth of its size then; the other kinds are compressed already.
    return _compressed(request, response) if found.media_type == SVG else response


def _compressed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    packed: HttpResponse = gzip_page(lambda _request: response)(request)
    return packed

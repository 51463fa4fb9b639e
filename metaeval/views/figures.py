"""The bytes of a figure, as they were drawn."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import slugify
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from annotations import policy
from annotations.submit_responses import reply_with_figure
from hlv.core.figures.drawing import on_paper
from hlv.core.figures.figure_files import ON_DEMAND, PNG, SVG
from metaeval.selectors.snapshots import figures


@require_safe
@login_required
def figure(request: HttpRequest, figure_uuid: UUID) -> HttpResponse:
    """Shown in a page, or saved as a file with `?download`; as PNG or PDF where only its SVG was kept with `?as=`."""
    found = figures().filter(uuid=figure_uuid).first()
    if found is None:
        raise Http404("No such figure.")
    snapshot = found.ranking or found.metric_agreement
    if snapshot is None:
        raise Http404("No such figure.")
    policy.require(request.user, snapshot.study, policy.Action.SEE_RESULTS)
    content, media_type = bytes(found.content), found.media_type
    if "as" in request.GET:
        content, media_type = _drawn_as(request.GET["as"], content, media_type)
    theme = "" if found.theme == "light" else f"-{found.theme}"
    response = reply_with_figure(
        content,
        media_type,
        name=f"{slugify(snapshot.study.slug)}-{found.name}{theme}",
        download="download" in request.GET,
        printed="printed" in request.GET,
    )
    # A drawing of sixty methods is a fifth of its size then; the other kinds are compressed already.
    return _compressed(request, response) if media_type == SVG else response


def _drawn_as(asked: str, content: bytes, media_type: str) -> tuple[bytes, str]:
    if media_type != SVG or asked not in ON_DEMAND:
        raise Http404("No such figure.")
    drawing = on_paper(content)
    return (drawing.png if ON_DEMAND[asked] == PNG else drawing.pdf), ON_DEMAND[asked]


def _compressed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    packed: HttpResponse = gzip_page(lambda _request: response)(request)
    return packed

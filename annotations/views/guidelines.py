"""What annotators are told, version by version."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from annotations.formats.markdown import render_markdown
from annotations.policy import Action, study_for


@require_safe
@login_required
def guideline(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """The newest version, or the one that an old answer was given under."""
    study = study_for(request.user, study_uuid, Action.VIEW)
    versions = list(study.guidelines.order_by("-version").values_list("version", flat=True))
    asked = request.GET.get("version", "")
    if asked and asked not in map(str, versions):
        raise Http404("No such version.")
    shown = study.guidelines.filter(version=int(asked)).first() if asked else study.guidelines.last()
    # Safe because the renderer escapes all HTML of the source; its tests try to get some through.
    text = mark_safe(render_markdown(shown.text)) if shown else ""  # noqa: S308
    context = {
        "study": study,
        "guideline": shown,
        "text": text,
        "versions": versions,
        "labels": study.labels.filter(is_active=True),
    }
    return render(request, "studies/guideline.html", context)

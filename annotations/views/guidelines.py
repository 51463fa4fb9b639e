"""What annotators are told, version by version: reading it, writing the next, comparing two."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from annotations.models import Guideline, Study, User
from annotations.policy import Action, may, study_for
from annotations.services.studies import StudyRefusedError, publish_guideline
from annotations.study_forms import GuidelineForm
from hlv.core.rendering.markdown import render_markdown
from hlv.core.rendering.text_diff import changed_lines


def _shown(text: str) -> SafeString:
    # Safe because the renderer escapes all HTML of the source; its tests try to get some through.
    return mark_safe(render_markdown(text))  # noqa: S308


@require_safe
@login_required
def guideline(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """The newest version, or the one that an old answer was given under."""
    study = study_for(request.user, study_uuid, Action.VIEW)
    versions = list(study.guidelines.order_by("-version").values_list("version", flat=True))
    asked = request.GET.get("version", "")
    shown = _version(study, asked) if asked else study.guidelines.last()
    context = {
        "study": study,
        "guideline": shown,
        "text": _shown(shown.text) if shown else "",
        "versions": versions,
        "labels": study.labels.filter(is_active=True),
        "may_write": may(request.user, study, Action.WRITE_GUIDELINE),
    }
    return render(request, "studies/guideline.html", context)


def _version(study: Study, asked: str) -> Guideline:
    """By its number as it is written; anything else is not found."""
    found = next((one for one in study.guidelines.all() if str(one.version) == asked), None)
    if found is None:
        raise Http404("No such version.")
    return found


@require_safe
@login_required
def guideline_difference(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """Two versions, the last two where none are named, with what went and what came."""
    study = study_for(request.user, study_uuid, Action.VIEW)
    versions = list(study.guidelines.order_by("version").values_list("version", flat=True))
    if len(versions) < 2:
        raise Http404("There are no two versions.")
    old = _version(study, request.GET.get("from", str(versions[-2])))
    new = _version(study, request.GET.get("to", str(versions[-1])))
    lines = changed_lines(old.text, new.text)
    context = {
        "study": study,
        "old": old,
        "new": new,
        "versions": versions,
        "lines": lines,
        "differ": any(line.kind != "same" for line in lines),
    }
    return render(request, "studies/guideline_difference.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def guideline_edit(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """The next version: looked at as often as one likes, then published."""
    study = study_for(request.user, study_uuid, Action.WRITE_GUIDELINE)
    standing = study.guidelines.last()
    if request.method != "POST":
        form = GuidelineForm(initial={"text": standing.text if standing else ""})
        return _edit_page(request, study, form, standing)
    form = GuidelineForm(request.POST)
    if not form.is_valid():
        return _edit_page(request, study, form, standing, status=400)
    text = form.cleaned_data["text"]
    if request.POST.get("do") != "publish":
        return _edit_page(request, study, form, standing, preview=_shown(text))
    # Of two who write at once, the second sees what the first has published before it is replaced.
    if request.POST.get("over", "") != _number(standing):
        form.add_error(
            None,
            _("Version %(n)s was published while you wrote. Compare before you publish yours.")
            % {"n": _number(standing)},
        )
        return _edit_page(request, study, form, standing, preview=_shown(text), status=409)
    try:
        published = publish_guideline(study, text=text, by=cast(User, request.user))
    except StudyRefusedError as refused:
        form.add_error("text", str(refused))
        return _edit_page(request, study, form, standing, status=400)
    if standing is not None and published.pk == standing.pk:
        messages.info(
            request,
            _("Nothing differs from version %(n)s, so there is no new one.") % {"n": published.version},
        )
    else:
        messages.success(
            request,
            _("Version %(n)s is published. Answers given before keep the version that was read.")
            % {"n": published.version},
        )
    return redirect("guideline", study.uuid)


def _number(standing: Guideline | None) -> str:
    return str(standing.version) if standing else ""


def _edit_page(
    request: HttpRequest,
    study: Study,
    form: GuidelineForm,
    standing: Guideline | None,
    *,
    preview: str | SafeString = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "study": study,
        "form": form,
        "standing": standing,
        "over": _number(standing),
        "preview": preview,
    }
    return render(request, "studies/guideline_edit.html", context, status=status)

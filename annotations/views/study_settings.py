"""Making a study and changing it: settings, labels, state, and another study like it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BaseFormSet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations.label_forms import LabelForm, LabelListForm, LabelRows, with_listed_labels
from annotations.models import Guideline, Study, User
from annotations.policy import Action, may, require_may_create_studies, study_for
from annotations.selectors.participation import has_answers
from annotations.services.studies import NewLabel, StudyRefusedError, create_study, publish_guideline
from annotations.services.study_settings import change_labels, change_settings, clone_study, set_state
from annotations.study_forms import CloneForm, ExtendForm, GuidelineForm, NewStudyForm, SettingsForm
from hlv.core.rendering.markdown import render_markdown
from hlv.core.rendering.text_diff import changed_lines

ROWS_AT_FIRST, ROWS_MORE = 4, 4
CHANGES_SHOWN = 50
MORE_ROWS, LISTED = "rows", "listed"
LABEL_FIELDS = ("name", "key", "description", "group", "shortcut", "colour", "is_active")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_study(request: HttpRequest) -> HttpResponse:
    """What is asked and of whom, and the first labels, on one page."""
    person = require_may_create_studies(request.user)
    if request.method != "POST":
        rows = LabelRows(prefix="labels", initial=[{}] * ROWS_AT_FIRST)
        return _new_page(request, NewStudyForm(initial={"time_zone": "UTC"}), rows)
    listing = LabelListForm(request.POST)
    given = with_listed_labels(request.POST, listing.listed) if listing.is_valid() else request.POST
    if request.POST.get("do") in (MORE_ROWS, LISTED):
        shown = LabelRows(given, prefix="labels") if listing.has_changed() else _with_more_rows(given)
        return _new_page(request, NewStudyForm(request.POST), shown, quiet=True, listing=listing)
    form, rows = NewStudyForm(request.POST), LabelRows(given, prefix="labels")
    # All, so that all that is wrong is shown at once.
    if not (form.is_valid() & rows.is_valid() & listing.is_valid()):
        return _new_page(request, form, rows, status=400, listing=listing)
    try:
        study = create_study(
            labels=_new_labels(rows), owner=person, seed=secrets.randbelow(2**31), **vars(form.study)
        )
    except StudyRefusedError as refused:
        form.add_error(None, str(refused))
        return _new_page(request, form, rows, status=400)
    messages.success(request, _("The study is made. What is still to be done stands below."))
    return redirect("study", study.uuid)


def _new_page(
    request: HttpRequest,
    form: NewStudyForm,
    rows: BaseFormSet[LabelForm],
    *,
    quiet: bool = False,
    listing: LabelListForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "rows": rows, "quiet": quiet, "listing": _listing_shown(listing)}
    return render(request, "studies/new.html", context, status=status)


def _with_more_rows(given: QueryDict) -> BaseFormSet[LabelForm]:
    """The same rows and some blank ones: for browsers without JavaScript."""
    changed = given.copy()
    count = given.get("labels-TOTAL_FORMS", "0")
    changed["labels-TOTAL_FORMS"] = str(
        min(500, int(count if count.isascii() and count.isdigit() else 0) + ROWS_MORE)
    )
    return LabelRows(changed, prefix="labels")


def _listing_shown(listing: LabelListForm | None) -> LabelListForm:
    """A list that was read is in the rows now; one with a fault is shown again."""
    return listing if listing is not None and not listing.is_valid() else LabelListForm()


def _new_labels(rows: BaseFormSet[LabelForm]) -> list[NewLabel]:
    return [row.new_label for row in rows if row.is_new and not row.is_blank]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """What may change as long as a study lives, its state, and what was changed by whom."""
    study = study_for(request.user, study_uuid, Action.MANAGE)
    if request.method != "POST":
        return _settings_page(request, study, SettingsForm(instance=study))
    # A form of a model writes into what it is given, also where it is refused.
    form = SettingsForm(request.POST, instance=Study.objects.get(pk=study.pk))
    if not form.is_valid():
        return _settings_page(request, study, form, status=400)
    try:
        changed = change_settings(study, by=cast(User, request.user), **vars(form.settings))
    except StudyRefusedError as refused:
        study.refresh_from_db()
        form.add_error(None, str(refused))
        return _settings_page(request, study, form, status=400)
    messages.success(request, _("The settings are saved.") if changed else _("Nothing was different."))
    return redirect("settings", study.uuid)


def _settings_page(
    request: HttpRequest, study: Study, form: SettingsForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "study": study,
        "form": form,
        "extend": ExtendForm(initial={"answers_wanted": study.answers_wanted}),
        "changes": study.changes.select_related("by")[:CHANGES_SHOWN],
        "may_clone": cast(User, request.user).may_create_studies,
    }
    return render(request, "studies/settings.html", context, status=status)


@require_POST
@login_required
def study_state(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """Pause, go on, close, reopen, or ask for more answers."""
    study = study_for(request.user, study_uuid, Action.MANAGE)
    by = cast(User, request.user)
    do = request.POST.get("do", "")
    try:
        if do == "extend":
            _extend(request, study, by=by)
        elif set_state(study, state=do, by=by):
            messages.success(request, _STATE_SENTENCES[study.state]())
    except StudyRefusedError as refused:
        messages.error(request, str(refused))
    return redirect("settings", study.uuid)


_STATE_SENTENCES: dict[str, Callable[[], str]] = {
    Study.State.OPEN: lambda: _("The study is open: people get texts again."),
    Study.State.PAUSED: lambda: _(
        "The study is paused: nobody gets a new text, and what was begun can be saved."
    ),
    Study.State.CLOSED: lambda: _("The study is closed: nobody gets a text, and no answer is revised."),
}


def _extend(request: HttpRequest, study: Study, *, by: User) -> None:
    form = ExtendForm(request.POST)
    if not form.is_valid():
        raise StudyRefusedError(" ".join(map(str, form.errors["answers_wanted"])))
    if change_settings(study, by=by, answers_wanted=form.n_answers):
        messages.success(
            request, _("From now on %(n)s answers are wanted for each text.") % {"n": form.n_answers}
        )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def labels(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """The labels there are, each with what may change of it, and rows for others."""
    study = study_for(request.user, study_uuid, Action.MANAGE)
    existing = list(study.labels.values(*LABEL_FIELDS))
    if request.method != "POST":
        return _labels_page(request, study, LabelRows(prefix="labels", initial=[*existing, {}]))
    listing = LabelListForm(request.POST)
    given = with_listed_labels(request.POST, listing.listed) if listing.is_valid() else request.POST
    if request.POST.get("do") in (MORE_ROWS, LISTED):
        rows = LabelRows(given, prefix="labels") if listing.has_changed() else _with_more_rows(given)
        rows.initial = existing
        return _labels_page(request, study, rows, quiet=True, listing=listing)
    rows = LabelRows(given, prefix="labels", initial=existing)
    if not (rows.is_valid() & listing.is_valid()):
        return _labels_page(request, study, rows, status=400, listing=listing)
    wanted, new = [row.spec for row in rows if not row.is_new], _new_labels(rows)
    try:
        changed = change_labels(study, wanted=wanted, new=new, by=cast(User, request.user))
    except StudyRefusedError as refused:
        return _labels_page(request, study, rows, sentence=str(refused), status=400, listing=listing)
    messages.success(request, _("The labels are saved.") if changed else _("Nothing was different."))
    return redirect("labels", study.uuid)


def _labels_page(
    request: HttpRequest,
    study: Study,
    rows: BaseFormSet[LabelForm],
    *,
    sentence: str = "",
    quiet: bool = False,
    listing: LabelListForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "study": study,
        "rows": rows,
        "listing": _listing_shown(listing),
        "sentence": sentence,
        "quiet": quiet,
        "answered": has_answers(study),
    }
    return render(request, "studies/labels.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def clone(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """A study like this one: labels, settings and guideline, with the texts where wanted; no people, no answers."""
    # Texts and settings alone: an annotating owner may take those.
    study = study_for(request.user, study_uuid, Action.IMPORT)
    person = require_may_create_studies(request.user)
    if request.method != "POST":
        initial = {"name": _("%(name)s, again") % {"name": study.name}, "with_items": True}
        return render(request, "studies/clone.html", {"study": study, "form": CloneForm(initial=initial)})
    form = CloneForm(request.POST)
    if form.is_valid():
        try:
            made, job = clone_study(study, by=person, **vars(form.terms))
        except StudyRefusedError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The new study is made, and you own it."))
            return redirect("job", job.uuid) if job else redirect("study", made.uuid)
    return render(request, "studies/clone.html", {"study": study, "form": form}, status=400)


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
    existing = study.guidelines.last()
    if request.method != "POST":
        form = GuidelineForm(initial={"text": existing.text if existing else ""})
        return _edit_page(request, study, form, existing)
    form = GuidelineForm(request.POST)
    if not form.is_valid():
        return _edit_page(request, study, form, existing, status=400)
    text = form.guideline
    if request.POST.get("do") != "publish":
        return _edit_page(request, study, form, existing, preview=_shown(text))
    # Of two who write at once, the second sees what the first has published before it is replaced.
    if request.POST.get("over", "") != _number(existing):
        form.add_error(
            None,
            _("Version %(n)s was published while you wrote. Compare before you publish yours.")
            % {"n": _number(existing)},
        )
        return _edit_page(request, study, form, existing, preview=_shown(text), status=409)
    try:
        published = publish_guideline(study, text=text, by=cast(User, request.user))
    except StudyRefusedError as refused:
        form.add_error("text", str(refused))
        return _edit_page(request, study, form, existing, status=400)
    if existing is not None and published.pk == existing.pk:
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


def _number(existing: Guideline | None) -> str:
    return str(existing.version) if existing else ""


def _edit_page(
    request: HttpRequest,
    study: Study,
    form: GuidelineForm,
    existing: Guideline | None,
    *,
    preview: str | SafeString = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "study": study,
        "form": form,
        "existing": existing,
        "over": _number(existing),
        "preview": preview,
    }
    return render(request, "studies/guideline_edit.html", context, status=status)

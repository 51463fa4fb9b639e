"""The day on which a study loses what is personal."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from annotations.models import Study, User
from annotations.policy import Action, study_for
from annotations.services.retention import RetentionRefusedError, personal_content, schedule_removal
from annotations.study_forms import RetentionForm
from annotations.views.people import ask_again

PREVIEW, SCHEDULE, CANCEL = "preview", "schedule", "cancel"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def retention(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """First the day and what goes on it, in a sentence; then the same day once more, to schedule it."""
    study = study_for(request.user, study_uuid, Action.MANAGE)
    if request.method != "POST":
        return _page(request, study, RetentionForm(initial={"on": study.remove_personal_on}))
    do = request.POST.get("do", PREVIEW)
    form = RetentionForm(request.POST)
    if do != CANCEL and not form.is_valid():
        return _page(request, study, form)
    if do == PREVIEW:
        return _page(request, study, form, is_preview=True)
    asked = ask_again(request, reverse("retention", args=[study.uuid]))
    if asked is not None:
        return asked
    day = None if do == CANCEL else form.day
    try:
        schedule_removal(study, on=day, by=cast(User, request.user))
    except RetentionRefusedError as refused:
        form.add_error(None, str(refused))
        return _page(request, study, form)
    messages.success(
        request,
        _("Personal content will be removed on %(day)s.") % {"day": date_format(day)}
        if day
        else _("Nothing will be removed."),
    )
    return redirect("retention", study.uuid)


def _page(
    request: HttpRequest, study: Study, form: RetentionForm, *, is_preview: bool = False
) -> HttpResponse:
    context = {
        "study": study,
        "form": form,
        "day": form.day if is_preview else None,
        "content": personal_content(study),
    }
    return render(request, "studies/retention.html", context, status=400 if form.errors else 200)

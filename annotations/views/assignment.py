"""A preview of the assignment: who would get what, and what would be missing."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotations.policy import Action, may, study_for
from annotations.selectors.invitations import open_invitations
from annotations.selectors.seat_preview import assignment_preview


@require_safe
@login_required
def assignment(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """Computed anew each time from what is stored; with the invited, if asked, as if they had accepted."""
    study = study_for(request.user, study_uuid, Action.SEE_RESULTS)
    with_invited = request.GET.get("invited") == "1"
    sees_names = may(request.user, study, Action.SEE_NAMES)
    context = {
        "study": study,
        "preview": assignment_preview(study, with_invited=with_invited, sees_names=sees_names),
        "with_invited": with_invited,
        "n_invited": open_invitations(study).filter(role="annotator").count(),
        "manages": may(request.user, study, Action.MANAGE),
    }
    return render(request, "people/assignment.html", context)

"""The security log of a study, for its owners."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotations.policy import Action, study_for
from annotations.services.security_log import events_of

EVENTS_ON_A_PAGE = 100


@require_safe
@login_required
def security_log(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    study = study_for(request.user, study_uuid, Action.MANAGE)
    page = Paginator(events_of(study), EVENTS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"study": study, "page": page, "days": settings.SECURITY_LOG_DAYS}
    return render(request, "studies/security_log.html", context)

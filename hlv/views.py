"""Pages that join both apps: where one arrives, and a study as a whole."""

from __future__ import annotations

from http import HTTPStatus
from itertools import groupby
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from annotations.models import Participant, Study, User
from annotations.policy import Action, allowed_actions, may, study_for
from annotations.selectors.imports import study_imports
from annotations.selectors.participation import count_sources, coverage, participations, people_in
from annotations.services import people as services
from hlv.context_processors import APPEARANCES
from hlv.core.languages import is_offered
from hlv.navigation import missing_setup, next_steps, shares_judged
from metaeval.models import Campaign
from metaeval.selectors.exposures import judge_shares
from metaeval.selectors.scores import uploaded_metrics

NEWEST = 10
MOST_METRICS = 100
SECONDS_OF_A_YEAR = 31_536_000


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return redirect("studies" if request.user.is_authenticated else "sign-in")


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """For this browser, and for the person where somebody is signed in; blank: no choice any more."""
    language = request.POST.get("language", "")
    if isinstance(request.user, User) and (not language or is_offered(language)):
        services.choose_language(request.user, language)
    response = set_language(request)
    if not language:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    return response


@require_POST
def set_appearance(request: HttpRequest) -> HttpResponse:
    """Keeps what a reader chose, and goes back to where it was chosen; scripts set the same cookies."""
    onward = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(onward, {request.get_host()}, require_https=request.is_secure()):
        onward = reverse("home")
    response = redirect(onward)
    for name, choices in APPEARANCES.items():
        if request.POST.get(name) in choices:
            response.set_cookie(name, request.POST[name], max_age=SECONDS_OF_A_YEAR, samesite="Lax")
    return response


@require_safe
@login_required
def studies(request: HttpRequest) -> HttpResponse:
    """Every study of a person, with what to do next in each."""
    person = cast(User, request.user)
    held = list(participations(person))
    judging = shares_judged(held)
    lines = []
    for study, group in groupby(held, key=lambda participant: participant.study):
        roles = list(group)
        lines.append({"study": study, "roles": roles, "steps": next_steps(study, roles, judging)})
    # Whoever came by a link into one study has no more than that study here.
    is_whole = person.only_study_id is None
    context = {
        "lines": lines,
        "may_create_studies": is_whole and person.may_create_studies,
        "asks_for_password": is_whole and not person.has_usable_password(),
    }
    return render(request, "studies/list.html", context)


@require_safe
@login_required
def study(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    user = cast(User, request.user)
    shown = study_for(user, study_uuid, Action.VIEW)
    roles = list(participations(user, study=shown))
    actions = allowed_actions(frozenset(role.role for role in roles))
    context: dict[str, Any] = {
        "study": shown,
        "roles": roles,
        "steps": next_steps(shown, roles, shares_judged(roles)),
        "coverage": coverage(shown),
        "n_labels": shown.labels.filter(is_active=True).count(),
        "campaigns": _campaigns(shown, roles, runs_study=Action.RUN_JOBS in actions),
    }
    if Action.MANAGE in actions:
        needs = missing_setup(shown)
        # What comes first then is the way on, not the results of a study that has not begun.
        context |= {"needs": needs, "first_need": next((need for need in needs if not need.is_met), None)}
    if Action.RUN_JOBS in actions:
        context |= _management_context(shown, sees_names=may(user, shown, Action.SEE_NAMES))
    return render(request, "studies/study.html", context)


def _campaigns(shown: Study, roles: list[Participant], *, runs_study: bool) -> list[dict[str, object]]:
    """Those where this person judges, or whose results are theirs to see."""
    judge = next((role for role in roles if role.role == Participant.Role.JUDGE), None)
    if judge is None and not runs_study:
        return []
    campaigns = Campaign.objects.filter(study=shown)
    shares = judge_shares(judge, campaigns) if judge else [(campaign, None) for campaign in campaigns]
    return [{"campaign": campaign, "share": share} for campaign, share in shares]


def _management_context(shown: Study, *, sees_names: bool) -> dict[str, Any]:
    """What those who run a study see of it; names only where the role says so."""
    return {
        "runs_study": True,
        "sees_names": sees_names,
        "people": people_in(shown),
        "n_sources": count_sources(shown),
        "imports": study_imports(shown)[:NEWEST],
        "uploaded_metrics": uploaded_metrics(shown)[:MOST_METRICS],
        "jobs": shown.jobs.select_related("created_by")[:NEWEST],
    }


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/api/"):
        return _bad_request_of_script(exception)
    return render(request, "400.html", status=400)


def _bad_request_of_script(exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 1e6
        said = _("This is more than is taken at once: send at most %(most).1f MB.") % {"most": most}
        return JsonResponse({"sentence": said}, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return JsonResponse({"sentence": _("This request is not one that this program takes.")}, status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", {"exception": str(exception)}, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)

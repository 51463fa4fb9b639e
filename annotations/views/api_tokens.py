"""Tokens of the HTTP API: a person's own, and for owners those that open their study."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations.account_forms import TokenForm
from annotations.models import User
from annotations.policy import Action, may, study_for
from annotations.selectors.api_tokens import tokens_opening
from annotations.services.api_tokens import (
    TokenRefusedError,
    create_api_token,
    end_token_access,
    revoke_api_token,
)
from annotations.views.people import ask_again

TOKENS_ON_A_PAGE = 100


def _person(request: HttpRequest) -> User:
    person = cast(User, request.user)
    if person.only_study_id is not None:
        raise PermissionDenied("A link into one study makes no tokens.")
    return person


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def api_tokens(request: HttpRequest) -> HttpResponse:
    """The page of tokens; a new one is shown in the reply that makes it, and never again."""
    person = _person(request)
    asked = ask_again(request, reverse("api-tokens"))
    if asked is not None:
        return asked
    form = TokenForm(person, request.POST if request.method == "POST" else None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        try:
            token, secret = create_api_token(person, **form.cleaned_data)
        except TokenRefusedError as refused:
            form.add_error(None, str(refused))
        else:
            form = TokenForm(person)
    context = {
        "form": form,
        "secret": secret,
        "made": token if secret else None,
        "tokens": person.api_tokens.prefetch_related("studies", "closed_studies"),
    }
    return render(request, "people/api_tokens.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
def revoke(request: HttpRequest, token_uuid: UUID) -> HttpResponse:
    try:
        token = revoke_api_token(token_uuid, of=_person(request))
    except TokenRefusedError as refused:
        raise Http404(str(refused)) from refused
    messages.success(request, _("The token “%(name)s” is revoked.") % {"name": token.name})
    return redirect("api-tokens")


@require_safe
@login_required
def study_tokens(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """Which tokens of its people open a study, for its owners."""
    study = study_for(request.user, study_uuid, Action.MANAGE)
    context = {
        "study": study,
        "page": Paginator(tokens_opening(study), TOKENS_ON_A_PAGE).get_page(request.GET.get("page")),
        "sees_names": may(request.user, study, Action.SEE_NAMES),
        "manages": True,
    }
    return render(request, "people/study_tokens.html", context)


@require_POST
@login_required
def end_access(request: HttpRequest, study_uuid: UUID, token_uuid: UUID) -> HttpResponse:
    study = study_for(request.user, study_uuid, Action.MANAGE)
    try:
        token = end_token_access(study, token_uuid)
    except TokenRefusedError as refused:
        raise Http404(str(refused)) from refused
    messages.success(request, _("The token “%(name)s” no longer opens this study.") % {"name": token.name})
    return redirect("study-tokens", study.uuid)

"""A person's own tokens of the HTTP API: made, listed, revoked."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from annotations.account_forms import TokenForm
from annotations.models import User
from annotations.services.api_tokens import TokenRefusedError, create_api_token, revoke_api_token
from annotations.views.people import ask_again


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
        "tokens": person.api_tokens.prefetch_related("studies"),
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

"""Sign-in by an identity provider with OpenID Connect."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from annotations.services.identity_provider import Identity, RoleOfGroup, person_of_identity
from annotations.services.people import PersonRefusedError
from annotations.views.people import begin_sign_in

log = logging.getLogger(__name__)
THEN = "oidc_then"
SECONDS_TO_ANSWER = 10


def _provider() -> Any:
    """Authlib verifies state, nonce, PKCE, signature, issuer, audience and age."""
    if not settings.OIDC_ISSUER:
        raise Http404("No identity provider is set.")
    from authlib.integrations.django_client import OAuth  # an extra: hlv[oidc]

    registry = OAuth()
    registry.register(
        "oidc",
        client_id=settings.OIDC_CLIENT_ID,
        client_secret=settings.OIDC_CLIENT_SECRET,
        server_metadata_url=f"{settings.OIDC_ISSUER}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "timeout": SECONDS_TO_ANSWER,
        },
    )
    return registry.oidc


def _faults() -> tuple[type[Exception], ...]:
    """A forged answer, a cancelled sign-in, an answer that is no OpenID Connect, or the network."""
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError

    return (AuthlibBaseError, JoseError, OSError, ValueError, KeyError, RuntimeError)


@never_cache
@require_safe
def oidc(request: HttpRequest) -> HttpResponse:
    """To the provider, and back to `next` after it."""
    provider = _provider()
    then = request.GET.get("next", "")
    request.session[THEN] = then if url_has_allowed_host_and_scheme(then, allowed_hosts=None) else ""
    try:
        answer: HttpResponse = provider.authorize_redirect(
            request, f"{settings.BASE_URL}{reverse('oidc-callback')}"
        )
    except _faults() as fault:
        return _failed(request, fault)
    return answer


@sensitive_variables()
@never_cache
@require_safe
def oidc_callback(request: HttpRequest) -> HttpResponse:
    provider = _provider()
    then = request.session.pop(THEN, "")
    try:
        claims = provider.authorize_access_token(request)["userinfo"]
    except _faults() as fault:
        return _failed(request, fault)
    try:
        person = person_of_identity(_identity(claims), [RoleOfGroup(*one) for one in settings.OIDC_ROLES])
    except PersonRefusedError as refused:
        messages.error(request, str(refused))
        return redirect("sign-in")
    return begin_sign_in(request, person, then=then or reverse("studies"))


def _identity(claims: Mapping[str, Any]) -> Identity:
    groups = claims.get(settings.OIDC_ROLES_CLAIM, ())
    return Identity(
        subject=f"{claims['iss']} {claims['sub']}",
        email=str(claims.get("email", "")),
        is_verified=claims.get("email_verified") is True,
        name=str(claims.get("name", ""))[:200],
        groups=[groups] if isinstance(groups, str) else [str(group) for group in groups],
    )


def _failed(request: HttpRequest, fault: Exception) -> HttpResponse:
    # Its words may have tokens in them.
    log.warning("Sign-in by the identity provider failed: %s", type(fault).__name__)
    messages.error(request, _("The sign-in at your organization did not succeed. Please try again."))
    return redirect("sign-in")

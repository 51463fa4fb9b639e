"""Tokens of the HTTP API: made, found, revoked."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.models import SCOPES, AnsweredRequest, ApiToken, Study, User
from annotations.selectors.api_tokens import tokens_opening
from annotations.services.people import token_hash

PREFIX: Final = "hlv_"
MOST_DAYS: Final = 366
# A token that is used is marked so at most this often: reading must not write each time.
MARKED_EVERY: Final = timedelta(minutes=1)


class TokenRefusedError(ValueError):
    """A token that cannot be made, or is not there; the sentence says why."""


# How long a request that is sent again gets the first reply.
REPLIES_KEPT: Final = timedelta(days=1)


@transaction.atomic
def create_api_token(
    user: User, *, name: str, scopes: Collection[str], days: int, studies: Sequence[Study] = ()
) -> tuple[ApiToken, str]:
    """A token, and the text that its bearer sends: the only time that it is known.

    Raises
    ------
    TokenRefusedError
        An unknown scope or none, no name, or a time that is not 1 to 366 days.
    """
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise TokenRefusedError(
            _("There is no scope “%(scope)s”; known are %(known)s.")
            % {"scope": unknown[0], "known": ", ".join(SCOPES)}
        )
    if not scopes:
        raise TokenRefusedError(_("A token without a scope opens nothing: choose one or more."))
    if not name.strip():
        raise TokenRefusedError(_("Give the token a name, such as the program that uses it."))
    if not 1 <= days <= MOST_DAYS:
        raise TokenRefusedError(_("A token is valid for 1 to %(most)s days.") % {"most": MOST_DAYS})
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name.strip()[:100],
        token_hash=token_hash(secret),
        scopes=[scope for scope in SCOPES if scope in scopes],
        is_limited=bool(studies),
        expires_at=timezone.now() + timedelta(days=days),
    )
    token.studies.set(studies)
    return token, secret


def valid_api_token(secret: str) -> ApiToken | None:
    """The token with this text, if it is valid now; its use is marked."""
    token = ApiToken.objects.select_related("user").filter(token_hash=token_hash(secret)).first()
    if token is None or not token.is_valid:
        return None
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - MARKED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def forget_answered_requests() -> int:
    """Delete replies that nobody asks for again."""
    before = timezone.now() - REPLIES_KEPT
    n_deleted, _of_models = AnsweredRequest.objects.filter(created_at__lt=before).delete()
    return n_deleted


def end_token_access(study: Study, uuid: UUID) -> ApiToken:
    """Close one study to a token; its other studies stay open.

    Raises
    ------
    TokenRefusedError
        No such token opens this study.
    """
    token = tokens_opening(study).filter(uuid=uuid).first()
    if token is None:
        raise TokenRefusedError(_("There is no such token."))
    token.closed_studies.add(study)
    return token


def revoke_api_token(uuid: UUID, *, of: User | None = None) -> ApiToken:
    """End a token at once; with `of`, only one of this person.

    Raises
    ------
    TokenRefusedError
        There is no such token.
    """
    tokens = ApiToken.objects.all() if of is None else ApiToken.objects.filter(user=of)
    token = tokens.filter(uuid=uuid).first()
    if token is None:
        raise TokenRefusedError(_("There is no such token."))
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
    return token

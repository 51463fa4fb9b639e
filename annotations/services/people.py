"""People and their one-time sign-in links."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.models import SignInLink, User


class PersonRefusedError(ValueError):
    """There can be no such person; the sentence says why."""


def create_person(*, email: str, name: str = "") -> User:
    """The person of this address, made if unknown, and called so from now on where a name is given.

    No password is set: they sign in by link first.
    """
    email, name = email.strip().lower(), name.strip()
    known = User.objects.filter(email=email).first()
    person = known or User(email=email)
    person.name = name or person.name
    _refuse_what_no_column_takes(person)
    if known is None:
        return User.objects.create_user(email, name=name)
    if name:
        known.save(update_fields=["name"])
    return known


def _refuse_what_no_column_takes(person: User) -> None:
    try:
        person.clean_fields(exclude=["password"])
    except ValidationError as invalid:
        if "email" in invalid.message_dict:
            sentence = _("%(email)r is not an e-mail address.") % {"email": person.email}
            raise PersonRefusedError(sentence) from invalid
        raise PersonRefusedError(" ".join(invalid.messages)) from invalid


def person_of(email: str) -> User | None:
    return User.objects.filter(email=email.strip().lower()).first()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_sign_in_link(user: User, *, hours: float = 24) -> str:
    """The path of a link that works once; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(
        user=user, token_hash=_hash(token), expires_at=timezone.now() + timedelta(hours=hours)
    )
    return f"/sign-in/{token}/"


def person_of_link(token: str) -> User | None:
    """Whose link this is, while it works; looking does not use it up."""
    link = (
        SignInLink.objects.filter(
            token_hash=_hash(token), used_at__isnull=True, expires_at__gt=timezone.now(), user__is_active=True
        )
        .select_related("user")
        .first()
    )
    return link.user if link else None


@transaction.atomic
def use_sign_in_link(token: str) -> User | None:
    """Use the link up, and with it the person's others; of two that come together, one gets in."""
    user = person_of_link(token)
    if user is None:
        return None
    # Two links of one person, used at once, would each wait for the other's row.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    used = SignInLink.objects.filter(
        token_hash=_hash(token), used_at__isnull=True, expires_at__gt=timezone.now()
    ).update(used_at=timezone.now())
    if not used:
        return None
    # Who asked twice has one message too many, and whoever finds it would get in.
    end_sign_in_links(user)
    return user


def end_sign_in_links(user: User) -> None:
    """No link that the person has not used works any more."""
    SignInLink.objects.filter(user=user, used_at__isnull=True, expires_at__gt=timezone.now()).update(
        expires_at=timezone.now()
    )

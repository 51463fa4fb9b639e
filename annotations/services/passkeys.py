"""Passkeys as second factor: added to an account, and used at sign-in (W3C Web Authentication, level 2)."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from django.db import transaction
from django.utils import timezone
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    UserVerificationRequirement,
)

from annotations.models import Passkey, User
from annotations.services.people import end_sessions, token_hash
from annotations.services.second_factor import ISSUER, after_removing, first_recovery_codes

MAX_PASSKEYS = 20
MAX_REPLY_CHARACTERS = 20_000
# What a reply that no browser wrote can make the library raise.
_WRONG_REPLIES = (ValueError, TypeError, KeyError, AttributeError, AssertionError, UnsupportedAlgorithm)


class PasskeyError(Exception):
    """The reply of the browser does not fit what was asked of it."""


@dataclass(frozen=True)
class Challenge:
    """What a browser asks the device for, and what the reply to it must fit. Both are JSON."""

    options: Mapping[str, Any]
    expected: Mapping[str, Any]


@dataclass(frozen=True)
class Site:
    """Where pages are served: a passkey works for one host alone."""

    host: str
    origin: str

    @property
    def can_have_passkeys(self) -> bool:
        """Browsers have passkeys for names of hosts, not for addresses such as 127.0.0.1."""
        try:
            ipaddress.ip_address(self.host.strip("[]"))
        except ValueError:
            return True
        return False

    def server(self) -> Fido2Server:
        entity = PublicKeyCredentialRpEntity(name=ISSUER, id=self.host)
        return Fido2Server(entity, verify_origin=lambda origin: origin == self.origin)


def _keys_of(person: User) -> list[AttestedCredentialData]:
    keys = Passkey.objects.filter(user=person)[:MAX_PASSKEYS]
    return [AttestedCredentialData(bytes(key.credential)) for key in keys]


def new_passkey_challenge(person: User, site: Site) -> Challenge:
    user = PublicKeyCredentialUserEntity(
        name=person.email,
        # Devices keep it: it tells nothing of the account.
        id=token_hash(f"passkey of {person.pk}")[:32].encode(),
        display_name=str(person),
    )
    options, expected = site.server().register_begin(
        user, _keys_of(person), user_verification=UserVerificationRequirement.PREFERRED
    )
    return Challenge(dict(options), expected)


def passkey_challenge(person: User, site: Site) -> Challenge | None:
    """None where this person has no passkey."""
    keys = _keys_of(person)
    if not keys or not site.can_have_passkeys:
        return None
    options, expected = site.server().authenticate_begin(
        keys, user_verification=UserVerificationRequirement.PREFERRED
    )
    return Challenge(dict(options), expected)


def _reply(text: str) -> dict[str, Any]:
    if len(text) > MAX_REPLY_CHARACTERS:
        raise PasskeyError("The reply is too long.")
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as fault:
        raise PasskeyError("The reply is no JSON object.") from fault


@transaction.atomic
def add_passkey(
    person: User, site: Site, *, name: str, expected: Mapping[str, Any], reply: str, session: str
) -> list[str]:
    """Recovery codes, to be shown once, where there are none yet. All other sessions end."""
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    try:
        made = site.server().register_complete(expected, _reply(reply))
        credential = cast(AttestedCredentialData, made.credential_data)
        known = {key.credential_id for key in _keys_of(person)}
    except _WRONG_REPLIES as fault:
        raise PasskeyError("The reply does not fit.") from fault
    if credential.credential_id in known or len(known) >= MAX_PASSKEYS:
        raise PasskeyError("This device is known, or there are too many.")
    Passkey.objects.create(user=person, name=name, credential=bytes(credential), n_signed=made.counter)
    end_sessions(person, but=session)
    return first_recovery_codes(person)


@transaction.atomic
def use_passkey(person: User, site: Site, *, expected: Mapping[str, Any], reply: str) -> None:
    """Refused with PasskeyError where a passkey of this person did not sign what was asked."""
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    keys = {websafe_encode(_credential_id(key)): key for key in Passkey.objects.filter(user=person)}
    given = _reply(reply)
    try:
        used = site.server().authenticate_complete(expected, _keys_of(person), given)
        n_signed = AuthenticationResponse.from_dict(given).response.authenticator_data.counter
    except _WRONG_REPLIES as fault:
        raise PasskeyError("The reply does not fit.") from fault
    passkey = keys[websafe_encode(used.credential_id)]
    # Step 21 of the specification: a device that counts has counted on, or the key was copied.
    if (n_signed or passkey.n_signed) and n_signed <= passkey.n_signed:
        raise PasskeyError("The device counted back.")
    passkey.n_signed, passkey.used_at = n_signed, timezone.now()
    passkey.save(update_fields=["n_signed", "used_at"])


def _credential_id(passkey: Passkey) -> bytes:
    return AttestedCredentialData(bytes(passkey.credential)).credential_id


@transaction.atomic
def remove_passkey(person: User, pk: int, *, session: str) -> bool:
    """False where this person has none of this number."""
    removed = bool(Passkey.objects.filter(user=person, pk=pk).delete()[0])
    if removed:
        after_removing(person, session=session)
    return removed

"""Second factor: set up, asked for at sign-in, taken away."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import pyotp
import segno
from django.db import transaction
from django.utils import timezone

from annotations.encryption import decrypted, encrypted
from annotations.models import Passkey, RecoveryCode, SecondFactor, User
from annotations.selectors.second_factor import has_second_factor
from annotations.services.people import end_sessions, token_hash

ISSUER = "HLV"
SECONDS_OF_A_CODE, DIGITS_OF_A_CODE = 30, 6
# A phone's clock may be half a minute off.
STEPS_BESIDE = 1
N_RECOVERY_CODES = 10
# Without letters and digits that look alike.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
RECOVERY_CODE_LENGTH = 10


@dataclass(frozen=True)
class Enrolment:
    """What an app needs to know of a new secret."""

    secret: str
    picture: str

    @property
    def spaced(self) -> str:
        return " ".join(self.secret[place : place + 4] for place in range(0, len(self.secret), 4))


def new_secret() -> str:
    return pyotp.random_base32()


def enrolment(person: User, secret: str) -> Enrolment:
    address = pyotp.TOTP(secret).provisioning_uri(name=person.email, issuer_name=ISSUER)
    return Enrolment(secret, segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#fff"))


def _step_of(secret: str, code: str) -> int | None:
    """The step of time whose code this is, around now."""
    now = int(timezone.now().timestamp()) // SECONDS_OF_A_CODE
    totp = pyotp.TOTP(secret)
    for step in range(now - STEPS_BESIDE, now + STEPS_BESIDE + 1):
        if secrets.compare_digest(totp.generate_otp(step), code):
            return step
    return None


@transaction.atomic
def set_up(person: User, *, secret: str, code: str, session: str) -> list[str] | None:
    """Recovery codes, to be shown once, where there are none yet; None where the code is not this secret's.

    All other sessions end: they began without the app.
    """
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    step = _step_of(secret, _bare(code))
    if step is None or SecondFactor.objects.filter(user=person).exists():
        return None
    SecondFactor.objects.create(user=person, encrypted_secret=encrypted(secret), last_step=step)
    end_sessions(person, but=session)
    return first_recovery_codes(person)


def first_recovery_codes(person: User) -> list[str]:
    """None where there are some."""
    return [] if RecoveryCode.objects.filter(user=person).exists() else new_recovery_codes(person)


@transaction.atomic
def new_recovery_codes(person: User) -> list[str]:
    """Ten codes; earlier ones end."""
    RecoveryCode.objects.filter(user=person).delete()
    codes = [
        "".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_CODE_LENGTH))
        for _ in range(N_RECOVERY_CODES)
    ]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=person, code_hash=token_hash(code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


@transaction.atomic
def use_code(person: User, code: str) -> bool:
    """Whether the code is right; it does not work a second time."""
    factor = SecondFactor.objects.select_for_update().filter(user=person).first()
    bare = _bare(code)
    if factor is not None and bare.isdecimal() and len(bare) == DIGITS_OF_A_CODE:
        secret = decrypted(factor.encrypted_secret)
        step = None if secret is None else _step_of(secret, bare)
        if step is None or step <= factor.last_step:
            return False
        factor.last_step = step
        factor.save(update_fields=["last_step"])
        return True
    unused = RecoveryCode.objects.filter(user=person, code_hash=token_hash(bare), used_at=None)
    return bool(unused.update(used_at=timezone.now()))


def _bare(code: str) -> str:
    return code.replace(" ", "").replace("-", "").lower()


def n_recovery_codes_left(person: User) -> int:
    return RecoveryCode.objects.filter(user=person, used_at=None).count()


@transaction.atomic
def remove_app(person: User, *, session: str) -> None:
    SecondFactor.objects.filter(user=person).delete()
    after_removing(person, session=session)


@transaction.atomic
def remove_second_factor(person: User) -> bool:
    """App, passkeys and recovery codes. False where there was none."""
    RecoveryCode.objects.filter(user=person).delete()
    removed = [model.objects.filter(user=person).delete()[0] for model in (SecondFactor, Passkey)]
    return any(removed)


def after_removing(person: User, *, session: str) -> None:
    """All other sessions end. Recovery codes go with the last factor."""
    if not has_second_factor(person):
        RecoveryCode.objects.filter(user=person).delete()
    end_sessions(person, but=session)

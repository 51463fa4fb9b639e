"""People and their one-time sign-in links."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.history import record_change
from annotations.models import Participant, SignInLink, StudyChange, User
from annotations.policy import may_be_let_in

HOURS = 24


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


def nobody_exists() -> bool:
    """An installation that nobody has used yet."""
    return not User.objects.exists()


def let_the_only_person_create_studies(person: User) -> bool:
    """Whoever is alone here may create studies, as nobody else could begin; whether that is new."""
    if person.may_create_studies or User.objects.exclude(pk=person.pk).exists():
        return False
    person.may_create_studies = True
    person.save(update_fields=["may_create_studies"])
    return True


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


def hash_of(token: str) -> str:
    """What is kept of a token that opens something: whoever reads the database cannot use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_sign_in_link(user: User, *, hours: float = HOURS, participant: Participant | None = None) -> str:
    """The path of a link that works once; only its hash is kept. With a participant it leads into one study."""
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(
        user=user,
        token_hash=hash_of(token),
        expires_at=timezone.now() + timedelta(hours=hours),
        participant=participant,
    )
    return f"/sign-in/{token}/"


@transaction.atomic
def let_in(participant: Participant, *, by: User) -> str:
    """The path of a link by which somebody who lost the way in comes back to this study; an earlier one ends."""
    if participant.user is None or not may_be_let_in(participant):
        raise PersonRefusedError(
            _("A link is made here only for people who label or judge, take part, and do not run the study.")
        )
    # Two links made at once would else both work.
    User.objects.select_for_update(no_key=True).get(pk=participant.user.pk)
    _end(SignInLink.objects.filter(participant=participant))
    _write_down(participant, after=_("sign-in link made, for %(n)s hours") % {"n": HOURS}, by=by)
    return make_sign_in_link(participant.user, participant=participant)


def link_of(token: str) -> SignInLink | None:
    """The link while it works; looking does not use it up."""
    link = (
        SignInLink.objects.filter(
            token_hash=hash_of(token),
            used_at__isnull=True,
            expires_at__gt=timezone.now(),
            user__is_active=True,
        )
        .select_related("user", "participant__study", "participant__user")
        .first()
    )
    # The person may have left, or have come to run the study, since it was made.
    return link if link and (link.participant is None or may_be_let_in(link.participant)) else None


@transaction.atomic
def use_sign_in_link(token: str) -> SignInLink | None:
    """Use the link up, and with it the person's others; of two that come together, one gets in."""
    link = link_of(token)
    if link is None:
        return None
    # Two links of one person, used at once, would each wait for the other's row.
    User.objects.select_for_update(no_key=True).get(pk=link.user.pk)
    used = SignInLink.objects.filter(
        token_hash=hash_of(token), used_at__isnull=True, expires_at__gt=timezone.now()
    ).update(used_at=timezone.now())
    if not used:
        return None
    if link.participant is None:
        # Who asked twice has one message too many, and whoever finds it would get in.
        end_sign_in_links(link.user)
    else:
        # No owner of a study ends a link that leads further than theirs.
        _end(SignInLink.objects.filter(participant=link.participant))
        _write_down(link.participant, after=_("signed in by a link"), by=link.user)
    return link


def end_sign_in_links(user: User) -> None:
    """No link that the person has not used works any more."""
    _end(SignInLink.objects.filter(user=user))


def _end(links: QuerySet[SignInLink]) -> None:
    links.filter(used_at__isnull=True, expires_at__gt=timezone.now()).update(expires_at=timezone.now())


def _write_down(participant: Participant, *, after: str, by: User) -> None:
    record_change(
        participant.study,
        what=StudyChange.What.PARTICIPANT,
        subject=participant.pseudonym,
        after=after,
        by=by,
    )

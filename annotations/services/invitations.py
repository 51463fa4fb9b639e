"""Inviting people by links, and what becomes of a link."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.history import record_change
from annotations.models import Invitation, Participant, Study, StudyChange, User
from annotations.models.people import normal_email
from annotations.services.people import PersonRefusedError, new_person, person_with_address, token_hash
from annotations.services.studies import LARGEST_QUOTA, add_participant

DEFAULT_DAYS = 14
MOST_DAYS = 90


class InvitationRefusedError(ValueError):
    """The invitation cannot be made or accepted so; the sentence says why."""


class AddressIsKnownError(InvitationRefusedError):
    """Somebody has an account with this address: they sign in first, as a link opens no account that is there."""


@dataclass(frozen=True)
class Terms:
    """What is offered: a role, and with it a group and a quota."""

    role: str
    group: str = ""
    quota: int | None = None
    days: int = DEFAULT_DAYS


def _path(token: str) -> str:
    return f"/join/{token}/"


@transaction.atomic
def invite(
    study: Study, *, terms: Terms, by: User, email: str = "", note: str = "", uuid: UUID | None = None
) -> tuple[Invitation, str]:
    """An invitation and the path of its link, which is shown once: only its hash is kept.

    The same form sent twice invites once, and the link of the second time is the one that works.
    """
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    known = study.invitations.filter(uuid=uuid).first() if uuid else None
    if known is not None:
        return known, renew_invitation(known, days=terms.days, by=by)
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        uuid=uuid or uuid4(),
        study=study,
        role=terms.role,
        group=terms.group.strip(),
        quota=terms.quota,
        note=note.strip()[:200],
        email=normal_email(email),
        token_hash=token_hash(token),
        created_by=by,
        expires_at=_end(terms.days),
    )
    if terms.quota is not None and not 1 <= terms.quota <= LARGEST_QUOTA:
        raise InvitationRefusedError(_("A quota must be between 1 and %(n)s.") % {"n": f"{LARGEST_QUOTA:,}"})
    try:
        invitation.clean_fields(exclude=["study", "created_by"])
    except ValidationError as error:
        raise InvitationRefusedError(" ".join(error.messages)) from error
    invitation.save(force_insert=True)
    _write_down(invitation, after=_("invited"), by=by)
    return invitation, _path(token)


def _end(days: int) -> datetime:
    if not 1 <= days <= MOST_DAYS:
        raise InvitationRefusedError(_("A link can be valid for 1 to %(n)s days.") % {"n": MOST_DAYS})
    return timezone.now() + timedelta(days=days)


@transaction.atomic
def renew_invitation(invitation: Invitation, *, days: int = DEFAULT_DAYS, by: User) -> str:
    """A new link in place of one that was lost or whose time is over; the old one works no more."""
    existing = Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
    if existing.state not in (Invitation.State.OPEN, Invitation.State.EXPIRED):
        raise InvitationRefusedError(
            _("This invitation is %(state)s. Create another one.") % {"state": existing.state_words}
        )
    token = secrets.token_urlsafe(32)
    existing.token_hash, existing.expires_at = token_hash(token), _end(days)
    existing.save(update_fields=["token_hash", "expires_at"])
    _write_down(existing, after=_("new link"), by=by)
    return _path(token)


@transaction.atomic
def withdraw_invitation(invitation: Invitation, *, by: User) -> bool:
    """Its link works no more; False where it was accepted or withdrawn already."""
    withdrawn = Invitation.objects.filter(
        pk=invitation.pk, used_at__isnull=True, withdrawn_at__isnull=True
    ).update(withdrawn_at=timezone.now())
    if withdrawn:
        _write_down(invitation, after=_("withdrawn"), by=by)
    return bool(withdrawn)


def invitation_with_token(token: str) -> Invitation | None:
    """Whose link this is, whatever its state; looking does not use it up."""
    return (
        Invitation.objects.filter(token_hash=token_hash(token)).select_related("study", "created_by").first()
    )


@transaction.atomic
def accept_invitation(invitation: Invitation, *, person: User) -> Participant:
    """The role that is offered, for the person who is signed in; of two that come together, one gets it."""
    existing = _still_open(invitation)
    if existing.email and normal_email(existing.email) != person.email:
        raise InvitationRefusedError(
            _("This invitation is for %(email)s; you are signed in as %(person)s.")
            % {"email": existing.email, "person": person.email}
        )
    held = existing.study.participants.filter(user=person, role=existing.role, is_active=True).first()
    if held is not None:
        raise InvitationRefusedError(
            _("You already take part in this study as %(pseudonym)s. Somebody else can still use the link.")
            % {"pseudonym": held.pseudonym}
        )
    participant = add_participant(
        existing.study,
        user=person,
        role=existing.role,
        group=existing.group,
        quota=existing.quota,
        by=person,
        invited=True,
    )
    existing.used_at, existing.participant = timezone.now(), participant
    existing.save(update_fields=["used_at", "participant"])
    _write_down(existing, after=_("accepted"), by=person)
    return participant


def _still_open(invitation: Invitation) -> Invitation:
    """The invitation, locked; the study before it, as whoever invites does, so that no two wait in a circle."""
    Study.objects.select_for_update(no_key=True).get(pk=invitation.study_id)
    existing = Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
    if existing.state != Invitation.State.OPEN:
        raise InvitationRefusedError(why_closed(existing))
    return existing


@transaction.atomic
def join_as_new_person(
    invitation: Invitation, *, email: str, name: str, password: str
) -> tuple[User, Participant]:
    """An account for somebody who has none, and with it the role that is offered; nothing proves the address."""
    # Of a form sent twice the second waits here, and hears that the link is used.
    _still_open(invitation)
    known = AddressIsKnownError(
        _(
            "An account with this address exists. Sign in first, then open this link again. If the account is "
            "not yours, ask the operator for a sign-in link."
        )
    )
    if person_with_address(email) is not None:
        raise known
    try:
        with transaction.atomic():
            person = new_person(email=email, name=name)
    except IntegrityError as error:
        # Somebody else took the address at this moment, by another link.
        raise known from error
    except PersonRefusedError as refused:
        raise InvitationRefusedError(str(refused)) from refused
    person.joined_by = invitation
    person.set_password(password)
    person.save(update_fields=["password", "joined_by"])
    return person, accept_invitation(invitation, person=person)


def why_closed(invitation: Invitation) -> str:
    """Why a link does not work any more, for whoever opens it."""
    return {
        Invitation.State.USED: _(
            "This invitation was already accepted; each link works once. If that was you, sign in."
        ),
        Invitation.State.WITHDRAWN: _(
            "The researchers of this study withdrew this invitation. Ask them for another one."
        ),
        Invitation.State.EXPIRED: _("This invitation has expired. Ask for another one."),
    }.get(Invitation.State(invitation.state), "")


def _write_down(invitation: Invitation, *, after: str, by: User) -> None:
    """Without address and note: both are erased some day, and the change log never is."""
    record_change(
        invitation.study,
        what=StudyChange.What.INVITATION,
        subject=f"{invitation.get_role_display()} · {str(invitation.uuid)[:8]}",
        after=after,
        by=by,
    )

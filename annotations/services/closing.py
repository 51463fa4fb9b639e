"""Closing an account: reversible for 30 days, then what is personal is erased and the research record stays."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.history.erasing import remove_free_text
from annotations.models import (
    ApiToken,
    BrowserSession,
    Draft,
    Invitation,
    Participant,
    SecurityEvent,
    SignInLink,
    Study,
    User,
)
from annotations.services.people import end_api_tokens, end_sign_in_links
from annotations.services.second_factor import remove_second_factor
from annotations.services.studies import StudyRefusedError, add_participant, deactivate_participant

DAYS_TO_COME_BACK = timedelta(days=30)


class ClosingRefusedError(ValueError):
    """The account cannot be closed or reopened; the sentence says why."""


def erased_from(person: User) -> datetime | None:
    return None if person.closed_at is None else person.closed_at + DAYS_TO_COME_BACK


def only_owner_of(person: User) -> list[Study]:
    """Studies that nobody else owns."""
    owners = Participant.objects.filter(role=Participant.Role.OWNER, is_active=True)
    others = owners.exclude(user=person).filter(user__is_active=True)
    theirs = Study.objects.filter(pk__in=owners.filter(user=person).values("study"))
    return list(theirs.exclude(pk__in=others.values("study")).order_by("name"))


@transaction.atomic
def close_account(person: User, *, but_session: str = "") -> User:
    """Nobody signs in any more, and every role ends. `but_session`: kept, so that its page can say so."""
    existing = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if existing.closed_at is not None:
        raise ClosingRefusedError(_("The account is closed already."))
    if alone := only_owner_of(existing):
        raise ClosingRefusedError(
            _("Nobody else owns “%(study)s”. Add another owner first, then close the account.")
            % {"study": alone[0].name}
        )
    roles = list(existing.participations.filter(is_active=True).select_related("study"))
    for one in roles:
        try:
            deactivate_participant(one.study, user=existing, role=one.role, by=existing)
        except StudyRefusedError as refused:
            raise ClosingRefusedError(str(refused)) from refused
    existing.is_active, existing.closed_at = False, timezone.now()
    existing.closed_roles = [one.pk for one in roles]
    existing.save(update_fields=["is_active", "closed_at", "closed_roles"])
    end_sign_in_links(existing)
    end_api_tokens(existing)
    BrowserSession.objects.filter(user=existing).exclude(session_key=but_session).delete()
    return existing


@transaction.atomic
def reopen_account(person: User) -> User:
    """As it was, roles and password included; tokens of the HTTP API stay revoked."""
    existing = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if existing.closed_at is None:
        raise ClosingRefusedError(_("The account is not closed."))
    if existing.erased_at is not None:
        raise ClosingRefusedError(_("The account was erased and cannot be reopened."))
    roles = Participant.objects.filter(pk__in=existing.closed_roles, is_active=False).select_related("study")
    existing.is_active, existing.closed_at, existing.closed_roles = True, None, []
    existing.save(update_fields=["is_active", "closed_at", "closed_roles"])
    for one in roles:
        # They had the role before: it waits for no proof of the address.
        add_participant(one.study, user=existing, role=one.role, by=existing, invited=True)
    return existing


def erase_closed_accounts() -> int:
    """Those whose time to come back is over; returns how many."""
    due = User.objects.filter(closed_at__lte=timezone.now() - DAYS_TO_COME_BACK, erased_at=None)
    for person in due.order_by("pk"):
        erase_person(person)
    return len(due)


@transaction.atomic
def erase_person(person: User) -> None:
    """For good. Labels and verdicts stay under their pseudonyms, without the words that were written beside them."""
    existing = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if existing.closed_at is None:
        raise ClosingRefusedError(_("Close the account first."))
    for study in Study.objects.filter(participants__user=existing).distinct().order_by("pk"):
        remove_free_text(study, by=existing)
    Draft.objects.filter(assignment__participant__user=existing).delete()
    _remove_traces(existing)
    email = existing.email
    existing.email, existing.name = f"{uuid4().hex}@erased.invalid", ""
    existing.identity = None
    existing.set_unusable_password()
    existing.address_proven_at, existing.address_released_at = None, timezone.now()
    existing.may_create_studies, existing.closed_roles = False, []
    existing.erased_at = timezone.now()
    existing.save()
    for attempts in (AccessAttempt, AccessFailureLog, AccessLog):
        attempts.objects.filter(username=email).delete()


def _remove_traces(person: User) -> None:
    BrowserSession.objects.filter(user=person).delete()
    SignInLink.objects.filter(user=person).delete()
    remove_second_factor(person)
    ApiToken.objects.filter(user=person).update(name="")
    theirs = Invitation.objects.filter(Q(participant__user=person) | Q(email=person.email))
    theirs.filter(used_at=None, withdrawn_at=None).update(withdrawn_at=timezone.now())
    theirs.update(email="", note="")
    SecurityEvent.objects.filter(what=SecurityEvent.What.COMMAND, subject__icontains=person.email).update(
        subject=_("an erased person")
    )
    SecurityEvent.objects.filter(Q(by=person) | Q(about=person)).update(by=None, about=None, network="")

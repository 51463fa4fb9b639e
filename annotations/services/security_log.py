"""The security log: what is recorded, who reads it, and when it is forgotten."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from annotations.models import SecurityEvent, Study, User

What = SecurityEvent.What
# Events of an account, not of a study.
OF_ACCOUNTS = (What.SIGNED_IN, What.SIGN_IN_FAILED, What.SIGNED_OUT, What.PASSWORD, What.SESSIONS)
WINDOW_OF_FAILURES = timedelta(minutes=15)


def record_event(
    what: str,
    *,
    by: User | None = None,
    operator: str = "",
    study: Study | None = None,
    about: User | None = None,
    subject: str = "",
    network: str = "",
) -> None:
    """A flood of failures from one network is recorded up to its limit: a stranger cannot fill the disk."""
    if what == What.SIGN_IN_FAILED:
        since = timezone.now() - WINDOW_OF_FAILURES
        alike = SecurityEvent.objects.filter(what=what, network=network, at__gte=since)
        if alike.count() >= settings.FAILURE_LIMIT_OF_ADDRESS:
            return
    SecurityEvent.objects.create(
        what=what,
        by=by,
        operator=operator[:100],
        study=study,
        about=about,
        subject=subject[:300],
        network=network[:50],
    )


def events_of(study: Study | None, *, since: timedelta | None = None) -> QuerySet[SecurityEvent]:
    """All events, or those of one study: what was done in it, and the sign-ins of those who have a role in it."""
    events = SecurityEvent.objects.select_related("by", "about", "study")
    if since is not None:
        events = events.filter(at__gte=timezone.now() - since)
    if study is None:
        return events
    people = study.participants.filter(is_active=True, user__isnull=False).values("user")
    theirs = Q(by__in=people) | Q(about__in=people)
    return events.filter(Q(study=study) | Q(theirs, what__in=OF_ACCOUNTS))


def forget_old_events() -> int:
    before = timezone.now() - timedelta(days=settings.SECURITY_LOG_DAYS)
    return SecurityEvent.objects.filter(at__lt=before).delete()[0]


def was_here_before(email: str, network: str) -> bool:
    """Whether the account of this address signed in from this network, as far back as the log goes."""
    known = SecurityEvent.objects.filter(what=What.SIGNED_IN, by__email=email, network=network)
    return bool(network) and known.exists()

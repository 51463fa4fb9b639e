"""Seats as their own holders see them."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from annotations.models import Annotation, Assignment, Draft, Participant, User
from annotations.selectors.open_items import without_counts


def assignment_for(user: User | AnonymousUser, uuid: UUID) -> Assignment | None:
    """A person's own seat; anybody else's is not there."""
    if not isinstance(user, User):
        return None
    return (
        Assignment.objects.select_related("item__study", "participant__study")
        .filter(uuid=uuid, participant__user=user, participant__is_active=True)
        .first()
    )


def draft_for(seat: Assignment, *, standing: Annotation | None) -> Draft | None:
    """Words kept for this seat; none where an answer was given since they were begun."""
    return Draft.objects.filter(assignment=seat, replaces=standing).first()


def newest_save(participant: Participant) -> Assignment | None:
    """The seat this person finished last: what "Saved 14:03" says."""
    return participant.assignments.filter(done_at__isnull=False).order_by("-done_at").first()


def before(seat: Assignment) -> Assignment | None:
    """The seat this person finished before this one, or last of all where this one is not finished."""
    done = _finished(seat)
    if seat.done_at is not None:
        done = done.filter(Q(done_at__lt=seat.done_at) | Q(done_at=seat.done_at, pk__lt=seat.pk))
    return done.order_by("-done_at", "-pk").first()


def later(seat: Assignment) -> Assignment | None:
    """The seat this person finished next after this one, which is finished too."""
    newer = Q(done_at__gt=seat.done_at) | Q(done_at=seat.done_at, pk__gt=seat.pk)
    return _finished(seat).filter(newer).order_by("done_at", "pk").first()


def _finished(seat: Assignment) -> QuerySet[Assignment]:
    # A text that has been given counts meanwhile has no answer to be read again.
    mine = Assignment.objects.filter(without_counts("item__"), participant_id=seat.participant_id)
    return mine.filter(done_at__isnull=False).exclude(pk=seat.pk)


def answer_named(seat: Assignment, uuid: UUID) -> Annotation | None:
    """An answer to this seat by its UUID, as a revision names it; answers of others are not there."""
    return Annotation.objects.filter(
        uuid=uuid, item_id=seat.item_id, participant_id=seat.participant_id
    ).first()

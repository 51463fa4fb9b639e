"""Seats as their own holders see them."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import AnonymousUser

from annotations.models import Annotation, Assignment, Draft, Participant, User


def seat_of(user: User | AnonymousUser, uuid: UUID) -> Assignment | None:
    """A person's own seat; anybody else's is not there."""
    if not isinstance(user, User):
        return None
    return (
        Assignment.objects.select_related("item__study", "participant__study")
        .filter(uuid=uuid, participant__user=user, participant__is_active=True)
        .first()
    )


def draft_of(seat: Assignment, *, standing: Annotation | None) -> Draft | None:
    """Words kept for this seat; none where an answer was given since they were begun."""
    return Draft.objects.filter(assignment=seat, replaces=standing).first()


def newest_save(participant: Participant) -> Assignment | None:
    """The seat this person finished last: what "Saved 14:03" says."""
    return participant.assignments.filter(done_at__isnull=False).order_by("-done_at").first()


def before(seat: Assignment) -> Assignment | None:
    """The seat this person finished last, this one apart: where "previous text" leads."""
    done = Assignment.objects.filter(participant_id=seat.participant_id, done_at__isnull=False)
    return done.exclude(pk=seat.pk).order_by("-done_at").first()


def answer_named(seat: Assignment, uuid: UUID) -> Annotation | None:
    """An answer to this seat by its UUID, as a revision names it; answers of others are not there."""
    return Annotation.objects.filter(
        uuid=uuid, item_id=seat.item_id, participant_id=seat.participant_id
    ).first()

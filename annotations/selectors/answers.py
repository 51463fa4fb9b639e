"""The answers that stand: the newest of each chain of revisions, imports withdrawn left out."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from annotations.models import Annotation, Participant, Study


def standing_answer(*, item_id: int, participant_id: int) -> Annotation | None:
    """What this participant says of this item now."""
    return (
        Annotation.objects.filter(item_id=item_id, participant_id=participant_id, replaced_by__isnull=True)
        .order_by("pk")
        .first()
    )


def standing_answers(study: Study, *, as_of: datetime | None = None) -> QuerySet[Annotation]:
    """One row per participant and item, as things stood at a time (now if none is given)."""
    answers = Annotation.objects.filter(item__study=study)
    if as_of is None:
        return answers.filter(replaced_by__isnull=True)
    known = Annotation.objects.filter(received_at__lte=as_of)
    return answers.filter(received_at__lte=as_of).exclude(pk__in=known.filter(replaces__isnull=False).values("replaces"))


def answers_of(participant: Participant) -> QuerySet[Annotation]:
    """A person's own answers that stand, newest first, ready for a page."""
    return (
        Annotation.objects.filter(participant=participant, replaced_by__isnull=True)
        .select_related("item", "assignment", "guideline")
        .prefetch_related("labels__label", "item__texts")
        .order_by("-submitted_at")
    )

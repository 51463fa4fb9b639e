"""The answers that stand: the newest of each chain of revisions, imports withdrawn left out."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from annotations.models import Annotation, Participant, Study
from annotations.selectors.imports import not_withdrawn


def standing_answer(*, item_id: int, participant_id: int) -> Annotation | None:
    """What this participant says of this item now."""
    return (
        Annotation.objects.filter(item_id=item_id, participant_id=participant_id, replaced_by__isnull=True)
        .order_by("pk")
        .first()
    )


def standing_answers(study: Study, *, as_of: datetime | None = None) -> QuerySet[Annotation]:
    """One row per participant and item: the newest of its chain that was not withdrawn, at a time."""
    known = Annotation.objects.filter(not_withdrawn(as_of=as_of))
    if as_of is not None:
        known = known.filter(received_at__lte=as_of)
    newer = known.filter(item=OuterRef("item"), participant=OuterRef("participant"), pk__gt=OuterRef("pk"))
    return known.filter(~Exists(newer), item__study=study)


def answers_of(participant: Participant) -> QuerySet[Annotation]:
    """A person's own answers that stand, newest first, ready for a page."""
    return (
        Annotation.objects.filter(participant=participant, replaced_by__isnull=True)
        .select_related("item", "assignment", "guideline")
        .prefetch_related("labels__label", "item__texts")
        .order_by("-submitted_at")
    )

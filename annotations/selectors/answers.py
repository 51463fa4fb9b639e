"""The answers that stand: the newest of each chain of revisions, imports withdrawn left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations.models import Annotation, AnnotationLabel, Draft, Item, LabelCount, Participant, Study
from annotations.selectors.imports import not_withdrawn


def current_answer(*, item_id: int, participant_id: int) -> Annotation | None:
    """What this participant says of this item now."""
    return (
        Annotation.objects.filter(item_id=item_id, participant_id=participant_id, replaced_by__isnull=True)
        .order_by("pk")
        .first()
    )


def current_answers(study: Study, *, as_of: datetime | None = None) -> QuerySet[Annotation]:
    """One row per participant and item: the newest of its chain that was not withdrawn, at a time."""
    known = known_answers(as_of=as_of)
    return known.filter(is_newest_of(known), item__study=study)


def known_answers(*, as_of: datetime | None = None) -> QuerySet[Annotation]:
    """Answers that no withdrawn import brought, at a time, revised or not; of every study."""
    known = Annotation.objects.filter(not_withdrawn(as_of=as_of))
    return known if as_of is None else known.filter(received_at__lte=as_of)


def is_newest_of(known: QuerySet[Annotation]) -> Q:
    """Of a row of `known`: whether its participant says nothing newer of its item."""
    newer = known.filter(item=OuterRef("item"), participant=OuterRef("participant"), pk__gt=OuterRef("pk"))
    return Q(~Exists(newer))


def has_labels_of_people(study: Study) -> bool:
    """Whether somebody said of some text which labels fit, one by one or as counts."""
    counts = LabelCount.objects.filter(not_withdrawn(), item__study=study)
    return counts.exists() or current_answers(study).filter(gives_labels=True).exists()


def current_answers_by(participant: Participant) -> QuerySet[Annotation]:
    """A person's own answers that stand, newest first, ready for a page; and whether words of a change wait."""
    return (
        Annotation.objects.filter(participant=participant, replaced_by__isnull=True)
        .select_related("item", "assignment", "guideline")
        .prefetch_related("labels__label", "item__texts")
        .annotate(has_words=Exists(Draft.objects.filter(replaces=OuterRef("pk"))))
        .order_by("-submitted_at")
    )


def answers_before(standing: Sequence[Annotation]) -> list[Annotation]:
    """What the people of these answers said of the same texts before, newest first, ready for a page."""
    if not standing:
        return []
    pairs = Q()
    for answer in standing:
        pairs |= Q(item=answer.item_id, participant=answer.participant_id)
    earlier = Annotation.objects.filter(pairs).exclude(pk__in=[answer.pk for answer in standing])
    return list(
        earlier.select_related("guideline").prefetch_related("labels__label").order_by("-submitted_at", "-pk")
    )


def n_texts_answered(study: Study, label: str) -> list[tuple[UUID, int]]:
    """Identifiers and places of the texts to which somebody gives this label, in their order."""
    # By their keys, as labels of other studies have the same name; and asked of each answer, not joined: a database that
    # goes by averages reads the labels of every study.
    named = list(study.labels.filter(name=label).values_list("pk", flat=True))
    chosen = AnnotationLabel.objects.filter(annotation=OuterRef("pk"), label__in=named, chosen=True)
    answers = current_answers(study).filter(Exists(chosen))
    counts = LabelCount.objects.filter(not_withdrawn(), item__study=study, label__in=named, n_chosen__gt=0)
    given = Q(pk__in=answers.values("item_id")) | Q(pk__in=counts.values("item_id"))
    texts = Item.objects.filter(given, study=study).order_by("position")
    return list(texts.values_list("uuid", "position"))

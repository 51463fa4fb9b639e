"""The answers that stand: the newest of each chain of revisions, imports withdrawn left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotations.models import (
    Annotation,
    AnnotationLabel,
    Draft,
    Item,
    Label,
    LabelCount,
    Participant,
    Remark,
    Settlement,
    Study,
)
from annotations.selectors.imports import not_withdrawn

# A list says no more than this, and counts no further.
MOST_REMARKS = 1000

REMARK_KINDS: dict[str, Q] = {
    "all": Q(),
    "comment": ~Q(comment=""),
    "guideline": Q(guideline_unclear=True),
    "facts": Q(facts_insufficient=True),
    "skip": Q(skipped=True),
}
REMARK_STATES: dict[str, Q] = {
    "waiting": Q(is_settled=False),
    "settled": Q(is_settled=True),
    "all": Q(),
}
REMARK_ORDERS: dict[str, str] = {"newest": "-remark__pk", "oldest": "remark__pk"}


def with_settlement(answers: QuerySet[Annotation]) -> QuerySet[Annotation]:
    """Adds `is_settled`, as the newest row says; where there is none, nobody dealt with it."""
    newest = Settlement.objects.filter(annotation=OuterRef("pk")).order_by("-pk")
    return answers.annotate(is_settled=Coalesce(Subquery(newest.values("settled")[:1]), False))


def remarks(
    study: Study, *, kind: str = "all", state: str = "waiting", order: str = "newest"
) -> QuerySet[Annotation]:
    """Of the answers that stand, given by people here. Choices are keys of the closed lists above."""
    newer = Annotation.objects.filter(replaces=OuterRef("pk"))
    said = Annotation.objects.filter(REMARK_KINDS[kind], ~Exists(newer), remark__study=study)
    return with_settlement(said).filter(REMARK_STATES[state]).order_by(REMARK_ORDERS[order])


def n_open_remarks(study: Study) -> int:
    """Remarks that nobody dealt with; no more are counted than are listed."""
    return remarks(study).order_by()[:MOST_REMARKS].count()


def remarks_for_page(said: QuerySet[Annotation]) -> QuerySet[Annotation]:
    return said.select_related("item", "participant__user", "guideline").prefetch_related("item__texts")


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


def answers_before(existing: Sequence[Annotation]) -> list[Annotation]:
    """What the people of these answers said of the same texts before, newest first, ready for a page."""
    if not existing:
        return []
    pairs = Q()
    for answer in existing:
        pairs |= Q(item=answer.item_id, participant=answer.participant_id)
    earlier = Annotation.objects.filter(pairs).exclude(pk__in=[answer.pk for answer in existing])
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


@dataclass(frozen=True)
class Spread:
    """How many of an item's annotators chose each label, by the order of labels."""

    counts: list[tuple[Label, int]]
    n_annotators: int


def label_shares(item: Item) -> Spread:
    labels = list(Label.objects.filter(study_id=item.study_id))
    if item.evidence == Item.Evidence.COUNTS:
        rows = list(
            LabelCount.objects.filter(not_withdrawn(), item=item).values_list(
                "label_id", "n_chosen", "n_annotators"
            )
        )
        found = {label: n for label, n, _of in rows}
        of = max((of for _label, _n, of in rows), default=0)
        if item.study.one_label_only:
            of = sum(found.values())
        return Spread([(label, found.get(label.pk, 0)) for label in labels], of)
    existing = current_answers(item.study).filter(item=item, gives_labels=True)
    chosen = dict(
        AnnotationLabel.objects.filter(chosen=True, annotation__in=existing)
        .order_by()
        .values_list("label_id")
        .annotate(n=Count("pk"))
    )
    return Spread([(label, chosen.get(label.pk, 0)) for label in labels], existing.count())


def _for_page(answers: QuerySet[Annotation]) -> QuerySet[Annotation]:
    return (
        answers.select_related("participant__user", "guideline")
        .prefetch_related("labels__label")
        .order_by("participant__number", "participant_id", "pk")
    )


def answers_to(item: Item) -> QuerySet[Annotation]:
    """The answer of each participant that stands, with `is_remark` and `is_settled`."""
    said = current_answers(item.study).filter(item=item)
    remark = Exists(Remark.objects.filter(annotation=OuterRef("pk")))
    return _for_page(with_settlement(said.annotate(is_remark=remark)))


def earlier_answers(item: Item, existing: Sequence[Annotation]) -> list[Annotation]:
    """What these participants said before, by participant and time; nothing of withdrawn imports."""
    people = [answer.participant_id for answer in existing]
    said = Annotation.objects.filter(not_withdrawn(), item=item, participant__in=people)
    return list(_for_page(said.exclude(pk__in=[answer.pk for answer in existing])))

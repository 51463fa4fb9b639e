"""All that was said of one item: its answers, and how its labels are spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, QuerySet

from annotations.models import Annotation, AnnotationLabel, Item, Label, LabelCount, Remark
from annotations.selectors.answers import current_answers
from annotations.selectors.imports import not_withdrawn
from annotations.selectors.remarks import with_settlement


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
    standing = current_answers(item.study).filter(item=item, gives_labels=True)
    chosen = dict(
        AnnotationLabel.objects.filter(chosen=True, annotation__in=standing)
        .order_by()
        .values_list("label_id")
        .annotate(n=Count("pk"))
    )
    return Spread([(label, chosen.get(label.pk, 0)) for label in labels], standing.count())


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


def earlier_answers(item: Item, standing: Sequence[Annotation]) -> list[Annotation]:
    """What these participants said before, by participant and time; nothing of withdrawn imports."""
    people = [answer.participant_id for answer in standing]
    said = Annotation.objects.filter(not_withdrawn(), item=item, participant__in=people)
    return list(_for_page(said.exclude(pk__in=[answer.pk for answer in standing])))

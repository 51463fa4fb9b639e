"""Remarks: what answers say to those who run the study, and which of them were dealt with."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotations.models import Annotation, Settlement, Study

# A list says no more than this, and counts no further.
MOST_REMARKS = 1000

KINDS: dict[str, Q] = {
    "all": Q(),
    "comment": ~Q(comment=""),
    "guideline": Q(guideline_unclear=True),
    "facts": Q(facts_insufficient=True),
    "skip": Q(skipped=True),
}
STATES: dict[str, Q] = {
    "waiting": Q(is_settled=False),
    "settled": Q(is_settled=True),
    "all": Q(),
}
ORDERS: dict[str, str] = {"newest": "-remark__pk", "oldest": "remark__pk"}


def with_settlement(answers: QuerySet[Annotation]) -> QuerySet[Annotation]:
    """Adds `is_settled`, as the newest row says; where there is none, nobody dealt with it."""
    newest = Settlement.objects.filter(annotation=OuterRef("pk")).order_by("-pk")
    return answers.annotate(is_settled=Coalesce(Subquery(newest.values("settled")[:1]), False))


def remarks(
    study: Study, *, kind: str = "all", state: str = "waiting", order: str = "newest"
) -> QuerySet[Annotation]:
    """Of the answers that stand, given by people here. Choices are keys of the closed lists above."""
    newer = Annotation.objects.filter(replaces=OuterRef("pk"))
    said = Annotation.objects.filter(KINDS[kind], ~Exists(newer), remark__study=study)
    return with_settlement(said).filter(STATES[state]).order_by(ORDERS[order])


def n_waiting(study: Study) -> int:
    """Remarks that nobody dealt with; no more are counted than are listed."""
    return remarks(study).order_by()[:MOST_REMARKS].count()


def for_page(said: QuerySet[Annotation]) -> QuerySet[Annotation]:
    return said.select_related("item", "participant__user", "guideline").prefetch_related("item__texts")

"""Orders of texts, and all that methods and judges said of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from annotations.models import Item, Job, Study
from annotations.selectors.imports import not_withdrawn
from metaeval.models import Judgment, Method, MetricScore, TextOrder, TextReport
from metaeval.selectors.campaigns import campaign_keys
from metaeval.selectors.judgments import latest_revisions
from metaeval.selectors.outputs import ShownOutput, shown_outputs

# Beyond it nobody pages, as in an order.
MOST_LISTED: Final = 1000


@dataclass(frozen=True)
class OrderTitle:
    """An order without its texts."""

    name: str
    title: str


def newest_text_report(study: Study) -> TextReport | None:
    return TextReport.objects.filter(study=study).order_by("-pk").first()


def order_titles(report: TextReport) -> list[OrderTitle]:
    rows = TextOrder.objects.filter(report=report).order_by("pk").values_list("name", "title")
    return [OrderTitle(*row) for row in rows]


def text_order(report: TextReport, name: str) -> TextOrder | None:
    return TextOrder.objects.filter(report=report, name=name).first()


def unfinished_texts_job(study: Study) -> Job | None:
    """An order of texts that is asked for and not there yet."""
    asked = (Job.State.QUEUED, Job.State.RUNNING)
    return study.jobs.filter(kind="texts", state__in=asked).order_by("-pk").first()


def texts_judged(study: Study, methods: Sequence[int]) -> list[tuple[UUID, int]]:
    """Identifiers and places of texts on which one method was judged, or two against each other, in their order."""
    judged = Judgment.objects.filter(not_withdrawn(), comparison__campaign__in=campaign_keys(study))
    for method in methods:
        judged = judged.filter(Q(comparison__low=method) | Q(comparison__high=method))
    texts = Item.objects.filter(study=study, pk__in=judged.values("comparison__item_id"))
    return list(texts.order_by("position").values_list("uuid", "position")[:MOST_LISTED])


def outputs_on(item: Item) -> list[tuple[Method, ShownOutput]]:
    """What each method said of a text, as a judge would see it; methods without an output are left out."""
    methods = list(Method.objects.filter(study_id=item.study_id).order_by("position"))
    found = shown_outputs([method.pk for method in methods], {item.pk})
    return [(method, found[method.pk, item.pk]) for method in methods if (method.pk, item.pk) in found]


def uploaded_scores_on(item: Item) -> QuerySet[MetricScore]:
    return (
        MetricScore.objects.filter(not_withdrawn(), item=item, import_batch__isnull=False)
        .select_related("metric", "method")
        .order_by("metric_id", "method__position", "pk")
    )


def judgments_on(item: Item) -> QuerySet[Judgment]:
    """Verdicts of people and programs that stand, campaign by campaign, repeats among them."""
    return (
        latest_revisions()
        .filter(comparison__item=item)
        .select_related(
            "comparison__campaign",
            "comparison__low",
            "comparison__high",
            "participant__user",
            "automatic_judge",
            "exposure",
        )
        .order_by("comparison__campaign_id", "comparison__position", "comparison_id", "pk")
    )

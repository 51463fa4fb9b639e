"""Uploaded scores as arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt
from django.db.models import Exists, OuterRef, QuerySet

from annotations.models import Item, Missing, Study
from annotations.selectors.answers import has_labels_of_people
from annotations.selectors.imports import not_withdrawn
from hlv.stats.arrays import FloatArray
from metaeval.models import AutomaticJudge, Method, Metric, MetricDirection, MetricScore
from metaeval.selectors.outputs import current_outputs


def uploaded_metrics(study: Study) -> QuerySet[Metric]:
    return Metric.objects.filter(study=study, origin=Metric.Origin.UPLOADED).order_by("name")


def corrected_directions(study_id: int, *, since: datetime) -> list[str]:
    """Names of uploaded metrics whose direction is another now than then."""
    corrections = (
        MetricDirection.objects.filter(metric__study_id=study_id, at__gt=since)
        .order_by("-pk")
        .values_list("metric__name", "metric__higher_is_better", "higher_is_better")
    )
    # The first correction since then, which comes last, turned the direction of then; others may have turned it back.
    first = {name: now == turned for name, now, turned in corrections}
    return sorted(name for name, is_other in first.items() if is_other)


@dataclass(frozen=True, eq=False)
class UploadedScores:
    """One uploaded metric for M methods.

    `values` (M,) are means of the values there are, NaN where there is none. `of_items` (M, N) are the
    values by item, or None where the table gives one value for each method, and `item_ids` (N,) the items;
    `observations` the values of each method where the table repeats methods without naming items.
    """

    metric: Metric
    values: FloatArray
    of_items: FloatArray | None
    item_ids: npt.NDArray[np.int64]
    observations: tuple[FloatArray, ...] | None
    n_values: int
    n_blank: int


def uploaded_scores(
    study: Study,
    *,
    methods: Sequence[Method],
    as_of: datetime | None = None,
    counts_as: Mapping[int, Method] | None = None,
) -> list[UploadedScores]:
    """Every uploaded metric of the study, read in one pass.

    Parameters
    ----------
    counts_as
        Keys of methods whose scores count for another of `methods`: on each text, and of whole methods, their mean.
    """
    counts_as = counts_as or {}
    rows = MetricScore.objects.filter(
        not_withdrawn(as_of=as_of),
        metric__study=study,
        metric__origin=Metric.Origin.UPLOADED,
        method__in=[*(method.pk for method in methods), *counts_as],
    )
    if as_of is not None:
        rows = rows.filter(import_batch__created_at__lte=as_of)
    of_metric: dict[int, list[tuple[int, int | None, float | None]]] = {}
    for metric_id, method_id, item_id, value in rows.order_by("metric_id", "pk").values_list(
        "metric_id", "method_id", "item_id", "value"
    ):
        of_metric.setdefault(metric_id, []).append((method_id, item_id, value))
    metrics = Metric.objects.in_bulk(list(of_metric))
    return [_gathered(metrics[key], of_metric[key], methods, counts_as) for key in sorted(of_metric)]


def _gathered(
    metric: Metric,
    rows: list[tuple[int, int | None, float | None]],
    methods: Sequence[Method],
    counts_as: Mapping[int, Method],
) -> UploadedScores:
    place = {method.pk: index for index, method in enumerate(methods)}
    place |= {pk: place[head.pk] for pk, head in counts_as.items() if head.pk in place}
    rows = [row for row in rows if row[0] in place]
    of_each = Counter(method_id for method_id, _, value in rows if value is not None)
    given: list[list[float]] = [[] for _ in methods]
    for method_id, _, value in rows:
        if value is not None:
            given[place[method_id]].append(value)
    items = sorted({item_id for _, item_id, _ in rows if item_id is not None})
    of_items = None
    if items and all(item_id is not None for _, item_id, _ in rows):
        column = {item_id: index for index, item_id in enumerate(items)}
        total, n = np.zeros((len(methods), len(items))), np.zeros((len(methods), len(items)))
        for method_id, item_id, value in rows:
            if item_id is not None and value is not None:
                total[place[method_id], column[item_id]] += value
                n[place[method_id], column[item_id]] += 1
        of_items = np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0)
    # One value of each of several methods that are one system is no sample of it.
    repeats = of_items is None and max(of_each.values(), default=0) > 1
    return UploadedScores(
        metric=metric,
        values=np.array([np.mean(values) if values else np.nan for values in given]),
        of_items=of_items,
        item_ids=np.array(items, dtype=np.int64),
        observations=tuple(np.array(values) for values in given) if repeats else None,
        n_values=sum(len(values) for values in given),
        n_blank=sum(value is None for _, _, value in rows),
    )


def scores_of_texts(study: Study) -> list[str]:
    """Names of uploaded scores that have values of texts."""
    of_texts = MetricScore.objects.filter(not_withdrawn(), metric=OuterRef("pk"), item__isnull=False)
    found = Metric.objects.filter(Exists(of_texts), study=study, origin=Metric.Origin.UPLOADED)
    return list(found.order_by("name").values_list("name", flat=True))


# The columns of a study are those of its first texts.
_TEXTS_READ: Final = 50


def text_columns(study: Study) -> list[str]:
    """Columns that the texts of a study have beside their text, such as the document."""
    rows = Item.objects.filter(study=study).order_by("position").values_list("metadata", flat=True)
    return sorted({str(name) for metadata in rows[:_TEXTS_READ] for name in metadata})


def shown_names(methods: Sequence[Method]) -> list[str]:
    """The bare name where it is enough, the base model with it where two methods share a name."""
    repeated = Counter(method.name for method in methods)
    return [method.name if repeated[method.name] == 1 else str(method) for method in methods]


def method_names(study: Study, *, as_of: datetime | None = None) -> dict[int, str]:
    """What each method of a study is called beside all others."""
    known = study.methods.all() if as_of is None else study.methods.filter(created_at__lte=as_of)
    methods = list(known)
    return {method.pk: name for method, name in zip(methods, shown_names(methods), strict=True)}


def missing_for_metrics(study: Study) -> Missing | None:
    """The first thing without which there is no metric; None where there may be one."""
    uploaded = MetricScore.objects.filter(
        not_withdrawn(), metric__study=study, metric__origin=Metric.Origin.UPLOADED
    )
    if uploaded.exists() or AutomaticJudge.objects.filter(study=study).exists():
        return None
    if study.task == Study.Task.NONE:
        return Missing.SCORES
    if not study.labels.exists():
        return Missing.LABELS
    if not current_outputs().filter(item__study=study).exists():
        return Missing.OUTPUTS
    return None if has_labels_of_people(study) else Missing.ANSWERS

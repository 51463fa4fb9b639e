"""What the metrics say of every text: too many rows to keep, computed again as of the snapshot that asks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from annotations.models import Item
from hlv.core.tabular.writing import CellValue
from hlv.stats.labels.distributions import EQUAL, checked_task
from hlv.stats.metrics.registry import METRICS
from hlv.stats.metrics.targets import Targets
from metaeval.models import Method, Scoring
from metaeval.selectors.methods import shown_names
from metaeval.selectors.outputs import output_arrays
from metaeval.selectors.scores import uploaded_scores
from metaeval.services.label_weights import weighted_labels

ITEM_SCORE_HEADER = ("metric", "higher_is_better", "method", "run", "item", "value")


def item_scores(scoring: Scoring) -> Iterator[tuple[CellValue, ...]]:
    """A row for each metric that is a mean over texts, method, run and text; the run is blank for the mean over runs."""
    if scoring.parameters["metrics"]:
        yield from _of_outputs(scoring)
    yield from _uploaded(scoring)


def _of_outputs(scoring: Scoring) -> Iterator[tuple[CellValue, ...]]:
    study, task = scoring.study, checked_task(scoring.study.task)
    weights = scoring.parameters.get("weights", EQUAL)
    human = weighted_labels(study, weights, as_of=scoring.as_of)
    methods = list(Method.objects.filter(study=study))
    outputs = output_arrays(study, methods=methods, item_ids=human.item_ids, as_of=scoring.as_of)
    truth = Targets.of(human.distributions()[np.isin(human.item_ids, outputs.item_ids)], task=task)
    keys = dict(Item.objects.filter(study=study).values_list("pk", "key"))
    items = [keys[pk] for pk in outputs.item_ids.tolist()]
    for name in scoring.parameters["metrics"]:
        metric = METRICS[name]
        if not metric.is_item_mean(task):
            continue
        for method, mean, runs, names in zip(
            shown_names(outputs.methods), outputs.mean, outputs.runs, outputs.run_names, strict=True
        ):
            for run, predicted in [("", mean), *zip(names, runs, strict=True)]:
                scores = metric.item_scores(truth, predicted, task=task)
                for item, value in zip(items, scores.tolist(), strict=True):
                    yield (
                        name,
                        metric.higher_is_better,
                        method,
                        run,
                        item,
                        value if np.isfinite(value) else None,
                    )


def _uploaded(scoring: Scoring) -> Iterator[tuple[CellValue, ...]]:
    """Of the uploaded metrics with a value of each text, as they came in; they know no runs."""
    wanted = scoring.parameters.get("uploaded", [])
    if not wanted:
        return
    methods = list(Method.objects.filter(study=scoring.study))
    keys = dict(Item.objects.filter(study=scoring.study).values_list("pk", "key"))
    for scores in uploaded_scores(scoring.study, methods=methods, as_of=scoring.as_of):
        metric = scores.metric
        if metric.name not in wanted or scores.of_items is None:
            continue
        for method, values in zip(shown_names(methods), scores.of_items.tolist(), strict=True):
            for item, value in zip(scores.item_ids.tolist(), values, strict=True):
                if np.isfinite(value):
                    yield metric.name, metric.higher_is_better, method, "", keys[item], value

"""How scores depend on the number of annotators: draws of fewer, and corrections for few."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np

from annotations.jobs import JobRefusedError, MissingDataError
from annotations.models import Missing, Study
from annotations.selectors.distributions import LabelTable, answer_arrays, label_table
from hlv.core.rendering.sentences import error_sentence
from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.labels.distributions import Task, checked_task
from hlv.stats.metrics.annotator_curve import AnnotatorCurve, annotator_curve, answers_of_counts
from hlv.stats.metrics.few_annotators import CORRECTIONS, corrected_score
from hlv.stats.metrics.metric import UndefinedScoreError
from metaeval.results.annotator_numbers import (
    AnnotatorNumbers,
    CorrectedMethod,
    CurvePoint,
    MetricOfAnnotators,
)
from metaeval.selectors.outputs import OutputArrays, output_arrays
from metaeval.selectors.scores import shown_names
from metaeval.services.scoring import chosen_metrics, require_labels


def annotator_numbers(
    study: Study, *, metrics: Sequence[str], numbers: Sequence[int] | None, n_draws: int, seed: int
) -> AnnotatorNumbers:
    """Curves and corrections of the metrics named, or of all for the study's task.

    Raises
    ------
    JobRefusedError
        If the study has no labels, a metric or a number of annotators is not possible, or there are fewer than two
        methods with outputs.
    MissingDataError
        If there are no answers or no outputs of texts with answers.
    """
    require_labels(study)
    definitions = chosen_metrics(study, metrics)
    task = checked_task(study.task)
    table = label_table(study)
    if not len(table.item_ids):
        raise MissingDataError(Missing.ANSWERS)
    outputs = output_arrays(study, methods=list(study.methods.all()), item_ids=table.item_ids)
    if not outputs.methods:
        raise MissingDataError(Missing.OUTPUTS)
    if not len(outputs.item_ids):
        raise MissingDataError(Missing.SHARED_TEXTS)
    if len(outputs.methods) < 2:
        raise JobRefusedError("One method has outputs; a ranking needs two or more.")
    names = shown_names(outputs.methods)
    answers, item = _answers(study, table, outputs.item_ids, task)
    try:
        curve = annotator_curve(
            answers,
            item,
            dict(zip(names, outputs.mean, strict=True)),
            task=task,
            metrics=[definition.name for definition in definitions],
            numbers=numbers,
            n_draws=n_draws,
            seed=seed,
        )
    except ValueError as error:
        raise JobRefusedError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    return AnnotatorNumbers(
        methods=names,
        metrics=[
            MetricOfAnnotators(
                name=definition.name,
                label=definition.label,
                higher_is_better=definition.higher_is_better,
                correction=CORRECTIONS[definition.name].kind,
                reason=CORRECTIONS[definition.name].reason,
                points=_points(curve, definition.name, names),
                corrected=_corrected(definition.name, table, outputs, names, task),
            )
            for definition in definitions
        ],
        n_items=curve.n_items,
        n_left_out=curve.n_left_out,
        n_draws=n_draws,
        seed=seed,
    )


def _answers(study: Study, table: LabelTable, item_ids: IntArray, task: Task) -> tuple[FloatArray, IntArray]:
    """Answers to the texts that have outputs, and the place of each answer's text.

    Of single labels, counts without annotators are answers too; of sets, a count does not tell which labels were
    chosen together.
    """
    if task != "multilabel":
        return answers_of_counts(table.counts[np.isin(table.item_ids, item_ids)])
    arrays = answer_arrays(study)
    there = np.isin(arrays.item, item_ids)
    if not np.isin(item_ids, arrays.item).all():
        raise JobRefusedError(
            "Some texts have counts of labels and no answers of single annotators, so there is nothing to draw."
        )
    return arrays.chosen[there].astype(np.float64), np.searchsorted(item_ids, arrays.item[there])


def _points(curve: AnnotatorCurve, metric: str, names: Sequence[str]) -> list[CurvePoint]:
    found = curve.metrics[metric]
    return [
        CurvePoint(
            n_annotators=int(number),
            mean=_by_name(names, found.mean[place]),
            sd=_by_name(names, found.sd[place]),
            first_share=_by_name(names, found.first_share[place]),
            tau_with_all=_finite(found.tau_with_all[place]),
            n_undefined=int(found.n_undefined[place]),
        )
        for place, number in enumerate(curve.numbers)
    ]


def _by_name(names: Sequence[str], values: FloatArray) -> dict[str, float | None]:
    return {name: _finite(value) for name, value in zip(names, values.tolist(), strict=True)}


def _finite(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def _corrected(
    metric: str, table: LabelTable, outputs: OutputArrays, names: Sequence[str], task: Task
) -> list[CorrectedMethod]:
    there = np.isin(table.item_ids, outputs.item_ids)
    n_annotators = table.n_annotators[there] if task == "multilabel" else None
    counts = table.counts[there]
    rows = []
    for name, output in zip(names, outputs.mean, strict=True):
        try:
            found = corrected_score(metric, counts, output, task=task, n_annotators=n_annotators)
        except UndefinedScoreError as undefined:
            rows.append(CorrectedMethod(name, None, None, error_sentence(undefined)))
            continue
        rows.append(CorrectedMethod(name, found.observed, found.corrected, ""))
    return rows

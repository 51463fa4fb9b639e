"""How scores depend on the number of annotators: draws of fewer, and corrections for few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite

import numpy as np
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.jobs import JobRefusedError, MissingDataError, Progress, check_draws
from annotations.models import Job, Missing, SnapshotStored, Study
from annotations.selectors.distributions import LabelTable, answer_arrays, label_table
from hlv.core.rendering.sentences import error_sentence
from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.labels.distributions import Task, checked_task
from hlv.stats.metrics.annotator_curve import N_DRAWS, AnnotatorCurve, annotator_curve, answers_of_counts
from hlv.stats.metrics.few_annotators import CORRECTIONS, corrected_score
from hlv.stats.metrics.metric import UndefinedScoreError
from metaeval.models import SupplementaryAnalysis
from metaeval.results.annotator_numbers import (
    AnnotatorNumbers,
    CorrectedMethod,
    CurvePoint,
    MetricOfAnnotators,
)
from metaeval.results.ranking_options import DEFAULT_SEED, read_parameters
from metaeval.selectors.outputs import OutputArrays, output_arrays
from metaeval.selectors.scores import shown_names
from metaeval.services.scoring import chosen_metrics, require_labels
from metaeval.services.supplementary_analyses import Computed, keep_analysis


@dataclass(frozen=True)
class AnnotatorParameters:
    """The parameters of a job that scores methods with fewer annotators; no numbers are 1 to the median of a text."""

    metrics: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    n_draws: int = N_DRAWS
    seed: int = DEFAULT_SEED


def read_annotator_parameters(params: Mapping[str, object]) -> AnnotatorParameters:
    return read_parameters(AnnotatorParameters, params, job="The analysis of the number of annotators")


def check_options(study: Study, params: Mapping[str, object]) -> None:
    """Refuse, before there is a job, what nothing could be computed with."""
    parameters = read_annotator_parameters(params)
    require_labels(study)
    chosen_metrics(study, parameters.metrics)
    check_draws({"seed": parameters.seed})
    if parameters.n_draws < 1:
        raise JobRefusedError(f"The number of draws must be 1 or more, not {parameters.n_draws}.")


def run_annotator_numbers(job: Job, progress: Progress) -> SnapshotStored:
    parameters, as_of = read_annotator_parameters(job.params), timezone.now()
    progress(0, 1, "scoring methods with fewer annotators")
    result, fingerprint = annotator_numbers(job.study, parameters, as_of=as_of)
    return keep_analysis(
        job,
        job.study,
        Computed(
            kind=SupplementaryAnalysis.Kind.ANNOTATORS,
            result=result,
            parameters={
                "metrics": [metric.name for metric in result.metrics],
                "numbers": [point.n_annotators for point in result.metrics[0].points],
                "n_draws": result.n_draws,
                "seed": result.seed,
            },
            seed=parameters.seed,
            fingerprint=fingerprint,
            as_of=as_of,
        ),
    )


def annotator_numbers(
    study: Study, parameters: AnnotatorParameters, *, as_of: datetime
) -> tuple[AnnotatorNumbers, str]:
    """Curves and corrections of the metrics named, or of all for the study's task; and the data's fingerprint.

    Raises
    ------
    JobRefusedError
        If the study has no labels, a metric or a number of annotators is not possible, or there are fewer than two
        methods with outputs.
    MissingDataError
        If there are no answers or no outputs of texts with answers.
    """
    require_labels(study)
    definitions = chosen_metrics(study, parameters.metrics)
    task = checked_task(study.task)
    table = label_table(study, as_of=as_of)
    if not len(table.item_ids):
        raise MissingDataError(Missing.ANSWERS)
    outputs = output_arrays(study, methods=list(study.methods.all()), item_ids=table.item_ids, as_of=as_of)
    if not outputs.methods:
        raise MissingDataError(Missing.OUTPUTS)
    if not len(outputs.item_ids):
        raise MissingDataError(Missing.SHARED_TEXTS)
    if len(outputs.methods) < 2:
        raise JobRefusedError(_("One method has outputs; a ranking needs two or more."))
    names = shown_names(outputs.methods)
    answers, item = _answers(study, table, outputs.item_ids, task, as_of=as_of)
    try:
        curve = annotator_curve(
            answers,
            item,
            dict(zip(names, outputs.mean, strict=True)),
            task=task,
            metrics=[definition.name for definition in definitions],
            numbers=parameters.numbers or None,
            n_draws=parameters.n_draws,
            seed=parameters.seed,
        )
    except ValueError as error:
        raise JobRefusedError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    result = AnnotatorNumbers(
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
        n_draws=parameters.n_draws,
        seed=parameters.seed,
    )
    return result, f"{table.fingerprint[:32]}{outputs.fingerprint[:32]}"


def _answers(
    study: Study, table: LabelTable, item_ids: IntArray, task: Task, *, as_of: datetime
) -> tuple[FloatArray, IntArray]:
    """Answers to the texts that have outputs, and the place of each answer's text.

    Of single labels, counts without annotators are answers too; of sets, a count does not tell which labels were
    chosen together.
    """
    if task != "multilabel":
        return answers_of_counts(table.counts[np.isin(table.item_ids, item_ids)])
    arrays = answer_arrays(study, as_of=as_of)
    there = np.isin(arrays.item, item_ids)
    if not np.isin(item_ids, arrays.item).all():
        raise JobRefusedError(
            _(
                "Some texts have counts of labels and no answers of single annotators, so there is nothing to draw."
            )
        )
    return arrays.chosen[there].astype(np.float64), np.searchsorted(item_ids, arrays.item[there])


def _points(curve: AnnotatorCurve, metric: str, names: Sequence[str]) -> list[CurvePoint]:
    found = curve.metrics[metric]
    return [
        CurvePoint(
            n_annotators=int(number),
            mean=_by_name(names, found.mean[place]),
            sd=_by_name(names, found.sd[place]),
            low=_by_name(names, found.low[place]),
            high=_by_name(names, found.high[place]),
            first_share=_by_name(names, found.first_share[place]),
            tau_with_all=_finite(found.tau_with_all[place]),
            tau_low=_finite(found.tau_low[place]),
            tau_high=_finite(found.tau_high[place]),
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

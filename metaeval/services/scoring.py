"""Scores of the built-in metrics for every method, with resamples of the items."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, comb
from typing import Final

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from annotations.jobs import JobRefusedError, MissingDataError
from annotations.models import Job, Missing, Participant, Study, code_version
from annotations.selectors.distributions import answer_arrays
from annotations.selectors.participation import first_participant_of_source
from hlv.core.stored_results import dump, plain
from hlv.stats.arrays import FloatArray
from hlv.stats.labels.distributions import EQUAL, checked_task
from hlv.stats.metrics.bootstrap_scores import ScoreResampling
from hlv.stats.metrics.metric import Metric as Definition
from hlv.stats.metrics.perspectives import AnnotatorErrors, annotator_errors
from hlv.stats.metrics.predictions import Predictions, Targets
from hlv.stats.metrics.registry import METRICS, metrics_for
from hlv.stats.pairwise.comparison_resampler import RankingDraws
from hlv.stats.resampling.chunks import Runner, Runners, run_each_in_sequence
from metaeval.models import AutomaticJudge, Method, Metric, MetricScore, Run, Scoring
from metaeval.results.ranking_options import FEWEST_RESAMPLES
from metaeval.results.scoring import ScoredMetrics
from metaeval.selectors.outputs import OutputArrays, current_outputs, output_arrays
from metaeval.services.score_table import (
    ScoredMetric,
    ScoreTable,
    UploadedTable,
    finite,
    interval_of,
    scoring_result,
)
from metaeval.services.scored_labels import labels_where

DEFAULT_RESAMPLES = 2000
DEFAULT_SEED = 1
# Of scores without a ranking beside them, which draws from stream 0 of the same seed.
STREAM_OF_ITEMS = 1


def require_labels(study: Study) -> None:
    if study.task == Study.Task.NONE:
        raise JobRefusedError(_("This study has no labels, so built-in metrics cannot be computed."))


def _missing_of(study: Study, *, n_labelled: int) -> Missing:
    """Where no method has an output for a labelled text: for want of outputs, of labels, or of texts with both."""
    if not current_outputs().filter(item__study=study).exists():
        return Missing.OUTPUTS
    return Missing.SHARED_TEXTS if n_labelled else Missing.ANSWERS


def chosen_metrics(study: Study, names: Sequence[str] | None) -> tuple[Definition, ...]:
    """The metrics named, or all that have a meaning for the study's task."""
    task = checked_task(study.task)
    if not names:
        return metrics_for(task)
    for name in names:
        if name not in METRICS:
            raise JobRefusedError(f"No metric is called {name!r}; known are {', '.join(sorted(METRICS))}.")
        if task not in METRICS[name].tasks:
            raise JobRefusedError(f"The metric {name} has no meaning for a {study.task} task.")
    return tuple(METRICS[name] for name in names)


def score_methods(
    study: Study,
    *,
    methods: Sequence[Method],
    metrics: Sequence[str] | None = None,
    n_resamples: int = DEFAULT_RESAMPLES,
    seed: int = DEFAULT_SEED,
    as_of: datetime,
    only_items: Sequence[int] | None = None,
    weights: str = EQUAL,
    where: str = "",
    draws: RankingDraws | None = None,
    runners: Runners = run_each_in_sequence,
) -> ScoreTable:
    """Score the items that have human labels and an output of every method.

    `where` keeps only items with a fact, as "split=test". By certainty, items whose labels cannot be weighted are left out; error rates of annotators weigh all alike.
    With `draws`, items are drawn again as a ranking draws them. `runners` give what computes the works "scores" and "annotators' errors".
    """
    require_labels(study)
    definitions = chosen_metrics(study, metrics)
    human = labels_where(study, weights, where, as_of=as_of)
    outputs = output_arrays(study, methods=methods, item_ids=human.item_ids, as_of=as_of)
    if not outputs.methods:
        raise MissingDataError(_missing_of(study, n_labelled=len(human.item_ids)))
    if not len(outputs.item_ids):
        raise MissingDataError(Missing.SHARED_TEXTS)
    distributions = human.distributions()[np.isin(human.item_ids, outputs.item_ids)]
    kept = (
        np.ones(len(distributions), dtype=bool)
        if only_items is None
        else np.isin(outputs.item_ids, list(only_items))
    )
    if not kept.any():
        raise JobRefusedError(
            _("None of the judged texts has both human labels and an output of every method.")
        )
    truth = Targets.of(distributions[kept], task=checked_task(study.task))
    outputs = outputs.of_items(kept)
    work = ScoreResampling(
        truth=truth,
        outputs=outputs.means_and_runs(),
        metrics=[definition.name for definition in definitions],
        seed=seed,
        stream=STREAM_OF_ITEMS,
        n_resamples=n_resamples,
        shared=None if draws is None else draws.of_items(outputs.item_ids),
    )
    resampled = runners("scores")(work)
    of_outputs = [
        _of_output(definitions, Predictions.of(output, truth), with_items=place < len(outputs.methods))
        for place, output in enumerate(work.outputs)
    ]
    scored = [
        _score(definition, outputs, resampled[:, place], [of_output[place] for of_output in of_outputs])
        for place, definition in enumerate(definitions)
    ]
    errors, names = _annotator_errors(study, outputs, work, as_of=as_of, run=runners("annotators' errors"))
    return ScoreTable(
        annotator_errors=errors,
        annotator_names=names,
        methods=outputs.methods,
        run_names=outputs.run_names,
        metrics=tuple(scored),
        n_items=len(outputs.item_ids),
        item_ids=outputs.item_ids,
        n_incomplete=outputs.n_incomplete,
        fingerprint=f"{human.table.fingerprint[:32]}{outputs.fingerprint[:32]}",
        as_of=as_of,
        weights=human.weights,
        n_without_certainty=human.n_without_certainty,
        n_zero_certainty=human.n_zero_certainty,
        where=where,
    )


@dataclass(frozen=True, eq=False)
class _OfOutput:
    """What one metric gives one output.

    `sums` (S,) determine its score; `of_items` (N,) are the scores of the items, where the metric is a mean of them.
    """

    sums: FloatArray
    of_items: FloatArray | None
    companion: float | None


def _of_output(
    definitions: Sequence[Definition], prediction: Predictions, *, with_items: bool
) -> list[_OfOutput]:
    """Of every metric: the output is checked once, and what several metrics need of it is computed once."""
    truth, task = prediction.truth, prediction.truth.task
    found = []
    for definition in definitions:
        of_items, companion = None, None
        if with_items and definition.is_item_mean(task):
            of_items = definition.item_scores(truth, prediction, task=task)
        if definition.companion is not None:
            companion = float(
                definition.companion.combine(definition.companion.sums(truth, prediction, task=task))
            )
        found.append(_OfOutput(definition.sums(truth, prediction, task=task), of_items, companion))
    return found


def _score(
    definition: Definition,
    outputs: OutputArrays,
    resampled: FloatArray,
    of_outputs: Sequence[_OfOutput],
) -> ScoredMetric:
    """`resampled` (R, T) and `of_outputs` (T) are of `outputs.means_and_runs()`."""
    of_means, of_single_runs = outputs.places()
    of_methods = [of_outputs[place] for place in of_means]
    values = [float(definition.combine(one.sums)) for one in of_outputs]
    return ScoredMetric(
        definition=definition,
        values=np.array([values[place] for place in of_means]),
        reasons=tuple(definition.undefined_reason(one.sums) for one in of_methods),
        of_runs=tuple(tuple(values[place] for place in runs) for runs in of_single_runs),
        resampled=resampled[:, of_means],
        run_intervals=tuple(
            tuple(interval_of(resampled[:, place]) for place in runs) for runs in of_single_runs
        ),
        of_items=_rows([one.of_items for one in of_methods]),
        companion=_rows([one.companion for one in of_methods]),
    )


def _rows(of_methods: Sequence[FloatArray | float | None]) -> FloatArray | None:
    """A row, or a number, for each method; None where the metric has none."""
    there = [one for one in of_methods if one is not None]
    return np.array(there) if there else None


def _annotator_errors(
    study: Study, outputs: OutputArrays, work: ScoreResampling, *, as_of: datetime, run: Runner
) -> tuple[AnnotatorErrors | None, tuple[str, ...]]:
    """Of each annotator with answers on scored items, and their pseudonyms; nothing where labels are counts."""
    answers = answer_arrays(study, as_of=as_of)
    kept = np.isin(answers.item, outputs.item_ids)
    if not kept.any():
        return None, ()
    first_of_source = first_participant_of_source(study, Participant.Role.ANNOTATOR)
    seats, place = np.unique(answers.annotator[kept], return_inverse=True)
    people = np.array([first_of_source.get(seat, seat) for seat in seats.tolist()], dtype=np.int64)
    errors = annotator_errors(
        item=np.searchsorted(outputs.item_ids, answers.item[kept]).astype(np.int64),
        annotator=people[place],
        chosen=answers.chosen[kept],
        predicted=outputs.mean,
        task=work.truth.task,
        n_resamples=work.n_resamples,
        seed=work.seed,
        stream=work.stream,
        run=run,
    )
    named = Participant.objects.in_bulk(errors.annotators.tolist())
    # Not translated: it is kept, and the same in every language.
    names = tuple(
        f"{str(named[pk].role).capitalize()} {named[pk].number}" for pk in errors.annotators.tolist()
    )
    return errors, names


@transaction.atomic
def store_scores(
    study: Study,
    table: ScoreTable | None,
    *,
    uploads: UploadedTable,
    why_none: str = "",
    n_resamples: int,
    seed: int,
    as_of: datetime,
    job: Job | None = None,
) -> Scoring:
    """Keep a score table: the snapshot, and a row for each built-in metric, method and run.

    Without a `table`, for the reason `why_none`, there are uploaded scores alone, whose values are kept already.
    """
    n_drawn = max(uploads.n_drawn, 0 if table is None else table.n_drawn)
    scoring = Scoring.objects.create(
        study=study,
        job=job,
        seed=seed,
        parameters=plain(
            ScoredMetrics(
                n_resamples=n_drawn,
                metrics=[] if table is None else [scored.definition.name for scored in table.metrics],
                uploaded=[column.name for column in uploads.columns],
                weights=EQUAL if table is None else table.weights,
                where="" if table is None else table.where,
            ),
            {ScoredMetrics: frozenset({"where"})},
        ),
        code_version=code_version(),
        data_fingerprint=_joined_fingerprint("" if table is None else table.fingerprint, uploads),
        as_of=as_of,
        result=dump(
            scoring_result(
                table,
                uploads,
                why_none=why_none,
                n_resamples=n_drawn,
                n_resamples_asked=n_resamples,
                seed=seed,
            )
        ),
    )
    if table is None:
        return scoring
    rows = []
    for scored in table.metrics:
        metric, _ = Metric.objects.get_or_create(
            study=study,
            name=scored.definition.name,
            origin=Metric.Origin.BUILT_IN,
            defaults={"higher_is_better": scored.definition.higher_is_better},
        )
        rows += _score_rows(scoring, metric, scored, table)
    MetricScore.objects.bulk_create(rows, batch_size=1000)
    return scoring


def _joined_fingerprint(of_outputs: str, uploads: UploadedTable) -> str:
    """That of labels and outputs where nothing was uploaded."""
    if not uploads.columns:
        return of_outputs
    return hashlib.sha256(f"{of_outputs}{uploads.fingerprint}".encode()).hexdigest()


def _score_rows(
    scoring: Scoring, metric: Metric, scored: ScoredMetric, table: ScoreTable
) -> list[MetricScore]:
    rows = []
    runs = {
        (run.method_id, run.name): run for run in Run.objects.filter(method__in=[m.pk for m in table.methods])
    }
    for place, method in enumerate(table.methods):
        low, high = scored.interval(place) or (None, None)
        rows.append(
            MetricScore(
                metric=metric,
                method=method,
                scoring=scoring,
                value=finite(scored.values[place]),
                undefined=scored.reasons[place],
                interval_low=low,
                interval_high=high,
                n_items=table.n_items,
            )
        )
        rows += [
            MetricScore(
                metric=metric,
                method=method,
                run=runs[method.pk, name],
                scoring=scoring,
                value=finite(value),
                undefined="" if np.isfinite(value) else "undefined for this run",
                interval_low=None if ends is None else ends[0],
                interval_high=None if ends is None else ends[1],
                n_items=table.n_items,
            )
            for name, value, ends in zip(
                table.run_names[place], scored.of_runs[place], scored.run_intervals[place], strict=True
            )
        ]
    return rows


# The smallest p after Holm correction lies well below .05, so that no single resample decides about significance.
SMALLEST_ADJUSTED_P: Final = 0.01
# Draws of each metric and method, and of each text, are in memory: at most so many numbers.
MOST_SCORES: Final = 20_000_000
MOST_WEIGHTS: Final = 50_000_000


def enough_resamples(*, n_different: int, n_metrics: int, n_methods: int, n_items: int) -> int:
    """For `n_different` metrics, copies once, with a floor of the adjusted p of at most `SMALLEST_ADJUSTED_P`.

    Of many metrics, methods or texts fewer are affordable, but never fewer than `FEWEST_RESAMPLES`.
    """
    required = ceil(round(2 * comb(n_different, 2) / SMALLEST_ADJUSTED_P, 6))
    affordable = min(MOST_SCORES // max(1, n_metrics * n_methods), MOST_WEIGHTS // max(1, n_items))
    return max(FEWEST_RESAMPLES, min(required, affordable))


def default_resamples(study: Study) -> int:
    """By the metrics that the study has: built in, uploaded, and automatic judges."""
    different: set[str] = set()
    n_metrics = 0
    if study.task != Study.Task.NONE:
        task = checked_task(study.task)
        built_in = metrics_for(task)
        different = {metric.hypothesis(task) for metric in built_in}
        n_metrics = len(built_in)
    n_other = (
        Metric.objects.filter(study=study, origin=Metric.Origin.UPLOADED).count()
        + AutomaticJudge.objects.filter(study=study).count()
    )
    return enough_resamples(
        n_different=len(different) + n_other,
        n_metrics=n_metrics + n_other,
        n_methods=Method.objects.filter(study=study).count(),
        n_items=study.items.count(),
    )

"""The job that scores the methods of a study, by built-in and uploaded metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from annotations.jobs import JobRefusedError, Progress, check_draws, store
from annotations.models import Item, Job, SnapshotStored, Study
from annotations.selectors.imports import not_withdrawn
from annotations.work_sharing import runner
from hlv.core.tabular.writing import CellValue
from hlv.stats.arrays import FloatArray
from hlv.stats.labels.distributions import EQUAL, checked_task
from hlv.stats.metrics.label_scores import LabelScoreKind, LabelScores
from hlv.stats.metrics.predictions import Targets
from hlv.stats.metrics.registry import METRICS
from metaeval.models import Method, Metric, MetricScore, Scoring
from metaeval.results.ranking_options import RankingOptions, read_parameters
from metaeval.results.scoring import ScoredMetrics, read_scored_metrics
from metaeval.selectors.outputs import OutputArrays, output_arrays
from metaeval.selectors.scores import shown_names, uploaded_scores
from metaeval.services.metric_scores import SCORING, uploaded, uploaded_table
from metaeval.services.score_table import ScoreTable
from metaeval.services.scored_labels import check_weights, labels_where, texts_where
from metaeval.services.scoring import (
    DEFAULT_RESAMPLES,
    DEFAULT_SEED,
    chosen_metrics,
    require_labels,
    score_methods,
    store_scores,
)


@dataclass(frozen=True)
class ScoringParameters:
    """The parameters of a job that scores; without `metrics`, all are scored."""

    metrics: tuple[str, ...] = ()
    n_resamples: int = DEFAULT_RESAMPLES
    seed: int = DEFAULT_SEED
    weights: str = EQUAL
    # Only texts with a fact, as "split=test"; empty: all.
    where: str = ""


@dataclass(frozen=True)
class ScoringRequest:
    """Which metrics; `built_in` is None where nobody named any, and all are wanted."""

    built_in: tuple[str, ...] | None
    uploads: tuple[str, ...]


def requested_metrics(study: Study, names: Sequence[str]) -> ScoringRequest:
    uploads = Metric.objects.filter(study=study, origin=Metric.Origin.UPLOADED).order_by("name")
    current = uploads.filter(Exists(MetricScore.objects.filter(not_withdrawn(), metric=OuterRef("pk"))))
    known = tuple(current.values_list("name", flat=True))
    if not names:
        return ScoringRequest(None, known)
    for name in names:
        if name in METRICS or name in known:
            continue
        if uploads.filter(name=name).exists():
            raise JobRefusedError(f"The import that gave {name!r} was withdrawn: there are no values of it.")
        raise JobRefusedError(
            f"No metric is called {name!r}; known are {', '.join([*known, *sorted(METRICS)])}."
        )
    return ScoringRequest(
        tuple(name for name in names if name in METRICS),
        tuple(dict.fromkeys(name for name in names if name in known)),
    )


def read_scoring_parameters(params: Mapping[str, object]) -> ScoringParameters:
    return read_parameters(ScoringParameters, params, job="Scoring")


def check_options(study: Study, params: Mapping[str, object]) -> None:
    """Refuse, before there is a job, metrics that cannot be scored here, and draws and weights that cannot be."""
    parameters = read_scoring_parameters(params)
    check_draws({"seed": parameters.seed, "n_resamples": parameters.n_resamples})
    check_weights(study, parameters.weights)
    if parameters.where:
        texts_where(study, parameters.where)
    requested = requested_metrics(study, parameters.metrics)
    if requested.built_in or not requested.uploads:
        require_labels(study)
        chosen_metrics(study, requested.built_in)


def run_scoring(job: Job, progress: Progress) -> SnapshotStored:
    parameters = read_scoring_parameters(job.params)
    study, as_of = job.study, timezone.now()
    methods = list(Method.objects.filter(study=study))
    requested = requested_metrics(study, parameters.metrics)
    options = RankingOptions(n_resamples=parameters.n_resamples, seed=parameters.seed)
    uploads = [
        uploaded(scores, options, progress=progress)
        for scores in uploaded_scores(study, methods=methods, as_of=as_of)
        if scores.metric.name in requested.uploads
    ]
    table: ScoreTable | None = None
    why_none = ""
    if requested.built_in is None or requested.built_in:
        try:
            table = score_methods(
                study,
                methods=methods,
                metrics=requested.built_in,
                n_resamples=parameters.n_resamples,
                seed=parameters.seed,
                as_of=as_of,
                weights=parameters.weights,
                where=parameters.where,
                runners=lambda work: runner(progress, name=work, note=SCORING),
            )
        except JobRefusedError as refusal:
            # Uploaded scores are an answer where nobody asked for others by name.
            if requested.built_in or not uploads:
                raise
            why_none = str(refusal)
    with transaction.atomic():
        scoring = store_scores(
            study,
            table,
            uploads=uploaded_table(uploads, methods, n_resamples=parameters.n_resamples, built_in=table),
            why_none=why_none,
            n_resamples=parameters.n_resamples,
            seed=parameters.seed,
            as_of=as_of,
            job=job,
        )
        result = SnapshotStored("scoring", scoring.uuid)
        store(job, result)
    return result


ITEM_SCORE_HEADER = ("metric", "higher_is_better", "method", "run", "item", "value")


def item_scores(scoring: Scoring) -> Iterator[tuple[CellValue, ...]]:
    """A row for each metric that is a mean over texts, method, run and text; the run is blank for the mean over runs."""
    scored = read_scored_metrics(scoring)
    if scored.metrics:
        yield from _of_outputs(scoring, scored)
    if scored.uploaded:
        yield from _uploaded(scoring, scored)


@dataclass(frozen=True, eq=False)
class _Outputs:
    """The human distributions and the outputs that a scoring compares."""

    truth: Targets
    arrays: OutputArrays

    @classmethod
    def of(cls, scoring: Scoring, scored: ScoredMetrics) -> _Outputs:
        study = scoring.study
        human = labels_where(study, scored.weights, scored.where, as_of=scoring.as_of)
        arrays = output_arrays(
            study,
            methods=list(Method.objects.filter(study=study)),
            item_ids=human.item_ids,
            as_of=scoring.as_of,
        )
        distributions = human.distributions()[np.isin(human.item_ids, arrays.item_ids)]
        return cls(Targets.of(distributions, task=checked_task(study.task)), arrays)

    def each(self) -> Iterator[tuple[str, str, FloatArray]]:
        """Method, run and distributions (N, K); the run is blank for the mean over runs."""
        arrays = self.arrays
        for method, mean, runs, names in zip(
            shown_names(arrays.methods), arrays.mean, arrays.runs, arrays.run_names, strict=True
        ):
            yield method, "", mean
            for run, predicted in zip(names, runs, strict=True):
                yield method, run, predicted


def _of_outputs(scoring: Scoring, scored: ScoredMetrics) -> Iterator[tuple[CellValue, ...]]:
    found, task = _Outputs.of(scoring, scored), checked_task(scoring.study.task)
    keys = dict(Item.objects.filter(study=scoring.study).values_list("pk", "key"))
    items = [keys[pk] for pk in found.arrays.item_ids.tolist()]
    for name in scored.metrics:
        metric = METRICS[name]
        if not metric.is_item_mean(task):
            continue
        for method, run, predicted in found.each():
            scores = metric.item_scores(found.truth, predicted, task=task)
            for item, value in zip(items, scores.tolist(), strict=True):
                yield (
                    name,
                    metric.higher_is_better,
                    method,
                    run,
                    item,
                    value if np.isfinite(value) else None,
                )


LABEL_SCORE_HEADER = ("kind", "method", "run", "label", "precision", "recall", "f1", "support", "n_items")


def scores_of_labels(scoring: Scoring) -> Iterator[tuple[CellValue, ...]]:
    """A row for each kind, method, run and label; the run is blank for the mean over runs.

    Without scored outputs there is none.
    """
    scored = read_scored_metrics(scoring)
    if not scored.metrics:
        return
    found, task = _Outputs.of(scoring, scored), checked_task(scoring.study.task)
    labels = scoring.study.labels.order_by("position").values_list("key", flat=True)
    kinds: tuple[LabelScoreKind, ...] = ("hard", "soft")
    for kind in kinds:
        for method, run, predicted in found.each():
            scores = LabelScores.of(found.truth, predicted, task=task, kind=kind)
            columns = (scores.precision, scores.recall, scores.f1, scores.support)
            for label, *row in zip(labels, *(column.tolist() for column in columns), strict=True):
                yield kind, method, run, label, *row, len(found.arrays.item_ids)


def _uploaded(scoring: Scoring, scored: ScoredMetrics) -> Iterator[tuple[CellValue, ...]]:
    """Of the uploaded metrics with a value of each text, as they came in; they know no runs."""
    methods = list(Method.objects.filter(study=scoring.study))
    keys = dict(Item.objects.filter(study=scoring.study).values_list("pk", "key"))
    for scores in uploaded_scores(scoring.study, methods=methods, as_of=scoring.as_of):
        metric = scores.metric
        if metric.name not in scored.uploaded or scores.of_items is None:
            continue
        for method, values in zip(shown_names(methods), scores.of_items.tolist(), strict=True):
            for item, value in zip(scores.item_ids.tolist(), values, strict=True):
                if np.isfinite(value):
                    yield metric.name, metric.higher_is_better, method, "", keys[item], value

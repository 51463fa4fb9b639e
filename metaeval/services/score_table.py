"""Scores of methods as they were computed, and as a snapshot keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray
from hlv.stats.labels.distributions import Weights
from hlv.stats.metrics.metric import Metric as Definition
from hlv.stats.metrics.perspectives import AnnotatorErrors
from hlv.stats.resampling.percentiles import percentile_intervals
from metaeval.models import Method
from metaeval.results.metric_rows import LabelWeights
from metaeval.results.scoring import (
    AnnotatorErrorRates,
    ErrorRates,
    MeanErrorRate,
    MethodScore,
    MetricColumn,
    ScoringResult,
    StatisticName,
)
from metaeval.selectors.scores import shown_names

# Of more annotators those who answered most are listed; the means are of all.
MOST_ANNOTATORS = 1000


@dataclass(frozen=True, eq=False)
class ScoredMetric:
    """One metric of M methods.

    Attributes
    ----------
    values : (M,)
        Of the mean over runs; NaN where undefined, for one of the `reasons`.
    of_runs
        Of each run of each method.
    resampled : (R, M)
    run_intervals
        Of each run of each method, over the same resamples of the items.
    of_items : (M, N) or None
        Where the metric is a mean over items: each item's score, of the mean over runs.
    companion : (M,) or None
        The second number of the metric, shown with its score.
    """

    definition: Definition
    values: FloatArray
    reasons: tuple[str, ...]
    of_runs: tuple[tuple[float, ...], ...]
    resampled: FloatArray
    run_intervals: tuple[tuple[tuple[float, float] | None, ...], ...]
    of_items: FloatArray | None = None
    companion: FloatArray | None = None

    def interval(self, method: int) -> tuple[float, float] | None:
        return interval_of(self.resampled[:, method])

    def sd_of_runs(self, method: int) -> float | None:
        """Standard deviation between the scores of its runs; None of fewer than two, or where one has none."""
        values = self.of_runs[method]
        return finite(float(np.std(values, ddof=1))) if len(values) > 1 else None


def interval_of(resampled: FloatArray) -> tuple[float, float] | None:
    """Percentiles of a column (R,); None where too many resamples have no value, or there are none."""
    found = percentile_intervals(resampled[:, None])
    if found.low is None or found.high is None or not len(resampled):
        return None
    return float(found.low[0]), float(found.high[0])


@dataclass(frozen=True, eq=False)
class ScoreTable:
    methods: tuple[Method, ...]
    run_names: tuple[tuple[str, ...], ...]
    metrics: tuple[ScoredMetric, ...]
    n_items: int
    item_ids: npt.NDArray[np.int64]
    n_incomplete: dict[str, int]
    fingerprint: str
    as_of: datetime
    # Where annotators have names: by pseudonym, in the order of `annotator_errors.annotators`.
    annotator_errors: AnnotatorErrors | None = None
    annotator_names: tuple[str, ...] = ()
    # How the annotators of an item count, and how many items have no distribution for it.
    weights: Weights = "equal"
    n_without_certainty: int = 0
    n_zero_certainty: int = 0
    # Only texts with this fact; empty: all.
    where: str = ""

    @property
    def n_drawn(self) -> int:
        """How many resamples of the items there are."""
        return n_drawn(scored.resampled for scored in self.metrics)

    @property
    def label_weights(self) -> LabelWeights:
        return LabelWeights(
            weights=self.weights,
            n_without_certainty=self.n_without_certainty,
            n_zero_certainty=self.n_zero_certainty,
        )


@dataclass(frozen=True, eq=False)
class UploadedTable:
    """Uploaded metrics beside the built-in ones; `fingerprint` is of their values, `n_drawn` the number of resamples."""

    columns: list[MetricColumn]
    fingerprint: str
    n_drawn: int = 0


def scoring_result(
    table: ScoreTable | None,
    uploads: UploadedTable,
    *,
    why_none: str,
    n_resamples: int,
    n_resamples_asked: int,
    seed: int,
) -> ScoringResult:
    """What a snapshot keeps: the built-in metrics, or why there are none, and then the uploaded ones."""
    uploaded = ScoringResult(
        n_resamples=n_resamples,
        n_resamples_asked=n_resamples_asked,
        seed=seed,
        metrics=uploads.columns,
        without_built_in=why_none or None,
    )
    if table is None:
        return uploaded
    names = shown_names(table.methods)
    return replace(
        uploaded,
        **vars(table.label_weights),
        methods=names,
        runs={name: list(runs) for name, runs in zip(names, table.run_names, strict=True)},
        n_items=table.n_items,
        n_incomplete=table.n_incomplete,
        where=table.where,
        metrics=[*(_column(scored, names) for scored in table.metrics), *uploads.columns],
        annotators=_error_rates(table),
    )


def _column(scored: ScoredMetric, names: Sequence[str]) -> MetricColumn:
    definition = scored.definition
    companion = definition.companion
    return MetricColumn(
        name=definition.name,
        label=definition.label,
        origin="built-in",
        higher_is_better=definition.higher_is_better,
        beside=None if companion is None else StatisticName(name=companion.name, label=companion.label),
        scores=[
            MethodScore(
                method=name,
                value=finite(scored.values[place]),
                interval=scored.interval(place),
                undefined=scored.reasons[place] or None,
                runs=[finite(value) for value in scored.of_runs[place]],
                sd_of_runs=scored.sd_of_runs(place),
                run_intervals=list(scored.run_intervals[place]),
                beside=None if scored.companion is None else finite(scored.companion[place]),
            )
            for place, name in enumerate(names)
        ],
    )


def _error_rates(table: ScoreTable) -> ErrorRates | None:
    """How often the methods miss each annotator's labels; None where the labels name nobody."""
    errors = table.annotator_errors
    if errors is None:
        return None
    most_first = np.argsort(-errors.n_answers, kind="stable")[:MOST_ANNOTATORS].tolist()
    return ErrorRates(
        n_annotators=len(errors.annotators),
        mean=[
            MeanErrorRate(value=float(value), interval=interval_of(errors.resampled[:, place]))
            for place, value in enumerate(errors.means)
        ],
        rows=[
            AnnotatorErrorRates(
                annotator=table.annotator_names[place],
                n_items=int(errors.n_answers[place]),
                error_rates=errors.rates[:, place].tolist(),
            )
            for place in most_first
        ],
    )


def n_drawn(resampled: Iterable[FloatArray | None]) -> int:
    """Resamples of any of several scores; 0 where there is one value of each method, however many were requested."""
    return max((len(rows) for rows in resampled if rows is not None), default=0)


def finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None

"""Scores of predictions against human labels, with intervals over items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.display import Columns, Shown, shown_value
from hlv.stats.frames.columns import Column, Name, items_of_index, label_columns, rows_of_items
from hlv.stats.frames.label_distributions import LabelDistributions
from hlv.stats.labels.distributions import Task
from hlv.stats.metrics.bootstrap_scores import ScoreResampling
from hlv.stats.metrics.metric import Metric, UnsupportedTaskError
from hlv.stats.metrics.predictions import Targets
from hlv.stats.metrics.registry import METRICS, metrics_for
from hlv.stats.pairwise.comparison_resampler import RankingDraws
from hlv.stats.resampling.chunks import run_in_sequence
from hlv.stats.resampling.percentiles import percentile_intervals

N_RESAMPLES: Final = 2000
SEED: Final = 1
# Of scores without a ranking, as `hlv score` draws them; a ranking draws from stream 0 of the same seed.
STREAM_OF_ITEMS: Final = 1

MOST_METHODS_SHOWN: Final = 12

Truth = LabelDistributions | npt.ArrayLike


class Score(float):
    """The value of a metric, a float, with its 95 % interval over items.

    Attributes
    ----------
    label : str
        Name of the metric.
    n_items : int
    interval : (float, float) or None
        Percentiles of resamples of the items, computed when first read; None where `no_interval` says why.
    """

    label: str
    n_items: int
    _resampling: ScoreResampling

    @classmethod
    def of(cls, value: float, metric: Metric, resampling: ScoreResampling) -> Score:
        """A value with the resampling that gives its interval."""
        score = cls(value)
        score.label, score.n_items = metric.label, len(resampling.truth.distributions)
        score._resampling = resampling
        return score

    @cached_property
    def _ends(self) -> tuple[tuple[float, float] | None, str]:
        found = percentile_intervals(run_in_sequence(self._resampling)[:, 0, :])
        if found.low is None or found.high is None:
            return None, found.rule
        return (float(found.low[0]), float(found.high[0])), found.rule

    @property
    def interval(self) -> tuple[float, float] | None:
        """Its 95 % interval over items."""
        return self._ends[0]

    @property
    def interval_rule(self) -> str:
        """How the interval was made, or why there is none."""
        return self._ends[1]

    def __repr__(self) -> str:
        interval = self.interval
        ends = "no interval" if interval is None else " to ".join(shown_value("", end) for end in interval)
        return f"{self.label} {float(self):.3f} ({ends}, {self.n_items:,} items)"


class MetricFunction:
    """A metric of the registry as a function of truth and prediction, in scikit-learn's order."""

    def __init__(self, name: str) -> None:
        self.metric = METRICS[name]
        self.__name__ = name
        direction = "higher" if self.metric.higher_is_better else "lower"
        self.__doc__ = (
            f"{self.metric.label}, in {list(self.metric.range)}; {direction} is better.\n\n"
            f"Source: {self.metric.source}.\n\n{MetricFunction.__call__.__doc__}"
        )

    def __call__(
        self,
        truth: Truth,
        prediction: Any,
        *,
        task: Task | None = None,
        items: Column | None = None,
        n_resamples: int = N_RESAMPLES,
        seed: int = SEED,
    ) -> Score:
        """Score a prediction.

        Parameters
        ----------
        truth : LabelDistributions, or (N, K) array or data frame
            The human labels.
        prediction : (N, K) array, or data frame
            Probabilities of the same labels. From a data frame the columns with the names of the labels are taken.
        task : {"single", "multilabel", "ordinal"}
            Only where truth is an array; "single" by default.
        items
            The item of each row of the prediction, where truth has items and the rows are in another order or more.
            A data frame needs it, unless its index has the items.
        n_resamples, seed
            Of the interval, which is computed when it is read.

        Returns
        -------
        Score
            A float with `.interval`.

        Raises
        ------
        UndefinedScoreError
            If the data do not determine the score.
        UnsupportedTaskError
            If the metric is not defined for the task.
        InvalidDistributionError, InvalidColumnError
            If rows are no distributions, or truth and prediction do not fit together.
        """
        targets, table = _read(truth, prediction, task=task, items=items)
        value = self.metric.score(targets, table, task=targets.task)
        resampling = ScoreResampling(
            targets,
            table[None],
            [self.metric.name],
            seed=seed,
            stream=STREAM_OF_ITEMS,
            n_resamples=n_resamples,
        )
        return Score.of(value, self.metric, resampling)

    def __repr__(self) -> str:
        return f"<metric {self.__name__}>"


def _targets(truth: Truth, task: Task | None) -> Targets:
    if isinstance(truth, LabelDistributions):
        if task not in (None, truth.task):
            raise ValueError(f"The labels are those of a {truth.task} task, not {task}.")
        return Targets.of(truth.distributions, task=truth.task)
    return Targets.of(truth, task=task or "single")


def _predicted(truth: Truth, prediction: Any, items: Column | None) -> FloatArray:
    if not isinstance(truth, LabelDistributions):
        if items is not None:
            raise ValueError("Items align a prediction with labels that have items: use label_distributions.")
        return np.asarray(prediction, dtype=np.float64)
    table = np.asarray(label_columns(prediction, truth.labels), dtype=np.float64)
    items = items_of_index(prediction, truth.items) if items is None else items
    return table if items is None else rows_of_items(table, items, truth.items)


def _read(
    truth: Truth, prediction: Any, *, task: Task | None, items: Column | None
) -> tuple[Targets, FloatArray]:
    targets = _targets(truth, task)
    return targets, targets.checked_prediction(_predicted(truth, prediction, items)).table


@dataclass(frozen=True, eq=False, repr=False)
class MethodScores(Shown):
    """Scores of several methods by several metrics on the same items.

    Attributes
    ----------
    methods : list of str, length M
    metrics : list of Metric, length L
    values : (M, L) ndarray
        NaN where a score is undefined.
    low, high : (M, L) ndarray
        95 % interval over items; NaN where there is none.
    reasons : dict of (method, metric) to str
        Why a score is undefined.
    resampling : ScoreResampling
        Truth, outputs and seed, of which the intervals are made.
    items : list or None
        The items of the rows, where the truth has them.
    """

    methods: list[str]
    metrics: list[Metric]
    values: FloatArray
    low: FloatArray
    high: FloatArray
    reasons: Mapping[tuple[str, str], str]
    resampling: ScoreResampling
    items: list[Name] | None = None

    @property
    def caption(self) -> str:
        n_items = len(self.resampling.truth.distributions)
        return f"Scores of {len(self.methods)} methods by {len(self.metrics)} metrics on {n_items:,} items"

    def columns(self) -> Columns:
        cells = [(row, column) for column in range(len(self.metrics)) for row in range(len(self.methods))]

        def of(table: FloatArray) -> list[float | None]:
            return [float(table[cell]) if np.isfinite(table[cell]) else None for cell in cells]

        names = [(self.methods[row], self.metrics[column].name) for row, column in cells]
        return {
            "method": [method for method, _ in names],
            "value": of(self.values),
            "low": of(self.low),
            "high": of(self.high),
            "metric": [metric for _, metric in names],
            "reason": [self.reasons.get(name, "") for name in names],
        }

    def shown_columns(self) -> Columns:
        """The values of few methods side by side."""
        if len(self.methods) > MOST_METHODS_SHOWN:
            return self.columns()
        by_method = {
            method: [float(value) if np.isfinite(value) else None for value in self.values[row]]
            for row, method in enumerate(self.methods)
        }
        return {"metric": [metric.name for metric in self.metrics], **by_method}

    def resampled(self, draws: RankingDraws | None = None, keys: IntArray | None = None) -> FloatArray:
        """Scores on resampled items (R, L, M); with `draws`, items are drawn as a ranking draws them by `keys` (N,)."""
        work = self.resampling
        if draws is not None and keys is not None:
            work = ScoreResampling(
                work.truth,
                work.outputs,
                work.metrics,
                work.seed,
                work.stream,
                work.n_resamples,
                shared=draws.of_items(keys),
            )
        return run_in_sequence(work)


def score_methods(
    truth: Truth,
    predictions: Mapping[str, Any],
    *,
    metrics: Sequence[str] | None = None,
    task: Task | None = None,
    items: Column | None = None,
    n_resamples: int = N_RESAMPLES,
    seed: int = SEED,
) -> MethodScores:
    """Score several methods by several metrics, on the same resamples of the items.

    Parameters
    ----------
    truth
        As a metric takes it.
    predictions : mapping of method to (N, K) array or data frame
    metrics
        Names in the registry; by default all that are defined for the task.
    task, items
        As a metric takes them; `items` are those of every prediction.
    n_resamples
        0 for no intervals.
    seed
        The same seed and data give the same intervals, also those of `hlv score`.

    Returns
    -------
    MethodScores

    Raises
    ------
    KeyError
        If a metric is not known.
    UnsupportedTaskError, InvalidDistributionError, InvalidColumnError
        As a metric raises them.

    Examples
    --------
    >>> from hlv.stats import score_methods
    >>> human = [[0.75, 0.25], [0.5, 0.5]]
    >>> outputs = {"sharp": [[1.0, 0.0], [1.0, 0.0]], "soft": [[0.7, 0.3], [0.5, 0.5]]}
    >>> found = score_methods(human, outputs, metrics=["soft_accuracy"], n_resamples=0)
    >>> [round(value, 3) for value in found.values[:, 0].tolist()]
    [0.625, 0.975]
    """
    if not predictions:
        raise ValueError("There is nothing to score: give the prediction of one method or more.")
    targets = _targets(truth, task)
    chosen = list(metrics_for(targets.task)) if metrics is None else [_known(name) for name in metrics]
    for metric in chosen:
        if targets.task not in metric.tasks:
            raise UnsupportedTaskError(
                "%(name)s is not defined for %(task)s tasks", name=metric.name, task=targets.task
            )
    outputs = np.array(
        [
            targets.checked_prediction(_predicted(truth, prediction, items)).table
            for prediction in predictions.values()
        ]
    )
    resampling = ScoreResampling(
        targets, outputs, [m.name for m in chosen], seed=seed, stream=STREAM_OF_ITEMS, n_resamples=n_resamples
    )
    methods = [str(name) for name in predictions]
    values = np.full((len(methods), len(chosen)), np.nan)
    reasons: dict[tuple[str, str], str] = {}
    for column, metric in enumerate(chosen):
        for row, output in enumerate(outputs):
            sums = metric.sums(targets, output, task=targets.task)
            values[row, column] = metric.combine(sums)
            if reason := metric.undefined_reason(sums):
                reasons[methods[row], metric.name] = reason
    low, high = _intervals(run_in_sequence(resampling))
    return MethodScores(
        methods=methods,
        metrics=chosen,
        values=values,
        low=low,
        high=high,
        reasons=reasons,
        resampling=resampling,
        items=truth.items if isinstance(truth, LabelDistributions) else None,
    )


def _known(name: str) -> Metric:
    if name not in METRICS:
        raise KeyError(f"No metric is called {name!r}; known are {', '.join(sorted(METRICS))}.")
    return METRICS[name]


def _intervals(resampled: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Percentiles (M, L) of resampled scores (R, L, M); NaN where there are none."""
    _, n_metrics, n_methods = resampled.shape
    low, high = np.full((n_methods, n_metrics), np.nan), np.full((n_methods, n_metrics), np.nan)
    for column in range(n_metrics):
        for row in range(n_methods):
            found = percentile_intervals(resampled[:, column, row : row + 1])
            if found.low is not None and found.high is not None:
                low[row, column], high[row, column] = found.low[0], found.high[0]
    return low, high

"""Scores and their ranking of methods against the number of annotators.

Of the m answers of an item, k are drawn without replacement, for all items, again and again. Each draw gives human
shares of k annotators, a score for each method, and a ranking of the methods. The curve shows whether a metric would
order the methods otherwise with fewer annotators. A curve that still rises at the last k would change with more.

*Limit*: draws of k of m answers are more alike than those of k new annotators, most of all where k is near m. At
k = m all draws are equal.

References
----------
Politis, D. N., Romano, J. P., & Wolf, M. (1999). Subsampling. Springer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.correlation import is_constant, kendall_tau_b, ties_of
from hlv.stats.labels.distributions import (
    InvalidDistributionError,
    Task,
    certainty_weighted_multilabel_distributions,
    certainty_weighted_single_label_distributions,
    checked_task,
)
from hlv.stats.metrics.metric import Metric, UnsupportedTaskError
from hlv.stats.metrics.predictions import Targets
from hlv.stats.metrics.registry import METRICS
from hlv.stats.resampling.percentiles import LEVEL

N_DRAWS: Final = 100
_ENDS: Final = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)


@dataclass(frozen=True, eq=False)
class MetricCurve:
    """One metric against the number of annotators.

    Attributes
    ----------
    mean, sd : (Q, M)
        Over draws with a score of every method; NaN where there is none. `sd` is that of one draw.
    low, high : (Q, M)
        The .025 and .975 quantiles of those draws: how far one draw of k annotators may lie from another.
    first_share : (Q, M)
        Share of those draws in which the method is first; methods that tie for it share the draw.
    tau_with_all : (Q,)
        Mean tau-b of the draw's ranking and the ranking by all answers; NaN where all methods tie.
    tau_low, tau_high : (Q,)
        Quantiles of it, as above.
    n_undefined : (Q,)
        Draws without a score of some method; they are left out.
    """

    mean: FloatArray
    sd: FloatArray
    low: FloatArray
    high: FloatArray
    first_share: FloatArray
    tau_with_all: FloatArray
    tau_low: FloatArray
    tau_high: FloatArray
    n_undefined: IntArray


@dataclass(frozen=True, eq=False)
class AnnotatorCurve:
    """All metrics against the number of annotators.

    Attributes
    ----------
    numbers : (Q,)
        k, rising; the last one is the largest number that was asked for.
    metrics
        By name.
    n_items, n_left_out
        Items with as many answers as the largest k, and items with fewer.
    n_draws, seed
    """

    numbers: IntArray
    metrics: dict[str, MetricCurve]
    n_items: int
    n_left_out: int
    n_draws: int
    seed: int


def annotator_curve(
    answers: npt.ArrayLike,
    item: npt.ArrayLike,
    predicted: Mapping[str, npt.ArrayLike],
    *,
    task: Task,
    metrics: Sequence[str],
    numbers: Sequence[int] | None = None,
    n_draws: int = N_DRAWS,
    seed: int,
) -> AnnotatorCurve:
    """Draw k of the answers of each item and score all methods.

    Parameters
    ----------
    answers : (A, K) array_like
        One row for each answer: 1 for each label it contains, or the certainty given to it. Single and ordinal:
        one label each.
    item : (A,) array_like
        Item of each answer, from 0 to N - 1.
    predicted : method -> (N, K) array_like
        Outputs for the same items.
    metrics
        Names of the registry.
    numbers
        The k; by default 1 to the median number of answers of an item. Items with fewer answers than the largest k
        are left out of the whole curve, so that all its points are of the same items.
    n_draws, seed

    Raises
    ------
    ValueError
        If there are fewer than two methods, no draw, a k below 1 or above every item's answers, or an unknown metric.
    UnsupportedTaskError
        If a metric is not defined in this kind of task.
    InvalidDistributionError
        If answers or outputs have a wrong shape or value.
    """
    table, places = _checked(answers, item, task)
    if len(predicted) < 2:
        raise ValueError("a ranking needs two methods or more")
    if n_draws < 1:
        raise ValueError("at least one draw is needed")
    known = [_known_metric(name, task) for name in metrics]
    sizes = np.bincount(places)
    asked = np.unique(np.arange(1, int(np.median(sizes)) + 1) if numbers is None else np.asarray(numbers))
    if not len(asked) or asked[0] < 1 or asked[-1] > sizes.max():
        raise ValueError(f"the numbers of annotators are between 1 and {sizes.max()}")
    kept = np.flatnonzero(sizes >= asked[-1])
    there = np.isin(places, kept)
    table, places = table[there], np.searchsorted(kept, places[there])
    outputs = [np.asarray(output, dtype=np.float64)[kept] for output in predicted.values()]
    full = _scores(_targets(table, places, len(kept), task), outputs, known)
    curves: dict[str, list[FloatArray]] = {metric.name: [] for metric in known}
    for number in asked.tolist():
        draws = []
        for draw in range(n_draws):
            generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number, draw)))
            chosen = _drawn(places, number, generator)
            targets = _targets(table[chosen], places[chosen], len(kept), task)
            draws.append(_scores(targets, outputs, known))
        for place, metric in enumerate(known):
            curves[metric.name].append(np.stack(draws)[:, place])
    return AnnotatorCurve(
        numbers=asked.astype(np.int64),
        metrics={
            metric.name: _curve(np.stack(curves[metric.name]), full[place], metric)
            for place, metric in enumerate(known)
        },
        n_items=len(kept),
        n_left_out=len(sizes) - len(kept),
        n_draws=n_draws,
        seed=seed,
    )


def answers_of_counts(counts: npt.ArrayLike) -> tuple[FloatArray, IntArray]:
    """One row (A, K) for each answer of a single-label count table (N, K), and its item (A,)."""
    table = np.asarray(counts, dtype=np.int64)
    item, label = np.nonzero(table)
    times = table[item, label]
    return np.eye(table.shape[1])[np.repeat(label, times)], np.repeat(item, times).astype(np.int64)


def _known_metric(name: str, task: Task) -> Metric:
    if name not in METRICS:
        raise ValueError(f"unknown metric {name!r}")
    if checked_task(task) not in METRICS[name].tasks:
        raise UnsupportedTaskError("%(name)s is not defined for %(task)s tasks", name=name, task=task)
    return METRICS[name]


def _checked(answers: npt.ArrayLike, item: npt.ArrayLike, task: Task) -> tuple[FloatArray, IntArray]:
    table, places = np.asarray(answers, dtype=np.float64), np.asarray(item)
    if table.ndim != 2 or places.shape != (len(table),) or not len(table):
        raise InvalidDistributionError("answers x labels are needed, with an item for each answer")
    if not np.issubdtype(places.dtype, np.integer) or (places < 0).any():
        raise InvalidDistributionError("items are numbered from 0")
    if not ((table >= 0) & (table <= 1)).all():
        raise InvalidDistributionError("an answer has a value outside 0 to 1")
    if task != "multilabel" and not ((table > 0).sum(axis=1) == 1).all():
        raise InvalidDistributionError("an answer has no label, or more than one")
    return table, places.astype(np.int64)


def _drawn(places: IntArray, number: int, generator: np.random.Generator) -> IntArray:
    """Rows of `number` answers of each item, drawn without replacement."""
    order = np.lexsort((generator.random(len(places)), places))
    sizes = np.bincount(places)
    rank = np.arange(len(places)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.asarray(order[rank < number])


def _targets(table: FloatArray, places: IntArray, n_items: int, task: Task) -> Targets:
    sums = np.zeros((n_items, table.shape[1]))
    np.add.at(sums, places, table)
    if task == "multilabel":
        shares = certainty_weighted_multilabel_distributions(sums, np.bincount(places, minlength=n_items))
    else:
        shares = certainty_weighted_single_label_distributions(sums)
    return Targets.of(shares, task=task)


def _scores(targets: Targets, outputs: Sequence[FloatArray], metrics: Sequence[Metric]) -> FloatArray:
    """Scores (L, M); NaN where one is undefined."""
    return np.array(
        [
            [float(metric.combine(metric.sums(targets, output, task=targets.task))) for output in outputs]
            for metric in metrics
        ]
    )


def _curve(scores: FloatArray, full: FloatArray, metric: Metric) -> MetricCurve:
    """Of scores (Q, R, M) and those by all answers (M,)."""
    n_numbers, _, n_methods = scores.shape
    sign = 1 if metric.higher_is_better else -1
    mean, sd, low, high, first = (np.full((n_numbers, n_methods), np.nan) for _ in range(5))
    tau, tau_low, tau_high = (np.full(n_numbers, np.nan) for _ in range(3))
    undefined = np.zeros(n_numbers, dtype=np.int64)
    full_ties = None if np.isnan(full).any() else ties_of(sign * full, "score")
    for place, rows in enumerate(scores):
        defined = rows[~np.isnan(rows).any(axis=1)]
        undefined[place] = len(rows) - len(defined)
        if not len(defined):
            continue
        mean[place], sd[place] = defined.mean(axis=0), defined.std(axis=0)
        low[place], high[place] = np.quantile(defined, _ENDS, axis=0)
        ties = ties_of(sign * defined, "score")
        best = ties == ties.max(axis=1, keepdims=True)
        first[place] = (best / best.sum(axis=1, keepdims=True)).mean(axis=0)
        if full_ties is not None and not is_constant(full_ties):
            taus = kendall_tau_b(ties, full_ties[None])
            if not np.isnan(taus).all():
                tau[place] = np.nanmean(taus)
                tau_low[place], tau_high[place] = np.nanquantile(taus, _ENDS)
    return MetricCurve(mean, sd, low, high, first, tau, tau_low, tau_high, undefined)

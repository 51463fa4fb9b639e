"""The table of methods and metrics: means over runs, their spread, and which methods differ.

Texts and runs are drawn again together, the same draws for every method, so that differences are paired. A difference is
tested by its bootstrap standard error and the normal distribution, and p values of all pairs are adjusted after Holm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr

from hlv.stats.arrays import FloatArray
from hlv.stats.metrics.bootstrap_scores import ScoreResampling
from hlv.stats.metrics.predictions import Targets
from hlv.stats.metrics.registry import METRICS
from hlv.stats.pairwise.multiple_comparisons import Separation, compare_all_pairs
from hlv.stats.resampling.chunks import Runner, chunk_generator, run_in_sequence

LEVEL: Final = 0.95
# Two scores closer than this differ by rounding alone.
SAME_SCORE: Final = 1e-9
STREAM_OF_TEXTS: Final = 1
_STREAM_OF_RUNS: Final = 2


@dataclass(frozen=True, eq=False)
class MetricComparison:
    """One metric of M methods.

    Attributes
    ----------
    metric : str
    mean_of_runs, sd_of_runs, of_mean_output : (M,)
        Mean and standard deviation of the runs' scores, NaN of fewer than two runs; the score of the mean of the runs'
        outputs.
    interval : (M, 2)
        Of the mean of runs: percentiles of the resamples.
    difference, standard_error, difference_interval : (M, M), (M, M), (M, M, 2)
        Of the means of runs: row less column.
    separation
        Which method is better than which after Holm correction; None where a score is undefined, or nothing was drawn.
    """

    metric: str
    mean_of_runs: FloatArray
    sd_of_runs: FloatArray
    of_mean_output: FloatArray
    interval: FloatArray
    difference: FloatArray
    standard_error: FloatArray
    difference_interval: FloatArray
    separation: Separation | None


def compare_methods(
    truth: Targets,
    runs: Sequence[FloatArray],
    metrics: Sequence[str],
    *,
    n_resamples: int,
    seed: int,
    run: Runner = run_in_sequence,
) -> list[MetricComparison]:
    """Each metric of each method.

    Parameters
    ----------
    truth
        Of N texts.
    runs : arrays (n_runs, N, K)
        Outputs of each method. Methods with equally many runs are paired: run r of one belongs to run r of the other.
    metrics
        Keys of the registry.
    run
        Computes the scores of resampled texts.
    """
    single = [output for of_method in runs for output in of_method]
    outputs = np.stack([*single, *(of_method.mean(axis=0) for of_method in runs)])
    values = np.array([[_score(truth, output, name) for output in outputs] for name in metrics]).reshape(
        len(metrics), len(outputs)
    )
    work = ScoreResampling(truth, outputs[: len(single)], metrics, seed, STREAM_OF_TEXTS, n_resamples)
    resampled = run(work)
    ends = np.cumsum([len(of_method) for of_method in runs])
    places = [slice(end - len(of_method), end) for end, of_method in zip(ends, runs, strict=True)]
    means = _means_of_drawn_runs(resampled, places, seed)
    return [
        _comparison(name, values[place], len(single), places, means[:, place])
        for place, name in enumerate(metrics)
    ]


def _score(truth: Targets, output: FloatArray, name: str) -> float:
    metric = METRICS[name]
    return float(metric.combine(metric.sums(truth, output, task=truth.task)))


def _means_of_drawn_runs(resampled: FloatArray, places: Sequence[slice], seed: int) -> FloatArray:
    """(R, metrics, M) of (R, metrics, T): in each resample the mean over as many runs, drawn with replacement."""
    found = np.empty((*resampled.shape[:2], len(places)))
    for method, place in enumerate(places):
        n_runs = place.stop - place.start
        drawn = chunk_generator(seed, n_runs, _STREAM_OF_RUNS).integers(n_runs, size=(len(resampled), n_runs))
        times = (drawn[:, :, None] == np.arange(n_runs)).sum(axis=1) / n_runs
        found[:, :, method] = np.einsum("rmt,rt->rm", resampled[:, :, place], times)
    return found


def _comparison(
    metric: str, values: FloatArray, n_single: int, places: Sequence[slice], resampled: FloatArray
) -> MetricComparison:
    """`values` of single runs and then of mean outputs, `resampled` (R, M)."""
    of_runs = [values[place] for place in places]
    means = np.array([one.mean() for one in of_runs])
    spread = [one.std(ddof=1) if len(one) > 1 else np.nan for one in of_runs]
    difference = means[:, None] - means
    drawn = resampled[:, :, None] - resampled[:, None, :]
    is_drawn = len(resampled) > 1
    errors = drawn.std(axis=0, ddof=1) if is_drawn else np.full_like(difference, np.nan)
    sign = 1.0 if METRICS[metric].higher_is_better else -1.0
    is_whole = is_drawn and np.isfinite(errors).all() and len(means) > 1
    return MetricComparison(
        metric=metric,
        mean_of_runs=means,
        sd_of_runs=np.array(spread),
        of_mean_output=values[n_single:],
        interval=_percentiles(resampled),
        difference=difference,
        standard_error=errors,
        difference_interval=_percentiles(drawn),
        separation=compare_all_pairs(sign * means, _p_values(difference, errors)) if is_whole else None,
    )


def _p_values(difference: FloatArray, errors: FloatArray) -> FloatArray:
    """Two-sided; 1 where scores are equal but for rounding."""
    size = np.abs(difference)
    ratio = np.divide(size, errors, out=np.where(size > 0, np.inf, 0.0), where=errors > 0)
    return np.asarray(np.where(size < SAME_SCORE, 1.0, 2 * ndtr(-ratio)))


def _percentiles(resampled: FloatArray) -> FloatArray:
    """Ends of the interval in the last axis, from resamples in the first; NaN without any, or where one is undefined."""
    if len(resampled) < 2:
        return np.full((*resampled.shape[1:], 2), np.nan)
    tail = 100 * (1 - LEVEL) / 2
    return np.moveaxis(np.percentile(resampled, [tail, 100 - tail], axis=0), 0, -1)

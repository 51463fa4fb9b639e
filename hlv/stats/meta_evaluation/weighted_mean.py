"""Weighted means of a metric's agreement over studies, such as the language pairs of WMT.

WMT23 maps correlations from [-1, 1] to [0, 1] before it averages them with accuracies, and keeps metrics that every
task scored. The weight of a task is given; equal weights are the default.

References
----------
Freitag, M., et al. (2023). Results of WMT23 metrics shared task: metrics might be guilty but references are not
innocent. Proceedings of WMT, 578-628.
Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect measures: a general approach.
Statistics in Medicine 27(10), 1693-1702.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray
from hlv.stats.resampling.percentiles import percentile_intervals

# Smallest and largest value of a correlation, and of an accuracy.
CORRELATION_RANGE: Final = (-1.0, 1.0)
ACCURACY_RANGE: Final = (0.0, 1.0)


@dataclass(frozen=True, eq=False)
class WeightedMean:
    """Mean of one metric over studies.

    Attributes
    ----------
    value
        None where a study has no value.
    weights : (G,)
        Summing to 1.
    interval
        95 % interval: percentiles of the resampled means, or combined from the intervals of the studies; or None.
    resample_mean
        Mean of the resampled means, or None.
    rule
        How the interval was made, or why there is no value or interval.
    """

    value: float | None
    weights: FloatArray
    interval: tuple[float, float] | None
    resample_mean: float | None
    rule: str


def on_unit_range(values: npt.ArrayLike, value_range: tuple[float, float]) -> FloatArray:
    """Values mapped from their range to [0, 1].

    Raises
    ------
    ValueError
        If a value is outside its range; NaN is kept.
    """
    low, high = value_range
    mapped = (np.asarray(values, dtype=np.float64) - low) / (high - low)
    if ((mapped < -1e-12) | (mapped > 1 + 1e-12)).any():
        raise ValueError(f"a value is outside its range from {low} to {high}")
    return np.asarray(mapped)


def weighted_mean(
    values: Sequence[float | None],
    *,
    weights: npt.ArrayLike | None = None,
    resamples: Sequence[FloatArray] | None = None,
    intervals: Sequence[tuple[float, float] | None] | None = None,
) -> WeightedMean:
    """Weighted mean of a coefficient over G studies.

    Parameters
    ----------
    values : (G,)
        None where a study has no value. The mean is then undefined: over fewer studies it would be another number.
    weights : (G,)
        Positive; they are divided by their sum. Equal where none are given.
    resamples : G arrays (R,)
        Resampled values of each study. Row r of all studies is one draw, so studies that share judges or texts must
        share their draws; independent studies need independent draws.
    intervals : (G,)
        95 % intervals of studies that share neither texts nor people, where there are no resamples. Their distances
        from the values, times the weights, add up as squares on each side (Zou and Donner 2008).

    Raises
    ------
    ValueError
        If there is no study, a weight is not positive and finite, lengths differ, or both resamples and intervals
        are given.

    Examples
    --------
    >>> weighted_mean([0.9, 0.6], weights=[1, 2]).value
    0.7
    """
    n = len(values)
    if n == 0:
        raise ValueError("at least one study is needed")
    shares = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64)
    if shares.shape != (n,) or not (np.isfinite(shares) & (shares > 0)).all():
        raise ValueError(f"{n} positive weights are needed, one for each study")
    shares = shares / shares.sum()
    known = [value for value in values if value is not None and np.isfinite(value)]
    if len(known) < n:
        return WeightedMean(None, shares, None, None, f"{n - len(known)} of {n} studies have no value")
    value = float(np.dot(shares, known))
    if intervals is not None:
        if resamples is not None or len(intervals) != n:
            raise ValueError("every study needs one interval, without resamples")
        return WeightedMean(value, shares, *_combined(value, np.array(known), shares, intervals))
    if resamples is None:
        return WeightedMean(value, shares, None, None, "nothing was resampled")
    if len(resamples) != n or len({len(rows) for rows in resamples}) != 1:
        raise ValueError("every study needs equally many resamples")
    means = np.stack(resamples, axis=1) @ shares
    found = percentile_intervals(means[:, None])
    if found.low is None or found.high is None:
        return WeightedMean(value, shares, None, None, found.rule)
    interval = (float(found.low[0]), float(found.high[0]))
    return WeightedMean(value, shares, interval, float(np.nanmean(means)), found.rule)


def _combined(
    value: float, values: FloatArray, shares: FloatArray, intervals: Sequence[tuple[float, float] | None]
) -> tuple[tuple[float, float] | None, None, str]:
    known = [interval for interval in intervals if interval is not None]
    if len(known) < len(intervals):
        return None, None, f"{len(intervals) - len(known)} of {len(intervals)} studies have no interval"
    low, high = np.array(known).T
    if ((low > values) | (high < values)).any():
        return None, None, "the interval of a study does not contain its value"
    below, above = (float(np.sqrt(np.sum((shares * (values - end)) ** 2))) for end in (low, high))
    return (value - below, value + above), None, "combined from the intervals of independent studies"

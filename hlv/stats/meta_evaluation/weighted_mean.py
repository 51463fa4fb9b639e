"""Weighted means of a metric's agreement over studies, such as the language pairs of WMT.

WMT23 maps correlations from [-1, 1] to [0, 1] before it averages them with accuracies, and keeps metrics that every
task scored. The weight of a task is given; equal weights are the default.

References
----------
Freitag, M., et al. (2023). Results of WMT23 metrics shared task: metrics might be guilty but references are not
innocent. Proceedings of WMT, 578-628.
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
        95 % percentile interval of the resampled means, or None.
    resample_mean
        Mean of the resampled means, or None.
    rule
        What became of the resamples, or why there is no value or interval.
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

    Raises
    ------
    ValueError
        If there is no study, a weight is not positive and finite, or lengths differ.

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

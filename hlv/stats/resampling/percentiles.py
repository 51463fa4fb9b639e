"""Percentile intervals of resampled values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from hlv.stats.arrays import BoolArray, FloatArray

LEVEL: Final = 0.95


# beyond this share of resamples without an answer, the percentiles of the others say nothing about the tails
LARGEST_SHARE_WITHOUT_ANSWER: Final = 0.05


@dataclass(frozen=True, eq=False)
class Percentiles:
    """Bootstrap intervals, or the reason why there are none.

    Attributes
    ----------
    low, high : (K,), or None where not estimable
    rule
        A sentence that says what became of the resamples without an answer.
    """

    low: FloatArray | None
    high: FloatArray | None
    rule: str


def percentile_intervals(values: FloatArray, *, without_answer: BoolArray | None = None) -> Percentiles:
    """Percentile intervals of columns.

    Parameters
    ----------
    values : (R, K)
    without_answer : (R,)
        Rows to leave out; by default those with a NaN.
    """
    missing = np.isnan(values).any(axis=1) if without_answer is None else without_answer
    n_missing, n_rows = int(missing.sum()), len(values)
    if n_rows == 0:
        return Percentiles(None, None, "nothing was resampled")
    if n_missing > LARGEST_SHARE_WITHOUT_ANSWER * n_rows:
        return Percentiles(
            None,
            None,
            f"not estimable: {n_missing:,} of {n_rows:,} resamples have no answer "
            f"(more than {LARGEST_SHARE_WITHOUT_ANSWER:.0%})",
        )
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(values[~missing], [tail, 1 - tail], axis=0)
    rule = f"percentiles of {n_rows - n_missing:,} resamples"
    if n_missing:
        rule += f"; {n_missing:,} without an answer are left out"
    return Percentiles(low, high, rule)

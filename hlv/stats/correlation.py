"""How alike two rankings of the same methods are: rank and product-moment correlations, row by row.

Every function takes rows (..., M), broadcasts them against each other, and gives NaN for a row in which one
side is constant: a correlation of a constant is undefined.

References
----------
Kendall, M. G. (1945). The treatment of ties in ranking problems. Biometrika 33(3), 239-251.
Kocmi, T., et al. (2021). To ship or not to ship: an extensive evaluation of automatic metrics for machine
translation. Proceedings of WMT, 478-494.
Thompson, B., et al. (2024). Improving statistical significance in human evaluation of automatic metrics via
soft pairwise accuracy. Proceedings of WMT, 1222-1234.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from hlv.stats.arrays import BoolArray, FloatArray

CORRELATIONS: Final = ("kendall_tau_b", "spearman", "pearson", "pairwise_accuracy")
# strengths and scores are rounded to this many decimals before they are compared, so that exact ties stay ties
DECIMALS: Final = 9
_LARGEST_ROUNDED = 1e6
_ROWS_AT_ONCE = 500

SignArray = NDArray[np.int8]


def rounded(values: FloatArray) -> FloatArray:
    """Values as they are compared.

    Raises
    ------
    ValueError
        If a value is NaN; infinite ones are compared like any other.
    """
    if np.isnan(values).any():
        raise ValueError("a missing value has no place in a ranking")
    # rounding a huge number would overflow, and it has no such decimals
    small = np.abs(values) < _LARGEST_ROUNDED
    return np.asarray(np.where(small, np.round(np.where(small, values, 0.0), DECIMALS), values))


CONSTANT_METRIC: Final = "The metric gives all methods the same score to nine decimals; a correlation with a constant is undefined."


def is_constant(values: FloatArray) -> BoolArray:
    """Whether all values of a row are equal; (...,)."""
    compared = rounded(values)
    return np.asarray((compared == compared[..., :1]).all(axis=-1))


def pair_signs(values: FloatArray) -> SignArray:
    """Sign of each difference v_i - v_j, i < j; (..., M(M-1)/2)."""
    compared = rounded(values)
    first, second = np.triu_indices(compared.shape[-1], k=1)
    left, right = compared[..., first], compared[..., second]
    return np.asarray((left > right).astype(np.int8) - (left < right).astype(np.int8))


def kendall_tau_b(x: FloatArray, y: FloatArray) -> FloatArray:
    """Kendall's tau-b of rows, -1 to 1; (...,)."""
    agreeing, x_untied, y_untied = _pair_sums(x, y)
    scale = np.sqrt(x_untied * y_untied)
    return _quotient(agreeing, scale)


def pairwise_accuracy(x: FloatArray, y: FloatArray) -> FloatArray:
    """Share of the pairs that y orders which x orders alike, 0 to 1; a pair that x ties counts half; (...,).

    y are the people, x is the metric: the measure is not symmetric where there are ties.
    """
    agreeing, x_untied, y_untied = _pair_sums(x, y)
    return np.asarray(0.5 + 0.5 * _quotient(agreeing, np.where(x_untied > 0, y_untied, 0.0)))


def pearson(x: FloatArray, y: FloatArray) -> FloatArray:
    """Pearson's r of rows, -1 to 1; NaN also for a row with an infinite value; (...,)."""
    x, y = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    defined = np.isfinite(x).all(axis=-1) & np.isfinite(y).all(axis=-1)
    defined &= ~is_constant(x) & ~is_constant(y)
    value = np.full(defined.shape, np.nan)
    value[defined] = (unit_rows(x[defined]) * unit_rows(y[defined])).sum(axis=-1)
    return np.asarray(np.clip(value, -1.0, 1.0))


def spearman(x: FloatArray, y: FloatArray) -> FloatArray:
    """Spearman's rho of rows with mean ranks for ties, -1 to 1; (...,)."""
    return pearson(mean_ranks(x), mean_ranks(y))


def mean_ranks(values: FloatArray) -> FloatArray:
    """Ranks from 1, the smallest first, the mean of their ranks for equal values; (..., M)."""
    return np.asarray(rankdata(rounded(values), axis=-1), dtype=np.float64)


def correlations(x: FloatArray, y: FloatArray) -> dict[str, FloatArray]:
    """All of `CORRELATIONS` of x, the metric, with y, the people; each (...,)."""
    return {
        "kendall_tau_b": kendall_tau_b(x, y),
        "spearman": spearman(x, y),
        "pearson": pearson(x, y),
        "pairwise_accuracy": pairwise_accuracy(x, y),
    }


def superiority(resampled: FloatArray) -> FloatArray:
    """Share of resamples (R, M) in which i stands above j, ties half; (M, M), 1/2 on the diagonal.

    A share of resamples, not a probability of truth.
    """
    compared = rounded(resampled)
    n_methods = compared.shape[1]
    share = np.full((n_methods, n_methods), 0.5)
    for method in range(n_methods):
        above = compared[:, [method]] > compared
        below = compared[:, [method]] < compared
        share[method] = 0.5 + 0.5 * (above.mean(axis=0) - below.mean(axis=0))
    return share


def soft_pairwise_accuracy(metric: FloatArray, people: FloatArray) -> float:
    """1 - mean over pairs of |p_metric - p_people|, 0 to 1.

    It has no fixed value for an unrelated metric: compare with the permutations' mean.

    Parameters
    ----------
    metric, people : (M, M)
        One-sided p, or `superiority`, of i over j.

    Raises
    ------
    ValueError
        If there are fewer than two methods, or a share is not in [0, 1].
    """
    if len(metric) < 2 or metric.shape != people.shape:
        raise ValueError("two tables of one size, of two methods or more, are needed")
    for table in (metric, people):
        if not ((table >= 0) & (table <= 1)).all():
            raise ValueError("a share lies between 0 and 1")
    pairs = np.triu_indices(len(metric), k=1)
    return float(1 - np.abs(metric[pairs] - people[pairs]).mean())


def _pair_sums(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Concordant less discordant pairs, and the untied pairs of x and of y; each (...,)."""
    x, y = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    shape = x.shape[:-1]
    x_rows, y_rows = x.reshape(-1, x.shape[-1]), y.reshape(-1, y.shape[-1])
    sums = np.empty((3, len(x_rows)))
    for start in range(0, len(x_rows), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        x_signs, y_signs = pair_signs(x_rows[rows]), pair_signs(y_rows[rows])
        sums[0, rows] = (x_signs * y_signs).sum(axis=-1, dtype=np.int64)
        sums[1, rows] = (x_signs != 0).sum(axis=-1)
        sums[2, rows] = (y_signs != 0).sum(axis=-1)
    return sums[0].reshape(shape), sums[1].reshape(shape), sums[2].reshape(shape)


def _quotient(over: FloatArray, under: FloatArray) -> FloatArray:
    return np.asarray(np.divide(over, under, out=np.full(np.shape(over), np.nan), where=under > 0))


def unit_rows(rows: FloatArray) -> FloatArray:
    """Rows (..., M), none constant, less their mean and of length 1."""
    centred = rows - rows.mean(axis=-1, keepdims=True)
    # scaled first: squares of tiny differences would underflow
    centred = centred / np.abs(centred).max(axis=-1, keepdims=True)
    return np.asarray(centred / np.sqrt((centred**2).sum(axis=-1, keepdims=True)))

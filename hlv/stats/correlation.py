"""How alike two rankings of the same methods are: rank and product-moment correlations, row by row.

Every function takes rows (..., M), broadcasts them against each other, and gives NaN for a row in which one
side is constant: a correlation of a constant is undefined.

Each side has its own rule for ties: a metric's scores are tied within `SCORE_TOLERANCE` of their largest finite
absolute value, whatever their scale; strengths within `STRENGTH_TOLERANCE` log odds. `ties_of` applies the rule of a
side and gives its tie groups; what depends on the order alone (tau-b, Spearman, pairwise accuracy) takes tie groups.

References
----------
Kendall, M. G. (1945). The treatment of ties in ranking problems. Biometrika 33(3), 239-251.
Kocmi, T., et al. (2021). To ship or not to ship: an extensive evaluation of automatic metrics for machine
translation. Proceedings of WMT, 478-494.
Thompson, B., et al. (2024). Improving statistical significance in human evaluation of automatic metrics via
soft pairwise accuracy. Proceedings of WMT, 1222-1234.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import scipy
from numpy.typing import NDArray

from hlv.stats.arrays import BoolArray, FloatArray

CORRELATIONS: Final = ("kendall_tau_b", "spearman", "pearson", "pairwise_accuracy")
# what values are: scores of a metric, on any scale, or strengths of a ranking, in log odds
Scale = Literal["score", "strength"]
# relative to the largest finite absolute value: a sum of some thousand values is off by less
SCORE_TOLERANCE: Final = 1e-12
# absolute: two fits of the same judgments differ by less
STRENGTH_TOLERANCE: Final = 1e-9
_ROWS_AT_ONCE = 500

SignArray = NDArray[np.int8]
TieArray = NDArray[np.int32]

CONSTANT_METRIC: Final = (
    "The metric gives all methods the same score; a correlation with a constant is undefined."
)


def tie_tolerance(values: FloatArray, scale: Scale) -> FloatArray:
    """How far apart two neighbours of a row (..., M) may lie and still be tied; (..., 1)."""
    if scale == "strength":
        return np.full((*values.shape[:-1], 1), STRENGTH_TOLERANCE)
    sizes = np.where(np.isfinite(values), np.abs(values), 0.0)
    return np.asarray(SCORE_TOLERANCE * sizes.max(axis=-1, keepdims=True, initial=0.0))


def tie_groups(values: FloatArray, tolerance: FloatArray | float) -> TieArray:
    """The number of each value's tie group, from 0, the smallest values first; (..., M).

    Neighbours in the sorted row that lie within `tolerance` (..., 1) are in one group: a chain of such steps is one
    group, so that being tied is transitive.

    Raises
    ------
    ValueError
        If a value is NaN; infinite ones are compared like any other.
    """
    values = np.asarray(values, dtype=np.float64)
    if np.isnan(values).any():
        raise ValueError("a missing value cannot be ranked")
    order = np.argsort(values, axis=-1)
    ordered = np.take_along_axis(values, order, axis=-1)
    groups = np.zeros(values.shape, dtype=np.int32)
    steps = np.zeros(values.shape, dtype=np.int32)
    # two infinite neighbours are apart by NaN, which is no step
    with np.errstate(invalid="ignore", over="ignore"):
        np.cumsum(ordered[..., 1:] - ordered[..., :-1] > tolerance, axis=-1, out=steps[..., 1:])
    np.put_along_axis(groups, order, steps, axis=-1)
    return groups


def ties_of(values: FloatArray, scale: Scale) -> TieArray:
    """Tie groups of values (..., M) by the rule of their scale."""
    values = np.asarray(values, dtype=np.float64)
    return tie_groups(values, tie_tolerance(values, scale))


def is_constant(ties: TieArray) -> BoolArray:
    """Whether all of a row are in one tie group; (...,)."""
    return np.asarray(ties.max(axis=-1, initial=0) == 0)


def pair_signs(ties: TieArray) -> SignArray:
    """Sign of each difference v_i - v_j, i < j, of tie groups; (..., M(M-1)/2)."""
    first, second = np.triu_indices(_groups(ties).shape[-1], k=1)
    left, right = ties[..., first], ties[..., second]
    return np.asarray((left > right).astype(np.int8) - (left < right).astype(np.int8))


def kendall_tau_b(x: TieArray, y: TieArray) -> FloatArray:
    """Kendall's tau-b of rows of tie groups, -1 to 1; (...,).

    Examples
    --------
    >>> import numpy as np
    >>> from hlv.stats.correlation import kendall_tau_b, ties_of
    >>> metric, people = ties_of(np.array([3.0, 1.0, 2.0]), "score"), ties_of(np.array([9.0, 4.0, 1.0]), "strength")
    >>> round(float(kendall_tau_b(metric, people)), 3)
    0.333
    """
    agreeing, x_untied, y_untied = _pair_sums(x, y)
    scale = np.sqrt(x_untied * y_untied)
    return _quotient(agreeing, scale)


def pairwise_accuracy(x: TieArray, y: TieArray) -> FloatArray:
    """Share of the pairs that y orders which x orders alike, 0 to 1; a pair that x ties counts half; (...,).

    y are the tie groups of the people, x those of the metric: the measure is not symmetric where there are ties.
    """
    agreeing, x_untied, y_untied = _pair_sums(x, y)
    return np.asarray(0.5 + 0.5 * _quotient(agreeing, np.where(x_untied > 0, y_untied, 0.0)))


def pearson(x: FloatArray, y: FloatArray) -> FloatArray:
    """Pearson's r of rows, -1 to 1; NaN also for a row with an infinite value; (...,).

    A row is constant here where it varies by less than `SCORE_TOLERANCE` of its largest value: nothing but rounding.
    """
    x, y = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    defined = _varies(x) & _varies(y)
    value = np.full(defined.shape, np.nan)
    value[defined] = (unit_rows(x[defined]) * unit_rows(y[defined])).sum(axis=-1)
    return np.asarray(np.clip(value, -1.0, 1.0))


def _varies(rows: FloatArray) -> BoolArray:
    """Whether a row is finite, and more than rounding; (...,)."""
    tolerance = tie_tolerance(rows, "score")[..., 0]
    with np.errstate(invalid="ignore", over="ignore"):
        varies = rows.max(axis=-1, initial=-np.inf) - rows.min(axis=-1, initial=np.inf) > tolerance
    return np.asarray(varies & np.isfinite(rows).all(axis=-1))


def spearman(x: TieArray, y: TieArray) -> FloatArray:
    """Spearman's rho of rows of tie groups, with mean ranks for ties, -1 to 1; (...,)."""
    return pearson(mean_ranks(x), mean_ranks(y))


def mean_ranks(ties: TieArray) -> FloatArray:
    """Ranks from 1, the smallest first, the mean of their ranks for one tie group; (..., M)."""
    return np.asarray(scipy.stats.rankdata(_groups(ties), axis=-1), dtype=np.float64)


def correlations(
    x: FloatArray, y: FloatArray, *, x_ties: TieArray, y_ties: TieArray
) -> dict[str, FloatArray]:
    """All of `CORRELATIONS` of x, the metric, with y, the people, and the tie groups of each; each (...,)."""
    linear = np.asarray(pearson(x, y))
    return {
        "kendall_tau_b": kendall_tau_b(x_ties, y_ties),
        "spearman": spearman(x_ties, y_ties),
        "pearson": np.where(is_constant(x_ties) | is_constant(y_ties), np.nan, linear),
        "pairwise_accuracy": pairwise_accuracy(x_ties, y_ties),
    }


def superiority(ties: TieArray) -> FloatArray:
    """Share of resamples, tie groups (R, M), in which i stands above j, ties half; (M, M), 1/2 on the diagonal.

    A share of resamples, not a probability of truth.
    """
    compared = _groups(ties)
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
            raise ValueError("a share must be between 0 and 1")
    pairs = np.triu_indices(len(metric), k=1)
    return float(1 - np.abs(metric[pairs] - people[pairs]).mean())


def _groups(ties: TieArray) -> TieArray:
    """The same; scores are refused, whose ties nobody has looked for."""
    if not np.issubdtype(np.asarray(ties).dtype, np.integer):
        raise TypeError("tie groups are needed, not scores: use ties_of(values, scale)")
    return ties


def _pair_sums(x: TieArray, y: TieArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Concordant less discordant pairs, and the untied pairs of x and of y; each (...,)."""
    x, y = np.broadcast_arrays(_groups(x), _groups(y))
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

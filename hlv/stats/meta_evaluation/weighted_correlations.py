"""Correlations of one sample under many weightings at once, such as the counts of bootstrap resamples.

With whole-number weights each value is that of the sample in which a point occurs as often as its weight says.
A point of weight 0 is absent.

References
----------
Kendall, M. G. (1945). The treatment of ties in ranking problems. Biometrika 33(3), 239-251.
Knight, W. R. (1966). A computer method for calculating Kendall's tau with ungrouped data. JASA 61(314), 436-439.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import scipy

from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.correlation import TieArray, pair_signs, ties_of

# Up to so many points tau-b is a quadratic form of the weights; beyond, each resample is sorted (Knight 1966).
_MOST_OF_A_FORM: Final = 400
_CELLS_AT_ONCE: Final = 2_000_000


def weighted_pearson(x: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """Pearson's r for each row of weights.

    Parameters
    ----------
    x, y : (n,)
        Finite.
    weights : (R, n)
        Not negative.

    Returns
    -------
    (R,)
        NaN where a side is constant among the points with weight.
    """
    x_ties, y_ties = ties_of(x, "score"), ties_of(y, "score")
    varies = _varies(x_ties, weights) & _varies(y_ties, weights)
    value = np.full(len(weights), np.nan)
    value[varies] = _pearson_rows(_scaled(x)[None], _scaled(y)[None], weights[varies])
    return value


def weighted_spearman(x: TieArray, y: TieArray, weights: FloatArray) -> FloatArray:
    """Spearman's rho of tie groups (n,) for each row of whole-number weights (R, n); NaN as in `weighted_pearson`."""
    varies = _varies(x, weights) & _varies(y, weights)
    value = np.full(len(weights), np.nan)
    kept = weights[varies]
    value[varies] = _pearson_rows(_mean_ranks(x, kept), _mean_ranks(y, kept), kept)
    return value


def weighted_tau_b(x: TieArray, y: TieArray, weights: FloatArray) -> FloatArray:
    """Kendall's tau-b of tie groups (n,) for each row of whole-number weights (R, n); NaN as in `weighted_pearson`.

    Copies of a point are tied on both sides, so they enter neither the numerator nor the denominator.
    """
    if len(x) > _MOST_OF_A_FORM:
        return np.array([_tau_b_of_copies(x, y, row.astype(np.int64)) for row in weights])
    first, second = np.triu_indices(len(x), k=1)
    x_signs, y_signs = pair_signs(x).astype(np.float64), pair_signs(y).astype(np.float64)
    tables = np.zeros((3, len(x), len(x)))
    tables[:, first, second] = x_signs * y_signs, x_signs**2, y_signs**2
    agreeing, x_untied, y_untied = (((weights @ table) * weights).sum(axis=1) for table in tables)
    scale = np.sqrt(x_untied * y_untied)
    return np.asarray(np.divide(agreeing, scale, out=np.full(len(weights), np.nan), where=scale > 0))


def _tau_b_of_copies(x: TieArray, y: TieArray, counts: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
    drawn_x, drawn_y = np.repeat(x, counts), np.repeat(y, counts)
    if len(drawn_x) < 2 or np.ptp(drawn_x) == 0 or np.ptp(drawn_y) == 0:
        return float("nan")
    return float(scipy.stats.kendalltau(drawn_x, drawn_y).statistic)


def _varies(ties: TieArray, weights: FloatArray) -> BoolArray:
    """Whether points with weight are in two tie groups or more; (R,)."""
    there = weights > 0
    largest = np.where(there, ties, -1).max(axis=1, initial=-1)
    smallest = np.where(there, ties, np.iinfo(np.int32).max).min(axis=1, initial=np.iinfo(np.int32).max)
    return np.asarray(largest > smallest)


def _scaled(values: FloatArray) -> FloatArray:
    """Less the mean, over the largest size: squares of tiny differences would underflow."""
    centred = values - values.mean()
    largest = np.abs(centred).max(initial=0.0)
    return np.asarray(centred / largest if largest > 0 else centred)


def _pearson_rows(x: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """r (R,) of rows (1 or R, n), none constant, under weights (R, n)."""
    total = weights.sum(axis=1, keepdims=True)
    x = x - (weights * x).sum(axis=1, keepdims=True) / total
    y = y - (weights * y).sum(axis=1, keepdims=True) / total
    moments = [(weights * one * other).sum(axis=1) for one, other in ((x, y), (x, x), (y, y))]
    return np.asarray(np.clip(moments[0] / np.sqrt(moments[1] * moments[2]), -1.0, 1.0))


def _mean_ranks(ties: TieArray, weights: FloatArray) -> FloatArray:
    """Mean ranks (R, n) in the sample in which each point occurs as often as its weight."""
    order = np.argsort(ties, kind="stable")
    starts = np.flatnonzero(np.diff(ties[order], prepend=-1))
    sizes = np.add.reduceat(weights[:, order], starts, axis=1)
    ranks = np.cumsum(sizes, axis=1) - (sizes - 1) / 2
    return np.asarray(ranks[:, np.searchsorted(ties[order][starts], ties)])


def rows_at_once(n_points: int) -> int:
    """How many rows of weights are worked on together, so that they stay in memory."""
    return max(1, _CELLS_AT_ONCE // max(1, n_points))

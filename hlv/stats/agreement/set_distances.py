"""Distances between sets of labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray

# shared labels, labels of the first set, labels of the second set -> distance; all broadcast together
SetDistance: TypeAlias = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]


def _jaccard(shared: FloatArray, first: FloatArray, second: FloatArray) -> FloatArray:
    union = first + second - shared
    return np.asarray(1 - np.divide(shared, union, out=np.ones_like(union), where=union > 0))


def _masi(shared: FloatArray, first: FloatArray, second: FloatArray) -> FloatArray:
    smaller = np.minimum(first, second)
    larger = np.maximum(first, second)
    monotonicity = np.where(
        shared == larger, 1.0, np.where(shared == 0, 0.0, np.where(shared == smaller, 2 / 3, 1 / 3))
    )
    return np.asarray(1 - (1 - _jaccard(shared, first, second)) * monotonicity)


def _nominal(shared: FloatArray, first: FloatArray, second: FloatArray) -> FloatArray:
    return np.asarray(shared != np.maximum(first, second), dtype=np.float64)


SET_DISTANCES: Mapping[str, SetDistance] = MappingProxyType(
    {"masi": _masi, "jaccard": _jaccard, "nominal": _nominal}
)


def masi_distance(first: npt.ArrayLike, second: npt.ArrayLike) -> FloatArray:
    """1 - Jaccard similarity x monotonicity.

    Monotonicity is 1 for equal sets, 2/3 where one contains the other, 1/3 where they overlap, 0 where they share
    nothing. Two empty sets have distance 0; an empty and a filled one have distance 1.

    Parameters
    ----------
    first, second : (..., K) array_like of bool
        Membership of K labels; the leading shapes broadcast.

    Returns
    -------
    (...) ndarray
        In [0, 1].

    References
    ----------
    Passonneau, R. (2006). Measuring agreement on set-valued items (MASI) for semantic and pragmatic annotation.
    LREC 2006.
    """
    return _masi(*_sizes(first, second))


def jaccard_distance(first: npt.ArrayLike, second: npt.ArrayLike) -> FloatArray:
    """1 - shared labels over all labels of both sets; 0 for two empty sets.

    Parameters and returns as `masi_distance`.

    References
    ----------
    Jaccard, P. (1912). The distribution of the flora in the alpine zone. New Phytologist 11, 37-50.
    """
    return _jaccard(*_sizes(first, second))


def _sizes(first: npt.ArrayLike, second: npt.ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    left, right = np.broadcast_arrays(
        np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    )
    return (left * right).sum(axis=-1), left.sum(axis=-1), right.sum(axis=-1)

"""Krippendorff's alpha.

alpha = 1 - D_o / D_e. With m answers in an item, each ordered pair of its answers weighs 1 / (m - 1); items with a
single answer leave the computation. D_e pairs all remaining answers with one another, without replacement.

Nominal and ordinal alpha use squared differences (the nominal one is its own square); alpha for sets uses the MASI
or Jaccard distance itself, as Passonneau does.

References
----------
Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania.
Passonneau, R. (2006). Measuring agreement on set-valued items (MASI). LREC 2006.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from hlv.stats.agreement.weighted_sums import CategoryCounts, ratio, sparse_table, weighted_sums
from hlv.stats.arrays import BoolArray, FloatArray, IntArray

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


LARGEST_KEPT_TABLE_OF_SETS = 2048
SETS_PER_BLOCK = 512


class NominalAlphaPerLabel:
    """Nominal alpha of each label, present or absent, and over all categories.

    The overall column is right only where every answer names one category: each disagreement then is one label
    present in either answer, which the sum over labels counts twice above and below the line.
    """

    def __init__(self, counts: CategoryCounts, *, overall: bool) -> None:
        pairs = counts.pairable
        entry_answers = pairs.entry_answers
        self._chosen = pairs.table(pairs.count)
        self._unequal = pairs.table(pairs.count * (entry_answers - pairs.count) / (entry_answers - 1))
        self._n_answers = pairs.n_answers
        self._overall = overall
        self.width = 4 * counts.n_categories
        labels: list[int | None] = list(range(counts.n_categories))
        self.names: tuple[tuple[str, int | None], ...] = tuple(
            ("krippendorff_alpha", label) for label in labels
        ) + ((("krippendorff_alpha_nominal", None),) if overall else ())

    def __call__(self, weights: FloatArray) -> FloatArray:
        n_answers = (weights @ self._n_answers)[:, None]
        chosen = weighted_sums(weights, self._chosen)
        observed = weighted_sums(weights, self._unequal)
        expected = chosen * (n_answers - chosen)
        if self._overall:
            observed = np.column_stack([observed, observed.sum(axis=1)])
            expected = np.column_stack([expected, expected.sum(axis=1)])
        return alpha(observed, expected, n_answers)


class OrdinalAlpha:
    """Ordinal alpha: the difference of two labels is the difference of their mid-ranks among all answers.

    Mid-ranks depend on the totals of the labels, so a resample has mid-ranks of its own; the parts of an item are
    its pairs of different labels, of which few exist in all.
    """

    names: tuple[tuple[str, int | None], ...] = (("krippendorff_alpha_ordinal", None),)

    def __init__(self, counts: CategoryCounts) -> None:
        pairs = counts.pairable
        items, lower, upper, products = (
            np.concatenate(columns) for columns in zip(*_unequal_pairs(pairs), strict=True)
        )
        keys, column = np.unique(lower * counts.n_categories + upper, return_inverse=True)
        self._lower, self._upper = keys // counts.n_categories, keys % counts.n_categories
        values = products / (pairs.n_answers[items] - 1)
        self._pairs = sparse_table(items, column.reshape(-1), values, shape=(counts.n_items, len(keys)))
        self._chosen = pairs.table(pairs.count)
        self.width = counts.n_categories + 3 * len(keys)

    def __call__(self, weights: FloatArray) -> FloatArray:
        chosen = weighted_sums(weights, self._chosen)
        n_answers = chosen.sum(axis=1, keepdims=True)
        mid_ranks = centred_mid_ranks(chosen)
        differences = mid_ranks[:, self._upper] - mid_ranks[:, self._lower]
        observed = (weighted_sums(weights, self._pairs) * differences**2).sum(axis=1, keepdims=True)
        expected = n_answers * (chosen * mid_ranks**2).sum(axis=1, keepdims=True)
        return alpha(observed, expected, n_answers)


class SetAlpha:
    """Alpha of whole sets with the MASI, the Jaccard and the nominal distance.

    Parameters
    ----------
    counts : CategoryCounts
        Counts of the distinct sets.
    sets : (S, K) ndarray of bool
    """

    names: tuple[tuple[str, int | None], ...] = tuple(
        (f"krippendorff_alpha_{name}", None) for name in SET_DISTANCES
    )

    def __init__(self, counts: CategoryCounts, sets: BoolArray) -> None:
        pairs = counts.pairable
        self._sets = sets.astype(np.float64)
        self._sizes = self._sets.sum(axis=1)
        self._chosen = pairs.table(pairs.count)
        self._observed = self._distance_within_items(pairs)
        self._kept: list[list[FloatArray]] = []
        if len(sets) <= LARGEST_KEPT_TABLE_OF_SETS:
            self._kept = [self._distances(start) for start in range(0, len(sets), SETS_PER_BLOCK)]
        self.width = counts.n_categories

    def __call__(self, weights: FloatArray) -> FloatArray:
        chosen = weighted_sums(weights, self._chosen)
        expected = np.zeros((len(weights), len(SET_DISTANCES)))
        for block, start in enumerate(range(0, len(self._sets), SETS_PER_BLOCK)):
            distances = self._kept[block] if self._kept else self._distances(start)
            within = chosen[:, start : start + SETS_PER_BLOCK]
            for column, distance in enumerate(distances):
                expected[:, column] += ((within @ distance) * chosen).sum(axis=1)
        # both sides count unordered pairs, as in the other alphas
        return alpha(weights @ self._observed, expected / 2, chosen.sum(axis=1, keepdims=True))

    def _distances(self, start: int) -> list[FloatArray]:
        """Distance tables of a block of sets to all sets."""
        block = slice(start, start + SETS_PER_BLOCK)
        shared = self._sets[block] @ self._sets.T
        first, second = np.broadcast_arrays(self._sizes[block, None], self._sizes[None, :])
        return [distance(shared, first, second) for distance in SET_DISTANCES.values()]

    def _distance_within_items(self, pairs: CategoryCounts) -> FloatArray:
        observed = np.zeros((pairs.n_items, len(SET_DISTANCES)))
        for items, first, second, products in _unequal_pairs(pairs):
            shared = np.einsum("ek,ek->e", self._sets[first], self._sets[second])
            weights = products / (pairs.n_answers[items] - 1)
            for column, distance in enumerate(SET_DISTANCES.values()):
                values = weights * distance(shared, self._sizes[first], self._sizes[second])
                observed[:, column] += np.bincount(items, weights=values, minlength=pairs.n_items)
        return observed


def alpha(observed: FloatArray, expected: FloatArray, n_answers: FloatArray) -> FloatArray:
    """Alpha from sums over unordered pairs: within items over (m - 1), and among all answers."""
    return 1 - (n_answers - 1) * ratio(observed, expected)


def centred_mid_ranks(chosen: FloatArray) -> FloatArray:
    """Mid-ranks of labels, less their mean, from how often each was chosen; (..., K).

    Centred, so that their variance is a sum of squares without cancellation.
    """
    return np.asarray(np.cumsum(chosen, axis=-1) - chosen / 2 - chosen.sum(axis=-1, keepdims=True) / 2)


def _unequal_pairs(counts: CategoryCounts) -> Iterator[tuple[IntArray, IntArray, IntArray, FloatArray]]:
    """Yield all pairs of different categories within an item, first < second, with the product of their counts.

    Entries of an item are neighbours, so its pairs are entries 1, 2, ... steps apart; each step is one block,
    which keeps memory to the size of the table.
    """
    start = np.arange(len(counts.item))
    step = 0
    while True:
        step += 1
        start = start[start + step < len(counts.item)]
        start = start[counts.item[start] == counts.item[start + step]]
        if step > 1 and not start.size:
            return
        products = counts.count[start] * counts.count[start + step]
        yield counts.item[start], counts.category[start], counts.category[start + step], products

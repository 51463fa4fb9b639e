"""Sparse tables of per-item parts, and their weighted sums."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy import sparse

from hlv.stats.arrays import FloatArray, IntArray, SparseTable


class Estimator(Protocol):
    """Coefficients as functions of item weights.

    `names` has a (coefficient, label index or None for overall) for each column that a call returns; `width` is
    the largest number of columns that it holds at once for one row of weights, so that callers can bound memory.
    A column is NaN in a row where the coefficient is undefined.
    """

    @property
    def names(self) -> tuple[tuple[str, int | None], ...]: ...

    @property
    def width(self) -> int: ...

    def __call__(self, weights: FloatArray) -> FloatArray:
        """Map weights (R, N) to coefficients (R, len(names))."""
        ...


def sparse_table(
    rows: npt.NDArray[np.integer],
    columns: npt.NDArray[np.integer],
    values: FloatArray,
    *,
    shape: tuple[int, int],
) -> SparseTable:
    """Table with `values` added up at (rows, columns)."""
    return sparse.coo_array((values, (rows, columns)), shape=shape, dtype=np.float64).tocsr()


def weighted_sums(weights: FloatArray, table: SparseTable) -> FloatArray:
    """Product of weights (R, N) and a table (N, C)."""
    return np.asarray(weights @ table, dtype=np.float64)


def ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Quotient; NaN, meaning undefined, where the denominator is 0."""
    undefined = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    quotient: FloatArray = np.divide(numerator, denominator, out=undefined, where=denominator != 0)
    return quotient


@dataclass(frozen=True)
class CategoryCounts:
    """How often each category was given to each item, as a sparse table in coordinates.

    A category is a label, or in multilabel tasks either a whole set or a label of a set. Entries are sorted by
    item and category and no entry is zero.

    Attributes
    ----------
    item, category : (E,) ndarray of int
    count : (E,) ndarray of float
    n_answers : (N,) ndarray of float
        Answers of each item; more than the item's counts where a set is empty, fewer where sets overlap.
    n_categories : int
    """

    item: IntArray
    category: IntArray
    count: FloatArray
    n_answers: FloatArray
    n_categories: int

    @classmethod
    def of_pairs(
        cls, item: IntArray, category: IntArray, *, n_answers: FloatArray, n_categories: int
    ) -> CategoryCounts:
        """Count equal (item, category) pairs."""
        keys, counts = np.unique(item * n_categories + category, return_counts=True)
        return cls(
            item=keys // n_categories,
            category=keys % n_categories,
            count=counts.astype(np.float64),
            n_answers=n_answers,
            n_categories=n_categories,
        )

    @property
    def n_items(self) -> int:
        return len(self.n_answers)

    @cached_property
    def entry_answers(self) -> FloatArray:
        """Answers of the item that each entry belongs to, shape (E,)."""
        return self.n_answers[self.item]

    @cached_property
    def pairable(self) -> CategoryCounts:
        """Same table without the entries of items that have a single answer."""
        kept = self.entry_answers >= 2
        return CategoryCounts(
            item=self.item[kept],
            category=self.category[kept],
            count=self.count[kept],
            n_answers=np.where(self.n_answers >= 2, self.n_answers, 0.0),
            n_categories=self.n_categories,
        )

    def table(self, values: FloatArray) -> SparseTable:
        """Sparse (N, n_categories) table with a value for each entry."""
        return sparse_table(self.item, self.category, values, shape=(self.n_items, self.n_categories))

    def per_item(self, values: FloatArray) -> FloatArray:
        """Sum a value for each entry over the entries of an item, shape (N,)."""
        return np.bincount(self.item, weights=values, minlength=self.n_items).astype(np.float64)

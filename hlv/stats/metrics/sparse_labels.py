"""Outputs compared with human labels where the human distribution has mass, and counts packed into whole numbers.

A few people choose few of many labels, so most cells of a human distribution are 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray

IntArray = npt.NDArray[np.intp]

# above this share of cells with mass, passing over the others takes longer than it saves
_SPARSE = 0.3
# items at once, so that what is computed of them stays in the cache of one core
ITEMS_AT_ONCE = 4096
_TINY = 1e-300
LOG_2 = math.log(2)


@dataclass(frozen=True, eq=False)
class Compared:
    """An output beside the human labels.

    Attributes
    ----------
    item_overlaps, block_overlaps : (N,), (blocks, K)
        Sums of min(P, Q), over labels and over the items of a block.
    divergences_in_nats : (N,)
        Jensen-Shannon, where rows are distributions.
    """

    item_overlaps: FloatArray
    block_overlaps: FloatArray
    divergences_in_nats: FloatArray

    @classmethod
    def empty(cls, n_items: int, n_labels: int) -> Compared:
        """To be filled block by block, in any order."""
        return cls(np.empty(n_items), np.zeros((n_blocks(n_items), n_labels)), np.empty(n_items))

    @property
    def label_overlaps(self) -> FloatArray:
        """(K,)"""
        return np.asarray(self.block_overlaps.sum(axis=0))


def n_blocks(n_items: int) -> int:
    return -(-n_items // ITEMS_AT_ONCE)


def item_blocks(n_items: int) -> Iterator[slice]:
    """Items so many at a time that what is made of a block stays small beside the table."""
    for start in range(0, n_items, ITEMS_AT_ONCE):
        yield slice(start, min(start + ITEMS_AT_ONCE, n_items))


@dataclass(frozen=True, eq=False)
class SparseLabels:
    """The cells with human mass, S of them, in the order of the table.

    Attributes
    ----------
    shape : (N, K)
        Of the table.
    place : (S,)
        In the table as one row.
    item, label : (S,)
        Of the items, the number within their block.
    mass : (S,)
    edges : (blocks + 1,)
        Where the cells of each block of items begin.
    """

    shape: tuple[int, int]
    place: IntArray
    item: IntArray
    label: IntArray
    mass: FloatArray
    edges: IntArray

    @classmethod
    def of(cls, table: FloatArray) -> SparseLabels | None:
        """None where most cells have mass."""
        # numpy looks through booleans several times as fast as through numbers
        has_mass = table != 0
        if np.count_nonzero(has_mass) > _SPARSE * table.size:
            return None
        place = np.flatnonzero(has_mass)
        item, label = np.divmod(place, table.shape[1])
        firsts = np.arange(0, len(table) + ITEMS_AT_ONCE, ITEMS_AT_ONCE)
        edges = np.searchsorted(item, firsts)
        return cls(table.shape, place, item % ITEMS_AT_ONCE, label, table.ravel()[place], edges)

    def compared(self, predicted: FloatArray, masses: FloatArray) -> Compared:
        """An output (N, K), whose items have these masses (N,), beside the human labels."""
        n_items, n_labels = self.shape
        found = Compared.empty(n_items, n_labels)
        for block, items in enumerate(item_blocks(n_items)):
            self.compare(block, items, predicted, masses, found)
        return found

    def compare(
        self, block: int, items: slice, table: FloatArray, masses: FloatArray, found: Compared
    ) -> None:
        """One block of items, as `compared` does them all."""
        cells = slice(self.edges[block], self.edges[block + 1])
        n_items = items.stop - items.start
        item, human = self.item[cells], self.mass[cells]
        if not len(item):
            # np.bincount of nothing forgets that it sums floats
            found.item_overlaps[items], found.divergences_in_nats[items] = 0.0, masses[items] * LOG_2 / 2
            return
        predicted = table.ravel().take(self.place[cells])
        shared = np.minimum(human, predicted)
        found.item_overlaps[items] = np.bincount(item, shared, minlength=n_items)
        found.block_overlaps[block] = np.bincount(self.label[cells], shared, minlength=self.shape[1])
        # p log(p / m) + q log(q / m) at the middle m; where nobody chose a label, all of its mass diverges: q log 2
        ratio_to_middle = np.add(human, predicted, out=shared)
        np.divide(2, ratio_to_middle, out=ratio_to_middle)
        nats = human * ratio_to_middle
        np.log(nats, out=nats)
        nats *= human
        ratio_to_middle *= predicted
        # 0 log 0 is 0
        np.maximum(ratio_to_middle, _TINY, out=ratio_to_middle)
        np.log(ratio_to_middle, out=ratio_to_middle)
        ratio_to_middle *= predicted
        nats += ratio_to_middle
        # what is predicted elsewhere, is the whole mass without what is predicted here
        predicted *= LOG_2
        nats -= predicted
        item_values = LOG_2 * masses[items] + np.bincount(item, nats, minlength=n_items)
        # a last digit may be left of 0
        found.divergences_in_nats[items] = np.maximum(item_values, 0.0) / 2


@dataclass(frozen=True, eq=False)
class SparseWeights:
    """The C cells of some items that people chose, label by label.

    Attributes
    ----------
    item, place : (C,)
        The item of each cell, and its place in the table (n, K) as one row.
    edges : (K + 1,)
        Where the cells of each label begin.
    """

    item: npt.NDArray[np.intp]
    place: npt.NDArray[np.intp]
    edges: npt.NDArray[np.intp]

    @classmethod
    def of(cls, table: npt.NDArray[Any]) -> SparseWeights:
        """Those of a table (n, K) that are not 0."""
        n_labels = table.shape[1]
        label, item = np.nonzero((table != 0).T)
        return cls(item, item * n_labels + label, np.searchsorted(label, np.arange(n_labels + 1)))

    @property
    def n_labels(self) -> int:
        return len(self.edges) - 1

    def values(self, tables: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """What t tables (n, K) say there, (C, t)."""
        return np.stack([table.ravel()[self.place] for table in tables], axis=1)

    def weighted(self, times: npt.NDArray[Any], values: FloatArray) -> FloatArray:
        """Sums (K, R, t) of values (C, t) by label, with each item counted as often as it was drawn (R, n)."""
        found = np.empty((self.n_labels, len(times), values.shape[1]))
        # an item's draws lie in memory in one piece, so that those of a label's items are quickly gathered
        item_values = np.ascontiguousarray(times.T).astype(np.float64)
        for label, (start, stop) in enumerate(zip(self.edges[:-1], self.edges[1:], strict=True)):
            drawn = item_values.take(self.item[start:stop], axis=0)
            np.matmul(drawn.T, values[start:stop], out=found[label])
        return found


# whole numbers up to 2 ** 53 are exact
EXACT_BITS: Final = 53


@dataclass(frozen=True)
class PackedCounts:
    """Counts of several columns as the digits of one whole number, which is weighted instead of each of them.

    Attributes
    ----------
    n_counts : int
        How many columns are counted.
    n_bits : int
        Of a digit: no count may need more.
    """

    n_counts: int
    n_bits: int

    @property
    def n_digits(self) -> int:
        return EXACT_BITS // self.n_bits

    @property
    def n_columns(self) -> int:
        return -(-self.n_counts // self.n_digits)

    def _spans(self) -> Iterator[tuple[int, slice]]:
        """Each digit with the columns that it counts."""
        for digit in range(self.n_digits):
            start = digit * self.n_columns
            if start < self.n_counts:
                yield digit, slice(start, min(start + self.n_columns, self.n_counts))

    def packed(self, tables: Sequence[npt.NDArray[Any]], n_rows: int) -> FloatArray:
        """Tables (n_rows, n_counts) of booleans, few of them true, as numbers (n_rows, n_columns)."""
        if not tables:
            return np.empty((n_rows, 0))
        row, column = np.divmod(np.flatnonzero(np.concatenate(tables, axis=1)), self.n_counts)
        digit, position = np.divmod(column, self.n_columns)
        values = np.ldexp(1.0, digit * self.n_bits)
        position += row * self.n_columns
        packed = np.bincount(position, weights=values, minlength=n_rows * self.n_columns)
        return packed.astype(np.float64, copy=False).reshape(n_rows, self.n_columns)

    def add(self, products: FloatArray, counts: npt.NDArray[np.int64]) -> None:
        """Add the digits of the products (..., n_columns) to the counts (..., n_counts)."""
        totals = products.astype(np.int64)
        for digit, columns in self._spans():
            digits = totals[..., : columns.stop - columns.start] >> (digit * self.n_bits)
            counts[..., columns] += digits & ((1 << self.n_bits) - 1)

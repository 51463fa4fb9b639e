"""Counts of a board of comparisons whose judges, items or both are drawn again.

Cells are merged first to what the unit can tell apart: the work grows with the judges' (or items') boards, and not
with the judgments. All sums are of whole numbers, so they are exact in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, Protocol

import numpy as np
from scipy.sparse import csr_array

from hlv.stats.arrays import BoolArray, FloatArray, IntArray, SparseTable
from hlv.stats.pairwise.comparisons import SECOND, TIE, UNKNOWN, Cells
from hlv.stats.pairwise.pair_likelihoods import PairTable
from hlv.stats.resampling.chunks import chunk_generator
from hlv.stats.resampling.item_weights import NOT_RANKED, ItemBlocks, ItemDraws, multinomial_weights

ResamplingUnit = Literal["both", "judges", "items", "judgments"]
RESAMPLING_UNITS: Final[tuple[ResamplingUnit, ...]] = ("both", "judges", "items", "judgments")

# rows of judges' boards weighted at once: bounds the memory of one chunk to some megabytes
_ROWS_AT_ONCE = 8192
# codes up to so many times their number are looked up, others sorted
_DENSE = 8


class DrawnItems(Protocol):
    """Weights of items that are drawn elsewhere, too."""

    def counts(self, index: int, n_resamples: int) -> IntArray:
        """How often each item is drawn in the chunk with this index, (n_resamples, n_items)."""
        ...


@dataclass(frozen=True, eq=False)
class _Block:
    """Rows of some judges' boards.

    Attributes
    ----------
    by_item : (n_rows, n_items)
        Judgments of each item, a row for each judge, pair and outcome.
    judge : (n_rows,)
    collapse : (3 n_pairs, n_rows)
        Adds up the rows of each outcome and pair.
    """

    by_item: SparseTable
    judge: IntArray
    collapse: SparseTable


@dataclass(frozen=True, eq=False)
class ComparisonResampler:
    """Draws the counts of resampled boards; `draw` gives one chunk.

    Attributes
    ----------
    pairs
        The full board's.
    judge, item, count : (n_cells,)
        Judges and items numbered from 0 without gaps, all 0 where they are not drawn.
    row : (n_cells,)
        Where a cell is counted: wins of the pairs, then losses, then ties.
    drawn_items
        Draws the items as another ranking does; None draws them here.
    """

    pairs: PairTable
    unit: ResamplingUnit
    seed: int
    judge: IntArray
    item: IntArray
    count: FloatArray
    row: IntArray
    drawn_items: DrawnItems | None = None

    def draw(self, index: int, n_resamples: int) -> PairTable:
        """Counts (n_resamples, n_pairs) of the chunk with this index."""
        counts = self._counts(index, n_resamples)
        wins, losses, ties = np.split(counts, 3, axis=1)
        return PairTable(self.pairs.n_methods, self.pairs.upper, self.pairs.lower, wins, losses, ties)

    @property
    def _n_rows(self) -> int:
        return 3 * self.pairs.n_pairs

    def _counts(self, index: int, n_resamples: int) -> FloatArray:
        """Counts (n_resamples, 3 n_pairs)."""
        generator = chunk_generator(self.seed, index)
        if self.unit == "judgments":
            totals = np.bincount(self.row, weights=self.count, minlength=self._n_rows)
            return generator.poisson(totals, size=(n_resamples, self._n_rows)).astype(np.float64)
        if self.unit == "judges":
            return np.ascontiguousarray((self._by_unit @ _drawn(generator, self.judge, n_resamples)).T)
        if self.unit == "items":
            return np.ascontiguousarray((self._by_unit @ self._items(generator, index, n_resamples)).T)
        judges = _drawn(generator, self.judge, n_resamples)
        items = self._items(generator, index, n_resamples)
        counts = np.zeros((self._n_rows, n_resamples))
        for block in self._blocks:
            weighted = np.asarray(block.by_item @ items)
            weighted *= judges[block.judge]
            counts += block.collapse @ weighted
        return np.ascontiguousarray(counts.T)

    def _items(self, generator: np.random.Generator, index: int, n_resamples: int) -> FloatArray:
        """Weights (n_items, n_resamples)."""
        if self.drawn_items is None:
            return _drawn(generator, self.item, n_resamples)
        return np.ascontiguousarray(self.drawn_items.counts(index, n_resamples).T.astype(np.float64))

    @cached_property
    def _by_unit(self) -> SparseTable:
        """Judgments of each outcome and pair, by judge or by item (3 n_pairs, n_units)."""
        unit = self.judge if self.unit == "judges" else self.item
        return _sums(self.count, self.row, unit, (self._n_rows, int(unit.max()) + 1))

    @cached_property
    def _blocks(self) -> list[_Block]:
        codes, place = np.unique(self.judge * self._n_rows + self.row, return_inverse=True)
        by_item = _sums(self.count, place, self.item, (len(codes), int(self.item.max()) + 1))
        blocks = []
        for start in range(0, len(codes), _ROWS_AT_ONCE):
            rows = codes[start : start + _ROWS_AT_ONCE]
            entries = (np.ones(len(rows)), rows % self._n_rows, np.arange(len(rows)))
            collapse = _sums(*entries, (self._n_rows, len(rows)))
            blocks.append(_Block(by_item[start : start + len(rows)], rows // self._n_rows, collapse))
        return blocks


def comparison_resampler(
    cells: Cells,
    pairs: PairTable,
    *,
    unit: ResamplingUnit,
    seed: int,
    drawn_items: DrawnItems | None = None,
) -> ComparisonResampler:
    """Cells made ready to be drawn; `pairs` are the full board's, `drawn_items` draws its items in their order.

    Judgments of unknown judges (or on unknown items) are drawn together, as one judge's (one item's).
    """
    counted = cells.count > 0
    kept = slice(None) if counted.all() else counted
    row = _rows(cells, pairs, kept)
    judge = _numbered(cells.judge[kept], drawn=unit in ("both", "judges"))
    item = _numbered(cells.item[kept], drawn=unit in ("both", "items"))
    n_items = int(item.max(initial=0)) + 1
    # cells that the unit cannot tell apart are one
    merged, count = _merged((judge * 3 * pairs.n_pairs + row) * n_items + item, cells.count[kept])
    judge_rows = merged // n_items
    return ComparisonResampler(
        pairs=pairs,
        unit=unit,
        seed=seed,
        judge=judge_rows // (3 * pairs.n_pairs),
        item=merged % n_items,
        count=count,
        row=judge_rows % (3 * pairs.n_pairs),
        drawn_items=drawn_items if unit in ("both", "items") else None,
    )


def _rows(cells: Cells, pairs: PairTable, kept: slice | BoolArray) -> IntArray:
    first, second, outcome = cells.first[kept], cells.second[kept], cells.outcome[kept]
    n_methods, n_outcomes = pairs.n_methods, TIE + 1
    if n_methods**2 * n_outcomes > len(first):
        return _rows_of(pairs, first, second, outcome)
    # many cells say the same few things: look up what they say
    number = (first * n_methods + second) * n_outcomes + outcome
    everything = np.indices((n_methods, n_methods, n_outcomes)).reshape(3, -1)
    return np.asarray(_rows_of(pairs, *everything)[number])


def _rows_of(pairs: PairTable, first: IntArray, second: IntArray, outcome: IntArray) -> IntArray:
    number = np.full((pairs.n_methods, pairs.n_methods), UNKNOWN, dtype=np.int64)
    number[pairs.upper, pairs.lower] = np.arange(pairs.n_pairs)
    pair = number[np.minimum(first, second), np.maximum(first, second)]
    upper_won = (outcome == SECOND) == (first > second)
    kind = np.where(outcome == TIE, 2, np.where(upper_won, 0, 1))
    return np.asarray(kind * pairs.n_pairs + pair)


def _numbered(codes: IntArray, *, drawn: bool) -> IntArray:
    """Codes without gaps in their order, or 0 for all."""
    if not drawn or not len(codes):
        return np.zeros_like(codes)
    first = int(codes.min())
    if int(codes.max()) - first > _DENSE * len(codes):
        return np.unique(codes, return_inverse=True)[1]
    known = np.bincount(codes - first) > 0
    return np.asarray((np.cumsum(known) - 1)[codes - first])


def _merged(codes: IntArray, count: IntArray) -> tuple[IntArray, FloatArray]:
    """The different codes in their order, and the sum of the counts of each."""
    if len(codes) and int(codes.max()) <= _DENSE * len(codes):
        # a look-up table takes a tenth of the time of sorting
        sums = np.bincount(codes, weights=count)
        merged = np.flatnonzero(sums)
        return merged, sums[merged].astype(np.float64)
    merged, place = np.unique(codes, return_inverse=True)
    return merged, np.bincount(place, weights=count, minlength=len(merged)).astype(np.float64)


def _drawn(generator: np.random.Generator, codes: IntArray, n_resamples: int) -> FloatArray:
    """Weights (n_units, n_resamples): the sparse product wants a unit's resamples side by side in memory."""
    return np.ascontiguousarray(multinomial_weights(generator, int(codes.max()) + 1, n_resamples).T)


def _sums(values: FloatArray, row: IntArray, column: IntArray, shape: tuple[int, int]) -> SparseTable:
    """A sparse table in which entries of one place are added."""
    return csr_array((values, (row, column)), shape=shape)


@dataclass(frozen=True, eq=False)
class RankingDraws:
    """How a ranking draws its items again.

    Attributes
    ----------
    seed
        Of the ranking's resamples.
    n_judges
        Judges that each chunk draws before its items; 0 for none.
    items : (n,)
        Keys of the items in the order in which the ranking draws them; empty where it draws none.
    blocks
        Which items are drawn together; `items` are then the keys of blocks. None draws each item by itself.
    """

    seed: int
    n_judges: int
    items: IntArray
    blocks: ItemBlocks | None = None

    @classmethod
    def of(
        cls, cells: Cells, *, unit: ResamplingUnit | None, seed: int, blocks: ItemBlocks | None = None
    ) -> RankingDraws:
        """Those of a board whose items (and judges) are drawn; without items where `unit` draws none.

        With `blocks`, the items of the cells are keys of blocks.
        """
        counted = cells.count > 0
        n_judges = len(np.unique(cells.judge[counted])) if unit == "both" else 0
        items = np.unique(cells.item[counted]) if unit in ("both", "items") else np.empty(0, dtype=np.int64)
        return cls(seed, n_judges, items, blocks)

    @classmethod
    def by_text(cls, seed: int, blocks: ItemBlocks | None = None) -> RankingDraws:
        """Those of no ranking: the weight of every text depends on the seed, the resample and the text alone."""
        return cls(seed, 0, np.empty(0, dtype=np.int64), blocks)

    def of_items(self, keys: IntArray) -> ItemDraws:
        """The weights of these items (N,), all different; the items of one block have one weight."""
        keys = keys if self.blocks is None else self.blocks.of(keys)
        place = np.searchsorted(self.items, keys)
        known = np.zeros(len(keys), dtype=bool)
        inside = place < len(self.items)
        known[inside] = self.items[place[inside]] == keys[inside]
        return ItemDraws(self.seed, self.n_judges, len(self.items), np.where(known, place, NOT_RANKED), keys)

"""Scores on resampled items, of many metrics and outputs at once: a matrix product of weights and parts.

Parts are put side by side, those of all outputs and metrics, for some items at a time, and weighted together. What is
the same for all outputs is weighted once; what they share with people, only where somebody chose a label; yes and no
are counted exactly, several columns in the digits of one number. A chunk of resamples is multiplied by itself, so that
its bits depend neither on which chunks are asked for with it nor on how many processors share them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray
from hlv.stats.metrics.metric import ItemParts, LabelTables, Means, Statistic, Table
from hlv.stats.metrics.predictions import Predictions, Targets
from hlv.stats.metrics.sparse_labels import PackedCounts, SparseWeights
from hlv.stats.resampling.chunks import chunks, map_threads
from hlv.stats.resampling.item_weights import Weights

# Parts of so many outputs are held at once that they take no more than 160 MB.
NUMBERS_AT_ONCE: Final = 20_000_000
# All of them are kept for the next call where they take no more than so many times what the outputs take.
_STORED_RATIO: Final = 2
ITEMS_AT_ONCE: Final = 3072
_NO_ITEMS: Final = slice(0, 0)

IntArray = npt.NDArray[np.intp]
Sums = dict[ItemParts, FloatArray]


def resampled_scores(
    definitions: Sequence[Statistic], truth: Targets, outputs: FloatArray, weights: Weights
) -> FloatArray:
    """Scores (R, definitions, T), NaN where one is undefined on a resample.

    Parameters
    ----------
    definitions
        Of the task of the truth.
    outputs : (T, N, K)
    weights
        R resamples of the N items.

    Raises
    ------
    InvalidDistributionError
    """
    return PreparedScores(definitions, truth, outputs).on(weights)


@dataclass(frozen=True, eq=False)
class PreparedScores:
    """The same for several calls, with weights of the same items: what fits is prepared once.

    Attributes are the parameters of `resampled_scores`.
    """

    definitions: Sequence[Statistic]
    truth: Targets
    outputs: FloatArray

    def on(self, weights: Weights) -> FloatArray:
        """Scores (R, definitions, T)."""
        found = np.empty((len(weights.counts), len(self.definitions), len(self.outputs)))
        start = 0
        for group in self._groups() if len(found) else ():
            sums, stop = _weighted(group, weights), start + group.n_outputs
            for place, definition in enumerate(self.definitions):
                found[:, place, start:stop] = definition.combine(sums[definition.item_parts])
            start = stop
        return found

    def _groups(self) -> Iterable[_Group]:
        n_numbers = len(self.outputs) * self._numbers_per_output
        if n_numbers <= max(NUMBERS_AT_ONCE, _STORED_RATIO * self.outputs.size):
            return self._stored_groups
        return self._make_groups()

    @cached_property
    def _stored_groups(self) -> list[_Group]:
        return list(self._make_groups())

    def _make_groups(self) -> Iterator[_Group]:
        n_groups = -(-len(self.outputs) * self._numbers_per_output // NUMBERS_AT_ONCE)
        n_at_once = -(-len(self.outputs) // max(1, n_groups)) or 1
        for first in range(0, len(self.outputs), n_at_once):
            yield self._group(self.outputs[first : first + n_at_once])

    @cached_property
    def _numbers_per_output(self) -> int:
        """How much one output takes is known when it is there."""
        return sum(columns.size for columns in self._group(self.outputs[:1]).columns.values())

    def _group(self, outputs: FloatArray) -> _Group:
        keys = list(dict.fromkeys(definition.item_parts for definition in self.definitions))
        wide = [key for key in keys if isinstance(key, LabelTables)]
        narrow = [key for key in keys if not isinstance(key, LabelTables)]
        predictions = [Predictions.of(output, self.truth) for output in outputs]
        columns = {key: _Columns.of(key, self.truth, predictions) for key in narrow if predictions}
        return _Group(self.truth, predictions, columns, wide)


@dataclass(frozen=True, eq=False)
class _Columns:
    """Parts (N, S) of a group of t outputs, without what need not be weighted for each.

    Attributes
    ----------
    n_outputs, n_parts : int
        t and S.
    own, common : (s,), (c,)
        Which parts differ between the outputs, and which are the same for all; any others are 1.
    own_columns : (t s, N)
    common_columns : (c, N)
    """

    n_outputs: int
    n_parts: int
    own: IntArray
    common: IntArray
    own_columns: FloatArray
    common_columns: FloatArray

    @classmethod
    def of(cls, item_parts: ItemParts, truth: Targets, predictions: Sequence[Predictions]) -> _Columns:
        if isinstance(item_parts, Means):
            values = np.stack([item_parts.values_of(truth, item_part) for item_part in predictions])
            own, common = np.array([0]), np.array([], dtype=np.intp)
            return cls(len(values), 2, own, common, values, np.empty((0, values.shape[1])))
        parts = [item_parts(truth, item_part) for item_part in predictions]
        n_items, n_parts = parts[0].shape
        is_common = np.array(
            [
                len(parts) > 1
                and all(np.array_equal(item_part[:, part], parts[0][:, part]) for item_part in parts[1:])
                for part in range(n_parts)
            ]
        )
        own, common = np.flatnonzero(~is_common), np.flatnonzero(is_common)
        # a part of all items lies in memory in one piece
        own_columns = np.empty((len(parts), len(own), n_items))
        for item_part, buffer in zip(parts, own_columns, strict=True):
            buffer[:] = item_part.T[own]
        common_columns = np.ascontiguousarray(parts[0].T[common])
        return cls(len(parts), n_parts, own, common, own_columns.reshape(-1, n_items), common_columns)

    @property
    def size(self) -> int:
        return self.own_columns.size + self.common_columns.size

    def tables(self, items: slice) -> list[Table]:
        return [self.own_columns[:, items].T, self.common_columns[:, items].T]

    def sums(self, found: Iterator[FloatArray], n_drawn: FloatArray) -> FloatArray:
        """(R, t, S) from the sums of its tables."""
        own_columns, common_columns = islice(found, 2)
        sums = np.empty((len(n_drawn), self.n_outputs, self.n_parts))
        sums[:] = n_drawn[:, None, None]
        sums[:, :, self.own] = own_columns.reshape(len(n_drawn), self.n_outputs, len(self.own))
        sums[:, :, self.common] = common_columns[:, None]
        return sums


@dataclass(frozen=True, eq=False)
class _Group:
    """Some outputs with their parts: columns that are held, and tables that are made for some items at a time."""

    truth: Targets
    predictions: Sequence[Predictions]
    columns: dict[ItemParts, _Columns]
    wide: Sequence[LabelTables]

    @property
    def n_outputs(self) -> int:
        return len(self.predictions)

    def tables(self, items: slice, *, is_boolean: bool) -> list[Table]:
        """Tables (n, columns) to be weighted, or counted; without those of `shared`."""
        tables: list[Table] = []
        if not is_boolean:
            tables += [table for columns in self.columns.values() for table in columns.tables(items)]
        for wide in self.label_tables(is_boolean=is_boolean):
            tables += [wide.output_table(self.truth, item_part, items) for item_part in self.predictions]
        return tables

    def shared(self, items: slice, *, is_boolean: bool) -> list[tuple[SparseWeights, Table]]:
        """Of each kind of wide parts, where people chose something: the cells, and values (cells, t + 1).

        The values are what each output shares with the people, and what they chose.
        """
        found = []
        for wide in self.label_tables(is_boolean=is_boolean):
            human = wide.human_table(self.truth, items)
            cells = SparseWeights.of(human)
            shared = [wide.shared_table(self.truth, item_part, items) for item_part in self.predictions]
            found.append((cells, cells.values([*shared, human])))
        return found

    def label_tables(self, *, is_boolean: bool) -> list[LabelTables]:
        return [wide for wide in self.wide if wide.is_boolean == is_boolean]


@dataclass(frozen=True, eq=False)
class _TableSums:
    """Sums over each resample of the tables of a group, those that are weighted or those that are counted.

    Attributes
    ----------
    weighted : (R, columns)
    shared : list of (K, R, t + 1)
        A table for each kind of wide parts: what each output shares with people, and what these chose.
    """

    weighted: npt.NDArray[Any]
    shared: list[npt.NDArray[Any]]

    @classmethod
    def zeros(cls, group: _Group, n_resamples: int, *, is_boolean: bool) -> _TableSums:
        width = sum(table.shape[1] for table in group.tables(_NO_ITEMS, is_boolean=is_boolean))
        dtype = np.int64 if is_boolean else np.float64
        shape = (group.truth.distributions.shape[1], n_resamples, group.n_outputs + 1)
        shared = [np.zeros(shape, dtype=dtype) for _ in group.label_tables(is_boolean=is_boolean)]
        return cls(np.zeros((n_resamples, width), dtype=dtype), shared)

    def wide(self, group: _Group, tables: Iterator[FloatArray], *, is_boolean: bool) -> Sums:
        """Of each kind of wide parts (R, t, 3 K), from what is left of the tables."""
        found: Sums = {}
        for key, shared in zip(group.label_tables(is_boolean=is_boolean), self.shared, strict=True):
            output_sums = np.stack(list(islice(tables, group.n_outputs)), axis=1)
            shared_table, human_table = np.split(shared.transpose(1, 2, 0).astype(np.float64), [-1], axis=1)
            human_table = np.broadcast_to(human_table, output_sums.shape)
            found[key] = np.concatenate([shared_table, output_sums, human_table], axis=2)
        return found

    def split(self, group: _Group, *, is_boolean: bool) -> Iterator[FloatArray]:
        """The sums of each table by itself."""
        widths = [table.shape[1] for table in group.tables(_NO_ITEMS, is_boolean=is_boolean)]
        return iter(np.split(self.weighted.astype(np.float64, copy=False), np.cumsum(widths)[:-1], axis=1))


def _weighted(group: _Group, weights: Weights) -> Sums:
    """Of each kind of parts (R, t, S)."""
    blocks = _blocks(len(group.truth.distributions))
    n_drawn = np.stack([weights.counts[:, items].sum(axis=1, dtype=np.int64) for items in blocks])
    numbers = _weighted_numbers(group, weights)
    tables = numbers.split(group, is_boolean=False)
    item_totals = n_drawn.sum(axis=0).astype(np.float64)
    found: Sums = {key: columns.sums(tables, item_totals) for key, columns in group.columns.items()}
    found |= numbers.wide(group, tables, is_boolean=False)
    if group.label_tables(is_boolean=True):
        counts = _counted(group, weights, n_drawn.max(axis=1))
        found |= counts.wide(group, counts.split(group, is_boolean=True), is_boolean=True)
    return found


def _weighted_numbers(group: _Group, weights: Weights) -> _TableSums:
    blocks, n_resamples = _blocks(len(group.truth.distributions)), len(weights.counts)
    sums = _TableSums.zeros(group, n_resamples, is_boolean=False)
    buffer = np.empty((blocks[0].stop, sums.weighted.shape[1])) if blocks else np.empty((0, 0))
    for items in blocks:
        tables = group.tables(items, is_boolean=False)
        numbers = np.concatenate(tables, axis=1, out=buffer[: items.stop - items.start])
        shared = group.shared(items, is_boolean=False)
        weigh = partial(_weigh_chunk, sums, weights, items, numbers, shared)
        map_threads(weigh, chunks(n_resamples), worth_it=len(blocks) > 1)
    return sums


def _weigh_chunk(
    sums: _TableSums,
    weights: Weights,
    items: slice,
    numbers: FloatArray,
    shared: Sequence[tuple[SparseWeights, Table]],
    rows: slice,
) -> None:
    """Add what a chunk of resamples drew of a block of items."""
    times = weights.counts[rows, items]
    sums.weighted[rows] += times.astype(np.float64) @ numbers
    for (cells, values), found in zip(shared, sums.shared, strict=True):
        found[:, rows] += cells.weighted(times, values)


def _counted(group: _Group, weights: Weights, most_drawn: npt.NDArray[np.int64]) -> _TableSums:
    """Exact, so the shape of a product is free: digits hold what was drawn at most of a block of items."""
    blocks, n_resamples = _blocks(len(group.truth.distributions)), len(weights.counts)
    sums = _TableSums.zeros(group, n_resamples, is_boolean=True)
    for items, most in zip(blocks, most_drawn, strict=True):
        counting = _Counting.of(group, items, n_bits=int(max(most, 1)).bit_length())
        map_threads(partial(counting.add_chunk, sums, weights), chunks(n_resamples), worth_it=len(blocks) > 1)
    return sums


@dataclass(frozen=True, eq=False)
class _Counting:
    """Yes and no about a block of items, packed into digits.

    Attributes
    ----------
    items
    weighted, in_cells
        The digits of the tables, and of the cells that people chose.
    packed : (n, columns)
    shared
        Of each kind of wide parts, the cells and their packed values.
    """

    items: slice
    weighted: PackedCounts
    in_cells: PackedCounts
    packed: FloatArray
    shared: Sequence[tuple[SparseWeights, FloatArray]]

    @classmethod
    def of(cls, group: _Group, items: slice, *, n_bits: int) -> _Counting:
        tables = group.tables(items, is_boolean=True)
        weighted = PackedCounts(sum(table.shape[1] for table in tables), n_bits)
        in_cells = PackedCounts(group.n_outputs + 1, n_bits)
        shared = [
            (cells, in_cells.packed([values], len(values)))
            for cells, values in group.shared(items, is_boolean=True)
        ]
        return cls(items, weighted, in_cells, weighted.packed(tables, items.stop - items.start), shared)

    def add_chunk(self, sums: _TableSums, weights: Weights, rows: slice) -> None:
        """Add what a chunk of resamples drew of them."""
        times = weights.counts[rows, self.items]
        self.weighted.add(times.astype(np.float64) @ self.packed, sums.weighted[rows])
        for (cells, values), found in zip(self.shared, sums.shared, strict=True):
            self.in_cells.add(cells.weighted(times, values), found[:, rows])


def _blocks(n_items: int) -> list[slice]:
    starts = range(0, n_items, ITEMS_AT_ONCE)
    return [slice(start, min(start + ITEMS_AT_ONCE, n_items)) for start in starts]

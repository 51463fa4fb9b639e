"""Scores on resampled items, of many metrics and outputs at once: a matrix product of weights and parts.

Parts are put side by side, those of all outputs and metrics, for some items at a time, and weighted together. What is
the same for all outputs is weighted once. Yes and no are counted exactly, several columns in the digits of one number.
A chunk of resamples is multiplied by itself, so that its bits do not depend on which chunks are asked for with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Final

import numpy as np
import numpy.typing as npt

from annotations.science.distributions import FloatArray
from metaeval.science.metric import PartsOf, Statistic
from metaeval.science.parts import LabelTables, Means, Table
from metaeval.science.prediction import Prediction
from metaeval.science.resampling import CHUNK, Weights, chunks
from metaeval.science.truth import Truth

# Parts of so many outputs are held at once that they take no more than 160 MB.
NUMBERS_AT_ONCE: Final = 20_000_000
# All of them are kept for the next call where they take no more than so many times what the outputs take.
_KEPT: Final = 2
ITEMS_AT_ONCE: Final = 3072
# whole numbers up to 2 ** 53 are exact
EXACT_BITS: Final = 53

IntArray = npt.NDArray[np.intp]
Sums = dict[PartsOf, FloatArray]


def resampled_scores(
    definitions: Sequence[Statistic], truth: Truth, outputs: FloatArray, weights: Weights
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
    truth: Truth
    outputs: FloatArray

    def on(self, weights: Weights) -> FloatArray:
        """Scores (R, definitions, T)."""
        found = np.empty((len(weights.counts), len(self.definitions), len(self.outputs)))
        start = 0
        for group in self._groups() if len(found) else ():
            sums, stop = _weighted(group, weights), start + group.n_outputs
            for place, definition in enumerate(self.definitions):
                found[:, place, start:stop] = definition.combine(sums[definition.parts_of])
            start = stop
        return found

    def _groups(self) -> Iterable[_Group]:
        n_numbers = len(self.outputs) * self._numbers_of_one
        if n_numbers <= max(NUMBERS_AT_ONCE, _KEPT * self.outputs.size):
            return self._kept
        return self._made()

    @cached_property
    def _kept(self) -> list[_Group]:
        return list(self._made())

    def _made(self) -> Iterator[_Group]:
        n_groups = -(-len(self.outputs) * self._numbers_of_one // NUMBERS_AT_ONCE)
        n_at_once = -(-len(self.outputs) // max(1, n_groups)) or 1
        for first in range(0, len(self.outputs), n_at_once):
            yield self._group(self.outputs[first : first + n_at_once])

    @cached_property
    def _numbers_of_one(self) -> int:
        """How much one output takes is known when it is there."""
        return sum(columns.size for columns in self._group(self.outputs[:1]).columns.values())

    def _group(self, outputs: FloatArray) -> _Group:
        keys = list(dict.fromkeys(definition.parts_of for definition in self.definitions))
        wide = [key for key in keys if isinstance(key, LabelTables)]
        narrow = [key for key in keys if not isinstance(key, LabelTables)]
        predictions = [Prediction.of(output, self.truth) for output in outputs]
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
    of_each : (t s, N)
    of_all : (c, N)
    """

    n_outputs: int
    n_parts: int
    own: IntArray
    common: IntArray
    of_each: FloatArray
    of_all: FloatArray

    @classmethod
    def of(cls, parts_of: PartsOf, truth: Truth, predictions: Sequence[Prediction]) -> _Columns:
        if isinstance(parts_of, Means):
            values = np.stack([parts_of.values_of(truth, one) for one in predictions])
            own, common = np.array([0]), np.array([], dtype=np.intp)
            return cls(len(values), 2, own, common, values, np.empty((0, values.shape[1])))
        # a part of all items lies in memory in one piece
        parts = np.stack([parts_of(truth, one).T for one in predictions])
        alike = (parts == parts[:1]).all(axis=(0, 2)) & (len(predictions) > 1)
        own, common = np.flatnonzero(~alike), np.flatnonzero(alike)
        of_each = np.concatenate([one[own] for one in parts])
        return cls(len(parts), parts.shape[1], own, common, of_each, parts[0, common])

    @property
    def size(self) -> int:
        return self.of_each.size + self.of_all.size

    def tables(self, items: slice) -> list[Table]:
        return [self.of_each[:, items].T, self.of_all[:, items].T]

    def sums(self, found: Iterator[FloatArray], n_drawn: FloatArray) -> FloatArray:
        """(R, t, S) from the sums of its tables."""
        of_each, of_all = islice(found, 2)
        sums = np.empty((len(n_drawn), self.n_outputs, self.n_parts))
        sums[:] = n_drawn[:, None, None]
        sums[:, :, self.own] = of_each.reshape(len(n_drawn), self.n_outputs, len(self.own))
        sums[:, :, self.common] = of_all[:, None]
        return sums


@dataclass(frozen=True, eq=False)
class _Group:
    """Some outputs with their parts: columns that are held, and tables that are made for some items at a time."""

    truth: Truth
    predictions: Sequence[Prediction]
    columns: dict[PartsOf, _Columns]
    wide: Sequence[LabelTables]

    @property
    def n_outputs(self) -> int:
        return len(self.predictions)

    def numbers(self, items: slice) -> list[Table]:
        """Tables (n, columns) to be weighted."""
        tables = [table for columns in self.columns.values() for table in columns.tables(items)]
        return tables + self._label_tables(items, yes_or_no=False)

    def yes_or_no(self, items: slice) -> list[Table]:
        """Those to be counted."""
        return self._label_tables(items, yes_or_no=True)

    def _label_tables(self, items: slice, *, yes_or_no: bool) -> list[Table]:
        tables: list[Table] = []
        for label_tables in self.wide:
            if label_tables.yes_or_no == yes_or_no:
                for prediction in self.predictions:
                    tables += label_tables.of_output(self.truth, prediction, items)
                tables.append(label_tables.of_humans(self.truth, items))
        return tables

    def sums(self, numbers: list[FloatArray], counts: list[FloatArray], n_drawn: FloatArray) -> Sums:
        """Of each kind of parts (R, t, S), from the sums of the tables and how many items were drawn (R,)."""
        of_numbers, of_counts = iter(numbers), iter(counts)
        found: Sums = {key: columns.sums(of_numbers, n_drawn) for key, columns in self.columns.items()}
        for key in self.wide:
            of_tables = of_counts if key.yes_or_no else of_numbers
            n_tables = len(key.of_output(self.truth, self.predictions[0], slice(0, 0)))
            own = [list(islice(of_tables, n_tables)) for _ in self.predictions]
            of_humans = next(of_tables)
            found[key] = np.stack([np.concatenate([*tables, of_humans], axis=1) for tables in own], axis=1)
        return found


def _weighted(group: _Group, weights: Weights) -> Sums:
    n_items, n_resamples = len(group.truth.distributions), len(weights.counts)
    nothing = slice(0, 0)
    widths = [table.shape[1] for table in group.numbers(nothing)]
    count_widths = [table.shape[1] for table in group.yes_or_no(nothing)]
    n_numbers, n_counts = sum(widths), sum(count_widths)
    sums = np.zeros((n_resamples, n_numbers))
    counts = np.zeros((n_resamples, n_counts), dtype=np.int64)
    n_drawn = np.zeros(n_resamples, dtype=np.int64)
    room, product = (np.empty((n, n_numbers)) for n in (min(ITEMS_AT_ONCE, n_items), min(CHUNK, n_resamples)))
    for start in range(0, n_items, ITEMS_AT_ONCE):
        items = slice(start, min(start + ITEMS_AT_ONCE, n_items))
        drawn = weights.counts[:, items].sum(axis=1, dtype=np.int64)
        n_drawn += drawn
        numbers = np.concatenate(group.numbers(items), axis=1, out=room[: items.stop - items.start])
        # How many columns this takes depends on the draws at hand. It has a product of its own, so that the shape of
        # the other one, and with it the last bits, does not; these sums are exact in any shape.
        digits = _Digits(n_counts, int(drawn.max(initial=1)).bit_length())
        packed = digits.packed(group.yes_or_no(items), len(numbers))
        for rows in chunks(n_resamples):
            times = weights.counts[rows, items].astype(np.float64)
            sums[rows] += np.matmul(times, numbers, out=product[: len(times)])
            digits.add(times @ packed, counts[rows])
    return group.sums(
        np.split(sums, np.cumsum(widths)[:-1], axis=1),
        np.split(counts.astype(np.float64), np.cumsum(count_widths)[:-1], axis=1),
        n_drawn.astype(np.float64),
    )


@dataclass(frozen=True)
class _Digits:
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

    def packed(self, tables: list[Table], n_items: int) -> FloatArray:
        """Tables (n_items, n_counts) of booleans, few of them true, as numbers (n_items, n_columns)."""
        if not tables:
            return np.empty((n_items, 0))
        item, column = np.divmod(np.flatnonzero(np.concatenate(tables, axis=1)), self.n_counts)
        digit, place = np.divmod(column, self.n_columns)
        values = np.ldexp(1.0, digit * self.n_bits)
        place += item * self.n_columns
        packed = np.bincount(place, weights=values, minlength=n_items * self.n_columns)
        return packed.astype(np.float64, copy=False).reshape(n_items, self.n_columns)

    def add(self, product: FloatArray, counts: npt.NDArray[np.int64]) -> None:
        """Add the digits of the products to the counts."""
        whole = product.astype(np.int64)
        for digit, columns in self._spans():
            here = whole[:, : columns.stop - columns.start] >> (digit * self.n_bits)
            counts[:, columns] += here & ((1 << self.n_bits) - 1)

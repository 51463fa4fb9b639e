"""Pairwise judgments, counted: the cells that the database groups, and the tables they collapse to."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.resampling.chunks import WORTH_THREADS, map_threads, n_processors

FIRST: Final = 0
SECOND: Final = 1
TIE: Final = 2
UNKNOWN: Final = -1

# judgments counted at once: their codes fit into the cache of a core
_BLOCK = 1 << 15
# and where several threads count: one that computes shortly waits for the interpreter longer than it computes
_BLOCK_OF_A_THREAD = 1 << 18


@dataclass(frozen=True, eq=False)
class Cells:
    """Judgments grouped by who was compared, by whom and on what.

    Every field is an integer array of shape (n_cells,). "Cannot judge" is not an outcome: such verdicts
    are left out before.

    Parameters
    ----------
    first, second
        Index of the two methods, from 0.
    outcome
        `FIRST` (0), `SECOND` (1) or `TIE` (2).
    count
        How many judgments the cell stands for, 0 or more.
    judge, item
        Any integer code, `UNKNOWN` (-1) where nobody recorded it.
    first_is_left
        1 where the first method was shown on the left, 0 on the right, `UNKNOWN` (-1) otherwise.

    Raises
    ------
    ValueError
        If lengths differ, a method is compared with itself, or a code is out of its range.
    """

    first: IntArray
    second: IntArray
    outcome: IntArray
    count: IntArray
    judge: IntArray
    item: IntArray
    first_is_left: IntArray

    def __post_init__(self) -> None:
        columns = (
            self.first,
            self.second,
            self.outcome,
            self.count,
            self.judge,
            self.item,
            self.first_is_left,
        )
        if any(column.ndim != 1 or len(column) != len(self.first) for column in columns):
            raise ValueError("the columns of cells must be one-dimensional and equally long")
        if any(not np.issubdtype(column.dtype, np.integer) for column in columns):
            raise ValueError("the columns of cells must be integers")
        if len(self.first) == 0:
            return
        if (self.first == self.second).any():
            row = int(np.argmax(self.first == self.second))
            raise ValueError(f"cell {row} compares method {int(self.first[row])} with itself")
        if min(int(self.first.min()), int(self.second.min())) < 0:
            raise ValueError("methods are numbered from 0")
        if not np.isin(self.outcome, (FIRST, SECOND, TIE)).all():
            raise ValueError("an outcome is 0 (first), 1 (second) or 2 (tie)")
        if (self.count < 0).any():
            raise ValueError("a count cannot be negative")
        if not np.isin(self.first_is_left, (0, 1, UNKNOWN)).all():
            raise ValueError("first_is_left is 1, 0 or -1 (unknown)")

    def __len__(self) -> int:
        return len(self.first)

    @property
    def n_judgments(self) -> int:
        return int(self.count.sum())

    @property
    def n_ties(self) -> int:
        return int(self.count[self.outcome == TIE].sum())

    @property
    def n_judges(self) -> int:
        """Number of known judges."""
        return _n_known(self.judge[self.count > 0])

    @property
    def n_items(self) -> int:
        """Number of known items."""
        return _n_known(self.item[self.count > 0])


def make_cells(
    *,
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    outcome: npt.ArrayLike,
    count: npt.ArrayLike | None = None,
    judge: npt.ArrayLike | None = None,
    item: npt.ArrayLike | None = None,
    first_is_left: npt.ArrayLike | None = None,
) -> Cells:
    """Cells from sequences (n_cells,); one judgment each where no count is given, unknown where no code is.

    Parameters
    ----------
    first, second
        Methods by their place, two different ones.
    outcome
        FIRST, SECOND or TIE.
    judge, item, first_is_left
        Codes from 0, and 0 or 1; UNKNOWN where it is not known.

    Raises
    ------
    ValueError
        If columns differ in length, or hold what cannot be.
    """
    columns = [_integers(first), _integers(second), _integers(outcome)]
    n_cells = len(columns[0])
    columns.append(np.ones(n_cells, dtype=np.int64) if count is None else _integers(count))
    for column in (judge, item, first_is_left):
        columns.append(np.full(n_cells, UNKNOWN, dtype=np.int64) if column is None else _integers(column))
    return Cells(*columns)


def pair_counts(cells: Cells, n_methods: int) -> tuple[FloatArray, FloatArray]:
    """Wins and ties of every ordered pair.

    Returns
    -------
    wins : (n_methods, n_methods)
        `wins[i, j]` is how often i was preferred to j.
    ties : (n_methods, n_methods)
        Symmetric; `ties[i, j]` is how often i and j tied. Both diagonals are 0.

    Raises
    ------
    ValueError
        If a cell names a method that is not among the `n_methods`.
    """
    return _tables(_counted(cells.first, cells.second, cells.outcome, n_methods, count=cells.count))


def judgment_counts(
    *, first: npt.ArrayLike, second: npt.ArrayLike, outcome: npt.ArrayLike, n_methods: int
) -> tuple[FloatArray, FloatArray]:
    """The same tables from single judgments, where nobody asks who judged or what; integer arrays are not copied.

    Parameters
    ----------
    first, second, outcome
        As `Cells` has them, one entry for each judgment.

    Raises
    ------
    ValueError
        If lengths differ, a method is compared with itself, or a code is out of its range.
    """
    columns = [_integers(column) for column in (first, second, outcome)]
    if len({column.shape for column in columns}) > 1 or columns[0].ndim != 1:
        raise ValueError("the columns of judgments must be one-dimensional and equally long")
    counts = _counted(columns[0], columns[1], columns[2], n_methods)
    if counts[:, np.arange(n_methods), np.arange(n_methods)].any():
        raise ValueError("a judgment compares a method with itself")
    return _tables(counts)


def name_codes(*columns: Sequence[str]) -> tuple[list[str], list[IntArray]]:
    """Integer codes of names in the order in which they first come, the same for all columns.

    Coding names costs many times what ranking their codes does: keep the codes.

    Returns
    -------
    names
        Name of each code.
    codes
        (n,) for each column.
    """
    known = _Codes()
    coded = [np.fromiter(map(known.__getitem__, column), np.int64, len(column)) for column in columns]
    return list(known), coded


class _Codes(dict[str, int]):
    """Gives a new name the next code, so that one look-up both finds names and codes them."""

    def __missing__(self, name: str) -> int:
        self[name] = code = len(self)
        return code


def _counted(
    first: IntArray, second: IntArray, outcome: IntArray, n_methods: int, *, count: IntArray | None = None
) -> FloatArray:
    """Judgments of each outcome and ordered pair, (3, M, M)."""
    worth_it = len(first) >= WORTH_THREADS and n_processors() > 1
    block, n_parts = (_BLOCK_OF_A_THREAD, n_processors()) if worth_it else (_BLOCK, 1)
    edges = [len(first) * step // n_parts for step in range(n_parts + 1)]
    counter = _Counter(first, second, outcome, count, n_methods, block)
    tables: list[IntArray] = []
    map_threads(
        lambda step: tables.append(counter.counted(*step)), list(itertools.pairwise(edges)), worth_it=worth_it
    )
    # whole numbers: their sum has the same bits in any order
    return np.asarray(np.sum(tables, axis=0), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class _Counter:
    """Counts rows of the columns of `Cells`, a block at a time, so that nothing grows with their number."""

    first: IntArray
    second: IntArray
    outcome: IntArray
    count: IntArray | None
    n_methods: int
    block: int

    def counted(self, begin: int, end: int) -> IntArray:
        """Of the rows from `begin` to before `end` (3, M, M)."""
        bits = max(1, (self.n_methods - 1).bit_length())
        size = 1 << bits
        counts = np.zeros(3 * size * size, dtype=np.int64)
        codes = np.empty(min(end - begin, self.block), dtype=np.int64)
        for start in range(begin, end, self.block):
            rows = slice(start, min(start + self.block, end))
            self._check(rows)
            code = codes[: rows.stop - start]
            np.left_shift(self.outcome[rows], bits, out=code)
            code |= self.first[rows]
            code <<= bits
            code |= self.second[rows]
            if self.count is None and len(counts) <= _BLOCK // 8:
                # a small table anew for each block takes less than adding every judgment to one
                counts += np.bincount(code, minlength=len(counts))
            else:
                np.add.at(counts, code, 1 if self.count is None else self.count[rows])
        return counts.reshape(3, size, size)[:, : self.n_methods, : self.n_methods]

    def _check(self, rows: slice) -> None:
        if max(_largest(self.first[rows]), _largest(self.second[rows])) >= self.n_methods:
            raise ValueError(
                f"a judgment names a method beyond the {self.n_methods} that are ranked, numbered from 0"
            )
        if _largest(self.outcome[rows]) > TIE:
            raise ValueError("an outcome is 0 (first), 1 (second) or 2 (tie)")


def _largest(codes: IntArray) -> int:
    """The largest code, where a negative one is larger than all others."""
    return int(np.maximum.reduce(codes.view(np.uint64)))


def _tables(counts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Wins and ties, both (M, M), of counts by outcome, first and second method."""
    return counts[FIRST] + counts[SECOND].T, counts[TIE] + counts[TIE].T


def checked_counts(wins: FloatArray, ties: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The two tables as floats.

    Raises
    ------
    ValueError
        If they are not square tables of finite counts with an empty diagonal, or ties are not symmetric.
    """
    wins = np.asarray(wins, dtype=np.float64)
    ties = np.asarray(ties, dtype=np.float64)
    if wins.ndim != 2 or wins.shape[0] != wins.shape[1] or wins.shape != ties.shape:
        raise ValueError("wins and ties must be square tables of one size")
    # neither holds for NaN
    if not all(table.min(initial=0.0) >= 0 and table.max(initial=0.0) < np.inf for table in (wins, ties)):
        raise ValueError("wins and ties must be finite counts, 0 or more")
    if np.diagonal(wins).any() or np.diagonal(ties).any():
        raise ValueError("a method cannot be compared with itself")
    if (ties != ties.T).any():
        raise ValueError("the table of ties must be symmetric")
    return wins, ties


def default_names(n_methods: int, names: Sequence[str] | None) -> list[str]:
    """The names given, or "method 1" and so on.

    Raises
    ------
    ValueError
        If the number of names is not that of the methods, or two are the same.
    """
    if names is None:
        return [f"method {number}" for number in range(1, n_methods + 1)]
    if len(names) != n_methods:
        raise ValueError(f"{len(names)} names for {n_methods} methods")
    if len(set(names)) != len(names):
        raise ValueError("two methods have the same name")
    return list(names)


def _integers(column: npt.ArrayLike) -> IntArray:
    values = np.asarray(column)
    if values.size and not np.issubdtype(values.dtype, np.integer):
        raise ValueError("the columns of cells must be integers")
    return values.astype(np.int64, copy=False)


def _n_known(codes: IntArray) -> int:
    return len(np.unique(codes[codes != UNKNOWN]))

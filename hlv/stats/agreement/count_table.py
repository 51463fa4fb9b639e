"""Coefficients of a whole table of counts, from its sums alone: no part of an item is kept, as resamples need it.

The sums run over blocks of items that stay in the cache of a core. Blocks depend on the shape of the table and on
nothing else, so that a coefficient has the same bits everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hlv.stats.agreement.answer_arrays import InvalidAnswersError
from hlv.stats.agreement.fleiss_gwet import share_coefficients
from hlv.stats.agreement.krippendorff import alpha, centred_mid_ranks
from hlv.stats.arrays import BoolArray, FloatArray

_NUMBERS_AT_ONCE = 1 << 15


@dataclass(frozen=True, eq=False)
class CountTable:
    """How often each label was given to each item.

    Attributes
    ----------
    counts : (N, K) ndarray
        Whole numbers, 0 or more, of any integer type or as floats.
    """

    counts: npt.NDArray[Any]

    @classmethod
    def checked(cls, counts: npt.ArrayLike) -> CountTable:
        """Read a table.

        Raises
        ------
        InvalidAnswersError
            If it is no table, or something in it is no count.
        """
        table = np.asarray(counts)
        if table.ndim != 2 or 0 in table.shape:
            raise InvalidAnswersError(f"expected counts of items x labels, got shape {table.shape}")
        if not np.issubdtype(table.dtype, np.integer):
            table = table.astype(np.float64, copy=False)
        for start, block in _blocks(table):
            if not _are_counts(block).all():
                row = start + int(np.argmin(_are_counts(block).all(axis=1)))
                raise InvalidAnswersError(f"row {row} contains something other than whole numbers >= 0")
        return cls(table)

    def shares(self) -> FloatArray:
        """Percent agreement, Fleiss' kappa and Gwet's AC1 with every label of the table possible; (3,)."""
        parts, shares = np.zeros((1, 3)), np.zeros((1, self.counts.shape[1]))
        for counts, n_answers in self._items(with_at_least=1):
            # divided before they are added, so that items of one label have a share of exactly 1
            shares += _column_sums(counts / n_answers[:, None])
            parts[0, 2] += len(counts)
        for counts, n_answers in self._items(with_at_least=2):
            equal = _row_sums(counts * (counts - 1))
            parts[0, :2] += (equal / (n_answers * (n_answers - 1))).sum(), len(counts)
        return np.asarray(share_coefficients(parts, shares, n_possible=shares.shape[1])[0])

    def nominal_alpha(self) -> float:
        """NaN where it is undefined."""
        chosen, observed = np.zeros(self.counts.shape[1]), 0.0
        for counts, n_answers in self._items(with_at_least=2):
            chosen += _column_sums(counts)
            unequal = _row_sums(counts * (n_answers[:, None] - counts))
            observed += (unequal / (n_answers - 1)).sum()
        n = chosen.sum()
        return _alpha(observed, (chosen * (n - chosen)).sum(), n)

    def ordinal_alpha(self) -> float:
        """NaN where it is undefined.

        The squared differences of all pairs of m values are m times their squared deviations from their mean.
        """
        pairable, observed = list(self._items(with_at_least=2)), 0.0
        chosen = np.sum([_column_sums(counts) for counts, _ in pairable], axis=0)
        mid_ranks = centred_mid_ranks(chosen)
        for counts, n_answers in pairable:
            deviations = mid_ranks - (counts @ mid_ranks / n_answers)[:, None]
            squares = _row_sums(counts * deviations**2)
            observed += (squares * n_answers / (n_answers - 1)).sum()
        n = chosen.sum()
        return _alpha(observed, n * (chosen * mid_ranks**2).sum(), n)

    def _items(self, *, with_at_least: int) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Blocks of counts (n, K) and numbers of answers (n,) of the items that have so many."""
        for _, block in _blocks(self.counts):
            counts = block.astype(np.float64, copy=False)
            n_answers = _row_sums(counts)
            enough = n_answers >= with_at_least
            yield (counts, n_answers) if enough.all() else (counts[enough], n_answers[enough])


def _blocks(table: npt.NDArray[Any]) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """Some rows of the table after others, with the place of the first."""
    at_once = max(1, _NUMBERS_AT_ONCE // table.shape[1])
    for start in range(0, len(table), at_once):
        yield start, table[start : start + at_once]


def _are_counts(block: npt.NDArray[Any]) -> BoolArray:
    if np.issubdtype(block.dtype, np.integer):
        return np.asarray(block >= 0)
    return np.asarray(np.isfinite(block) & (block >= 0) & (block == np.floor(block)))


# a product with ones adds up narrow rows several times as fast as numpy's sum along an axis
def _row_sums(table: FloatArray) -> FloatArray:
    return np.asarray(table @ np.ones(table.shape[1]))


def _column_sums(table: FloatArray) -> FloatArray:
    return np.asarray(np.ones(len(table)) @ table)


def _alpha(observed: float, expected: float, n_answers: float) -> float:
    return float(alpha(np.array([observed]), np.array([expected]), np.array([n_answers]))[0])

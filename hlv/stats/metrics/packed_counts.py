"""Counting many columns of yes and no with few products: several counts in the digits of one whole number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray

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

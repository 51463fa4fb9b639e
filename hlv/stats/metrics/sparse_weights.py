"""Weighting what outputs share with people: nothing is shared of the many labels that nobody chose of an item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray


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
        of_items = np.ascontiguousarray(times.T).astype(np.float64)
        for label, (start, stop) in enumerate(zip(self.edges[:-1], self.edges[1:], strict=True)):
            drawn = of_items.take(self.item[start:stop], axis=0)
            np.matmul(drawn.T, values[start:stop], out=found[label])
        return found

"""The resampling of judges' agreement over items as work in chunks, which any worker can compute from its packed arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from scipy.sparse import csr_array

from hlv.stats.arrays import FloatArray, IntArray, SparseTable
from hlv.stats.metrics.item_weights import Weights
from hlv.stats.pairwise.bootstrap import chunks
from hlv.stats.resampling.chunks import PackedFields


@dataclass(frozen=True, eq=False)
class SharesResampling(PackedFields):
    """Each judge's share of verdicts that another judge gave as well, on draws of the items with replacement.

    Attributes
    ----------
    judge, item : (P,)
        Numbered from 0; a row for each judge and comparison, as in `SharedPairs`.
    same, n_pairs : (P,)
        Pairs of verdicts that are the same, and all.
    n_judges
    seed, n_resamples
        As `Weights.drawn` takes them.
    """

    kind: ClassVar[str] = "resampled agreement of judges"

    judge: IntArray
    item: IntArray
    same: FloatArray
    n_pairs: FloatArray
    n_judges: int
    seed: int
    n_resamples: int

    @property
    def n_chunks(self) -> int:
        return len(chunks(self.n_resamples))

    def compute(self, first: int, stop: int) -> FloatArray:
        """(R, J), NaN where a resample leaves a judge without a pair."""
        weights = Weights.drawn_of_chunks(
            self._tables[0].shape[0], first=first, stop=stop, n_resamples=self.n_resamples, seed=self.seed
        )
        same, pairs = (weights.sums(table) for table in self._tables)
        found: FloatArray = np.divide(same, pairs, out=np.full(pairs.shape, np.nan), where=pairs > 0)
        return found

    @cached_property
    def _tables(self) -> tuple[SparseTable, SparseTable]:
        """Pairs that are the same, and all, by item and judge."""
        shape = (int(self.item.max()) + 1, self.n_judges)
        same, pairs = (
            csr_array((values, (self.item, self.judge)), shape=shape) for values in (self.same, self.n_pairs)
        )
        return same, pairs


unpacked = SharesResampling.unpacked

"""One order of the methods for all groups as work in chunks, which any worker can compute from its packed arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final

import numpy as np

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.correlation import CORRELATIONS, TieArray, mean_ranks, pair_signs, unit_rows
from hlv.stats.meta_evaluation.permutation_chunks import ROUNDING, PermutedMethods

# what an unrelated metric scores
CHANCE: Final = {"kendall_tau_b": 0.0, "spearman": 0.0, "pearson": 0.0, "pairwise_accuracy": 0.5}


@dataclass(frozen=True, eq=False)
class PermutedGroups(PermutedMethods):
    """In how many orders of the people's sides the mean over groups lies as far from chance, either way.

    Attributes
    ----------
    metrics : (G, L, M)
    people : (G, M)
        No row of either is constant.
    metric_ties, people_ties
        Tie groups of both.
    """

    kind: ClassVar[str] = "permuted groups"

    metrics: FloatArray
    people: FloatArray
    metric_ties: TieArray
    people_ties: TieArray

    def compute(self, first: int, stop: int) -> FloatArray:
        """Hits by each of `CORRELATIONS` in each chunk; (chunks, 4, L)."""
        found = np.empty((stop - first, len(CORRELATIONS), self.metrics.shape[1]))
        for chunk in range(first, stop):
            null = self._distances(self.orders_of(chunk))
            found[chunk - first] = [
                (null[name] >= self._observed[name] - ROUNDING).sum(axis=0) for name in CORRELATIONS
            ]
        return found

    @cached_property
    def _observed(self) -> dict[str, FloatArray]:
        return self._distances(np.arange(self.people.shape[1])[None])

    def _distances(self, orders: IntArray) -> dict[str, FloatArray]:
        """How far the mean over groups lies from chance (k, L), with the people's sides in each order."""
        first, second = np.triu_indices(self.people.shape[1], k=1)
        total = {name: np.zeros((len(orders), self.metrics.shape[1])) for name in CORRELATIONS}
        for metrics, side, ties, compared in zip(
            self.metrics, self.people, self.metric_ties, self.people_ties, strict=True
        ):
            signs = pair_signs(ties).astype(np.float32)
            table = np.sign(compared[:, None] - compared[None, :]).astype(np.float32)
            agreeing = (table[orders[:, first], orders[:, second]] @ signs.T).astype(np.float64)
            ordered = float(np.abs(table[first, second]).sum())
            total["kendall_tau_b"] += agreeing / np.sqrt(ordered * (signs != 0).sum(axis=1))
            total["pairwise_accuracy"] += 0.5 + 0.5 * agreeing / ordered
            for name, rows, target in (
                ("spearman", mean_ranks(ties), mean_ranks(compared)),
                ("pearson", metrics, side),
            ):
                total[name] += unit_rows(target[None])[0][orders] @ unit_rows(rows).T
        return {name: np.abs(values / len(self.people) - CHANCE[name]) for name, values in total.items()}


unpacked = PermutedGroups.unpacked

"""Permutations of the methods as work in chunks, which any worker can compute from its packed arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.correlation import (
    CORRELATIONS,
    TieArray,
    is_constant,
    mean_ranks,
    pair_signs,
    pearson,
    unit_rows,
)
from hlv.stats.resampling.chunks import PackedFields

# orders that are looked at together: what is computed of all of them at once would take much memory
ORDERS_AT_ONCE: Final = 1000
# sums of products of unit vectors differ by less than this between two orders of adding
ROUNDING: Final = 1e-12

Hits = Callable[[IntArray], IntArray]


@dataclass(frozen=True, eq=False)
class PermutedMethods(PackedFields):
    """Orders of the methods, a thousand of them a chunk.

    Attributes
    ----------
    orders : (K, M)
    """

    orders: npt.NDArray[Any]

    @property
    def n_chunks(self) -> int:
        return -(-len(self.orders) // ORDERS_AT_ONCE)

    def orders_of(self, chunk: int) -> IntArray:
        """(n, M)"""
        start = chunk * ORDERS_AT_ONCE
        return self.orders[start : start + ORDERS_AT_ONCE].astype(np.int64)


@dataclass(frozen=True, eq=False)
class PermutedCorrelations(PermutedMethods):
    """In how many orders of the people's side each metric agrees with it as well, either way.

    Attributes
    ----------
    metrics : (L, M)
    people : (M,)
    metric_ties, people_ties
        Tie groups of both.
    counts_pairs
        False where tau-b needs no orders; it has no hit then.
    """

    kind: ClassVar[str] = "permuted correlations"

    metrics: FloatArray
    people: FloatArray
    metric_ties: TieArray
    people_ties: TieArray
    counts_pairs: bool = True

    def compute(self, first: int, stop: int) -> FloatArray:
        """By tau-b, Spearman and Pearson in each chunk; (chunks, 3, L). An undefined coefficient has no hit."""
        found = np.empty((stop - first, len(self._counters), len(self.metrics)))
        for chunk in range(first, stop):
            orders = self.orders_of(chunk)
            found[chunk - first] = [count(orders) for count in self._counters]
        return found

    @cached_property
    def _counters(self) -> list[Hits]:
        varied = ~(is_constant(self.metric_ties) | is_constant(self.people_ties))
        return [
            _pair_hits(self.metric_ties, self.people_ties)
            if self.counts_pairs
            else _no_hits(len(self.metrics)),
            _product_hits(mean_ranks(self.metric_ties), mean_ranks(self.people_ties), varied),
            _product_hits(self.metrics, self.people, varied),
        ]


@dataclass(frozen=True, eq=False)
class PermutedShares(PermutedMethods):
    """In how many orders of the people's side a metric's soft pairwise accuracy is as high, and the sum over all.

    Attributes
    ----------
    metrics : (L, M, M)
    people : (M, M)
        Shares as `soft_pairwise_accuracy` takes them.
    """

    kind: ClassVar[str] = "permuted shares"

    metrics: FloatArray
    people: FloatArray

    def compute(self, first: int, stop: int) -> FloatArray:
        """Hits and sums in each chunk; (chunks, 2, L)."""
        found = np.empty((stop - first, 2, len(self.metrics)))
        above, below = np.triu_indices(len(self.people), k=1)
        wanted = self.metrics[:, above, below]
        bar = 1 - np.abs(wanted - self.people[above, below]).mean(axis=1) - ROUNDING
        for chunk in range(first, stop):
            orders = self.orders_of(chunk)
            shuffled = self.people[orders[:, above], orders[:, below]]
            for metric, row in enumerate(wanted):
                values = 1 - np.abs(shuffled - row).mean(axis=1)
                found[chunk - first, :, metric] = (values >= bar[metric]).sum(), values.sum()
        return found


def _pair_hits(metrics: TieArray, people: TieArray) -> Hits:
    """By concordant less discordant pairs."""
    first, second = np.triu_indices(len(people), k=1)
    above = (people[:, None] > people[None, :]).astype(np.float32)
    table = above - above.T
    # whole numbers below 2^24 are exact in single precision, and the product is twice as fast
    signs = pair_signs(metrics).astype(np.float32)
    observed = np.abs(signs @ table[first, second])
    defined = (signs != 0).any(axis=1) & bool(table.any())

    def count(orders: IntArray) -> IntArray:
        null = np.abs(table[orders[:, first], orders[:, second]] @ signs.T)
        return np.where(defined, (null >= observed).sum(axis=0), 0)

    return count


def _no_hits(n_metrics: int) -> Hits:
    return lambda orders: np.zeros(n_metrics, dtype=np.int64)


def _product_hits(metrics: FloatArray, people: FloatArray, varied: BoolArray) -> Hits:
    """By the product of unit vectors, of metrics (L,) where both sides vary."""
    defined = varied & ~np.isnan(pearson(metrics, people[None]))
    if not defined.any():
        return _no_hits(len(metrics))
    rows, target = unit_rows(metrics[defined]), unit_rows(people[None])[0]
    bar = np.abs(rows @ target) - ROUNDING

    def count(orders: IntArray) -> IntArray:
        hits = np.zeros(len(metrics), dtype=np.int64)
        hits[defined] = (np.abs(target[orders] @ rows.T) >= bar).sum(axis=0)
        return hits

    return count


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

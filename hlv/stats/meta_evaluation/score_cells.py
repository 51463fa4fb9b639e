"""Cells of systems x items that a metric and people scored, in the groups within which they are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import numpy as np

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.correlation import TieArray, ties_of
from hlv.stats.meta_evaluation.calibrated_accuracy import CalibratedPairs
from hlv.stats.meta_evaluation.weighted_correlations import (
    weighted_pearson,
    weighted_spearman,
    weighted_tau_b,
)
from hlv.stats.reporting import UndeterminedError

Grouping: TypeAlias = Literal["none", "item", "system"]
GROUPINGS: Final[tuple[Grouping, ...]] = get_args(Grouping)
_STREAM_OF_PAIRS: Final = 2

Correlation: TypeAlias = Callable[["ScoreCells", IntArray, FloatArray], FloatArray]


class UndeterminedGroupedAgreementError(UndeterminedError):
    """The scores do not determine any agreement; `sentence` gives the reason."""


@dataclass(frozen=True, eq=False)
class ScoreCells:
    """Cells (C,) that both sides scored, sorted by group."""

    metric: FloatArray
    human: FloatArray
    metric_ties: TieArray
    human_ties: TieArray
    system: IntArray
    item: IntArray
    sizes: IntArray
    grouping: Grouping

    @classmethod
    def of(cls, metric: FloatArray, human: FloatArray, grouping: Grouping) -> ScoreCells:
        system, item = np.nonzero(~(np.isnan(metric) | np.isnan(human)))
        if len(np.unique(system)) < 2:
            raise UndeterminedGroupedAgreementError(
                "Fewer than two systems have a score of both sides: add scores of more systems."
            )
        group = {"none": np.zeros_like(system), "item": item, "system": system}[grouping]
        order = np.argsort(group, kind="stable")
        system, item, group = system[order], item[order], group[order]
        scores, people = metric[system, item], human[system, item]
        return cls(
            metric=scores,
            human=people,
            metric_ties=ties_of(scores, "score"),
            human_ties=ties_of(people, "score"),
            system=system,
            item=item,
            sizes=np.unique(group, return_counts=True)[1].astype(np.int64),
            grouping=grouping,
        )

    @property
    def n_groups(self) -> int:
        return len(self.sizes)

    @property
    def n_pairs(self) -> int:
        return int((self.sizes * (self.sizes - 1) // 2).sum())

    def places(self) -> Iterator[IntArray]:
        """The cells of each group."""
        ends = np.cumsum(self.sizes)
        return (np.arange(end - size, end) for size, end in zip(self.sizes, ends, strict=True))

    def of_groups(self, correlation: Correlation, weights: FloatArray) -> FloatArray:
        """The correlation of each group under each row of weights of the cells (R, C); (G, R)."""
        return np.stack([correlation(self, place, weights[:, place]) for place in self.places()])

    def pairs(self, most: int, seed: int) -> CalibratedPairs:
        """All pairs within groups, or a random sample of them, with replacement, where they are more than `most`."""
        if self.n_pairs <= most:
            of_groups = [np.triu_indices(int(size), k=1) for size in self.sizes]
            starts = np.cumsum(self.sizes) - self.sizes
            first, second = (
                np.concatenate([pair[side] + start for pair, start in zip(of_groups, starts, strict=True)])
                for side in (0, 1)
            )
        else:
            generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_STREAM_OF_PAIRS,)))
            first, second = self._sampled_pairs(most, generator)
        group = np.repeat(np.arange(self.n_groups), self.sizes)
        return CalibratedPairs.of(
            self.metric, self.human_ties, first, second, group[first], n_groups=self.n_groups
        )

    def _sampled_pairs(self, n: int, generator: np.random.Generator) -> tuple[IntArray, IntArray]:
        """Pairs that are equally likely within a group, as many for each group that has one."""
        paired = np.flatnonzero(self.sizes >= 2)
        group = np.repeat(paired, -(-n // len(paired)))
        starts, sizes = (np.cumsum(self.sizes) - self.sizes)[group], self.sizes[group]
        first = generator.integers(0, sizes)
        second = (first + generator.integers(1, sizes)) % sizes
        return starts + first, starts + second


def _tau_b(cells: ScoreCells, place: IntArray, weights: FloatArray) -> FloatArray:
    return weighted_tau_b(cells.metric_ties[place], cells.human_ties[place], weights)


def _spearman(cells: ScoreCells, place: IntArray, weights: FloatArray) -> FloatArray:
    return weighted_spearman(cells.metric_ties[place], cells.human_ties[place], weights)


def _pearson(cells: ScoreCells, place: IntArray, weights: FloatArray) -> FloatArray:
    # The ties of all cells decide whether a side is constant: its own cells may differ by rounding alone.
    if np.ptp(cells.metric_ties[place]) == 0 or np.ptp(cells.human_ties[place]) == 0:
        return np.full(len(weights), np.nan)
    return weighted_pearson(cells.metric[place], cells.human[place], weights)


CELL_CORRELATIONS: Final[dict[str, Correlation]] = {
    "kendall_tau_b": _tau_b,
    "spearman": _spearman,
    "pearson": _pearson,
}

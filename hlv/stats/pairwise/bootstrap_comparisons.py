"""The resampling of a board as work in chunks, which any worker can compute from its packed arrays alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.bootstrap import ComparisonResampler, Resamples, ResamplingUnit, Solve, chunks
from hlv.stats.pairwise.pair_likelihoods import pair_table
from hlv.stats.pairwise.ranking_models import Estimate, RankingModel, estimate_strengths, solver
from hlv.stats.resampling.chunks import Arrays, PackedFields
from hlv.stats.resampling.item_draws import ItemDraws


@dataclass(frozen=True, eq=False)
class ComparisonBootstrap:
    """`n_resamples` resamples of a board, solved as `estimate` was.

    Attributes
    ----------
    wins, tied : (M, M)
        Counts of the full board, as `pair_counts` gives them.
    """

    kind: ClassVar[str] = "resampled comparisons"

    resampler: ComparisonResampler
    estimate: Estimate
    wins: FloatArray
    tied: FloatArray
    model: RankingModel
    ties: str
    ridge: float
    n_resamples: int

    @property
    def n_chunks(self) -> int:
        return len(chunks(self.n_resamples))

    @cached_property
    def _solve(self) -> Solve:
        return solver(self.estimate, self.resampler.pairs, model=self.model, ties=self.ties)

    def compute(self, first: int, stop: int) -> FloatArray:
        """Strengths of the chunks' resamples, and the same filled by a prior: (R, 2, M)."""
        found = [np.empty((0, 2, len(self.wins)))]
        for index, rows in enumerate(chunks(self.n_resamples)[first:stop], start=first):
            solved = self._solve(self.resampler.draw(index, rows.stop - rows.start))
            found.append(np.stack(solved, axis=1))
        return np.concatenate(found)

    def resamples(self, rows: FloatArray) -> Resamples:
        """What `compute` gave for all chunks, as the rest of the program knows it."""
        return Resamples(
            np.ascontiguousarray(rows[:, 0]),
            np.ascontiguousarray(rows[:, 1]),
            self.resampler.unit,
            self.resampler.seed,
        )

    def packed(self) -> Arrays:
        drawn = self.resampler
        return _PackedComparisons(
            unit=drawn.unit,
            seed=drawn.seed,
            model=self.model,
            ties=self.ties,
            ridge=self.ridge,
            n_resamples=self.n_resamples,
            wins=self.wins,
            tied=self.tied,
            judge=drawn.judge.astype(np.int32),
            item=drawn.item.astype(np.int32),
            count=drawn.count.astype(np.int32),
            row=drawn.row.astype(np.int32),
            drawn_items=drawn.drawn_items if isinstance(drawn.drawn_items, ItemDraws) else None,
        ).packed()

    @classmethod
    def unpacked(cls, arrays: Arrays) -> Self:
        """The work that was packed, whose chunks are the same bits here."""
        found = _PackedComparisons.unpacked(arrays)
        wins, tied = found.wins, found.tied
        names = [str(place) for place in range(len(wins))]
        resampler = ComparisonResampler(
            pairs=pair_table(wins, tied),
            unit=found.unit,
            seed=found.seed,
            judge=found.judge.astype(np.int64),
            item=found.item.astype(np.int64),
            count=found.count.astype(np.float64),
            row=found.row.astype(np.int64),
            drawn_items=found.drawn_items,
        )
        return cls(
            resampler=resampler,
            estimate=estimate_strengths(
                wins, tied, names, model=found.model, ties=found.ties, ridge=found.ridge
            ),
            wins=wins,
            tied=tied,
            model=found.model,
            ties=found.ties,
            ridge=found.ridge,
            n_resamples=found.n_resamples,
        )


@dataclass(frozen=True, eq=False)
class _PackedComparisons(PackedFields):
    nested: ClassVar[Mapping[str, type[PackedFields]]] = {"drawn_items": ItemDraws}

    unit: ResamplingUnit
    seed: int
    model: RankingModel
    ties: str
    ridge: float
    n_resamples: int
    wins: FloatArray
    tied: FloatArray
    judge: npt.NDArray[np.int32]
    item: npt.NDArray[np.int32]
    count: npt.NDArray[np.int32]
    row: npt.NDArray[np.int32]
    drawn_items: ItemDraws | None

"""The resampling of a board as work in chunks, which any worker can compute from its packed arrays alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.bootstrap import ComparisonResampler, Resamples, Solve, chunks
from hlv.stats.pairwise.pair_likelihoods import pair_table
from hlv.stats.pairwise.ranking_models import Estimate, RankingModel, estimate_strengths, solver
from hlv.stats.resampling.chunks import Arrays, options_array, unpack_options
from hlv.stats.resampling.item_draws import ItemDraws, packed_draws, unpacked_draws


@dataclass(frozen=True, eq=False)
class ComparisonBootstrap:
    """`n_resamples` resamples of a board, solved as `estimate` was.

    Attributes
    ----------
    wins, tied : (M, M)
        Counts of the full board, as `pair_counts` gives them.
    """

    kind: ClassVar[str] = "resampled board"

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
        options = {
            "unit": drawn.unit,
            "seed": drawn.seed,
            "model": self.model,
            "ties": self.ties,
            "ridge": self.ridge,
            "n_resamples": self.n_resamples,
        }
        return {
            "options": options_array(options),
            "wins": self.wins,
            "tied": self.tied,
            "judge": drawn.judge.astype(np.int32),
            "item": drawn.item.astype(np.int32),
            "count": drawn.count.astype(np.int32),
            "row": drawn.row.astype(np.int32),
            **packed_draws(drawn.drawn_items if isinstance(drawn.drawn_items, ItemDraws) else None),
        }

    @classmethod
    def unpacked(cls, arrays: dict[str, npt.NDArray[Any]]) -> Self:
        """The work that `packed` laid out, whose chunks are the same bits here."""
        options = unpack_options(arrays)
        wins, tied = arrays["wins"], arrays["tied"]
        names = [str(place) for place in range(len(wins))]
        resampler = ComparisonResampler(
            pairs=pair_table(wins, tied),
            unit=options["unit"],
            seed=options["seed"],
            judge=arrays["judge"].astype(np.int64),
            item=arrays["item"].astype(np.int64),
            count=arrays["count"].astype(np.float64),
            row=arrays["row"].astype(np.int64),
            drawn_items=unpacked_draws(arrays),
        )
        model, ties, ridge = options["model"], options["ties"], options["ridge"]
        return cls(
            resampler=resampler,
            estimate=estimate_strengths(wins, tied, names, model=model, ties=ties, ridge=ridge),
            wins=wins,
            tied=tied,
            model=model,
            ties=ties,
            ridge=ridge,
            n_resamples=options["n_resamples"],
        )


unpacked = ComparisonBootstrap.unpacked

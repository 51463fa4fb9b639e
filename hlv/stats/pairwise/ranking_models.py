"""The models that turn counts of comparisons into strengths, and their bootstrap as work in chunks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final, Literal, Self, cast

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.bootstrap import (
    ComparisonResampler,
    Resamples,
    ResamplingUnit,
    Solve,
    chunks,
    comparison_solver,
)
from hlv.stats.pairwise.bradley_terry import BradleyTerryFit, check_ridge, fit_bradley_terry
from hlv.stats.pairwise.mle_existence import TIES_RULES, TiesRule
from hlv.stats.pairwise.pair_likelihoods import PairTable, pair_table, square_tables
from hlv.stats.pairwise.rank_centrality import (
    CENTRALITY_TIES,
    WIN_RATE_TIES,
    CentralityTies,
    WinRateTies,
    centralities_exist,
    rank_centrality,
    stationary_shares,
    win_rate,
    win_rates,
)
from hlv.stats.resampling.chunks import Arrays, PackedFields
from hlv.stats.resampling.item_weights import ItemDraws

RankingModel = Literal["bradley-terry", "rank-centrality", "win-rate"]
RANKING_MODELS: Final[tuple[RankingModel, ...]] = ("bradley-terry", "rank-centrality", "win-rate")

TIES_OF_MODELS: Final[dict[str, tuple[str, ...]]] = {
    "bradley-terry": TIES_RULES,
    "rank-centrality": CENTRALITY_TIES,
    "win-rate": WIN_RATE_TIES,
}

SCALES: Final[dict[RankingModel, str]] = {
    "bradley-terry": "natural log odds, sum 0",
    "rank-centrality": "logarithm of the stationary share, sum 0",
    "win-rate": "share of comparisons won, 0 to 1",
}


@dataclass(frozen=True, eq=False)
class Estimate:
    """Strengths (M,) on the scale of their model, and the fit behind them where it is Bradley-Terry's."""

    strengths: FloatArray
    fit: BradleyTerryFit | None


def check_model(model: str, *, ties: str, ridge: float) -> None:
    """Raise ValueError for a model, ties rule or prior that is not known or that does not go together."""
    if model not in RANKING_MODELS:
        raise ValueError(f"unknown model {model!r}; one of {', '.join(RANKING_MODELS)}")
    check_ridge(ridge)
    if ridge and model != "bradley-terry":
        raise ValueError(f"{model} takes no prior; bradley-terry does")
    if ties not in TIES_OF_MODELS[model]:
        raise ValueError(_without_rule(model, ties))


def _without_rule(model: str, ties: str) -> str:
    owners = [other for other, rules in TIES_OF_MODELS.items() if ties in rules]
    if not owners:
        known = "; ".join(f"{other} knows {', '.join(rules)}" for other, rules in TIES_OF_MODELS.items())
        return f"unknown ties rule {ties!r}: {known}"
    return (
        f"the ties rule {ties!r} belongs to the model {' and '.join(owners)}; "
        f"{model} knows {', '.join(TIES_OF_MODELS[model])}"
    )


def estimate_strengths(
    wins: FloatArray, tied: FloatArray, names: list[str], *, model: RankingModel, ties: str, ridge: float
) -> Estimate:
    """Strengths of a board by a model.

    Parameters
    ----------
    wins, tied : (M, M)
        As `pair_counts` gives them.
    names
        Of the methods, for the words of a refusal.
    model, ties, ridge
        As `check_model` lets them pass; only Bradley-Terry takes a ridge.

    Raises
    ------
    NoRankingError
        If the board has no strengths under the model.
    NonConvergenceError
        If the search for Bradley-Terry's maximum does not settle.
    """
    if model == "bradley-terry":
        fit = fit_bradley_terry(wins, tied, ties_rule=cast(TiesRule, ties), ridge=ridge, names=names)
        return Estimate(fit.strengths, fit)
    if model == "rank-centrality":
        shares = rank_centrality(wins, tied, ties_rule=cast(CentralityTies, ties), names=names)
        return Estimate(_centred_logarithm(shares), None)
    return Estimate(win_rate(wins, tied, ties_rule=cast(WinRateTies, ties), names=names), None)


def solver(estimate: Estimate, full_pairs: PairTable, *, model: RankingModel, ties: str) -> Solve:
    """What gives drawn boards their strengths, by the model and the rules of the full board's estimate."""
    if estimate.fit is not None:
        return comparison_solver(estimate.fit, full_pairs)

    def solve(drawn: PairTable) -> tuple[FloatArray, FloatArray]:
        wins, tied = square_tables(drawn)
        if model == "win-rate":
            values = win_rates(wins, tied, ties_rule=cast(WinRateTies, ties))
            values[np.isnan(values).any(axis=1)] = np.nan
            return values, values
        values = np.full(wins.shape[:2], np.nan)
        rule = cast(CentralityTies, ties)
        exists = centralities_exist(wins, tied, ties_rule=rule)
        values[exists] = _centred_logarithm(stationary_shares(wins[exists], tied[exists], ties_rule=rule))
        return values, values

    return solve


def _centred_logarithm(shares: FloatArray) -> FloatArray:
    logarithms = np.log(shares)
    return np.asarray(logarithms - logarithms.mean(axis=-1, keepdims=True))


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

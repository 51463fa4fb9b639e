"""The models that turn a board into strengths, for the board itself and for its resamples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, cast

import numpy as np

from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.bootstrap import Solve, comparison_solver
from hlv.stats.pairwise.bradley_terry import BradleyTerryFit, check_ridge, fit_bradley_terry
from hlv.stats.pairwise.mle_existence import TIES_RULES, TiesRule
from hlv.stats.pairwise.pair_likelihoods import PairTable, square_tables
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

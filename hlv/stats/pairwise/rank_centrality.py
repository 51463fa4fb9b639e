"""Rank centrality: the stationary distribution of a walk from losers to winners.

References
----------
Negahban, S., Oh, S., & Shah, D. (2012). Iterative ranking from pair-wise comparisons. Advances in Neural
Information Processing Systems 25.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np

from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.pairwise.comparisons import checked_counts, default_names
from hlv.stats.pairwise.mle_existence import (
    TiesRule,
    are_strongly_connected,
    beats,
    require_connection,
    require_ranking,
)

CentralityTies = Literal["half", "drop", "denominator"]
CENTRALITY_TIES: Final[tuple[CentralityTies, ...]] = ("half", "drop", "denominator")


def rank_centrality(
    wins: FloatArray,
    ties: FloatArray,
    *,
    ties_rule: CentralityTies = "half",
    names: Sequence[str] | None = None,
) -> FloatArray:
    """Stationary share of each method.

    The walk goes from i to j at the rate with which j beats i in their comparisons.

    Parameters
    ----------
    wins, ties : (M, M)
        As `pair_counts` gives them.
    ties_rule
        "half": half a win each. "drop": left out. "denominator": a comparison that nobody won, as the paper's
        code counts.
    names
        Methods' names for the sentence of a refusal.

    Returns
    -------
    (M,)
        Positive shares that sum to 1.

    Raises
    ------
    NoRankingError
        If the walk cannot reach every method from every other.
    ValueError
        If the tables are no counts, or the rule is not known.
    """
    if ties_rule not in CENTRALITY_TIES:
        raise ValueError(
            f"rank centrality has no ties rule {ties_rule!r}; one of {', '.join(CENTRALITY_TIES)}"
        )
    wins, ties = require_ranking(wins, ties, ties_rule=connecting_rule(ties_rule), names=names)
    return np.asarray(stationary_shares(wins[None], ties[None], ties_rule=ties_rule)[0])


def connecting_rule(ties_rule: CentralityTies) -> TiesRule:
    """Whether ties connect two methods: only where they count as half a win."""
    return "half" if ties_rule == "half" else "drop"


def centralities_exist(wins: FloatArray, ties: FloatArray, *, ties_rule: CentralityTies) -> BoolArray:
    """For each board of a stack (R, M, M), whether the walk has one stationary distribution with all methods."""
    return are_strongly_connected(beats(wins, ties, ties_rule=connecting_rule(ties_rule)))


def stationary_shares(wins: FloatArray, ties: FloatArray, *, ties_rule: CentralityTies) -> FloatArray:
    """Shares (R, M) of boards (R, M, M) for which they exist."""
    won = wins + ties / 2 if ties_rule == "half" else wins
    met = wins + np.swapaxes(wins, 1, 2) + (0.0 if ties_rule == "drop" else ties)
    lost_to = np.swapaxes(won, 1, 2)
    rates = np.divide(lost_to, met, out=np.zeros_like(wins), where=met > 0)
    n_methods = wins.shape[1]
    diagonal = np.arange(n_methods)
    flow = np.swapaxes(rates, 1, 2).copy()
    flow[:, diagonal, diagonal] = -rates.sum(axis=2)
    # the balance equations are one too many; the sum of the shares takes the place of the last
    flow[:, -1, :] = 1.0
    target = np.zeros((len(wins), n_methods, 1))
    target[:, -1] = 1.0
    return np.asarray(np.linalg.solve(flow, target)[..., 0])


WinRateTies = Literal["half", "drop"]
WIN_RATE_TIES: Final[tuple[WinRateTies, ...]] = ("half", "drop")


def win_rate(
    wins: FloatArray,
    ties: FloatArray,
    *,
    ties_rule: WinRateTies = "half",
    names: Sequence[str] | None = None,
) -> FloatArray:
    """Share of comparisons won, over all opponents.

    It depends on who was met how often: on an unbalanced board it is no measure of quality.

    Parameters
    ----------
    wins, ties : (M, M)
        As `pair_counts` gives them.
    ties_rule
        "half": half a win each. "drop": left out.
    names
        Methods' names for the sentence of a refusal.

    Returns
    -------
    (M,)
        Shares from 0 to 1.

    Raises
    ------
    NoRankingError
        If no chain of comparisons joins all methods: their rates could not be compared.
    ValueError
        If the tables are no counts, or the rule is not known.
    """
    if ties_rule not in WIN_RATE_TIES:
        raise ValueError(f"the win rate has no ties rule {ties_rule!r}; one of {', '.join(WIN_RATE_TIES)}")
    wins, ties = checked_counts(wins, ties)
    require_connection(wins, ties, ties_rule=ties_rule, names=default_names(len(wins), names))
    return np.asarray(win_rates(wins[None], ties[None], ties_rule=ties_rule)[0])


def win_rates(wins: FloatArray, ties: FloatArray, *, ties_rule: WinRateTies) -> FloatArray:
    """Rates (R, M) of boards (R, M, M); NaN for a method that a board never compared."""
    drawn = ties if ties_rule == "half" else np.zeros_like(ties)
    won = (wins + drawn / 2).sum(axis=2)
    met = (wins + np.swapaxes(wins, 1, 2) + drawn).sum(axis=2)
    return np.asarray(np.divide(won, met, out=np.full_like(won, np.nan), where=met > 0))

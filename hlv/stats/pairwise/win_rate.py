"""Win rate: the share of its comparisons that a method won."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np

from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.comparisons import checked_counts, default_names
from hlv.stats.pairwise.mle_existence import require_connection

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

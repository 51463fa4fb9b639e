"""What a ranking says of every two methods: what was seen, and what it expects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.pairwise.bradley_terry import BradleyTerryFit, rule_and_logarithm
from hlv.stats.pairwise.comparisons import Cells, pair_counts
from hlv.stats.pairwise.pair_likelihoods import PairTable
from hlv.stats.pairwise.ranking_result import Ranking

# What is stored keeps so many digits: enough for every page and file, and a third of the bytes.
DIGITS: Final = 9


@dataclass(frozen=True, eq=False)
class PairProbabilities:
    """Of each pair (i, j) of M methods, i before j in the order of strength.

    Attributes
    ----------
    first, second : (P,)
        Places in the ranking, from 0.
    wins, losses, ties : (P,)
        Of the first against the second.
    expected, low, high : (P,)
        Chance that the first is judged better, a tie counting half, by the ranking, and its 95 % interval by itself;
        NaN where the model has none.
    """

    first: IntArray
    second: IntArray
    wins: IntArray
    losses: IntArray
    ties: IntArray
    expected: FloatArray
    low: FloatArray
    high: FloatArray


def pair_probabilities(ranking: Ranking, cells: Cells) -> PairProbabilities | None:
    """Compare every two methods of a ranking; None where there is no ranking.

    Parameters
    ----------
    ranking
        As `rank_methods` gave it.
    cells
        The judgments it was made of.
    """
    if ranking.ranks is None or len(ranking.names) < 2:
        return None
    wins, ties = (counts.astype(np.int64) for counts in pair_counts(cells, len(ranking.names)))
    order = np.argsort(ranking.ranks, kind="stable")
    first, second = np.triu_indices(len(order), k=1)
    one, other = order[first], order[second]
    expected, low, high = (np.round(chance, DIGITS) for chance in _chances(ranking, one, other))
    return PairProbabilities(
        first=first,
        second=second,
        wins=wins[one, other],
        losses=wins[other, one],
        ties=ties[one, other],
        expected=expected,
        low=low,
        high=high,
    )


def win_probability(difference: FloatArray, *, ties: str, tie_parameter: float | None) -> FloatArray:
    """Mean score of a judgment, a tie counting half, at these differences of strengths.

    Without ties of their own (half wins, or left out) that is Bradley-Terry's P(i beats j).

    Parameters
    ----------
    difference
        s_i - s_j.
    ties, tie_parameter
        Of the ranking: Davidson's nu, or Rao and Kupper's theta.
    """
    if ties == "davidson" and tie_parameter:
        # All three divided by the largest, so that nothing overflows.
        largest = np.abs(difference) / 2
        win, loss = np.exp(difference / 2 - largest), np.exp(-difference / 2 - largest)
        tie = tie_parameter * np.exp(-largest)
        return np.asarray((win + tie / 2) / (win + loss + tie))
    if ties == "rao-kupper" and tie_parameter:
        width = np.log(tie_parameter)
        return np.asarray((1 + expit(difference - width) - expit(-difference - width)) / 2)
    return np.asarray(expit(difference))


def _chances(ranking: Ranking, one: IntArray, other: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    missing = np.full(len(one), np.nan)
    if ranking.model == "win-rate":
        return missing, missing, missing
    difference = ranking.strengths[one] - ranking.strengths[other]

    def chance(at: FloatArray) -> FloatArray:
        return win_probability(at, ties=ranking.ties, tie_parameter=ranking.tie_parameter)

    analytic = ranking.analytic
    if analytic is None:
        return chance(difference), missing, missing
    half = analytic.difference_errors.half_widths()[one, other]
    return chance(difference), chance(difference - half), chance(difference + half)


@dataclass(frozen=True, eq=False)
class ExpectedOutcomes:
    """Chances (n_pairs,) that the upper method of each pair wins, loses, and ties."""

    win: FloatArray
    loss: FloatArray
    tie: FloatArray

    @property
    def score(self) -> FloatArray:
        """Mean score of a judgment (n_pairs,)."""
        return self.win + self.tie / 2

    def central_moment(self, order: int) -> FloatArray:
        """Mean of (score - its mean) ** order; (n_pairs,)."""
        mean = self.score
        return np.asarray(
            self.win * (1 - mean) ** order + self.tie * (0.5 - mean) ** order + self.loss * (-mean) ** order
        )


def expected_outcomes(fit: BradleyTerryFit, pairs: PairTable) -> ExpectedOutcomes:
    """Chances under a fit of the pairs of a board.

    Under the tie models they are the model's own, and without ties those of Bradley-Terry. Ties counted as half a
    win have no chance of their own in that model: each pair is given the share of ties of the whole board, or as
    much of it as leaves the mean score at P(i beats j) (at most 2 min(p, 1 - p)). Under "drop" only wins and losses
    are expected, so counts of ties must be left out by the caller.

    Parameters
    ----------
    fit
        A fit of `pairs`.
    pairs
        Counts (n_pairs,) of one board.
    """
    difference = fit.strengths[pairs.upper] - fit.strengths[pairs.lower]
    rule, logarithm = rule_and_logarithm(fit)
    if rule == "davidson":
        total = np.logaddexp(np.logaddexp(difference / 2, -difference / 2), logarithm)
        win, loss = np.exp(difference / 2 - total), np.exp(-difference / 2 - total)
        return ExpectedOutcomes(win, loss, np.exp(logarithm - total))
    if rule == "rao-kupper":
        win, loss = expit(difference - logarithm), expit(-difference - logarithm)
        return ExpectedOutcomes(win, loss, 1 - win - loss)
    p, q = expit(difference), expit(-difference)
    if rule == "drop":
        return ExpectedOutcomes(p, q, np.zeros_like(p))
    share = float(pairs.ties.sum() / (pairs.wins + pairs.losses + pairs.ties).sum())
    tie = np.minimum(share, 2 * np.minimum(p, q))
    return ExpectedOutcomes(p - tie / 2, q - tie / 2, tie)

"""What a Bradley-Terry fit expects of a judgment: the chances of its outcomes and the moments of its score.

The score of a judgment is 1 where the upper method won, 1/2 for a tie and 0 where it lost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.bradley_terry import BradleyTerryFit, rule_and_logarithm
from hlv.stats.pairwise.pair_likelihoods import PairTable


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

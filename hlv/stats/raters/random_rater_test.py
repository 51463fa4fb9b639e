"""Whether a judge's preferences follow the consensus, or a coin.

References
----------
Royall, R. (2000). On the probability of observing misleading statistical evidence. Journal of the American
Statistical Association 95(451), 760-768.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
from scipy.special import expit

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.pairwise.bradley_terry import BradleyTerryFit, fit_bradley_terry
from hlv.stats.pairwise.mle_existence import rankings_exist
from hlv.stats.pairwise.pair_likelihoods import PairTable, square_tables
from hlv.stats.pairwise.pair_probabilities import expected_outcomes
from hlv.stats.raters.rater_counts import RaterCounts, UndeterminedJudgesError

# Stricter than for other flags: judges have tastes, and do not follow the consensus exactly.
MISLEADING = 0.001
# No verdict counts for more evidence than this chance gives.
_SMALLEST_CHANCE = 1e-6


@dataclass(frozen=True, eq=False)
class RandomRaterTest:
    """Of each judge, how much better the consensus explains the preferences than a coin does.

    Attributes
    ----------
    codes, n_decided : (J,)
        Judges by rising code, and how many verdicts with a preference each gave.
    log_ratio : (J,)
        Natural logarithm of the likelihood under the consensus over that under a coin; negative where a coin
        explains more. NaN without any preference.
    """

    codes: IntArray
    n_decided: IntArray
    log_ratio: FloatArray

    @property
    def flags(self) -> list[bool]:
        """Whom a coin explains 1,000 J times better, J being the number of judges.

        Under the consensus that happens to one judge with a chance of at most .001 / J (Royall 2000), and so to any
        of J with at most .001.
        """
        with_any = ~np.isnan(self.log_ratio)
        limit = log(MISLEADING / max(1, int(with_any.sum())))
        return [bool(known and ratio < limit) for known, ratio in zip(with_any, self.log_ratio, strict=True)]


def random_rater_test(rater_counts: RaterCounts, fit: BradleyTerryFit) -> RandomRaterTest:
    """Preferences under the consensus and under a coin; ties are left out.

    The judge is part of the consensus, which favours it a little; on a board of nearly equal methods nobody can be
    told from a coin.

    Raises
    ------
    UndeterminedJudgesError
        If there is only one judge.
    """
    if rater_counts.n_judges + (rater_counts.n_unknown > 0) < 2:
        raise UndeterminedJudgesError("There is one judge: the consensus is her own ranking.")
    win = np.clip(_chance_to_prefer(fit, rater_counts.pairs), _SMALLEST_CHANCE, 1 - _SMALLEST_CHANCE)
    gain, loss = np.log(2 * win)[rater_counts.pair], np.log(2 * (1 - win))[rater_counts.pair]
    n_decided = rater_counts.per_judge(rater_counts.wins + rater_counts.losses)
    total = rater_counts.per_judge(rater_counts.wins * gain + rater_counts.losses * loss)
    return RandomRaterTest(
        codes=rater_counts.codes,
        n_decided=n_decided.astype(np.int64),
        log_ratio=np.where(n_decided > 0, total, np.nan),
    )


def _chance_to_prefer(fit: BradleyTerryFit, pairs: PairTable) -> FloatArray:
    """Of each pair (n_pairs,), the chance that the upper method is the one preferred, where one is.

    Strengths with ties as half a win each lie nearer together than preferences alone would have them, so these are
    fitted by themselves. Where they determine no ranking, P(i beats j) of the ranking stands for them: nearer to 1/2,
    so that an upset never weighs more than it should.
    """
    if fit.ties_rule == "half":
        wins, ties = square_tables(pairs)
        if rankings_exist(wins[None], ties[None], ties_rule="drop", ridge=fit.ridge)[0]:
            fit = fit_bradley_terry(wins, ties, ties_rule="drop", ridge=fit.ridge)
        return np.asarray(expit(fit.strengths[pairs.upper] - fit.strengths[pairs.lower]))
    expected = expected_outcomes(fit, pairs)
    return np.asarray(expected.win / (expected.win + expected.loss))

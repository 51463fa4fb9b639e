"""Whether a judge prefers a side of the screen.

References
----------
Clopper, C. J., & Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in the case of the
binomial. Biometrika 26(4), 404-413.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.pairwise.comparisons import FIRST, TIE, UNKNOWN, Cells
from hlv.stats.pairwise.multiple_comparisons import holm
from hlv.stats.raters.rater_counts import UndeterminedJudgesError
from hlv.stats.resampling.percentiles import LEVEL


@dataclass(frozen=True, eq=False)
class SideBias:
    """How often each judge preferred what stood on the left.

    Attributes
    ----------
    codes : (J,)
        Known judges, by rising code.
    n_decided, n_left : (J,)
        Verdicts with a preference and known sides, and those for the left.
    share : (J,)
        n_left / n_decided; NaN without any.
    low, high : (J,)
        Exact (Clopper-Pearson) 95 % interval of that share; NaN without any.
    p : (J,)
        Exact two-sided binomial p against 1/2; NaN without any.
    adjusted_p : (J,)
        The same, Holm-adjusted over the judges.
    n_left_out
        Ties, and judgments of unknown judges or with unknown sides.
    """

    codes: IntArray
    n_decided: IntArray
    n_left: IntArray
    share: FloatArray
    low: FloatArray
    high: FloatArray
    p: FloatArray
    adjusted_p: FloatArray
    n_left_out: int

    def undetermined(self) -> list[str | None]:
        """Of each judge, why there is no share; None where there is."""
        reason = "This judge never preferred a method while the sides were known."
        return [reason if n == 0 else None for n in self.n_decided.tolist()]


def side_bias(cells: Cells) -> SideBias:
    """Share of the left among each judge's preferences.

    Under sides drawn at random, and verdicts that are independent of one another, the number is binomial with
    1/2 for a judge who does not look at the side. Where sides were not random, a better method that stood more
    often on the left gives the same number: fit `side_effect` instead, which allows for the methods.

    Raises
    ------
    UndeterminedJudgesError
        If no verdict of a known judge has both a preference and known sides.
    """
    known = (cells.count > 0) & (cells.judge != UNKNOWN)
    used = known & (cells.first_is_left != UNKNOWN) & (cells.outcome != TIE)
    if not used.any():
        raise UndeterminedJudgesError(
            "No known judge preferred a method while the sides were known, so a preference for a side is undetermined."
        )
    codes = np.unique(cells.judge[known])
    judge = np.searchsorted(codes, cells.judge[used])
    left = (cells.outcome[used] == FIRST) == (cells.first_is_left[used] == 1)
    n_decided = np.bincount(judge, weights=cells.count[used], minlength=len(codes)).astype(np.int64)
    n_left = np.bincount(judge, weights=cells.count[used] * left, minlength=len(codes)).astype(np.int64)
    seen = n_decided > 0
    share, low, high, p, adjusted = (np.full(len(codes), np.nan) for _ in range(5))
    share[seen] = n_left[seen] / n_decided[seen]
    low[seen], high[seen] = exact_interval(n_left[seen], n_decided[seen])
    fewer = np.minimum(n_left[seen], n_decided[seen] - n_left[seen])
    # at 1/2 the binomial is symmetric, so twice a tail is the exact two-sided p
    p[seen] = np.minimum(1.0, 2 * scipy.stats.binom.cdf(fewer, n_decided[seen], 0.5))
    adjusted[seen] = holm(p[seen])
    n_used = int(cells.count[used].sum())
    return SideBias(codes, n_decided, n_left, share, low, high, p, adjusted, cells.n_judgments - n_used)


def exact_interval(successes: IntArray, trials: IntArray) -> tuple[FloatArray, FloatArray]:
    """Clopper-Pearson 95 % bounds of binomial shares, one trial or more; each (K,)."""
    tail = (1 - LEVEL) / 2
    failures = trials - successes
    # a beta distribution needs parameters above 0; where there are none the bound is 0 or 1 exactly
    low = np.where(successes == 0, 0.0, scipy.stats.beta.ppf(tail, np.maximum(successes, 1), failures + 1))
    high = np.where(failures == 0, 1.0, scipy.stats.beta.isf(tail, successes + 1, np.maximum(failures, 1)))
    return low, high

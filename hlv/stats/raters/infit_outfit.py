"""How each judge fits the consensus: mean squares of residuals from the ranking of all judges.

References
----------
Wright, B. D., & Masters, G. N. (1982). Rating scale analysis. MESA Press, ch. 5.
Linacre, J. M. (2002). What do infit and outfit, mean-square and standardized mean? Rasch Measurement
Transactions 16(2), 878.
Linacre, J. M. (1989). Many-facet Rasch measurement. MESA Press.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import scipy

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.pairwise.bradley_terry import BradleyTerryFit
from hlv.stats.pairwise.multiple_comparisons import holm
from hlv.stats.pairwise.pair_probabilities import expected_outcomes
from hlv.stats.raters.rater_counts import RaterCounts, UndeterminedJudgesError

# Linacre 2002: mean squares in this range are productive for measurement
LEAST_FIT: Final = 0.5
MOST_FIT: Final = 1.5
# a flag accuses a person: in twenty campaigns of honest judges hardly one may have a flag
NOTABLE: Final = 0.01
# a chance below this makes one judgment's squared residual as large as all others together
SMALLEST_VARIANCE: Final = 1e-6

Flag = Literal["erratic", "muted"]


@dataclass(frozen=True, eq=False)
class InfitOutfit:
    """Mean squares of each judge; 1 is expected of a judge who follows the model.

    Attributes
    ----------
    codes, n_judgments : (J,)
        Judges by rising code, and how many of their judgments enter.
    outfit : (J,)
        Mean of squared standardised residuals: sensitive to a few wild verdicts on clear pairs.
    infit : (J,)
        Squared residuals over their expected sum: sensitive to many odd verdicts on close pairs.
    outfit_z, infit_z : (J,)
        The same as normal deviates (Wilson and Hilferty's cube root).
    adjusted_p : (J,)
        Two-sided p of `infit_z`, Holm-adjusted over the judges.
    flags
        "erratic": an infit above 1.5. "muted": one below 0.5, more predictable than the model allows. Either with
        an adjusted p below .01; None otherwise. Outfit raises no flag: one wild verdict on a clear pair is enough
        for it, and of a hundred judges who follow the model some have one. Every array is NaN for a judge without
        judgments.
    """

    codes: IntArray
    n_judgments: IntArray
    outfit: FloatArray
    infit: FloatArray
    outfit_z: FloatArray
    infit_z: FloatArray

    @property
    def adjusted_p(self) -> FloatArray:
        adjusted, seen = np.full(len(self.infit_z), np.nan), ~np.isnan(self.infit_z)
        adjusted[seen] = holm(2 * scipy.stats.norm.sf(np.abs(self.infit_z[seen])))
        return adjusted

    @property
    def flags(self) -> list[Flag | None]:
        notable = self.adjusted_p < NOTABLE
        found: list[Flag | None] = []
        for is_erratic, is_muted in zip(
            notable & (self.infit > MOST_FIT), notable & (self.infit < LEAST_FIT), strict=True
        ):
            found.append("erratic" if is_erratic else "muted" if is_muted else None)
        return found

    def undetermined(self) -> list[str | None]:
        """Of each judge, why there are no mean squares; None where there are."""
        reason = "All verdicts of this judge are ties, which the ranking leaves out."
        return [reason if n == 0 else None for n in self.n_judgments.tolist()]


def infit_outfit(rater_counts: RaterCounts, fit: BradleyTerryFit) -> InfitOutfit:
    """Infit and outfit of each judge to the ranking of all.

    The judge is part of the consensus, so one who gave a large share of all judgments looks better than she is;
    `leave_one_judge_out` shows her weight. On a board of nearly equal methods every verdict is as likely as
    another, and a judge at random cannot be told by this.

    Parameters
    ----------
    rater_counts
        The judgments.
    fit
        Of `rater_counts.pairs`.

    Raises
    ------
    UndeterminedJudgesError
        If there is only one judge: there is no consensus to fit to.
    """
    if rater_counts.n_judges + (rater_counts.n_unknown > 0) < 2:
        raise UndeterminedJudgesError("There is one judge: the consensus is her own ranking.")
    expected = expected_outcomes(fit, rater_counts.pairs)
    mean, variance, fourth = expected.score, expected.central_moment(2), expected.central_moment(4)
    variance = np.maximum(variance, SMALLEST_VARIANCE)
    mean, variance, fourth = mean[rater_counts.pair], variance[rater_counts.pair], fourth[rater_counts.pair]
    ties = np.zeros_like(rater_counts.ties) if fit.ties_rule == "drop" else rater_counts.ties
    count = rater_counts.wins + rater_counts.losses + ties
    squares = rater_counts.wins * (1 - mean) ** 2 + rater_counts.losses * mean**2 + ties * (0.5 - mean) ** 2
    n_judgments = rater_counts.per_judge(count)
    seen = n_judgments > 0

    def ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
        return np.asarray(
            np.divide(numerator, denominator, out=np.full(len(denominator), np.nan), where=seen)
        )

    total = rater_counts.per_judge(count * variance)
    outfit = ratio(rater_counts.per_judge(squares / variance), n_judgments)
    infit = ratio(rater_counts.per_judge(squares), total)
    # variances of the two mean squares under the model
    outfit_variance = ratio(rater_counts.per_judge(count * (fourth / variance**2 - 1)), n_judgments**2)
    infit_variance = ratio(rater_counts.per_judge(count * (fourth - variance**2)), total**2)
    return InfitOutfit(
        codes=rater_counts.codes,
        n_judgments=n_judgments.astype(np.int64),
        outfit=outfit,
        infit=infit,
        outfit_z=_deviate(outfit, outfit_variance),
        infit_z=_deviate(infit, infit_variance),
    )


def _deviate(mean_square: FloatArray, variance: FloatArray) -> FloatArray:
    """Wilson and Hilferty's normal deviate; 0 where the model leaves the mean square no room to vary."""
    deviation = np.sqrt(np.maximum(variance, 0.0))
    varies = deviation > SMALLEST_VARIANCE
    safe = np.where(varies, deviation, 1.0)
    deviate = (np.cbrt(mean_square) - 1) * 3 / safe + safe / 3
    return np.asarray(np.where(varies | np.isnan(mean_square), deviate, 0.0))

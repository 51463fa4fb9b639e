"""Outlier systems, left out by the rule of WMT, and agreement with and without them.

One system that is far worse than the others makes nearly every metric look good: Pearson's r then measures whether
the metric finds that system. The rule looks at the human scores alone. A system is an outlier where its distance from
the median is more than 2.5 times the scaled median absolute deviation.

References
----------
Iglewicz, B., & Hoaglin, D. C. (1993). How to Detect and Handle Outliers. ASQC Quality Press.
Leys, C., Ley, C., Klein, O., Bernard, P., & Licata, L. (2013). Detecting outliers: do not use standard deviation around
the mean, use absolute deviation around the median. Journal of Experimental Social Psychology 49(4), 764-766.
Mathur, N., Baldwin, T., & Cohn, T. (2020). Tangled up in BLEU: reevaluating the evaluation of automatic machine
translation evaluation metrics. Proceedings of ACL, 4984-4997.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.correlation import CORRELATIONS, correlations, is_constant, ties_of
from hlv.stats.reporting import UndeterminedError

OUTLIER_Z: Final = 2.5
# 1 / the .75 quantile of a normal distribution, rounded as the source rounds it.
MAD_SCALE: Final = 1.4826
FEWEST_SYSTEMS: Final = 3


class UndeterminedOutliersError(UndeterminedError):
    """The scores do not determine which systems are outliers; `sentence` gives the reason."""


@dataclass(frozen=True, eq=False)
class AgreementWithoutOutliers:
    """Coefficients of `CORRELATIONS` over all systems and over those that are no outliers.

    Attributes
    ----------
    outliers : (M,)
    z : (M,)
        Distance from the median in scaled median absolute deviations, with its sign.
    full, without
        Of each coefficient; None where it is undefined.
    n_full, n_without
        Systems in each.
    """

    outliers: BoolArray
    z: FloatArray
    full: dict[str, float | None]
    without: dict[str, float | None]
    n_full: int
    n_without: int


def robust_z(human: npt.ArrayLike) -> FloatArray:
    """(score - median) / (1.4826 MAD) of each system (M,).

    Raises
    ------
    UndeterminedOutliersError
        If there are fewer than three systems, or more than half have the same score.
    ValueError
        If a score is missing or infinite.

    Examples
    --------
    >>> robust_z([0.1, 0.2, 0.3, 0.4, -2.0]).round(2)
    array([ -0.67,   0.  ,   0.67,   1.35, -14.84])
    """
    scores = np.asarray(human, dtype=np.float64)
    if scores.ndim != 1 or not np.isfinite(scores).all():
        raise ValueError("one finite human score of each system is needed")
    if len(scores) < FEWEST_SYSTEMS:
        raise UndeterminedOutliersError(
            "There are %(n_scores)s systems: outliers need %(fewest_systems)s or more.",
            n_scores=len(scores),
            fewest_systems=FEWEST_SYSTEMS,
        )
    distances = scores - np.median(scores)
    deviation = MAD_SCALE * np.median(np.abs(distances))
    if deviation == 0:
        raise UndeterminedOutliersError(
            "Half of the systems or more have the median score, so the median absolute deviation is 0 and the rule "
            "does not apply."
        )
    return np.asarray(distances / deviation)


def outlier_systems(human: npt.ArrayLike) -> BoolArray:
    """Which systems (M,) are outliers: |`robust_z`| above 2.5; errors as there."""
    return np.abs(robust_z(human)) > OUTLIER_Z


def agreement_without_outliers(
    metric: npt.ArrayLike, human: npt.ArrayLike, *, higher_is_better: bool = True
) -> AgreementWithoutOutliers:
    """Agreement over all systems, and without the outliers among them.

    Parameters
    ----------
    metric, human : (M,)
        Scores of systems; human scores grow with quality.

    Raises
    ------
    UndeterminedOutliersError
        As `robust_z`.
    ValueError
        If shapes differ, or a score is missing or infinite.
    """
    scores, people = np.asarray(metric, dtype=np.float64), np.asarray(human, dtype=np.float64)
    if scores.shape != people.shape or not np.isfinite(scores).all():
        raise ValueError("one finite score of the metric is needed for each human score")
    z = robust_z(people)
    outliers = np.abs(z) > OUTLIER_Z
    scores = scores if higher_is_better else -scores
    return AgreementWithoutOutliers(
        outliers=outliers,
        z=z,
        full=coefficients_of(scores, people),
        without=coefficients_of(scores[~outliers], people[~outliers]),
        n_full=len(people),
        n_without=int((~outliers).sum()),
    )


def coefficients_of(scores: FloatArray, people: FloatArray) -> dict[str, float | None]:
    """All of `CORRELATIONS` of scores (M,) that grow with quality; None where a side is constant or M is below 2."""
    if len(scores) < 2:
        return dict.fromkeys(CORRELATIONS)
    score_ties, people_ties = ties_of(scores, "score"), ties_of(people, "score")
    if is_constant(score_ties) or is_constant(people_ties):
        return dict.fromkeys(CORRELATIONS)
    found = correlations(scores, people, x_ties=score_ties, y_ties=people_ties)
    return {name: float(found[name]) for name in CORRELATIONS}

"""What Crowd-BT maximises: the log posterior of strengths and reliabilities, its gradient and its steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy.special import expit, log_expit

from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.bootstrap import WEAK_PRIOR
from hlv.stats.pairwise.bradley_terry import NonConvergenceError, check_ridge
from hlv.stats.raters.rater_counts import RaterCounts

CrowdTies = Literal["half", "drop"]
CROWD_TIES: Final[tuple[CrowdTies, ...]] = ("half", "drop")

PRIOR_RIGHT: Final = 4.0
PRIOR_WRONG: Final = 1.0


@dataclass(frozen=True, eq=False)
class CrowdPosterior:
    """Log posterior of strengths (M,) and the logits of the reliabilities (J,), with its gradient.

    A judgment enters by its pair and judge only, so the work grows with the pairs that each judge met, and not
    with the judgments.
    """

    rater_counts: RaterCounts
    won: FloatArray
    lost: FloatArray
    prior_right: float
    prior_wrong: float
    ridge: float

    def __call__(self, point: FloatArray) -> tuple[float, FloatArray]:
        """Value, and gradient (M + J,), at the strengths followed by the logits of eta."""
        pairs, rater_counts = self.rater_counts.pairs, self.rater_counts
        strengths, logits = point[: pairs.n_methods], point[pairs.n_methods :]
        upper, lower = pairs.upper[rater_counts.pair], pairs.lower[rater_counts.pair]
        # eta p + (1 - eta)(1 - p) = (1 + tilt * lean) / 2, which keeps its digits near 0 and 1
        lean = np.tanh((strengths[upper] - strengths[lower]) / 2)
        tilt = np.tanh(logits / 2)[rater_counts.judge]
        product = tilt * lean
        value = float(
            (self.won * np.log1p(product) + self.lost * np.log1p(-product)).sum()
            - np.log(2) * (self.won + self.lost).sum()
            + (self.prior_right * log_expit(logits) + self.prior_wrong * log_expit(-logits)).sum()
            - self.ridge / 2 * (strengths**2).sum()
        )
        slope = self.won / (1 + product) - self.lost / (1 - product)
        strength_difference_slope = slope * tilt * (1 - lean**2) / 2
        strength_slopes = (
            np.bincount(upper, weights=strength_difference_slope, minlength=pairs.n_methods)
            - np.bincount(lower, weights=strength_difference_slope, minlength=pairs.n_methods)
            - self.ridge * strengths
        )
        logit_slopes = rater_counts.per_judge(slope * lean * (1 - tilt**2) / 2)
        logit_slopes += self.prior_right * expit(-logits) - self.prior_wrong * expit(logits)
        return value, np.concatenate([strength_slopes, logit_slopes])

    def step(self, point: FloatArray, slope: FloatArray) -> FloatArray:
        """Newton's step (M + J,) where the posterior bends down in every direction, else that of Fisher scoring."""
        for expected in (False, True):
            found = self._solve(point, slope, expected=expected)
            if found is not None:
                return found
        raise NonConvergenceError("Crowd-BT met a point from which no direction leads up")

    def logit_errors(self, point: FloatArray) -> FloatArray:
        """Standard errors (J,) of the logits at a maximum, from the inverse information there.

        Raises
        ------
        NonConvergenceError
            If the point is no maximum.
        """
        blocks = self._blocks(point, expected=False)
        if blocks is None:
            raise NonConvergenceError("Crowd-BT stopped where the posterior still bends up")
        reduced, scaled, judge = blocks
        return np.asarray(np.sqrt(1 / judge + (scaled * np.linalg.solve(reduced, scaled.T).T).sum(axis=1)))

    def _solve(self, point: FloatArray, slope: FloatArray, *, expected: bool) -> FloatArray | None:
        """The inverted information on the slope; None where it is not positive definite."""
        blocks = self._blocks(point, expected=expected)
        if blocks is None:
            return None
        reduced, scaled, judge = blocks
        n_methods = len(reduced)
        strengths = np.linalg.solve(reduced, slope[:n_methods] - scaled.T @ slope[n_methods:])
        return np.concatenate([strengths, slope[n_methods:] / judge - scaled @ strengths])

    def _blocks(
        self, point: FloatArray, *, expected: bool
    ) -> tuple[FloatArray, FloatArray, FloatArray] | None:
        """The information of the strengths with the judges' taken out (M, M), the judges' share of the cross block
        (J, M), and the judges' own (J,); None where it is not positive definite.

        Judges meet through the strengths only: their block is diagonal, and one system of M unknowns remains.
        """
        pairs, rater_counts = self.rater_counts.pairs, self.rater_counts
        n_methods, n_judges = pairs.n_methods, rater_counts.n_judges
        upper, lower = pairs.upper[rater_counts.pair], pairs.lower[rater_counts.pair]
        strength_curvature, cross_curvature, logit_curvature = self._curvature(point, expected=expected)
        pair_curvature = np.bincount(rater_counts.pair, weights=strength_curvature, minlength=pairs.n_pairs)
        own = np.zeros((n_methods, n_methods))
        own[pairs.upper, pairs.lower] = own[pairs.lower, pairs.upper] = -pair_curvature
        own[np.diag_indices(n_methods)] = self.ridge - own.sum(axis=1)
        cross = np.bincount(
            rater_counts.judge * n_methods + upper, weights=cross_curvature, minlength=n_judges * n_methods
        )
        cross -= np.bincount(
            rater_counts.judge * n_methods + lower, weights=cross_curvature, minlength=n_judges * n_methods
        )
        cross = cross.reshape(n_judges, n_methods)
        eta = expit(point[n_methods:])
        judge = rater_counts.per_judge(logit_curvature) + (self.prior_right + self.prior_wrong) * eta * (
            1 - eta
        )
        if (judge <= 0).any():
            return None
        scaled = cross / judge[:, None]
        reduced = own - cross.T @ scaled
        return (reduced, scaled, judge) if np.linalg.eigvalsh(reduced)[0] > 0 else None

    def _curvature(self, point: FloatArray, *, expected: bool) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Negated second derivatives of each row by its difference of strengths and its judge's logit."""
        pairs, rater_counts = self.rater_counts.pairs, self.rater_counts
        strengths, logits = point[: pairs.n_methods], point[pairs.n_methods :]
        lean = np.tanh((strengths[pairs.upper] - strengths[pairs.lower]) / 2)[rater_counts.pair]
        tilt = np.tanh(logits / 2)[rater_counts.judge]
        lean_slope, tilt_slope = (1 - lean**2) / 2, (1 - tilt**2) / 2
        if expected:
            weight = (self.won + self.lost) / (1 - (tilt * lean) ** 2)
            x, t = tilt * lean_slope, lean * tilt_slope
            return weight * x**2, weight * x * t, weight * t**2
        xx, xt, tt = (np.zeros_like(lean) for _ in range(3))
        for count, sign in ((self.won, 1.0), (self.lost, -1.0)):
            chance = 1 + sign * tilt * lean
            x, t = sign * tilt * lean_slope / chance, sign * lean * tilt_slope / chance
            xx += count * (lean * x + x**2)
            tt += count * (tilt * t + t**2)
            xt -= count * sign * lean_slope * tilt_slope / chance**2
        return xx, xt, tt


def crowd_posterior(
    rater_counts: RaterCounts,
    *,
    ties_rule: CrowdTies = "half",
    prior_right: float = PRIOR_RIGHT,
    prior_wrong: float = PRIOR_WRONG,
    ridge: float = WEAK_PRIOR,
) -> CrowdPosterior:
    """The function that `fit_crowd_bt` maximises, with its parameters.

    Raises
    ------
    ValueError
        If the ties rule is unknown, there is no prior on the strengths, or that on the reliabilities does not tell an
        order from its reverse.
    """
    if ties_rule not in CROWD_TIES:
        raise ValueError(f"Crowd-BT has no ties rule {ties_rule!r}; one of {', '.join(CROWD_TIES)}")
    check_ridge(ridge)
    if ridge == 0:
        raise ValueError("Crowd-BT needs a prior on the strengths: without it a maximum need not exist")
    if not (prior_right > prior_wrong > 0 and np.isfinite(prior_right)):
        raise ValueError(
            "the prior on the reliabilities needs more right answers than wrong ones, both above 0: "
            "it is what tells an order from its reverse"
        )
    half = rater_counts.ties / 2 if ties_rule == "half" else np.zeros_like(rater_counts.ties)
    return CrowdPosterior(
        rater_counts=rater_counts,
        won=rater_counts.wins + half,
        lost=rater_counts.losses + half,
        prior_right=prior_right,
        prior_wrong=prior_wrong,
        ridge=ridge,
    )

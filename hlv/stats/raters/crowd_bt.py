"""Judge reliability by Crowd-BT: a judge says the better method with probability eta, as Bradley-Terry sees it.

This is the mix of Chen et al. (2013). Other programs give this name to a model with a skill and a side bias for
each judge; their numbers are not comparable.

References
----------
Chen, X., Bennett, P. N., Collins-Thompson, K., & Horvitz, E. (2013). Pairwise ranking aggregation in a
crowdsourced setting. Proceedings of WSDM, 193-202.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import scipy
from scipy.special import expit, log_expit

from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.pairwise.bootstrap import WEAK_PRIOR
from hlv.stats.pairwise.bradley_terry import NonConvergenceError, check_ridge
from hlv.stats.pairwise.comparisons import default_names
from hlv.stats.pairwise.mle_existence import require_connection
from hlv.stats.pairwise.pair_likelihoods import square_tables
from hlv.stats.raters.rater_counts import RaterCounts, UndeterminedJudgesError
from hlv.stats.resampling.percentiles import LEVEL

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


_TOLERANCE = 1e-8
_MAX_STEPS = 200
_LONGEST_STEP = 2.0
_SHORTEST_SHARE = 2.0**-40
_ROUNDING = 1e-13
# two climbs that end so close in height and so far in strengths ended on two maxima
_AS_HIGH = 1e-6
_OTHER_MAXIMUM = 1e-3
# a judge who is as good as this at the start leaves every parameter a slope
_FIRST_RELIABILITY = 0.8


@dataclass(frozen=True, eq=False)
class CrowdBradleyTerry:
    """The most probable strengths and reliabilities.

    Attributes
    ----------
    codes : (J,)
        Known judges, by rising code.
    reliability : (J,)
        eta, 0 to 1: 1 follows the common order as the model does, 1/2 is a coin, below 1/2 contradicts it. NaN
        for a judge who gave no verdict that enters.
    low, high : (J,)
        95 % interval of eta from the curvature at the maximum, on the logit scale. It takes all judgments for
        independent, and the priors for right.
    strengths : (M,)
        Natural log odds of a perfect judge, sum 0; on another scale than `fit_bradley_terry`'s.
    n_judgments : (J,)
        Judgments that enter.
    ties_rule
        "half": half a win each, so that a tie between unlike methods counts against its judge. "drop": left out.
    prior_right, prior_wrong
        The prior on each eta, as so many answers seen before (a Beta distribution with one more of each).
    ridge
        Precision of the Gaussian prior on the strengths.
    log_posterior
        At the maximum, without the priors' constants.
    """

    codes: IntArray
    reliability: FloatArray
    low: FloatArray
    high: FloatArray
    strengths: FloatArray
    n_judgments: IntArray
    ties_rule: CrowdTies
    prior_right: float
    prior_wrong: float
    ridge: float
    log_posterior: float

    def undetermined(self) -> list[str | None]:
        """Of each judge, why there is no reliability; None where there is one."""
        reason = "All verdicts of this judge are ties, which are left out."
        return [reason if n == 0 else None for n in self.n_judgments.tolist()]


def fit_crowd_bt(
    rater_counts: RaterCounts,
    *,
    ties_rule: CrowdTies = "half",
    prior_right: float = PRIOR_RIGHT,
    prior_wrong: float = PRIOR_WRONG,
    ridge: float = WEAK_PRIOR,
    names: Sequence[str] | None = None,
) -> CrowdBradleyTerry:
    """Strengths and reliabilities at the maximum of the posterior.

    P(judge says i over j) = eta p + (1 - eta)(1 - p), p = sigmoid(s_i - s_j). The likelihood has the same value
    for all orders and reliabilities reversed, and no finite maximum where a judge never errs, so it takes priors;
    they are part of the result. It has several maxima: the best of the climbs from the order of all judges, from
    equal strengths, and from the order of the judge with most to say and its reverse is given.

    Parameters
    ----------
    rater_counts
        The judgments; those of unknown judges do not enter.
    ties_rule
        "half" or "drop".
    prior_right, prior_wrong
        Answers seen before on each judge's account, prior_right > prior_wrong > 0.
    ridge
        Precision of the Gaussian prior on each strength, above 0.
    names
        Methods' names for the sentence of a refusal.

    Raises
    ------
    UndeterminedJudgesError
        If there is only one judge, every verdict is a tie, or two orders of the methods explain the verdicts
        equally well.
    NoRankingError
        If no chain of comparisons of known judges joins all methods.
    NonConvergenceError
        If the climb does not settle.
    ValueError
        If the rule or a prior is not allowed.
    """
    posterior = crowd_posterior(
        rater_counts, ties_rule=ties_rule, prior_right=prior_right, prior_wrong=prior_wrong, ridge=ridge
    )
    if rater_counts.n_judges < 2:
        raise UndeterminedJudgesError("There is one judge: reliability is measured against the others.")
    if not (rater_counts.wins.any() or rater_counts.losses.any()):
        raise UndeterminedJudgesError("Every verdict is a tie: nothing tells a reliable judge from another.")
    wins, ties = square_tables(rater_counts.known_pairs())
    names = default_names(rater_counts.pairs.n_methods, names)
    require_connection(wins, ties, ties_rule=ties_rule, names=names)
    start = np.full(
        rater_counts.pairs.n_methods + rater_counts.n_judges,
        np.log(_FIRST_RELIABILITY / (1 - _FIRST_RELIABILITY)),
    )
    climbs = []
    for strengths in _starts(posterior):
        start[: rater_counts.pairs.n_methods] = strengths
        climbs.append(_climb(posterior, start))
    value, point = max(climbs, key=lambda climb: climb[0])
    for other_value, other in climbs:
        difference = np.abs(other - point)[: rater_counts.pairs.n_methods].max()
        if value - other_value < _AS_HIGH and difference > _OTHER_MAXIMUM:
            raise UndeterminedJudgesError(
                "Two orders of the methods explain the verdicts equally well, each with other judges to be relied on."
            )
    n_judgments = rater_counts.per_judge(posterior.won + posterior.lost)
    logits, half_width = (
        point[rater_counts.pairs.n_methods :],
        scipy.stats.norm.isf((1 - LEVEL) / 2) * posterior.logit_errors(point),
    )
    reliability, low, high = (
        np.where(n_judgments > 0, expit(logit), np.nan)
        for logit in (logits, logits - half_width, logits + half_width)
    )
    strengths = point[: rater_counts.pairs.n_methods]
    return CrowdBradleyTerry(
        codes=rater_counts.codes,
        reliability=reliability,
        low=low,
        high=high,
        strengths=strengths - strengths.mean(),
        n_judgments=n_judgments.astype(np.int64),
        ties_rule=ties_rule,
        prior_right=prior_right,
        prior_wrong=prior_wrong,
        ridge=ridge,
        log_posterior=value,
    )


def _starts(posterior: CrowdPosterior) -> list[FloatArray]:
    """Where the climbs begin, strengths (M,) each."""
    rater_counts = posterior.rater_counts
    # from equal strengths the posterior can only bend up along some judge's own surplus of wins
    surplus, size = (
        np.zeros((rater_counts.n_judges, rater_counts.pairs.n_methods)),
        posterior.won - posterior.lost,
    )
    np.add.at(surplus, (rater_counts.judge, rater_counts.pairs.upper[rater_counts.pair]), size)
    np.add.at(surplus, (rater_counts.judge, rater_counts.pairs.lower[rater_counts.pair]), -size)
    of_one_judge = _log_odds(posterior, rater_counts.judge == int((surplus**2).sum(axis=1).argmax()))
    of_all_judges = _log_odds(posterior, np.ones(len(posterior.won), dtype=bool))
    return [of_all_judges, np.zeros_like(of_all_judges), of_one_judge, -of_one_judge]


def _log_odds(posterior: CrowdPosterior, rows: BoolArray) -> FloatArray:
    """Log odds of each method's wins in some rows, with half a win and half a loss more."""
    pairs = posterior.rater_counts.pairs
    pair = posterior.rater_counts.pair[rows]
    methods = np.concatenate([pairs.upper[pair], pairs.lower[pair]])
    won, lost = posterior.won[rows], posterior.lost[rows]
    wins = np.bincount(methods, weights=np.concatenate([won, lost]), minlength=pairs.n_methods)
    losses = np.bincount(methods, weights=np.concatenate([lost, won]), minlength=pairs.n_methods)
    return np.log((wins + 0.5) / (losses + 0.5))


def _climb(posterior: CrowdPosterior, start: FloatArray) -> tuple[float, FloatArray]:
    """Newton or Fisher scoring, each step halved until the posterior rises."""
    point = start.copy()
    value, slope = posterior(point)
    for _ in range(_MAX_STEPS):
        step = posterior.step(point, slope)
        length = float(np.abs(step).max())
        step *= min(1.0, _LONGEST_STEP / max(length, _LONGEST_STEP))
        share = 1.0
        new, new_slope = posterior(point + step)
        while new < value - _ROUNDING * abs(value):
            share /= 2
            if share < _SHORTEST_SHARE:
                raise NonConvergenceError("no step of Crowd-BT raises the posterior")
            new, new_slope = posterior(point + share * step)
        point, value, slope = point + share * step, new, new_slope
        if length < _TOLERANCE:
            return value, point
    raise NonConvergenceError("Crowd-BT had not settled after %(max_steps)s steps", max_steps=_MAX_STEPS)

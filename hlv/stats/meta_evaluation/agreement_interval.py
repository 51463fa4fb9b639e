"""Interval of the agreement of two uncertain rankings of the same methods: an errors-in-variables posterior.

Strengths and metric scores are estimates. Their correlation is weaker than that of what they estimate, and a bootstrap
adds the same noise a second time, so its percentiles lie too low. Here the true values are unknowns: of each method a
pair (true strength, true score) from a bivariate normal distribution, seen with errors of known covariance. Draws of
the true values given the estimates give draws of each coefficient, and the interval is their 2.5 and 97.5 % points.

1. Centre both sides and take them in units of their spread. The error covariance has the cross terms of both sides:
   the same texts are in both.
2. With few judges an estimated covariance treats some directions as free of error: shrink it towards its mean contrast
   variance (oracle approximating shrinkage), and let its scale vary as a chi-squared variable over its degrees.
3. Prior: true spreads uniform in their logarithm, correlation uniform in Fisher's z up to the bound, and an atom at 1
   and at -1, where the order is the same or reversed. The relation is straight, or bent on one side: an exponential
   curve makes one side convex or concave, so a curved monotone relation is no disagreement.
4. Points of that grid are drawn by their likelihood under scalar error variances, weighted by their likelihood under
   the whole covariance, and true values are drawn at each.
5. A limit of a rank coefficient that comes near 1 is set to 1 unless a perfect agreement would have to be unlucky to
   look like this: both sides are made isotonic to their pooled order, and the observed tau lies above the lower 2.5 %
   of what such sides give with errors. Likewise at -1.
6. The interval holds the estimate, whatever the draws say.

References
----------
Fuller, W. A. (1987). Measurement error models. Wiley.
Chen, Y., Wiesel, A., Eldar, Y. C., & Hero, A. O. (2010). Shrinkage algorithms for MMSE covariance estimation. IEEE
Transactions on Signal Processing 58(10), 5016-5029.
Rubin, D. B. (1988). Using the SIR algorithm to simulate posterior distributions. Bayesian Statistics 3, 395-402.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

import numpy as np
import scipy

from hlv.stats.arrays import FloatArray
from hlv.stats.meta_evaluation.errors_in_variables import (
    FROZEN,
    SMALLEST_VARIANCE,
    Grid,
    Points,
    Prior,
    Relation,
    Standardised,
    UndeterminedAgreementIntervalError,
    curves_of,
)

__all__ = [
    "ESTIMAND",
    "FROZEN",
    "LEVEL",
    "METHOD",
    "AgreementPosterior",
    "Prior",
    "UndeterminedAgreementIntervalError",
    "agreement_posterior",
    "mean_posterior",
]

ESTIMAND: Final = (
    "The interval is for the agreement of the true values of these methods: strengths from infinitely "
    "many such judges and texts under this tie rule, and the metric's expected score."
)
METHOD: Final = "errors-in-variables posterior"
LEVEL: Final = 0.95
# The posterior is exact for normal errors and a bivariate normal of true values, and these are neither: central parts of
# this probability held the truth in 95 % of simulated boards or more (docs/coverage.md).
_CENTRAL: Final = {"kendall_tau_b": 0.97, "spearman": 0.97, "pearson": 0.98, "pairwise_accuracy": 0.97}

# Of errors that are zero in some direction, relative to the spread of a side: numbers must not break exact equality.
# Numbers of one batch of covariances.
_NUMBERS_AT_ONCE: Final = 4_000_000


@dataclass(frozen=True, eq=False)
class AgreementPosterior:
    """Draws of the agreement of the true values.

    Attributes
    ----------
    weights : (D,)
        Of the draws, positive, with sum 1.
    kendall_tau_b, spearman, pearson : (D,)
        From -1 to 1. True values have no ties, so tau-b is tau.
    pairwise_accuracy : (D,)
        From 0 to 1.
    effective_points
        How many equally weighted points of the grid the draws are worth.
    at_bound
        Pearson's r of sides in opposite orders, and in one order, where that may be true (step 5): then the limits of the
        rank coefficients are -1, or 1, and those of Pearson hold this.
    """

    weights: FloatArray
    kendall_tau_b: FloatArray
    spearman: FloatArray
    pearson: FloatArray
    effective_points: float
    at_bound: tuple[float | None, float | None] = (None, None)

    @property
    def pairwise_accuracy(self) -> FloatArray:
        return np.asarray(0.5 + 0.5 * self.kendall_tau_b)

    def draws(self, coefficient: str) -> FloatArray:
        """Those of "kendall_tau_b", "spearman", "pearson" or "pairwise_accuracy"; (D,)."""
        draws: FloatArray = getattr(self, coefficient)
        return draws

    def interval(self, coefficient: str, *, estimate: float) -> tuple[float, float]:
        """The calibrated 95 % interval of a coefficient, with equal tails.

        It always holds the estimate: where errors are overstated, the true values are made to agree too well.

        Parameters
        ----------
        estimate
            The coefficient of the values as they were seen.
        """
        low, high = self.limits(coefficient)
        return min(low, estimate), max(high, estimate)

    def limits(self, coefficient: str) -> tuple[float, float]:
        """The same without regard to the estimate."""
        tail = (1 - _CENTRAL[coefficient]) / 2
        low, high = _weighted_quantiles(self.draws(coefficient), self.weights, (tail, 1 - tail))
        lowest, highest = self.at_bound
        if coefficient == "pearson":
            return (
                low if lowest is None else min(low, lowest),
                high if highest is None else max(high, highest),
            )
        bound = 0.0 if coefficient == "pairwise_accuracy" else -1.0
        return (low if lowest is None else bound), (high if highest is None else 1.0)


def agreement_posterior(
    people: FloatArray,
    scores: FloatArray,
    covariance: FloatArray,
    *,
    degrees_of_freedom: float = np.inf,
    score_degrees_of_freedom: float = np.inf,
    rng: np.random.Generator,
    prior: Prior = FROZEN,
) -> AgreementPosterior:
    """Draws of tau-b, Spearman, Pearson and pairwise accuracy of the true values of M methods.

    Parameters
    ----------
    people, scores : (M,)
        Strengths, in log odds or any other unit, and a metric's scores; both grow with quality. At least two methods.
    covariance : (2 M, 2 M)
        Of the errors of `people` and then `scores`, in their units, with the cross terms; zeros for a side that is
        known exactly. What is common to all methods of a side is ignored.
    degrees_of_freedom
        Of the people's block, above 0: the effective number of judges less one. Infinity takes it as known.
    score_degrees_of_freedom
        Of the scores' block, above 0: the number of texts less one. It shrinks that block; its scale is taken as known.
    rng
        The same state gives the same draws.

    Raises
    ------
    ValueError
        If shapes do not match, or a number is not finite.
    UndeterminedAgreementIntervalError
        If a side is constant, or the errors of both sides are zero.
    """
    standardised = Standardised.of(
        people, scores, covariance, (degrees_of_freedom, score_degrees_of_freedom), prior
    )
    relations = curves_of(standardised, prior)
    grid = Grid.of(standardised, relations, prior)
    temper = 1.0
    draws = _drawn(standardised, relations, grid, temper, rng, prior)
    if draws.effective_points < prior.flatten_below * prior.n_points:
        # Where errors are very unequal, scalar variances propose badly: draw from a flatter proposal.
        temper = 0.5
        draws = _drawn(standardised, relations, grid, temper, rng, prior)
    for _ in range(prior.most_rounds - 1):
        if draws.effective_points >= prior.enough_points:
            break
        draws = draws.joined(_drawn(standardised, relations, grid, temper, rng, prior))
    found = draws.posterior(prior.n_draws)
    low, high = found.limits("kendall_tau_b")
    opposite = _perfect(standardised, -1.0, rng, prior) if -1 < low <= -1 + prior.near else None
    same = _perfect(standardised, 1.0, rng, prior) if 1 > high >= 1 - prior.near else None
    return replace(found, at_bound=(opposite, same))


def mean_posterior(
    groups: Sequence[AgreementPosterior], *, n_draws: int = 2000, rng: np.random.Generator
) -> AgreementPosterior:
    """Draws of the mean agreement over groups of methods, whose errors are taken as independent.

    Parameters
    ----------
    groups
        One or more.
    n_draws
        Draws from each group, by their weights; draw k of every group makes draw k of the mean.
    """
    if len(groups) == 1:
        return groups[0]
    drawn = [(group, rng.choice(len(group.weights), size=n_draws, p=group.weights)) for group in groups]
    tau, spearman, pearson = (
        np.mean([group.draws(name)[places] for group, places in drawn], axis=0)
        for name in ("kendall_tau_b", "spearman", "pearson")
    )
    fewest = min(group.effective_points for group in groups)
    return AgreementPosterior(np.full(n_draws, 1 / n_draws), tau, spearman, pearson, fewest)


@dataclass(frozen=True, eq=False)
class _Draws:
    """Draws at some points: log weights and times (n,) of the points, and coefficients (3, n D)."""

    log_weights: FloatArray
    times: FloatArray
    coefficients: FloatArray

    def joined(self, others: _Draws) -> _Draws:
        return _Draws(
            np.concatenate([self.log_weights, others.log_weights]),
            np.concatenate([self.times, others.times]),
            np.concatenate([self.coefficients, others.coefficients], axis=1),
        )

    @property
    def effective_points(self) -> float:
        one = np.exp(self.log_weights - self.log_weights.max())
        return float((one * self.times).sum() ** 2 / (one**2 * self.times).sum())

    def posterior(self, n_draws: int) -> AgreementPosterior:
        weights = np.exp(self.log_weights - self.log_weights.max()) * self.times
        weights /= weights.sum()
        tau, spearman, pearson = self.coefficients
        return AgreementPosterior(
            np.repeat(weights / n_draws, n_draws), tau, spearman, pearson, self.effective_points
        )


def _drawn(
    standardised: Standardised,
    relations: Sequence[Relation],
    grid: Grid,
    temper: float,
    rng: np.random.Generator,
    prior: Prior,
) -> _Draws:
    points = Points.drawn(grid, temper, rng, prior)
    found = []
    at_once = max(1, _NUMBERS_AT_ONCE // (2 * len(standardised.contrasts)) ** 2)
    for number, relation in enumerate(relations):
        places = np.flatnonzero(points.relation == number)
        for start in range(0, len(places), at_once):
            chunk_points = points.at(places[start : start + at_once])
            likelihood, true = _true_values(relation, chunk_points, rng, prior.n_draws)
            found.append(
                _Draws(
                    likelihood + chunk_points.log_weight + relation.log_weight,
                    chunk_points.times,
                    _coefficients(standardised, relation, chunk_points, true),
                )
            )
    return reduce(_Draws.joined, found)


def _true_values(
    relation: Relation, points: Points, rng: np.random.Generator, n_draws: int
) -> tuple[FloatArray, FloatArray]:
    """Log likelihood (n,) under the whole covariance, and true contrasts (n, 2 p, D) given the seen ones.

    A draw from the prior and an error give a draw of what is seen; what it lacks of the values seen, times the
    regression of the true on the seen values, makes it a draw from the posterior.
    """
    n, p = len(points.scale), len(relation.contrasts) // 2
    root = np.sqrt(points.scale)
    factor = np.ones((n, 2 * p))
    factor[:, :p] = root[:, None]
    seen = relation.errors * factor[:, :, None] * factor[:, None, :]
    shared = points.correlation * np.sqrt(points.people * points.scores)
    diagonal = np.arange(p)
    seen[:, diagonal, diagonal] += points.people[:, None]
    seen[:, p + diagonal, p + diagonal] += points.scores[:, None]
    seen[:, diagonal, p + diagonal] += shared[:, None]
    seen[:, p + diagonal, diagonal] += shared[:, None]
    first, second = rng.standard_normal((2, n, p, n_draws))
    people, scores, own, cross = (
        values[:, None, None] for values in (points.people, points.scores, points.correlation, shared)
    )
    remaining = np.sqrt(np.maximum(1 - own**2, 0.0))
    true = np.concatenate(
        [np.sqrt(people) * first, np.sqrt(scores) * (own * first + remaining * second)], axis=1
    )
    errors = np.linalg.cholesky(relation.errors) @ rng.standard_normal((n, 2 * p, n_draws))
    values = relation.contrasts[None, :, None]
    lacking = np.concatenate(
        [np.broadcast_to(values, (n, 2 * p, 1)), values - true - errors * factor[:, :, None]], axis=2
    )
    solved = np.linalg.solve(seen, lacking)
    diagonal = np.diagonal(np.linalg.cholesky(seen), axis1=1, axis2=2)
    likelihood = -np.log(diagonal).sum(axis=1) - 0.5 * (solved[:, :, 0] @ relation.contrasts)
    step = solved[:, :, 1:]
    true[:, :p] += people * step[:, :p] + cross * step[:, p:]
    true[:, p:] += cross * step[:, :p] + scores * step[:, p:]
    return likelihood, true


def _coefficients(
    standardised: Standardised, relation: Relation, points: Points, true: FloatArray
) -> FloatArray:
    """Tau, Spearman and Pearson (3, n D) of drawn contrasts (n, 2 p, D)."""
    p = len(standardised.contrasts)
    people, scores = (
        np.moveaxis(half, 1, 2).reshape(-1, p) @ standardised.contrasts for half in (true[:, :p], true[:, p:])
    )
    first, second = relation.curves
    found = np.stack(
        [
            _tau(people, scores),
            _row_correlation(scipy.stats.rankdata(people, axis=1), scipy.stats.rankdata(scores, axis=1)),
            _row_correlation(first.inverse(people), second.inverse(scores)),
        ]
    )
    # At an atom both orders are the same, whatever rounding says.
    bound = np.repeat(points.correlation, true.shape[2])
    at_bound = np.abs(bound) == 1
    found[:2, at_bound] = bound[at_bound]
    if first.bend == 0 and second.bend == 0:
        found[2, at_bound] = bound[at_bound]
    return found


def _perfect(standardised: Standardised, sign: float, rng: np.random.Generator, prior: Prior) -> float | None:
    """Pearson's r of sides of one order (sign 1), or of opposite orders (-1); None where they seldom look like these."""
    n = standardised.n_methods
    people, scores = standardised.values[0], sign * standardised.values[1]
    variances = [
        float(np.trace(standardised.covariance[block, block])) for block in (slice(0, n), slice(n, None))
    ]
    smallest = SMALLEST_VARIANCE * n
    order = np.argsort(people / max(variances[0], smallest) + scores / max(variances[1], smallest))
    fitted = np.empty((2, n))
    for row, values in enumerate((people, scores)):
        fitted[row, order] = scipy.optimize.isotonic_regression(values[order]).x
    eigenvalues, vectors = np.linalg.eigh(standardised.covariance)
    root = vectors * np.sqrt(np.maximum(eigenvalues, 0.0))
    errors = rng.standard_normal((prior.n_points * 2, 2 * n)) @ root.T
    scales = np.sqrt(rng.choice(standardised.scales, size=(len(errors), 1)))
    simulated = _tau(fitted[0] + scales * errors[:, :n], fitted[1] + sign * errors[:, n:])
    observed = _tau(people[None], scores[None])[0]
    if np.mean(simulated <= observed + 1e-9) <= prior.unlucky:
        return None
    return sign * float(_row_correlation(fitted[:1], fitted[1:])[0])


def _tau(first: FloatArray, second: FloatArray) -> FloatArray:
    """Kendall's tau of rows without ties; (R,)."""
    n = first.shape[1]
    same = np.zeros(len(first))
    for place in range(n - 1):
        above = first[:, place, None] > first[:, place + 1 :]
        same += (above == (second[:, place, None] > second[:, place + 1 :])).sum(axis=1)
    return np.asarray(4 * same / (n * (n - 1)) - 1)


def _row_correlation(first: FloatArray, second: FloatArray) -> FloatArray:
    first = first - first.mean(axis=1, keepdims=True)
    second = second - second.mean(axis=1, keepdims=True)
    scale = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    value = np.divide((first * second).sum(axis=1), scale, out=np.zeros(len(first)), where=scale > 0)
    return np.asarray(np.clip(value, -1.0, 1.0))


def _weighted_quantiles(values: FloatArray, weights: FloatArray, shares: Sequence[float]) -> list[float]:
    """Smallest values whose cumulative weight reaches each share."""
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weights[order])
    places = np.minimum(np.searchsorted(cumulative, shares), len(values) - 1)
    return [float(value) for value in values[order][places]]

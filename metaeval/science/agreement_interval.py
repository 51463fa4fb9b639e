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
from dataclasses import dataclass, fields, replace
from functools import reduce
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import helmert
from scipy.optimize import isotonic_regression
from scipy.stats import chi2, rankdata

FloatArray = NDArray[np.float64]

ESTIMAND: Final = (
    "The interval is for the agreement of the true values of these methods: the strengths that endless judges and texts "
    "of this kind would give under this rule for ties, and the metric's expectation over such texts."
)
METHOD: Final = "errors-in-variables posterior"
LEVEL: Final = 0.95
# The posterior is exact for normal errors and a bivariate normal of true values, and these are neither: central parts of
# this probability held the truth in 95 % of simulated boards or more (docs/coverage.md).
_CENTRAL: Final = {"kendall_tau_b": 0.97, "spearman": 0.97, "pearson": 0.98, "pairwise_accuracy": 0.97}

# Of errors that are zero in some direction, relative to the spread of a side: numbers must not break exact equality.
_SMALLEST_VARIANCE: Final = 1e-9
# A value beyond the domain of an exponential curve is drawn as its end.
_END_OF_CURVE: Final = 0.02
# Numbers of one batch of covariances.
_NUMBERS_AT_ONCE: Final = 4_000_000


@dataclass(frozen=True)
class Prior:
    """Constants of the posterior, chosen by simulation and then frozen (docs/coverage.md).

    Attributes
    ----------
    atom
        Prior probability of a correlation of 1, and of -1.
    largest_z, n_correlations
        The other correlations: a grid from -tanh(largest_z) to tanh(largest_z), uniform in Fisher's z.
    spreads, n_spreads
        True spread over observed spread, from and to, and the number of points between.
    n_scales
        Points of the distribution of the scale of the people's error covariance.
    straight
        Prior probability of a straight relation; the four bent ones share the rest.
    bend
        Exponent of a bent relation, per standard deviation.
    near
        Limits of tau this near 1 or -1 are tried at that bound (step 5).
    unlucky
        Level of that trial.
    n_points, n_draws
        Points drawn from the grid in a round, and draws of true values at each.
    enough_points, most_rounds
        Rounds go on until so many equally weighted points would be worth as much, or until there were so many.
    flatten_below
        Where the first round is worth less than this share of its points, a flatter proposal takes the place of its own.
    """

    atom: float = 0.1
    largest_z: float = 3.5
    n_correlations: int = 23
    spreads: tuple[float, float] = (0.1, 2.5)
    n_spreads: int = 9
    n_scales: int = 5
    straight: float = 0.5
    bend: float = 0.8
    near: float = 0.1
    unlucky: float = 0.025
    n_points: int = 320
    n_draws: int = 8
    enough_points: int = 150
    most_rounds: int = 8
    flatten_below: float = 0.1


FROZEN: Final = Prior()


class UndeterminedAgreementIntervalError(ValueError):
    """No interval can be computed from these errors; `sentence` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


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
    sides = _Sides.of(people, scores, covariance, (degrees_of_freedom, score_degrees_of_freedom), prior)
    relations = _relations(sides, prior)
    grid = _Grid.of(sides, relations, prior)
    temper = 1.0
    draws = _drawn(sides, relations, grid, temper, rng, prior)
    if draws.effective_points < prior.flatten_below * prior.n_points:
        # Where errors are very unequal, scalar variances propose badly: draw from a flatter proposal.
        temper = 0.5
        draws = _drawn(sides, relations, grid, temper, rng, prior)
    for _ in range(prior.most_rounds - 1):
        if draws.effective_points >= prior.enough_points:
            break
        draws = draws.with_more(_drawn(sides, relations, grid, temper, rng, prior))
    found = draws.posterior(prior.n_draws)
    low, high = found.limits("kendall_tau_b")
    opposite = _perfect(sides, -1.0, rng, prior) if -1 < low <= -1 + prior.near else None
    same = _perfect(sides, 1.0, rng, prior) if 1 > high >= 1 - prior.near else None
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
class _Sides:
    """Both sides, centred and in units of their spread; p = M - 1 contrasts.

    Attributes
    ----------
    values : (2, M)
    covariance : (2 M, 2 M)
        Of their errors, centred, shrunk and positive semidefinite.
    contrasts : (p, M)
        Orthonormal rows, each with sum 0.
    scales : (K,)
        Equally likely factors of the people's block.
    """

    values: FloatArray
    covariance: FloatArray
    contrasts: FloatArray
    scales: FloatArray

    @classmethod
    def of(
        cls,
        people: FloatArray,
        scores: FloatArray,
        covariance: FloatArray,
        degrees: tuple[float, float],
        prior: Prior,
    ) -> _Sides:
        n_methods = len(people)
        if n_methods < 2 or people.shape != scores.shape or covariance.shape != (2 * n_methods,) * 2:
            raise ValueError(
                f"{people.shape} and {scores.shape} values with errors of shape {covariance.shape} do not go together"
            )
        if not (np.isfinite(people).all() and np.isfinite(scores).all() and np.isfinite(covariance).all()):
            raise ValueError("values and their errors must be finite")
        if not min(degrees) > 0:
            raise ValueError(f"degrees of freedom must be above 0, not {min(degrees):g}")
        p = n_methods - 1
        centred = np.stack([people - people.mean(), scores - scores.mean()])
        # Scaled first: squares of tiny values would underflow.
        largest = np.abs(centred).max(axis=1)
        if not (largest > 0).all():
            raise UndeterminedAgreementIntervalError("One side gives all methods the same value.")
        spread = largest * np.sqrt(((centred / largest[:, None]) ** 2).sum(axis=1) / p)
        units = np.repeat(1 / spread, n_methods)
        contrasts = helmert(n_methods)
        both = _block_diagonal(contrasts)
        errors = both @ (covariance * units[:, None] * units) @ both.T
        own = _shrunk((errors[:p, :p] + errors[:p, :p].T) / 2, degrees[0])
        errors[:p, :p] = own
        errors[p:, p:] = _shrunk((errors[p:, p:] + errors[p:, p:].T) / 2, degrees[1])
        if not np.trace(errors) > 0:
            raise UndeterminedAgreementIntervalError("Neither side has an error.")
        eigenvalues, vectors = np.linalg.eigh((errors + errors.T) / 2)
        errors = (vectors * np.maximum(eigenvalues, 0.0)) @ vectors.T
        return cls(
            centred / spread[:, None],
            both.T @ errors @ both,
            contrasts,
            _scales(own, degrees[0], prior.n_scales),
        )

    @property
    def n_methods(self) -> int:
        return len(self.values.T)


def _block_diagonal(contrasts: FloatArray) -> FloatArray:
    none = np.zeros_like(contrasts)
    return np.block([[contrasts, none], [none, contrasts]])


def _shrunk(covariance: FloatArray, degrees_of_freedom: float) -> FloatArray:
    """Towards its mean variance, by the oracle approximating shrinkage of Chen et al. (2010)."""
    p = len(covariance)
    trace, squares = float(np.trace(covariance)), float((covariance**2).sum())
    if not np.isfinite(degrees_of_freedom) or p < 2 or trace <= 0:
        return covariance
    unlike = squares - trace**2 / p
    needed = (1 - 2 / p) * squares + trace**2
    share = min(1.0, needed / max((degrees_of_freedom + 1 - 2 / p) * unlike, 1e-300)) if unlike > 0 else 1.0
    return (1 - share) * covariance + share * trace / p * np.eye(p)


def _scales(covariance: FloatArray, degrees_of_freedom: float, n_scales: int) -> FloatArray:
    """Midpoints of equal shares of degrees / chi-squared.

    The mean variance has more degrees than that of a single contrast: times the root of the effective number of
    contrasts. With all of them the scale was too certain at 30 methods.
    """
    squares = float((covariance**2).sum())
    if not np.isfinite(degrees_of_freedom) or n_scales < 2 or squares <= 0:
        return np.ones(1)
    degrees = degrees_of_freedom * float(np.trace(covariance)) / np.sqrt(squares)
    middles = (np.arange(n_scales) + 0.5) / n_scales
    return np.asarray(degrees / chi2.ppf(middles, degrees))


@dataclass(frozen=True, eq=False)
class _Curve:
    """An exponential curve of one side, h(t) = (expm1(bend t) / bend - mean) / spread; the straight line for bend 0."""

    bend: float
    mean: float
    spread: float

    @classmethod
    def through(cls, values: FloatArray, bend: float) -> _Curve:
        if bend == 0:
            return cls(0.0, 0.0, 1.0)
        bent = np.expm1(bend * values) / bend
        mean = float(bent.mean())
        return cls(bend, mean, float(np.sqrt(((bent - mean) ** 2).sum() / (len(bent) - 1))))

    def of(self, values: FloatArray) -> FloatArray:
        if self.bend == 0:
            return values
        return np.asarray((np.expm1(self.bend * values) / self.bend - self.mean) / self.spread)

    def slope(self, values: FloatArray) -> FloatArray:
        return np.asarray(np.exp(self.bend * values) / self.spread)

    def inverse(self, bent: FloatArray) -> FloatArray:
        if self.bend == 0:
            return bent
        inside = 1 + self.bend * (bent * self.spread + self.mean)
        return np.asarray(np.log(np.maximum(inside, _END_OF_CURVE)) / self.bend)


@dataclass(frozen=True, eq=False)
class _Relation:
    """One straight or bent relation of both sides.

    Attributes
    ----------
    curves
        Of people and of scores.
    contrasts : (2 p,)
        Of the bent values, people first.
    errors : (2 p, 2 p)
        Covariance of their errors, by the delta method.
    log_weight
        Of its prior probability and the change of variables.
    """

    curves: tuple[_Curve, _Curve]
    contrasts: FloatArray
    errors: FloatArray
    log_weight: float


def _relations(sides: _Sides, prior: Prior) -> list[_Relation]:
    bends = [(0.0, 0.0, prior.straight)]
    if prior.straight < 1:
        share = (1 - prior.straight) / 4
        bends += [(bend, 0.0, share) for bend in (prior.bend, -prior.bend)]
        bends += [(0.0, bend, share) for bend in (prior.bend, -prior.bend)]
    both = _block_diagonal(sides.contrasts)
    found = []
    for people, scores, share in bends:
        curves = (_Curve.through(sides.values[0], people), _Curve.through(sides.values[1], scores))
        slopes = np.concatenate(
            [curve.slope(values) for curve, values in zip(curves, sides.values, strict=True)]
        )
        bent = np.concatenate([curve.of(values) for curve, values in zip(curves, sides.values, strict=True)])
        errors = both @ (sides.covariance * slopes[:, None] * slopes) @ both.T
        errors[np.diag_indices_from(errors)] += _SMALLEST_VARIANCE
        # Of p contrasts of M values: the change of variables of p of them.
        change = float(np.log(slopes).sum()) * (sides.n_methods - 1) / sides.n_methods
        found.append(_Relation(curves, both @ bent, errors, np.log(share) + change))
    return found


@dataclass(frozen=True, eq=False)
class _Grid:
    """Points of the prior and their log posterior under scalar error variances.

    Attributes
    ----------
    scales : (K,), variances : (S,), correlations : (C,)
    log_prior : (C,)
    log_posterior : (relations, K, S, S, C)
    """

    scales: FloatArray
    variances: FloatArray
    correlations: FloatArray
    log_prior: FloatArray
    log_posterior: FloatArray

    @classmethod
    def of(cls, sides: _Sides, relations: Sequence[_Relation], prior: Prior) -> _Grid:
        variances = np.geomspace(*prior.spreads, prior.n_spreads) ** 2
        inner = np.tanh(np.linspace(-prior.largest_z, prior.largest_z, prior.n_correlations))
        correlations = np.concatenate([inner, [-1.0, 1.0]])
        shares = np.full(prior.n_correlations, (1 - 2 * prior.atom) / prior.n_correlations)
        log_prior = np.log(np.concatenate([shares, [prior.atom, prior.atom]]))
        scale, people, scores, correlation = np.ix_(sides.scales, variances, variances, correlations)
        shared = correlation * np.sqrt(people * scores)
        p = len(sides.contrasts)
        found = []
        for relation in relations:
            x, y = relation.contrasts[:p], relation.contrasts[p:]
            own = people + scale * (np.trace(relation.errors[:p, :p]) / p)
            other = scores + np.trace(relation.errors[p:, p:]) / p
            cross = shared + np.sqrt(scale) * (np.trace(relation.errors[:p, p:]) / p)
            determinant = own * other - cross**2
            distance = (other * (x @ x) + own * (y @ y) - 2 * cross * (x @ y)) / determinant
            found.append(-0.5 * (p * np.log(determinant) + distance) + log_prior + relation.log_weight)
        return cls(sides.scales, variances, correlations, log_prior, np.stack(found))


@dataclass(frozen=True, eq=False)
class _Points:
    """Points drawn from a grid; (n,) each.

    Attributes
    ----------
    times
        How often a point was drawn.
    log_weight
        Of its prior over the proposal that drew it, for each time.
    """

    relation: NDArray[np.intp]
    scale: FloatArray
    people: FloatArray
    scores: FloatArray
    correlation: FloatArray
    times: FloatArray
    log_weight: FloatArray

    @classmethod
    def drawn(cls, grid: _Grid, temper: float, rng: np.random.Generator, prior: Prior) -> _Points:
        """Systematic draws within each relation; each point stands once.

        Every relation has some, for scalar variances understate how likely one of very unequal errors is.
        """
        log_proposal = temper * (grid.log_posterior - grid.log_posterior.max()).reshape(
            len(grid.log_posterior), -1
        )
        cumulative = np.cumsum(np.exp(log_proposal), axis=1)
        mass = cumulative[:, -1] / cumulative[:, -1].sum()
        n_least = prior.n_points // (2 * len(mass))
        found = []
        for number, of_relation in enumerate(cumulative):
            n_here = n_least + int(np.ceil(prior.n_points / 2 * mass[number]))
            positions = (np.arange(n_here) + rng.random()) / n_here * of_relation[-1]
            places = np.minimum(np.searchsorted(of_relation, positions), len(of_relation) - 1)
            places, times = np.unique(places, return_counts=True)
            scale, people, scores, correlation = np.unravel_index(places, grid.log_posterior.shape[1:])
            # A draw of this relation stands for so much of the proposal.
            share = np.log(of_relation[-1] / n_here)
            found.append(
                cls(
                    np.full(len(places), number),
                    grid.scales[scale],
                    grid.variances[people],
                    grid.variances[scores],
                    grid.correlations[correlation],
                    times.astype(np.float64),
                    grid.log_prior[correlation] - log_proposal[number, places] + share,
                )
            )
        return cls(*(np.concatenate([getattr(part, name) for part in found]) for name in _POINT_FIELDS))

    def at(self, places: NDArray[np.intp]) -> _Points:
        return _Points(
            self.relation[places],
            self.scale[places],
            self.people[places],
            self.scores[places],
            self.correlation[places],
            self.times[places],
            self.log_weight[places],
        )


_POINT_FIELDS: Final = tuple(field.name for field in fields(_Points))


@dataclass(frozen=True, eq=False)
class _Draws:
    """Draws at some points: log weights and times (n,) of the points, and coefficients (3, n D)."""

    log_weights: FloatArray
    times: FloatArray
    coefficients: FloatArray

    def with_more(self, others: _Draws) -> _Draws:
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
    sides: _Sides,
    relations: Sequence[_Relation],
    grid: _Grid,
    temper: float,
    rng: np.random.Generator,
    prior: Prior,
) -> _Draws:
    points = _Points.drawn(grid, temper, rng, prior)
    found = []
    at_once = max(1, _NUMBERS_AT_ONCE // (2 * len(sides.contrasts)) ** 2)
    for number, relation in enumerate(relations):
        places = np.flatnonzero(points.relation == number)
        for start in range(0, len(places), at_once):
            part = points.at(places[start : start + at_once])
            likelihood, true = _true_values(relation, part, rng, prior.n_draws)
            found.append(
                _Draws(
                    likelihood + part.log_weight + relation.log_weight,
                    part.times,
                    _coefficients(sides, relation, part, true),
                )
            )
    return reduce(_Draws.with_more, found)


def _true_values(
    relation: _Relation, points: _Points, rng: np.random.Generator, n_draws: int
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
    here = np.arange(p)
    seen[:, here, here] += points.people[:, None]
    seen[:, p + here, p + here] += points.scores[:, None]
    seen[:, here, p + here] += shared[:, None]
    seen[:, p + here, here] += shared[:, None]
    first, second = rng.standard_normal((2, n, p, n_draws))
    people, scores, own, cross = (
        values[:, None, None] for values in (points.people, points.scores, points.correlation, shared)
    )
    rest = np.sqrt(np.maximum(1 - own**2, 0.0))
    true = np.concatenate([np.sqrt(people) * first, np.sqrt(scores) * (own * first + rest * second)], axis=1)
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


def _coefficients(sides: _Sides, relation: _Relation, points: _Points, true: FloatArray) -> FloatArray:
    """Tau, Spearman and Pearson (3, n D) of drawn contrasts (n, 2 p, D)."""
    p = len(sides.contrasts)
    people, scores = (
        np.moveaxis(half, 1, 2).reshape(-1, p) @ sides.contrasts for half in (true[:, :p], true[:, p:])
    )
    first, second = relation.curves
    found = np.stack(
        [
            _tau(people, scores),
            _row_correlation(rankdata(people, axis=1), rankdata(scores, axis=1)),
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


def _perfect(sides: _Sides, sign: float, rng: np.random.Generator, prior: Prior) -> float | None:
    """Pearson's r of sides of one order (sign 1), or of opposite orders (-1); None where they seldom look like these."""
    n = sides.n_methods
    people, scores = sides.values[0], sign * sides.values[1]
    variances = [float(np.trace(sides.covariance[block, block])) for block in (slice(0, n), slice(n, None))]
    smallest = _SMALLEST_VARIANCE * n
    order = np.argsort(people / max(variances[0], smallest) + scores / max(variances[1], smallest))
    fitted = np.empty((2, n))
    for row, values in enumerate((people, scores)):
        fitted[row, order] = isotonic_regression(values[order]).x
    eigenvalues, vectors = np.linalg.eigh(sides.covariance)
    root = vectors * np.sqrt(np.maximum(eigenvalues, 0.0))
    errors = rng.standard_normal((prior.n_points * 2, 2 * n)) @ root.T
    scales = np.sqrt(rng.choice(sides.scales, size=(len(errors), 1)))
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

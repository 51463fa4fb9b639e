"""The errors-in-variables model behind the interval of an agreement: its prior, its sides, and the points of its grid.

Used by `agreement_interval`, which tells what it is for.

References
----------
Chen, Y., Wiesel, A., Eldar, Y. C., & Hero, A. O. (2010). Shrinkage algorithms for MMSE covariance estimation. IEEE
Transactions on Signal Processing 58(10), 5016-5029.
Fuller, W. A. (1987). Measurement error models. Wiley.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.linalg import helmert

from hlv.stats.arrays import FloatArray
from hlv.stats.reporting import UndeterminedError

# Of errors that are zero in some direction, relative to the spread of a side: numbers must not break exact equality.
SMALLEST_VARIANCE: Final = 1e-9
# A value beyond the domain of an exponential curve is drawn as its end.
_END_OF_CURVE: Final = 0.02


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


class UndeterminedAgreementIntervalError(UndeterminedError, ValueError):
    """No interval can be computed from these errors."""


@dataclass(frozen=True, eq=False)
class Standardised:
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
    ) -> Standardised:
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
    return np.asarray(degrees / scipy.stats.chi2.ppf(middles, degrees))


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
class Relation:
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


def curves_of(standardised: Standardised, prior: Prior) -> list[Relation]:
    bends = [(0.0, 0.0, prior.straight)]
    if prior.straight < 1:
        share = (1 - prior.straight) / 4
        bends += [(bend, 0.0, share) for bend in (prior.bend, -prior.bend)]
        bends += [(0.0, bend, share) for bend in (prior.bend, -prior.bend)]
    both = _block_diagonal(standardised.contrasts)
    found = []
    for people, scores, share in bends:
        curves = (
            _Curve.through(standardised.values[0], people),
            _Curve.through(standardised.values[1], scores),
        )
        slopes = np.concatenate(
            [curve.slope(values) for curve, values in zip(curves, standardised.values, strict=True)]
        )
        bent = np.concatenate(
            [curve.of(values) for curve, values in zip(curves, standardised.values, strict=True)]
        )
        errors = both @ (standardised.covariance * slopes[:, None] * slopes) @ both.T
        errors[np.diag_indices_from(errors)] += SMALLEST_VARIANCE
        # Of p contrasts of M values: the change of variables of p of them.
        change = float(np.log(slopes).sum()) * (standardised.n_methods - 1) / standardised.n_methods
        found.append(Relation(curves, both @ bent, errors, np.log(share) + change))
    return found


@dataclass(frozen=True, eq=False)
class Grid:
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
    def of(cls, standardised: Standardised, relations: Sequence[Relation], prior: Prior) -> Grid:
        variances = np.geomspace(*prior.spreads, prior.n_spreads) ** 2
        inner = np.tanh(np.linspace(-prior.largest_z, prior.largest_z, prior.n_correlations))
        correlations = np.concatenate([inner, [-1.0, 1.0]])
        shares = np.full(prior.n_correlations, (1 - 2 * prior.atom) / prior.n_correlations)
        log_prior = np.log(np.concatenate([shares, [prior.atom, prior.atom]]))
        scale, people, scores, correlation = np.ix_(standardised.scales, variances, variances, correlations)
        shared = correlation * np.sqrt(people * scores)
        p = len(standardised.contrasts)
        found = []
        for relation in relations:
            x, y = relation.contrasts[:p], relation.contrasts[p:]
            own = people + scale * (np.trace(relation.errors[:p, :p]) / p)
            other = scores + np.trace(relation.errors[p:, p:]) / p
            cross = shared + np.sqrt(scale) * (np.trace(relation.errors[:p, p:]) / p)
            determinant = own * other - cross**2
            distance = (other * (x @ x) + own * (y @ y) - 2 * cross * (x @ y)) / determinant
            found.append(-0.5 * (p * np.log(determinant) + distance) + log_prior + relation.log_weight)
        return cls(standardised.scales, variances, correlations, log_prior, np.stack(found))


@dataclass(frozen=True, eq=False)
class Points:
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
    def drawn(cls, grid: Grid, temper: float, rng: np.random.Generator, prior: Prior) -> Points:
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
        for number, relation_mass in enumerate(cumulative):
            n_points = n_least + int(np.ceil(prior.n_points / 2 * mass[number]))
            positions = (np.arange(n_points) + rng.random()) / n_points * relation_mass[-1]
            places = np.minimum(np.searchsorted(relation_mass, positions), len(relation_mass) - 1)
            places, times = np.unique(places, return_counts=True)
            scale, people, scores, correlation = np.unravel_index(places, grid.log_posterior.shape[1:])
            # A draw of this relation stands for so much of the proposal.
            share = np.log(relation_mass[-1] / n_points)
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
        return cls(
            *(np.concatenate([getattr(points_part, name) for points_part in found]) for name in _POINT_FIELDS)
        )

    def at(self, places: NDArray[np.intp]) -> Points:
        return Points(
            self.relation[places],
            self.scale[places],
            self.people[places],
            self.scores[places],
            self.correlation[places],
            self.times[places],
            self.log_weight[places],
        )


_POINT_FIELDS: Final = tuple(field.name for field in fields(Points))

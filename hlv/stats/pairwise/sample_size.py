"""How many judgments are left until two methods separate, and which comparisons help most.

References
----------
Dixon, W. J., & Massey, F. J. (1983). Introduction to Statistical Analysis, 4th ed., ch. 14 (power of a test).
Atkinson, A. C., Donev, A. N., & Tobias, R. D. (2007). Optimum Experimental Designs, with SAS, ch. 11 (adding one
observation to a design).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import scipy
from scipy.special import expit

from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.analytic_intervals import SMALLEST_DEGREES_OF_FREEDOM, StandardErrors
from hlv.stats.pairwise.bradley_terry import BradleyTerryFit, information_at
from hlv.stats.pairwise.multiple_comparisons import bonferroni_level
from hlv.stats.pairwise.pair_likelihoods import PairTable

CHANCE: Final = 0.8
# Beyond this many times the judgments, "more" is no plan.
MOST_TIMES: Final = 10_000.0
# More than so many times the judgments there are, and a number is no plan either: it is not said.
UNREACHABLE: Final = 100
_HALVINGS = 60


def times_the_judges(
    difference: FloatArray, error: FloatArray, degrees: FloatArray, *, n_methods: int, level: float = 0.95
) -> FloatArray:
    """How many times the judges and texts it takes to separate differences, by a chance of `CHANCE`.

    With f times the judges, on f times the texts, each as active as now, a standard error falls by the root of f
    and its degrees of freedom grow to (df + 1) f - 1. The least f is given at which a true difference of this size
    is found by a two-sided test at the Bonferroni level of all pairs.

    Parameters
    ----------
    difference, error, degrees : (...)
        True or estimated differences, their standard errors and degrees of freedom.

    Returns
    -------
    (...)
        Above 1 where what there is does not do; infinite where `MOST_TIMES` is not enough; NaN where the error is
        undefined.
    """
    size, error, degrees = np.broadcast_arrays(np.abs(difference), error, degrees)
    known = np.isfinite(size) & (error > 0) & np.isfinite(degrees)
    times = np.full(size.shape, np.nan)
    ratio, clusters = size[known] / error[known], degrees[known] + 1
    tail = bonferroni_level(n_methods, level=level) / 2
    low = np.log((1 + SMALLEST_DEGREES_OF_FREEDOM) / clusters)
    high = np.full(len(ratio), np.log(MOST_TIMES))

    def is_enough(logarithm: FloatArray) -> FloatArray:
        factor = np.exp(logarithm)
        critical = scipy.stats.t.isf(tail, clusters * factor - 1)
        return np.asarray(ratio * np.sqrt(factor) >= critical + scipy.stats.norm.ppf(CHANCE))

    never = ~np.asarray(is_enough(high), dtype=bool)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        enough = np.asarray(is_enough(middle), dtype=bool)
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    times[known] = np.where(never, np.inf, np.exp(high))
    return times


def widest_multiple(difference: FloatArray, errors: StandardErrors, *, n_methods: int) -> FloatArray:
    """How many times the judges and texts (...) it takes until no way of clustering leaves a difference unseparated."""
    times = times_the_judges(difference, errors.errors, errors.degrees, n_methods=n_methods)
    return np.asarray(np.fmax.reduce(times, axis=0))


def is_too_many(n_more: float, *, n_judgments: int) -> bool:
    return n_more > UNREACHABLE * n_judgments


def most_informative(fit: BradleyTerryFit, pairs: PairTable, *, first: int, second: int) -> tuple[int, int]:
    """The comparison of which one more judgment narrows the interval of a difference most.

    By a preference between a and b the variance c'H^-1 c of a contrast falls by
    w (c'H^-1 e)^2 / (1 + w e'H^-1 e), e = e_a - e_b, w = p (1 - p). Methods that no judgment compared yet count too.
    """
    n_methods = pairs.n_methods
    inverse = np.linalg.inv(information_at(fit, pairs))[:n_methods, :n_methods]
    upper, lower = np.triu_indices(n_methods, k=1)
    step = inverse[first] - inverse[second]
    chance = expit(fit.strengths[upper] - fit.strengths[lower])
    weight = chance * (1 - chance)
    own = inverse[upper, upper] + inverse[lower, lower] - 2 * inverse[upper, lower]
    gain = weight * (step[upper] - step[lower]) ** 2 / (1 + weight * own)
    best = int(np.argmax(np.round(gain / gain.max(), 12)))
    return int(upper[best]), int(lower[best])

"""Williams' test: do two metrics correlate differently with the same human scores, if all three are normal?

References
----------
Williams, E. J. (1959). The comparison of regression variables. Journal of the Royal Statistical Society B 21(2),
396-399.
Steiger, J. H. (1980). Tests for comparing elements of a correlation matrix. Psychological Bulletin 87(2), 245-251.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import pearson
from hlv.stats.reporting import UndeterminedError


class UndeterminedWilliamsError(UndeterminedError):
    """The correlations do not determine the test."""


@dataclass(frozen=True)
class WilliamsTest:
    """t, its degrees of freedom n - 3, and the two-sided p."""

    t: float
    degrees: int
    p: float


def williams_from_scores(first: FloatArray, second: FloatArray, people: FloatArray) -> WilliamsTest:
    """The same of two metrics' scores (M,) of the methods, which grow with quality, and those of people.

    Raises
    ------
    UndeterminedWilliamsError
        As `williams_test` does.
    """
    with_people = pearson(np.stack([first, second]), people)
    between = float(pearson(first, second))
    return williams_test(float(with_people[0]), float(with_people[1]), between, n_methods=len(people))


def williams_test(first: float, second: float, between: float, *, n_methods: int) -> WilliamsTest:
    """Williams' t of the difference of two Pearson correlations that share the human side.

    For comparison with papers that report it: it decides nothing. It assumes normal scores of independent methods,
    uses no items, and is weak with few methods.

    Parameters
    ----------
    first, second
        Pearson correlations of the two metrics with people.
    between
        Of the two metrics with one another.
    n_methods
        Four or more.

    Raises
    ------
    UndeterminedWilliamsError
        If there are fewer than four methods, the metrics are affine copies of one another, or one of them is of
        people.
    ValueError
        If a correlation is not in [-1, 1], or the three cannot occur together.

    Examples
    --------
    >>> from hlv.stats.meta_evaluation import williams_test
    >>> found = williams_test(0.9, 0.6, 0.5, n_methods=10)
    >>> round(found.t, 2), round(found.p, 3)
    (1.79, 0.116)
    """
    if not all(-1 <= r <= 1 for r in (first, second, between)):
        raise ValueError("a correlation lies between -1 and 1")
    if n_methods < 4:
        raise UndeterminedWilliamsError(
            "Williams' test has n - 3 degrees of freedom: %(n_methods)s methods are too few.",
            n_methods=n_methods,
        )
    determinant = 1 - first**2 - second**2 - between**2 + 2 * first * second * between
    if determinant < -1e-12:
        raise ValueError("these three correlations cannot occur together")
    if 1 - abs(between) < 1e-12:
        raise UndeterminedWilliamsError("The two metrics are affine copies of one another.")
    mean = (first + second) / 2
    spread = 2 * (n_methods - 1) / (n_methods - 3) * max(determinant, 0.0) + mean**2 * (1 - between) ** 3
    if spread < 1e-15:
        raise UndeterminedWilliamsError("The correlations have no sampling error.")
    statistic = (first - second) * np.sqrt((n_methods - 1) * (1 + between) / spread)
    degrees = n_methods - 3
    return WilliamsTest(float(statistic), degrees, float(2 * scipy.stats.t.sf(abs(statistic), degrees)))

"""Whether "cannot judge" says something of the methods: it leaves the fit, which is harmless only where it does not.

Each judge has a way of their own with it, so a judge's verdicts are held against that judge's alone: under the null
hypothesis those that are "cannot judge" are drawn from all of them. The numbers of each method then have the moments
of hypergeometric draws, which add up over judges (the generalised Mantel-Haenszel test).

References
----------
Mantel, N. (1963). Chi-square tests with one degree of freedom: extensions of the Mantel-Haenszel procedure. Journal of
the American Statistical Association 58, 690-700.
Landis, J. R., Heyman, E. R. and Koch, G. G. (1978). Average partial association in three-way contingency tables.
International Statistical Review 46, 237-254.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import scipy

from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.pairwise.comparisons import Cells

NO_CANNOT_JUDGE: Final = "No judge chose “cannot judge”."
NOTHING_TO_TEST: Final = (
    "Judges who chose “cannot judge” did so for all their pairs, or equally often for every method, so "
    "methods cannot be compared by it."
)
_RANK_TOLERANCE: Final = 1e-9


@dataclass(frozen=True)
class MissingOfMethod:
    """How many of the verdicts with a method are "cannot judge"; `share` is None where there are none."""

    method: str
    n: int
    n_verdicts: int
    share: float | None


@dataclass(frozen=True, kw_only=True)
class MissingVerdicts:
    """`MissingVerdictTest` with the names of the methods."""

    n: int = 0
    n_verdicts: int = 0
    by_method: list[MissingOfMethod] = field(default_factory=list)
    chi_squared: float | None = None
    degrees: int | None = None
    p: float | None = None
    undetermined: str | None = None


@dataclass(frozen=True, eq=False)
class MissingVerdictTest:
    """Where "cannot judge" was said.

    Attributes
    ----------
    n, n_verdicts : int
        How often, and of how many verdicts in all.
    of_methods, verdicts_of_methods : (M,)
        The same for the verdicts with each method.
    chi_squared, degrees, p
        Of the null hypothesis that each judge says it whatever the methods are; None where that cannot be tested.
    undetermined : str or None
        Why not.
    """

    n: int
    n_verdicts: int
    of_methods: FloatArray
    verdicts_of_methods: FloatArray
    chi_squared: float | None = None
    degrees: int | None = None
    p: float | None = None
    undetermined: str | None = None

    def named(self, names: list[str]) -> MissingVerdicts:
        rows = zip(names, self.of_methods.tolist(), self.verdicts_of_methods.tolist(), strict=True)
        return MissingVerdicts(
            n=self.n,
            n_verdicts=self.n_verdicts,
            by_method=[
                MissingOfMethod(name, int(n), int(of), n / of if of else None) for name, n, of in rows
            ],
            chi_squared=self.chi_squared,
            degrees=self.degrees,
            p=self.p,
            undetermined=self.undetermined,
        )


def missing_verdicts(cells: Cells, cannot: Cells, n_methods: int) -> MissingVerdictTest:
    """Hold the verdicts "cannot judge" (`cannot`, whose outcome means nothing) against the others (`cells`)."""
    both = [np.append(getattr(cells, name), getattr(cannot, name)) for name in ("first", "second", "judge")]
    first, second, judge = both
    count = np.append(cells.count, cannot.count).astype(np.float64)
    cannot_count = np.append(np.zeros(len(cells)), cannot.count.astype(np.float64))
    judge = np.unique(judge, return_inverse=True)[1]
    n_judges = int(judge.max(initial=-1)) + 1

    def by_judge(counts: FloatArray) -> FloatArray:
        """(J, M)"""
        places = np.append(judge * n_methods + first, judge * n_methods + second)
        found = np.bincount(places, weights=np.append(counts, counts), minlength=n_judges * n_methods)
        return found.astype(np.float64).reshape(n_judges, n_methods)

    seen, cannot_seen = by_judge(count), by_judge(cannot_count)
    found = MissingVerdictTest(
        n=int(cannot_count.sum()),
        n_verdicts=int(count.sum()),
        of_methods=cannot_seen.sum(axis=0),
        verdicts_of_methods=seen.sum(axis=0),
    )
    if not found.n:
        return _tested(found, undetermined=NO_CANNOT_JUDGE)
    # each verdict counts for two methods
    n_seen, n_cannot = np.maximum(seen.sum(axis=1) / 2, 1), cannot_seen.sum(axis=1) / 2
    expected = (seen * (n_cannot / n_seen)[:, None]).sum(axis=0)
    spread = n_cannot * (n_seen - n_cannot) / np.maximum(n_seen - 1, 1)
    pairs = np.zeros((n_methods, n_methods))
    np.add.at(pairs, (first, second), count * (spread / n_seen)[judge])
    pairs += pairs.T
    covariance = pairs + np.diag(pairs.sum(axis=1)) - seen.T @ (seen * (spread / n_seen**2)[:, None])
    values, vectors = np.linalg.eigh(covariance)
    kept = values > _RANK_TOLERANCE * max(float(n_cannot.sum()), 1.0)
    if not kept.any():
        return _tested(found, undetermined=NOTHING_TO_TEST)
    along = vectors[:, kept].T @ (found.of_methods - expected)
    chi_squared, degrees = float((along**2 / values[kept]).sum()), int(kept.sum())
    return _tested(
        found, chi_squared=chi_squared, degrees=degrees, p=float(scipy.stats.chi2.sf(chi_squared, degrees))
    )


def _tested(found: MissingVerdictTest, **tested: Any) -> MissingVerdictTest:
    return MissingVerdictTest(
        found.n, found.n_verdicts, found.of_methods, found.verdicts_of_methods, **tested
    )


@dataclass(frozen=True, kw_only=True)
class TiesOfMethod:
    """Of the verdicts with one method; the shares are None where it has none."""

    method: str
    n_verdicts: int
    n_both: int
    n_neither: int
    share_both: float | None
    share_neither: float | None


@dataclass(frozen=True)
class TieTypes:
    """How many verdicts say “both good” and “neither good”, in all and by method: each counts for two methods."""

    n_both: int = 0
    n_neither: int = 0
    by_method: list[TiesOfMethod] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class TieTypeCounts:
    """How verdicts with each method ended.

    Attributes
    ----------
    verdicts, both, neither : (M,)
        Verdicts with the method that enter the ranking, and those of them that say "both good" and "neither good".
        Each verdict counts for two methods.
    """

    verdicts: IntArray
    both: IntArray
    neither: IntArray

    def named(self, names: list[str]) -> TieTypes:
        rows = zip(names, self.verdicts.tolist(), self.both.tolist(), self.neither.tolist(), strict=True)
        return TieTypes(
            n_both=int(self.both.sum()) // 2,
            n_neither=int(self.neither.sum()) // 2,
            by_method=[
                TiesOfMethod(
                    method=name,
                    n_verdicts=n,
                    n_both=both,
                    n_neither=neither,
                    share_both=both / n if n else None,
                    share_neither=neither / n if n else None,
                )
                for name, n, both, neither in rows
            ],
        )


def tie_types(
    *,
    first: IntArray,
    second: IntArray,
    count: IntArray,
    is_both: BoolArray,
    is_neither: BoolArray,
    n_methods: int,
) -> TieTypeCounts:
    """Count rows (G,) of equal verdicts of two of the M methods.

    Parameters
    ----------
    first, second
        Places of the methods.
    count
        How many verdicts a row stands for.
    is_both, is_neither
        What they say, if not a preference or a tie of unspecified kind.
    """

    def of_methods(rows: BoolArray) -> IntArray:
        places = np.append(first[rows], second[rows])
        counts = np.append(count[rows], count[rows])
        return np.bincount(places, weights=counts, minlength=n_methods).astype(np.int64)

    every = np.ones(len(count), dtype=bool)
    return TieTypeCounts(of_methods(every), of_methods(is_both), of_methods(is_neither))

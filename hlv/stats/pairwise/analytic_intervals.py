"""Analytic intervals of Bradley-Terry strengths: leave-one-cluster-out steps (CR3) by judge and by item.

References
----------
Bell, R. M., & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with
multi-stage samples. Survey Methodology 28(2), 169-181.
Cameron, A. C., Gelbach, J. B., & Miller, D. L. (2011). Robust inference with multiway clustering. Journal of
Business & Economic Statistics 29(2), 238-249.
MacKinnon, J. G., Nielsen, M. O., & Webb, M. D. (2023). Fast and reliable jackknife and bootstrap methods for
cluster-robust inference. Journal of Applied Econometrics 38(5), 671-694.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import scipy

from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.pairwise.bootstrap import ResamplingUnit
from hlv.stats.pairwise.bradley_terry import BradleyTerryFit
from hlv.stats.pairwise.cluster_variance import ClusterVariance, JudgmentBlocks, UndeterminedIntervalError
from hlv.stats.pairwise.comparisons import Cells
from hlv.stats.pairwise.mle_existence import weak_groups
from hlv.stats.pairwise.multiple_comparisons import bonferroni_level
from hlv.stats.pairwise.pair_likelihoods import PairTable
from hlv.stats.resampling.percentiles import LEVEL

SMALLEST_DEGREES_OF_FREEDOM: Final = 0.5
# Below this many effective judges t is so heavy-tailed that an interval is wide whatever they said: say so.
FEW_EFFECTIVE_UNITS: Final = 4.0

# Below this an error is rounding of an exact zero.
SMALLEST_ERROR: Final = 1e-9
AGREEING_UNITS: Final = {
    "both": "judges and items",
    "judges": "judges",
    "items": "items",
    "judgments": "judgments",
}
FEW_UNITS: Final = AGREEING_UNITS | {"both": "judges or items"}


@dataclass(frozen=True, eq=False)
class StandardErrors:
    """Of the same estimates by K ways of clustering; the interval of an estimate is the widest of theirs.

    The larger variance has not always the wider interval: with few judges Student's t asks for a far larger multiple
    of the error than with many items.

    Attributes
    ----------
    errors, degrees : (K, ...)
        A way that gives an estimate no variance of its own has error 0 there.
    """

    errors: FloatArray
    degrees: FloatArray

    def of(self, first: int, second: int) -> StandardErrors:
        """Those of one difference."""
        return StandardErrors(self.errors[:, first, second], self.degrees[:, first, second])

    def half_widths(self, tail: float = (1 - LEVEL) / 2) -> FloatArray:
        """Half width (...) of the intervals that leave out so much on either side."""
        return np.asarray(self._half_widths(tail).max(axis=0))

    @cached_property
    def error(self) -> FloatArray:
        """Of the way that is widest at 95 %; (...)"""
        return self._of_widest(self.errors)

    @cached_property
    def degrees_of_freedom(self) -> FloatArray:
        """Of the way that is widest at 95 %; (...)"""
        return self._of_widest(self.degrees)

    def p_values(self, estimates: FloatArray) -> FloatArray:
        """The largest two-sided p (...) of any way, at these estimates."""
        ratio = np.divide(
            np.abs(estimates), self.errors, out=np.full(self.errors.shape, np.inf), where=self.errors > 0
        )
        p = np.asarray(2 * scipy.stats.t.sf(ratio, self.degrees))
        # no variance at all is no evidence: nothing is separated by it
        return np.where((self.errors > 0).any(axis=0), p.max(axis=0), 1.0)

    def _half_widths(self, tail: float) -> FloatArray:
        return np.asarray(self.errors * scipy.stats.t.isf(tail, self.degrees))

    def _of_widest(self, values: FloatArray) -> FloatArray:
        widest = self._half_widths((1 - LEVEL) / 2).argmax(axis=0)
        return np.asarray(np.take_along_axis(values, widest[None], axis=0)[0])


@dataclass(frozen=True, eq=False)
class AnalyticIntervals:
    """Standard errors and degrees of freedom of strengths and of their differences, as properties those of the widest.

    Attributes
    ----------
    strengths : (M,)
        The estimates.
    own : (K, M)
        StandardErrors of each strength less their mean.
    difference_errors : (K, M, M)
        StandardErrors of s_i - s_j; NaN on the diagonal.
    method
        What was clustered, in words.
    """

    strengths: FloatArray
    own: StandardErrors
    difference_errors: StandardErrors
    method: str

    @property
    def standard_error(self) -> FloatArray:
        """(M,)"""
        return self.own.error

    @property
    def degrees_of_freedom(self) -> FloatArray:
        """(M,)"""
        return self.own.degrees_of_freedom

    @property
    def difference_error(self) -> FloatArray:
        """(M, M)"""
        return self.difference_errors.error

    @property
    def difference_degrees(self) -> FloatArray:
        """(M, M)"""
        return self.difference_errors.degrees_of_freedom

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Low and high end (M,) of each strength's own 95 % interval."""
        half = self.own.half_widths()
        return self.strengths - half, self.strengths + half

    def joint_errors(self) -> tuple[FloatArray, float]:
        """Covariance (M, M) of the strengths less their mean, and its degrees of freedom.

        That of the way of clustering whose intervals of differences are widest on average, as these are. A covariance
        of centred strengths follows from the variances of their differences.
        """
        n_methods = len(self.strengths)
        off_diagonal = ~np.eye(n_methods, dtype=bool)
        half = (
            self.difference_errors.errors * scipy.stats.t.isf((1 - LEVEL) / 2, self.difference_errors.degrees)
        )[:, off_diagonal]
        widest = int(half.mean(axis=1).argmax())
        variances = np.where(off_diagonal, self.difference_errors.errors[widest] ** 2, 0.0)
        centring = np.eye(n_methods) - 1 / n_methods
        return (
            -0.5 * centring @ variances @ centring,
            float(np.median(self.difference_errors.degrees[widest][off_diagonal])),
        )

    def few_units_sentence(self, names: Sequence[str], *, unit: ResamplingUnit) -> str | None:
        """Whose strengths rest on few effective judges or items, in words; None where none does."""
        few = [
            f"{name} ({degrees + 1:.1f})"
            for name, degrees in zip(names, self.own.degrees_of_freedom, strict=True)
            if degrees + 1 < FEW_EFFECTIVE_UNITS
        ]
        if not few:
            return None
        return (
            f"Very wide intervals: they rest on effectively fewer than {FEW_EFFECTIVE_UNITS:g} {FEW_UNITS[unit]} "
            f"(the number in brackets) for {', '.join(few)}."
        )

    @property
    def simultaneous_tail(self) -> float:
        """What the intervals of all differences leave out on either side to hold together (Bonferroni)."""
        return bonferroni_level(len(self.strengths), level=LEVEL) / 2

    def simultaneous_half_widths(self) -> FloatArray:
        """Half width (M, M) of the intervals of all differences, 95 % together."""
        return self.difference_errors.half_widths(self.simultaneous_tail)

    def p_values(self) -> FloatArray:
        """Two-sided p (M, M) of each difference; NaN on the diagonal."""
        p = self.difference_errors.p_values(self.strengths[:, None] - self.strengths[None, :])
        np.fill_diagonal(p, np.nan)
        return p


def analytic_intervals(
    cells: Cells, fit: BradleyTerryFit, pairs: PairTable, *, unit: ResamplingUnit
) -> AnalyticIntervals:
    """CR3 standard errors, two-way where judges and items are both random.

    For a cluster j with score s_j and information H_j, d_j = (H - H_j)^-1 s_j is the step that leaving it out
    takes; V = (J - 1) / J sum d_j d_j'. Its reference distribution is t with J_eff - 1 degrees of freedom. With
    judges and items an interval is the widest of those by judge, by item, and of V_judge + V_item - V_cell with the
    fewer degrees of freedom of both, and p the largest.

    Parameters
    ----------
    cells
        The judgments.
    fit, pairs
        Their fit and its counts.
    unit
        What is random. Judgments of unknown judges count as one judge's, and so for items.

    Raises
    ------
    UndeterminedIntervalError
        If leaving out one judge (or item, or judgment) disconnects the board or leaves a direction without
        information, if there are effectively fewer than one and a half of them, or if all agree exactly.

    Examples
    --------
    >>> import numpy as np
    >>> from hlv.stats.pairwise import analytic_intervals, fit_bradley_terry, make_cells, pair_counts, pair_table
    >>> rng = np.random.default_rng(1)
    >>> n, first = 400, rng.integers(3, size=400)
    >>> second = (first + rng.integers(1, 3, size=n)) % 3
    >>> outcome = (rng.random(n) > 0.5 + 0.2 * (second - first)).astype(int)
    >>> judge, item = rng.integers(20, size=n), rng.integers(40, size=n)
    >>> cells = make_cells(first=first, second=second, outcome=outcome, judge=judge, item=item)
    >>> wins, ties = pair_counts(cells, 3)
    >>> found = analytic_intervals(cells, fit_bradley_terry(wins, ties), pair_table(wins, ties), unit="both")
    >>> [bound.round(2).tolist() for bound in found.bounds()]
    [[0.64, -0.26, -1.17], [1.28, 0.22, -0.71]]
    """
    found = _clustered(cells, fit, pairs, unit=unit)
    spread = found.difference_errors.errors.max(axis=0)[~np.eye(len(found.strengths), dtype=bool)]
    if (spread < SMALLEST_ERROR).any():
        # A difference that no clustering contradicts would get an interval of no width, as if it were certain.
        raise UndeterminedIntervalError(
            "All %(agreeing_units)s agree exactly on a difference of methods, so how much they vary is undetermined.",
            agreeing_units=AGREEING_UNITS[unit],
        )
    return found


def _clustered(
    cells: Cells, fit: BradleyTerryFit, pairs: PairTable, *, unit: ResamplingUnit
) -> AnalyticIntervals:
    _require_meetings(fit, pairs)
    blocks = JudgmentBlocks.of(cells, fit, pairs)
    judge = np.unique(blocks.judge, return_inverse=True)[1]
    item = np.unique(blocks.item, return_inverse=True)[1]
    if unit == "judgments":
        found = blocks.variance(np.arange(blocks.n_rows), what="judgment")
        return _single(fit, found, "CR3 by judgment")
    if unit == "judges":
        return _single(fit, blocks.variance(judge, what="judge"), "CR3 by judge")
    if unit == "items":
        return _single(fit, blocks.variance(item, what="item"), "CR3 by item")
    by_judge = blocks.variance(judge, what="judge")
    by_item = blocks.variance(item, what="item")
    by_cell = blocks.variance(np.unique(judge * (item.max() + 1) + item, return_inverse=True)[1], what="cell")
    return _two_way_intervals(fit, by_judge, by_item, by_cell)


def _require_meetings(fit: BradleyTerryFit, pairs: PairTable) -> None:
    """Raise where a prior gave strengths to methods that no chain of judgments joins."""
    compared = pairs.wins + pairs.losses + (0 if fit.ties_rule == "drop" else pairs.ties) > 0
    adjacency: BoolArray = np.zeros((pairs.n_methods, pairs.n_methods), dtype=bool)
    adjacency[pairs.upper[compared], pairs.lower[compared]] = True
    if len(weak_groups(adjacency)) > 1:
        raise UndeterminedIntervalError(
            "Some methods were never compared, not even indirectly: their distance comes only from the prior."
        )


def _single(fit: BradleyTerryFit, found: ClusterVariance, method: str) -> AnalyticIntervals:
    return _intervals(
        fit,
        own=_errors([found.strengths], [found.strength_units]),
        difference_errors=_errors([found.differences], [found.difference_units]),
        method=method,
    )


def _two_way_intervals(
    fit: BradleyTerryFit, by_judge: ClusterVariance, by_item: ClusterVariance, by_cell: ClusterVariance
) -> AnalyticIntervals:
    return _intervals(
        fit,
        own=_two_way_errors(
            (by_judge.strengths, by_item.strengths, by_cell.strengths),
            (by_judge.strength_units, by_item.strength_units),
        ),
        difference_errors=_two_way_errors(
            (by_judge.differences, by_item.differences, by_cell.differences),
            (by_judge.difference_units, by_item.difference_units),
        ),
        method="CR3, two-way widest of judges and items",
    )


def _two_way_errors(
    variances: tuple[FloatArray, FloatArray, FloatArray], units: tuple[FloatArray, FloatArray]
) -> StandardErrors:
    judge, item, cell = variances
    return _errors([judge, item, judge + item - cell], [*units, np.minimum(*units)])


def _errors(variances: Sequence[FloatArray], units: Sequence[FloatArray]) -> StandardErrors:
    return StandardErrors(np.sqrt(np.maximum(np.stack(variances), 0.0)), np.stack(units) - 1)


def _intervals(
    fit: BradleyTerryFit, *, own: StandardErrors, difference_errors: StandardErrors, method: str
) -> AnalyticIntervals:
    off_diagonal = ~np.eye(len(fit.strengths), dtype=bool)
    # Of every way, for one that rests on a unit or so cannot say that it is the narrower.
    smallest = float(
        np.concatenate([own.degrees.ravel(), difference_errors.degrees[:, off_diagonal].ravel()]).min()
    )
    if np.isnan(smallest):
        raise UndeterminedIntervalError("A difference depends only on the prior: no judgment informs it.")
    if smallest < SMALLEST_DEGREES_OF_FREEDOM:
        raise UndeterminedIntervalError(
            "A difference comes from effectively %(smallest)s judges or items; an interval needs %(smallest_degrees_of_freedom)s or more.",
            smallest=f"{max(smallest, 0.0) + 1:.1f}",
            smallest_degrees_of_freedom=SMALLEST_DEGREES_OF_FREEDOM + 1,
        )
    return AnalyticIntervals(
        strengths=fit.strengths,
        own=own,
        difference_errors=StandardErrors(
            np.where(off_diagonal, difference_errors.errors, np.nan), difference_errors.degrees
        ),
        method=f"{method}, t(J_eff - 1), {LEVEL:.0%}",
    )

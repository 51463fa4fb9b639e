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
from typing import Final

import numpy as np
from scipy.stats import t as student

from metaeval.science.bradley_terry import BradleyTerryFit
from metaeval.science.cluster_variance import ClusterVariance, JudgmentBlocks, UndeterminedIntervalError
from metaeval.science.comparisons import BoolArray, Cells, FloatArray
from metaeval.science.existence import weak_groups
from metaeval.science.pair_models import PairTable
from metaeval.science.resampling import LEVEL, ResamplingUnit
from metaeval.science.separation import bonferroni_level

SMALLEST_DEGREES_OF_FREEDOM: Final = 0.5
# Below this many effective judges t is so heavy-tailed that an interval is wide whatever they said: say so.
FEW_EFFECTIVE_UNITS: Final = 4.0

# Below this an error is rounding of an exact zero.
SMALLEST_ERROR: Final = 1e-9
WHO_AGREES: Final = {
    "both": "judges and items",
    "judges": "judges",
    "items": "items",
    "judgments": "judgments",
}
WHO_IS_FEW: Final = WHO_AGREES | {"both": "judges or items"}


@dataclass(frozen=True, eq=False)
class AnalyticIntervals:
    """Standard errors and degrees of freedom of strengths and of their differences.

    Attributes
    ----------
    strengths : (M,)
        The estimates.
    standard_error, degrees_of_freedom : (M,)
    difference_error, difference_degrees : (M, M)
        Of s_i - s_j; NaN on the diagonal.
    method
        What was clustered, in words.
    """

    strengths: FloatArray
    standard_error: FloatArray
    degrees_of_freedom: FloatArray
    difference_error: FloatArray
    difference_degrees: FloatArray
    method: str

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Low and high end (M,) of each strength's own 95 % interval."""
        half = self.standard_error * student.ppf(1 - (1 - LEVEL) / 2, self.degrees_of_freedom)
        return self.strengths - half, self.strengths + half

    def few_units_sentence(self, names: Sequence[str], *, unit: ResamplingUnit) -> str | None:
        """Whose strengths rest on few effective judges or items, in words; None where none does."""
        few = [
            f"{name} ({degrees + 1:.1f})"
            for name, degrees in zip(names, self.degrees_of_freedom, strict=True)
            if degrees + 1 < FEW_EFFECTIVE_UNITS
        ]
        if not few:
            return None
        return (
            f"Very wide intervals: they rest on effectively fewer than {FEW_EFFECTIVE_UNITS:g} {WHO_IS_FEW[unit]} "
            f"(the number in brackets) for {', '.join(few)}."
        )

    def simultaneous_half_widths(self) -> FloatArray:
        """Half width (M, M) of the intervals of all differences, 95 % together (Bonferroni)."""
        tail = bonferroni_level(len(self.strengths), level=LEVEL) / 2
        return np.asarray(self.difference_error * student.isf(tail, self.difference_degrees))

    def p_values(self) -> FloatArray:
        """Two-sided p (M, M) of each difference; NaN on the diagonal."""
        difference = np.abs(self.strengths[:, None] - self.strengths[None, :])
        # no variance at all is no evidence: nothing is separated by it
        ratio = np.divide(
            difference, self.difference_error, out=np.zeros_like(difference), where=self.difference_error > 0
        )
        p = np.asarray(2 * student.sf(ratio, self.difference_degrees))
        np.fill_diagonal(p, np.nan)
        return p


def analytic_intervals(
    cells: Cells, fit: BradleyTerryFit, pairs: PairTable, *, unit: ResamplingUnit
) -> AnalyticIntervals:
    """CR3 standard errors, two-way where judges and items are both random.

    For a cluster j with score s_j and information H_j, d_j = (H - H_j)^-1 s_j is the step that leaving it out
    takes; V = (J - 1) / J sum d_j d_j'. With judges and items the variance of a contrast is
    max(V_judge, V_item, V_judge + V_item - V_cell). Its reference distribution is t with J_eff - 1 degrees of
    freedom of the clustering that gave the maximum (of the smaller one where the sum did).

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
    """
    found = _clustered(cells, fit, pairs, unit=unit)
    spread = found.difference_error[~np.eye(len(found.strengths), dtype=bool)]
    if (spread < SMALLEST_ERROR).any():
        # A difference that no clustering contradicts would get an interval of no width, as if it were certain.
        raise UndeterminedIntervalError(
            f"All {WHO_AGREES[unit]} agree exactly on a difference of methods, so how much they vary is undetermined."
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
    return _two_way(fit, by_judge, by_item, by_cell)


def _require_meetings(fit: BradleyTerryFit, pairs: PairTable) -> None:
    """Raise where a prior gave strengths to methods that no chain of judgments joins."""
    told = pairs.wins + pairs.losses + (0 if fit.ties_rule == "drop" else pairs.ties) > 0
    adjacency: BoolArray = np.zeros((pairs.n_methods, pairs.n_methods), dtype=bool)
    adjacency[pairs.upper[told], pairs.lower[told]] = True
    if len(weak_groups(adjacency)) > 1:
        raise UndeterminedIntervalError(
            "Some methods never met, not even through others: the prior alone says how far they lie apart."
        )


def _single(fit: BradleyTerryFit, found: ClusterVariance, method: str) -> AnalyticIntervals:
    return _intervals(
        fit,
        (found.strengths, found.differences),
        (found.strength_units - 1, found.difference_units - 1),
        method,
    )


def _two_way(
    fit: BradleyTerryFit, by_judge: ClusterVariance, by_item: ClusterVariance, by_cell: ClusterVariance
) -> AnalyticIntervals:
    variances, degrees = [], []
    for judge, item, cell, judges, items in (
        (
            by_judge.strengths,
            by_item.strengths,
            by_cell.strengths,
            by_judge.strength_units,
            by_item.strength_units,
        ),
        (
            by_judge.differences,
            by_item.differences,
            by_cell.differences,
            by_judge.difference_units,
            by_item.difference_units,
        ),
    ):
        options = np.stack([judge, item, judge + item - cell])
        units = np.stack([judges, items, np.minimum(judges, items)])
        largest = options.argmax(axis=0)
        variances.append(np.take_along_axis(options, largest[None], axis=0)[0])
        degrees.append(np.take_along_axis(units, largest[None], axis=0)[0] - 1)
    return _intervals(
        fit,
        (variances[0], variances[1]),
        (degrees[0], degrees[1]),
        "CR3, two-way maximum of judges and items",
    )


def _intervals(
    fit: BradleyTerryFit,
    variances: tuple[FloatArray, FloatArray],
    degrees: tuple[FloatArray, FloatArray],
    method: str,
) -> AnalyticIntervals:
    off_diagonal = ~np.eye(len(fit.strengths), dtype=bool)
    smallest = float(np.concatenate([degrees[0], degrees[1][off_diagonal]]).min())
    if np.isnan(smallest):
        raise UndeterminedIntervalError("Some difference rests on the prior alone: no judgment informs it.")
    if smallest < SMALLEST_DEGREES_OF_FREEDOM:
        raise UndeterminedIntervalError(
            f"Some difference rests on the judgments of effectively {max(smallest, 0.0) + 1:.1f} judges or items; "
            f"an interval needs {SMALLEST_DEGREES_OF_FREEDOM + 1} or more."
        )
    difference_error = np.where(off_diagonal, np.sqrt(variances[1]), np.nan)
    return AnalyticIntervals(
        strengths=fit.strengths,
        standard_error=np.sqrt(variances[0]),
        degrees_of_freedom=degrees[0],
        difference_error=difference_error,
        difference_degrees=degrees[1],
        method=f"{method}, t(J_eff - 1), {LEVEL:.0%}",
    )

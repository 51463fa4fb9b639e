"""How sure a ranking is among the judges it has: their tastes are taken as given, texts and judgments as samples.

The default intervals speak of judges like these. With few of them they are very wide however much was judged, because
other judges may differ. These intervals answer another question, that of the same judges on other texts, and stand
beside the default, never in its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.pairwise.analytic_intervals import analytic_intervals
from hlv.stats.pairwise.bootstrap import ResamplingUnit
from hlv.stats.pairwise.bradley_terry import BradleyTerryFit
from hlv.stats.pairwise.cluster_variance import UndeterminedIntervalError
from hlv.stats.pairwise.comparisons import Cells
from hlv.stats.pairwise.multiple_comparisons import Separation, compare_all_pairs
from hlv.stats.pairwise.pair_likelihoods import PairTable

# From so many judges on, they seldom are what decides how wide the default intervals are.
FEW_JUDGES: Final = 20


@dataclass(frozen=True, kw_only=True)
class FixedJudgesSummary:
    """What `FixedJudges` says of all methods together, under the same names."""

    n_judges: int
    unit: ResamplingUnit
    interval_method: str | None = None
    n_separated: int = 0
    n_separated_by_default: int = 0
    matters: bool = False
    undetermined: str | None = None


@dataclass(frozen=True, eq=False)
class FixedJudges:
    """Intervals of M strengths with the judges as given.

    Attributes
    ----------
    n_judges
    unit
        What is a sample: "items", or bare "judgments" where no items are known.
    method
        What was clustered, in words; None where there is no interval.
    low, high : (M,)
        NaN where there is none.
    best_rank, worst_rank : (M,) or None
    n_separated, n_separated_by_default
        Pairs of methods that are separated here, and by the default intervals.
    undetermined
        Why there is no interval.
    """

    n_judges: int
    unit: ResamplingUnit
    method: str | None
    low: FloatArray
    high: FloatArray
    best_rank: IntArray | None
    worst_rank: IntArray | None
    n_separated: int
    n_separated_by_default: int
    undetermined: str | None = None

    @property
    def matters(self) -> bool:
        """Whether judges are few, and the pairs that these intervals separate are others."""
        return (
            self.undetermined is None
            and self.n_judges < FEW_JUDGES
            and self.n_separated > self.n_separated_by_default
        )

    @property
    def sentence(self) -> str:
        n_methods = len(self.low)
        what = "texts" if self.unit == "items" else "judgments"
        return (
            f"Among these {self.n_judges} judges, over other {what}, {self.n_separated} of "
            f"{n_methods * (n_methods - 1) // 2} pairs of methods are separated; for judges like these, "
            f"{self.n_separated_by_default}. The first number is not valid for other judges."
        )

    def summary(self) -> FixedJudgesSummary:
        """What is stored of it."""
        return FixedJudgesSummary(
            n_judges=self.n_judges,
            unit=self.unit,
            interval_method=self.method,
            n_separated=self.n_separated,
            n_separated_by_default=self.n_separated_by_default,
            matters=self.matters,
            undetermined=self.undetermined,
        )


def fixed_judge_intervals(
    cells: Cells, fit: BradleyTerryFit, pairs: PairTable, *, by_default: Separation | None
) -> FixedJudges:
    """CR3 by item (by judgment where no items are known), t(N_eff - 1), and ranks by Holm's separations.

    Judges' tastes are no noise here: the interval is of the strengths that these judges, each as active, would give on
    texts like these. Where texts fall to judges by chance it is a little too wide, for it counts that chance as well.

    Parameters
    ----------
    by_default
        What the default intervals separate.
    """
    unit: ResamplingUnit = "items" if cells.n_items >= 2 else "judgments"
    n_default = 0 if by_default is None else int(by_default.above.sum())
    missing = np.full(len(fit.strengths), np.nan)
    try:
        found = analytic_intervals(cells, fit, pairs, unit=unit)
    except UndeterminedIntervalError as reason:
        return FixedJudges(
            cells.n_judges, unit, None, missing, missing, None, None, 0, n_default, reason.sentence
        )
    low, high = found.bounds()
    separation = compare_all_pairs(fit.strengths, found.p_values())
    best, worst = separation.rank_intervals()
    return FixedJudges(
        cells.n_judges, unit, found.method, low, high, best, worst, int(separation.above.sum()), n_default
    )

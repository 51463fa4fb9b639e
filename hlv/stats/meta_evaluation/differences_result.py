"""Input and result of the comparison of metrics with one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.correlation import Scale
from hlv.stats.meta_evaluation.paired_permutation import SwapNull
from hlv.stats.reporting import UndeterminedError

Test = Literal["PERM-BOTH", "PERM-SYSTEMS", "joint bootstrap"]


class UndeterminedDifferencesError(UndeterminedError):
    """No two metrics can be compared."""


@dataclass(frozen=True, eq=False)
class ComparedMetric:
    """What is known of one metric.

    Attributes
    ----------
    name
    higher_is_better
        False for losses and distances, whose sign is turned here.
    hypothesis
        Metrics that share it are affine copies of one another (`Metric.hypothesis`) and count once.
    values : (M,)
        Scores of the methods.
    item_scores : (M, N) or None
        Where the score is the mean over items: each item's score; the same items for all metrics.
    resampled : (R,) or None
        Its coefficient with people in each joint resample, as `agree` makes them: row r of all metrics belongs to
        one draw. It grows with agreement, whatever the direction of the metric. NaN rows have no answer.
    scale
        Of `values`: which of them are tied.
    """

    name: str
    higher_is_better: bool
    hypothesis: str
    values: FloatArray
    item_scores: FloatArray | None = None
    resampled: FloatArray | None = None
    scale: Scale = "score"


@dataclass(frozen=True, eq=False)
class MetricDifferences:
    """Differences between L metrics' agreement with people, affine copies counted once.

    Attributes
    ----------
    names
        One metric for each hypothesis.
    copies
        Of each, its affine copies, itself included.
    values : (L,)
        Their coefficient.
    first, second : (P,)
        The two metrics of each of the L(L-1)/2 pairs.
    difference : (P,)
        values[first] - values[second].
    low, high : (P,)
        Percentile interval of the difference in the joint bootstrap; NaN where there is none.
    tests
        How each pair was tested; None where it could not be.
    p, adjusted_p : (P,)
        Two-sided, raw and Holm-adjusted over all pairs tested; NaN where not tested.
    at_floor : (P,)
        Where no resample crossed 0: p is at most this.
    groups
        Maximal sets of two or more metrics without a significant difference; they may overlap. A pair that could
        not be tested has none.
    groups_complete
        False where there were too many sets to list.
    left_out
        Metric -> why its agreement is undefined.
    n_permutations
        The most exchanges of scores of any pair; None where no pair was tested so.
    n_exchanges : (P,)
        Exchanges of scores that the p of a pair was taken over; 0 where it was not tested so.
    exchanged_all
        Whether they are all exchanges there are.
    smallest_adjusted_p
        What Holm's rule can leave of the smallest p that these tests can give; None without tests. Where it is not
        below the level, nothing is decided and there are no groups.
    """

    coefficient: str
    names: list[str]
    copies: list[list[str]]
    values: FloatArray
    first: IntArray
    second: IntArray
    difference: FloatArray
    low: FloatArray
    high: FloatArray
    tests: list[Test | None]
    p: FloatArray
    adjusted_p: FloatArray
    at_floor: BoolArray
    groups: list[list[str]]
    groups_complete: bool
    left_out: dict[str, str]
    null: SwapNull
    n_permutations: int | None
    seed: int
    notes: list[str]
    n_exchanges: IntArray
    exchanged_all: bool
    smallest_adjusted_p: float | None

"""Scores of people and metrics, and the results of agreement and of comparisons between metrics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.correlation import Scale, TieArray, ties_of
from hlv.stats.meta_evaluation.paired_permutation import SwapNull
from hlv.stats.meta_evaluation.permutation import NullOrders
from hlv.stats.reporting import UndeterminedError


@dataclass(frozen=True, eq=False)
class ScoreErrors:
    """How the scores of M methods err together.

    Attributes
    ----------
    covariance : (M, M)
        Of the scores less their mean; NaN for methods without a score.
    degrees_of_freedom
        Of that estimate, above 0; infinity for a covariance that is known.
    """

    covariance: FloatArray
    degrees_of_freedom: float


@dataclass(frozen=True, eq=False)
class HumanScores:
    """How people rank M methods.

    Attributes
    ----------
    values : (M,)
        Strengths, or an uploaded score that grows with quality; NaN where there is none.
    resampled : (R, M) or None
        The same in each resample; NaN rows have no answer. None: a score without uncertainty.
    without_answer : (R,) or None
        Resamples that had no answer of their own (they may be filled by a prior).
    undetermined
        Why there is no ranking.
    errors
        Where they are known otherwise than from the resamples: the analytic ones of a ranking.
    n_units
        How many judges, texts or values were drawn again; None where that is not known.
    scale
        Of what the values are: it decides which are tied.
    """

    values: FloatArray
    resampled: FloatArray | None = None
    without_answer: BoolArray | None = None
    undetermined: str | None = None
    errors: ScoreErrors | None = None
    n_units: int | None = None
    scale: Scale = "strength"

    def ties_of(self, values: FloatArray) -> TieArray:
        """Tie groups of some of its rows."""
        return ties_of(values, self.scale)


@dataclass(frozen=True, eq=False)
class MetricScores:
    """What one metric gives the same M methods, in the same order.

    Attributes are those of `HumanScores` (an automatic judge gives strengths); `higher_is_better` is False for losses and distances, whose sign is
    turned here.
    """

    name: str
    higher_is_better: bool
    values: FloatArray
    resampled: FloatArray | None = None
    undetermined: str | None = None
    without_answer: BoolArray | None = None
    errors: ScoreErrors | None = None
    n_units: int | None = None
    scale: Scale = "score"

    def ties_of(self, values: FloatArray) -> TieArray:
        """Tie groups of some of its rows."""
        return ties_of(values, self.scale)

    @property
    def sign(self) -> float:
        """What the scores are multiplied with, so that they grow with quality."""
        return 1.0 if self.higher_is_better else -1.0


@dataclass(frozen=True)
class Coefficient:
    """One measure of agreement; None is undefined, for the reason `undetermined`."""

    value: float | None
    interval: tuple[float, float] | None = None
    p: float | None = None
    resample_mean: float | None = None
    chance: float | None = None
    # Where its nature allows none, and not these data.
    why_no_interval: str | None = None
    undetermined: str | None = None
    # The orders of the methods that p was taken over.
    p_from: NullOrders | None = None


@dataclass(frozen=True)
class MetricAgreement:
    """One metric's row."""

    name: str
    higher_is_better: bool
    n_methods: int
    coefficients: dict[str, Coefficient]
    left_out: list[str] = field(default_factory=list)
    n_resamples: int = 0
    n_resamples_without_answer: int = 0
    # Of those, the ones that a weak prior solved; the others are left out.
    n_resamples_with_prior: int = 0
    interval_rule: str | None = None
    undetermined: str | None = None


@dataclass(frozen=True)
class Agreement:
    """The metric-agreement table of one group of methods."""

    metrics: list[MetricAgreement]
    methods: list[str]
    seed: int
    # Random orders that a p was taken over; None where all orders or Kendall's exact distribution were enough.
    n_permutations: int | None
    notes: list[str]
    undetermined: str | None = None


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

"""Input and result of the comparison of metrics with people."""

from __future__ import annotations

from dataclasses import dataclass, field

from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.correlation import Scale, TieArray, ties_of
from hlv.stats.meta_evaluation.permutation import NullOrders


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

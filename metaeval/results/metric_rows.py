"""Agreement of metrics with people, as a snapshot stores it: a row for each metric, and the table of a group of methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from hlv.stats.meta_evaluation.agreement_result import Coefficient
from hlv.stats.meta_evaluation.permutation import smallest_p_value, smallest_significant_tau

LEVEL = 0.05


@dataclass(frozen=True)
class Chance:
    """How far chance reaches between two unrelated orders of `n_methods` without ties, two-sided at 5 %."""

    n_methods: int
    smallest_p: float
    # The largest tau that chance explains, and the first that it does not; None where none is beyond it.
    within: float
    beyond: float | None

    @property
    def line(self) -> float | None:
        """Where to draw the border: between the two values, so that no dot lies on it."""
        return None if self.beyond is None else (self.within + self.beyond) / 2

    def lines(self, lowest: float) -> list[float]:
        """The border, and on a scale that reaches so far down also its mirror: the test is two-sided."""
        if self.line is None:
            return []
        return [-self.line, self.line] if lowest <= -self.line else [self.line]


@cache
def chance_of_tau(n_methods: int) -> Chance:
    if n_methods < 2:
        raise ValueError("A correlation needs two methods at least.")
    smallest_p = smallest_p_value(n_methods)
    reached = smallest_significant_tau(n_methods, alpha=LEVEL)
    if reached is None:
        return Chance(n_methods, smallest_p, within=1.0, beyond=None)
    # One pair in the other order moves tau by this much.
    step = 4 / (n_methods * (n_methods - 1))
    return Chance(n_methods, smallest_p, within=reached[0] - step, beyond=reached[0])


MEASURES = ("kendall_tau_b", "spearman", "pearson", "pairwise_accuracy", "soft_pairwise_accuracy")


@dataclass(frozen=True)
class Estimate:
    """A number that is never shown without its interval, if it has one."""

    value: float
    low: float | None = None
    high: float | None = None
    p: float | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        return None if self.low is None or self.high is None else (self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class LabelWeights:
    """How human labels count, and labelled texts left out for it; `weights` is None where no label was used."""

    weights: str | None = None
    n_without_certainty: int = 0
    n_zero_certainty: int = 0


def estimate_of(found: Coefficient | None) -> Estimate | None:
    """Nothing where the value is undefined."""
    if found is None or found.value is None:
        return None
    low, high = found.interval or (None, None)
    return Estimate(found.value, low, high, found.p)


@dataclass(frozen=True, kw_only=True)
class JudgedBy:
    """The judgments of an automatic judge."""

    n_judgments: int | None = None
    resampling_unit: str | None = None
    model: str | None = None


@dataclass(frozen=True, kw_only=True)
class MetricRow:
    """One metric.

    Attributes
    ----------
    name, label
        In the registry or the upload, and what people read.
    hypothesis
        Metrics that are affine copies of one another share it, and count as one.
    n_resamples_with_prior
        Of those without an answer, the ones that a weak prior solved.
    per_group
        Of a mean over groups: by coefficient, what each group gives.
    """

    name: str
    label: str
    hypothesis: str
    origin: str = ""
    remark: str = ""
    higher_is_better: bool = True
    n_methods: int | None = None
    left_out: list[str] = field(default_factory=list)
    n_resamples: int = 0
    n_resamples_without_answer: int = 0
    n_resamples_with_prior: int = 0
    interval_rule: str | None = None
    undetermined: str | None = None
    kendall_tau_b: Coefficient | None = None
    spearman: Coefficient | None = None
    pearson: Coefficient | None = None
    pairwise_accuracy: Coefficient | None = None
    soft_pairwise_accuracy: Coefficient | None = None
    judged: JudgedBy | None = None
    per_group: Mapping[str, Sequence[float | None]] | None = None

    @cached_property
    def coefficients(self) -> dict[str, Coefficient]:
        """Those that were computed, defined or not."""
        found = {name: getattr(self, name) for name in MEASURES}
        return {name: coefficient for name, coefficient in found.items() if coefficient is not None}

    @cached_property
    def measures(self) -> Mapping[str, Estimate | None]:
        return {name: estimate_of(coefficient) for name, coefficient in self.coefficients.items()}

    @property
    def tau(self) -> Estimate | None:
        return self.measures.get("kendall_tau_b")

    @property
    def is_within_chance(self) -> bool:
        """Said by the permutation where there is one, else by what chance does with so many methods."""
        if self.tau is None:
            return True
        if self.tau.p is not None:
            return self.tau.p >= LEVEL
        if self.n_methods is None or self.n_methods < 2:
            return True
        beyond = chance_of_tau(self.n_methods).beyond
        return beyond is None or abs(self.tau.value) < beyond - 1e-9


@dataclass(frozen=True, kw_only=True)
class MetricRows:
    """A row for each metric."""

    metrics: list[MetricRow] = field(default_factory=list)

    @cached_property
    def rows(self) -> list[MetricRow]:
        """Best agreement first; metrics without an answer last, in the order they came."""
        return sorted(self.metrics, key=lambda row: -row.tau.value if row.tau else float("inf"))

    @cached_property
    def labels(self) -> dict[str, str]:
        """What people read for each name."""
        return {row.name: row.label for row in self.metrics}


@dataclass(frozen=True, kw_only=True)
class AgreementTable(MetricRows):
    """The metrics over one group of methods.

    Attributes
    ----------
    n_permutations
        Random orders that a p was taken over; None where none were needed.
    interval_method, interval_estimand
        Of the intervals of the coefficients: their name, and a sentence on what they estimate. None in
        snapshots of earlier versions, whose intervals are percentiles of resamples.
    """

    methods: list[str] = field(default_factory=list)
    n_methods: int = 0
    seed: int = 0
    n_permutations: int | None = None
    exact_up_to: int = 8
    notes: list[str] = field(default_factory=list)
    interval_method: str | None = None
    interval_estimand: str | None = None
    undetermined: str | None = None

    @property
    def what_intervals_are_for(self) -> str:
        """Nothing of snapshots of earlier versions, and where there are no intervals."""
        there = any(row.tau is not None and row.tau.interval is not None for row in self.metrics)
        return self.interval_estimand or "" if there else ""

    @property
    def has_answer(self) -> bool:
        return any(row.undetermined is None for row in self.metrics)

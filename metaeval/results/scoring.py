"""What metrics score the methods, as a snapshot stores it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from hlv.core.stored_results import read, stored_as
from hlv.stats.labels.distributions import EQUAL
from metaeval.models import Scoring
from metaeval.results.metric_rows import Estimate, LabelWeights
from metaeval.results.ranking_options import read_settings


@dataclass(frozen=True, kw_only=True)
class MethodScore:
    """A metric's score of one method.

    Attributes
    ----------
    undefined
        Why there is no value.
    runs, run_intervals, sd_of_runs
        Of each run of the method, and the standard deviation between them.
    beside
        The number that the metric has beside its score.
    """

    method: str
    value: float | None = None
    interval: tuple[float, float] | None = None
    undefined: str | None = None
    runs: list[float | None] = field(default_factory=list)
    sd_of_runs: float | None = None
    run_intervals: list[tuple[float, float] | None] = field(default_factory=list)
    beside: float | None = None

    @property
    def estimate(self) -> Estimate | None:
        low, high = self.interval or (None, None)
        return None if self.value is None else Estimate(self.value, low, high)


@dataclass(frozen=True, kw_only=True)
class StatisticName:
    name: str
    label: str


@dataclass(frozen=True, kw_only=True)
class MetricColumn:
    """One metric with its score of each method.

    Attributes
    ----------
    beside
        The number that the metric has beside its score.
    remark, n_items, why_no_interval
        Of an uploaded metric: what was uploaded, on how many texts, and why its scores have no interval.
    """

    name: str
    label: str = ""
    origin: str = ""
    higher_is_better: bool = True
    beside: StatisticName | None = None
    scores: list[MethodScore] = field(default_factory=list)
    remark: str = ""
    n_items: int | None = None
    why_no_interval: str | None = None

    @property
    def is_uploaded(self) -> bool:
        return self.origin == "uploaded"


@dataclass(frozen=True, kw_only=True)
class MeanErrorRate:
    value: float
    interval: tuple[float, float] | None = None

    @property
    def estimate(self) -> Estimate:
        return Estimate(self.value, *(self.interval or (None, None)))


@dataclass(frozen=True, kw_only=True)
class AnnotatorErrorRates:
    """Of one annotator, by method."""

    annotator: str
    n_items: int
    error_rates: list[float]


@dataclass(frozen=True, kw_only=True)
class ErrorRates:
    """How often the methods miss the annotators' labels: means over all, and those who answered most."""

    n_annotators: int
    mean: list[MeanErrorRate]
    rows: list[AnnotatorErrorRates] = field(default_factory=list)


@stored_as("scoring", optional={LabelWeights: frozenset({"where"})})
@dataclass(frozen=True, kw_only=True)
class ScoringResult(LabelWeights):
    """Scores of the built-in metrics, and of those uploaded.

    Attributes
    ----------
    methods, runs
        Those with outputs.
    n_incomplete
        Of methods that lack outputs: labelled texts left out for all methods.
    annotators
        None where labels name nobody; its columns are `methods`.
    without_built_in
        Why there are no built-in metrics.
    where
        Only texts with this fact; empty: all.
    """

    methods: list[str] = field(default_factory=list)
    runs: dict[str, list[str]] = field(default_factory=dict)
    n_items: int = 0
    n_incomplete: dict[str, int] = field(default_factory=dict)
    # Drawn, and asked for: none are drawn of scores without values of single texts.
    n_resamples: int = 0
    n_resamples_asked: int | None = None
    seed: int = 0
    metrics: list[MetricColumn] = field(default_factory=list)
    annotators: ErrorRates | None = None
    without_built_in: str | None = None
    where: str = ""

    @property
    def n_asked(self) -> int:
        """Resamples asked for; earlier versions stored no other number."""
        return self.n_resamples if self.n_resamples_asked is None else self.n_resamples_asked

    @cached_property
    def scored_methods(self) -> list[str]:
        """The methods with outputs, then those that only uploaded metrics score."""
        scored = (
            score.method for metric in self.metrics for score in metric.scores if score.value is not None
        )
        return list(dict.fromkeys([*self.methods, *scored]))


def read_scoring(snapshot: Scoring) -> ScoringResult:
    return read(ScoringResult, snapshot)


@dataclass(frozen=True, kw_only=True)
class ScoredMetrics:
    """The parameters of a scoring: names of the metrics, built in and uploaded, and the weights of labels."""

    n_resamples: int = 0
    metrics: list[str] = field(default_factory=list)
    uploaded: list[str] = field(default_factory=list)
    weights: str = EQUAL
    # Only texts with this fact; no key where all are scored.
    where: str = ""


def read_scored_metrics(snapshot: Scoring) -> ScoredMetrics:
    return read_settings(ScoredMetrics, snapshot.parameters)

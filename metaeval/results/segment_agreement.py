"""Agreement of metrics with an uploaded human score, text by text and over systems, as WMT reports it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from hlv.core.stored_results import read, stored_as
from hlv.stats.meta_evaluation.grouped_agreement import GroupedAgreement
from hlv.stats.meta_evaluation.segment_differences import SegmentDifferences
from hlv.stats.meta_evaluation.soft_pairwise_accuracy import SoftAccuracy
from metaeval.models import SupplementaryAnalysis

BUILT_IN: Final = "built-in"


@dataclass(frozen=True)
class SystemAgreement:
    """Agreement of mean scores of systems; coefficients by name, None where undefined.

    `without_outliers` is None where the rule does not apply; `strength` is |r| with its sign lost, for metrics without
    a direction.
    """

    n_systems: int
    full: dict[str, float | None]
    without_outliers: dict[str, float | None] | None
    n_without_outliers: int | None
    strength: float | None


@dataclass(frozen=True)
class MetricSegments:
    """One metric; `undetermined` gives the reason where it shares too few scores with the human side."""

    name: str
    label: str
    origin: str
    higher_is_better: bool
    groupings: dict[str, GroupedAgreement]
    systems: SystemAgreement | None
    soft: SoftAccuracy | None
    why_no_soft: str
    undetermined: str


@dataclass(frozen=True)
class HumanSystem:
    """A system by its human scores: its cluster, and the ranks that the tests leave open."""

    name: str
    mean: float
    n_texts: int
    cluster: int
    best_rank: int
    worst_rank: int
    is_outlier: bool


@stored_as("agreement per text")
@dataclass(frozen=True)
class SegmentAgreement:
    """All metrics against one human score.

    Attributes
    ----------
    documents
        The column of the texts that names their documents; empty where texts are drawn one by one.
    why_no_outliers, why_no_differences
        Empty where the rule applies, and where metrics were compared with one another.
    """

    against: str
    unit: str
    documents: str
    n_resamples: int
    seed: int
    metrics: list[MetricSegments]
    systems: list[HumanSystem]
    why_no_outliers: str
    differences: list[SegmentDifferences] = field(default_factory=list)
    why_no_differences: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def labels(self) -> dict[str, str]:
        """What each metric is called, by its name."""
        return {metric.name: metric.label for metric in self.metrics}

    @property
    def has_outliers(self) -> bool:
        return any(system.is_outlier for system in self.systems)


def read_segments(snapshot: SupplementaryAnalysis) -> SegmentAgreement:
    return read(SegmentAgreement, snapshot)


@dataclass(frozen=True)
class MeanOverStudies:
    """Weighted means of one metric; None, with the reason, where a study has no value."""

    name: str
    soft: float | None
    accuracy: float | None
    accuracy_interval: tuple[float, float] | None
    accuracy_rule: str
    both: float | None
    undefined: str

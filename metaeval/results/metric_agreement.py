"""Agreement of metrics with people, as a snapshot stores it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from hlv.core.stored_results import Json, Optional, read, stored_as
from hlv.stats.correlation import Scale
from hlv.stats.meta_evaluation.agreement_result import Coefficient
from metaeval.models import MetricAgreement
from metaeval.results.metric_differences import DECIMALS, Difference, Differences, Williams
from metaeval.results.metric_rows import MEASURES, AgreementTable, LabelWeights, MetricRow, MetricRows
from metaeval.results.planned_analysis import PreregistrationCompliance


@dataclass(frozen=True, kw_only=True)
class GroupTable(AgreementTable):
    """The metrics over the methods of one base model; counts where it has a ranking of its own."""

    group: str
    n_judgments: int | None = None
    n_judges: int | None = None


@dataclass(frozen=True, kw_only=True)
class GroupMeans(AgreementTable):
    """The table of each base model, and the mean over `groups` on the methods that all of them have, or why none."""

    groups: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    each: list[GroupTable] = field(default_factory=list)

    @property
    def answered(self) -> list[GroupTable]:
        return [table for table in self.each if table.has_answer]


@dataclass(frozen=True, kw_only=True)
class JudgedTable(MetricRows):
    """The metrics scored on the judged texts alone."""

    n_items: int = 0
    scores: dict[str, list[float | None]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class WithoutMethod:
    """The coefficients of a metric without one method."""

    method: str
    kendall_tau_b: float | None = None
    spearman: float | None = None
    pearson: float | None = None
    pairwise_accuracy: float | None = None
    undetermined: str | None = None


@dataclass(frozen=True, kw_only=True)
class MetricWithoutEach:
    name: str
    without: list[WithoutMethod] = field(default_factory=list)
    undetermined: str | None = None

    @property
    def taus(self) -> dict[str, float]:
        """By the method left out; those that are defined."""
        return {one.method: one.kendall_tau_b for one in self.without if one.kendall_tau_b is not None}


@dataclass(frozen=True, kw_only=True)
class WithoutEachMethod:
    """Agreement without each method in turn, or why there is none."""

    undetermined: str | None = None
    metrics: list[MetricWithoutEach] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class OutlierTable(MetricRows):
    """The metrics without the methods that are outliers by the rule of WMT; no rows without such methods.

    Attributes
    ----------
    undetermined
        Why the rule does not apply.
    outliers
        {method: distance from the median in scaled median absolute deviations, with its sign}.
    methods
        Those that are left.
    chance, chance_without
        By metric, mean |r| over random orders of all methods, and of those that are left; None where r is undefined.
    """

    undetermined: str | None = None
    outliers: dict[str, float] = field(default_factory=dict)
    methods: list[str] = field(default_factory=list)
    chance: dict[str, float | None] = field(default_factory=dict)
    chance_without: dict[str, float | None] = field(default_factory=dict)

    @property
    def farthest_first(self) -> dict[str, float]:
        """The outliers in order: a database may keep the keys of an object in another one."""
        return dict(sorted(self.outliers.items(), key=lambda one: (-abs(one[1]), one[0])))


@dataclass(frozen=True, kw_only=True)
class Ceiling:
    """How well a perfect metric could agree with these judges, or why that is unknown."""

    undetermined: str | None = None
    ceiling: float | None = None
    reliability: float | None = None
    half_correlation: float | None = None
    n_splits: int | None = None
    exact: bool | None = None
    n_without_answer: int | None = None
    n_judges: int | None = None
    seed: int | None = None


@dataclass(frozen=True, kw_only=True)
class MetricVerdicts:
    """Agreement of a metric with single verdicts (see `JudgmentAgreement`), or why there is none."""

    name: str
    undetermined: str | None = None
    accuracy: float | None = None
    decided: float | None = None
    in_sample: float | None = None
    threshold: float | None = None
    fold_thresholds: list[float | None] = field(default_factory=list)
    always_tie: float | None = None
    n_judgments: int | None = None
    n_ties: int | None = None
    n_items: int | None = None
    n_left_out: int | None = None
    n_resamples: int | None = None
    seed: int | None = None
    accuracy_interval: tuple[float, float] | None = None
    decided_interval: tuple[float, float] | None = None
    accuracy_mean: float | None = None
    decided_mean: float | None = None
    unit: str | None = None
    rule: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """Agreement verdict by verdict; `left_out` are metrics without a score of each text."""

    undetermined: str | None = None
    metrics: list[MetricVerdicts] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def answered(self) -> list[MetricVerdicts]:
        """Highest accuracy first."""
        return sorted(
            (row for row in self.metrics if row.accuracy is not None), key=lambda row: -(row.accuracy or 0.0)
        )


@dataclass(frozen=True, kw_only=True)
class ScoreColumns:
    """What one side gives the methods, in their order, with 95 % intervals where there are some."""

    values: list[float | None] = field(default_factory=list)
    low: list[float | None] = field(default_factory=list)
    high: list[float | None] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class IdenticalMethods:
    """Methods with the same outputs, which count as the first of them."""

    counts_as: str
    methods: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class StoredScores:
    """Of two metrics of one name, the later one has its origin in the key: "name (origin)".

    `human_scale` determines which values of people are tied.
    """

    human: ScoreColumns = field(default_factory=ScoreColumns)
    human_label: str = ""
    human_scale: Scale = "strength"
    metrics: dict[str, ScoreColumns] = field(default_factory=dict)

    def of_metric(self, name: str, origin: str) -> ScoreColumns:
        return self.metrics.get(f"{name} ({origin})") or self.metrics.get(name) or ScoreColumns()


# At so many letters version 0 once cut a remark, even within a number.
_CUT_AT: Final = 500
_SOLVED: Final = re.compile(r"(\d+) without a ranking of their own were solved")


def _from_version_0(content: Json) -> Json:
    """Labels and hypotheses could be missing, remarks were cut, and only a sentence had the number that a prior solved."""
    whole = {row["name"]: row for row in content.get("metrics") or []}
    groups = content.get("groups")
    # The key first had sets of metrics, and then means without a table of each group.
    groups = groups if isinstance(groups, dict) else None
    if groups:
        each = [_with_rows(table, whole) for table in groups.get("each") or []]
        groups = _with_rows(groups, whole) | {"each": each}
    judged = content.get("judged_items_only")
    return _with_rows(content, whole) | {
        "groups": groups,
        "judged_items_only": judged and _with_rows(judged, whole),
    }


def _with_rows(table: Json, whole: Json) -> Json:
    return table | {"metrics": [_row(row, whole.get(row["name"], {})) for row in table.get("metrics") or []]}


def _row(row: Json, of_all: Json) -> Json:
    remark = str(row.get("remark") or "")
    if len(remark) == _CUT_AT and "; " in remark:
        remark = remark.rpartition("; ")[0]
    solved = _SOLVED.search(row.get("interval_rule") or "")
    return {
        "label": of_all.get("label") or row["name"],
        "hypothesis": of_all.get("hypothesis") or row["name"],
        "n_resamples_with_prior": int(solved[1]) if solved else 0,
        **{key: value for key, value in row.items() if value is not None},
        "remark": remark.replace(".; ", ". "),
    }


@dataclass(frozen=True, kw_only=True)
class PeopleCompared:
    """What the metrics are compared with: the ranking of a campaign, or a score that people gave (`against`).

    Attributes
    ----------
    methods_left_out
        The methods that the comparison with a score of people leaves out on demand.
    judged_items_only
        None where all texts were judged, or no metric is scored on single texts.
    """

    campaign: str = ""
    against: str = ""
    ranking: str = ""
    ranking_notes: list[str] = field(default_factory=list)
    resampling_unit: str | None = None
    n_judgments: int | None = None
    n_judges: int | None = None
    n_judged_items: int | None = None
    n_cannot_judge: int | None = None
    methods_left_out: list[str] = field(default_factory=list)
    judged_items_only: JudgedTable | None = None


@dataclass(frozen=True, kw_only=True)
class AgreementDiagnostics:
    """What the coefficients alone do not show; each has its answer, or the reason why there is none."""

    differences: dict[str, Differences] = field(default_factory=dict)
    without_each_method: WithoutEachMethod | None = None
    noise_ceiling: Ceiling | None = None
    verdicts: Verdicts | None = None
    groups: GroupMeans | None = None
    outliers: OutlierTable | None = None


# Version 0 had these keys only where there was something to store, and programs test for them.
OPTIONAL: Final[Optional] = {
    Coefficient: frozenset({"p_from", "chance", "why_no_interval", "undetermined"}),
    MetricRow: frozenset({"judged", *MEASURES}),
    GroupTable: frozenset({"n_judgments", "n_judges"}),
    ScoreColumns: frozenset({"low", "high"}),
    Difference: frozenset({"williams"}),
    Williams: frozenset({"t", "degrees", "p", "adjusted_p"}),
    Differences: frozenset({"williams_note"}),
    LabelWeights: frozenset({"weights"}),
    PeopleCompared: frozenset({"campaign", "against", "ranking"}),
}


@stored_as("metric agreement", _from_version_0, optional=OPTIONAL)
@dataclass(frozen=True, kw_only=True)
class MetricAgreementResult(AgreementDiagnostics, PeopleCompared, LabelWeights, AgreementTable):
    """The metrics over all methods, with diagnostics.

    Attributes
    ----------
    n_resamples, n_resamples_asked
        How many were drawn, 0 where neither side can be resampled, and how many were requested. Earlier versions stored
        the latter as `n_resamples`, and None here.
    plan
        Of a campaign with a preregistered analysis: whether this one follows it.
    identical
        Methods with the same outputs count as one.
    """

    n_resamples: int = 0
    n_resamples_asked: int | None = None
    plan: PreregistrationCompliance | None = None
    identical: list[IdenticalMethods] = field(default_factory=list)
    scores: StoredScores | None = None

    @property
    def by_tau(self) -> Differences | None:
        return self.differences.get("kendall_tau_b")

    @property
    def by_pearson(self) -> Differences | None:
        return self.differences.get("pearson")

    @property
    def grouped(self) -> GroupMeans | None:
        """None where the methods are of one base model."""
        return self.groups if self.groups is not None and self.groups.each else None

    @property
    def why_not_resampled(self) -> str:
        """Why metrics have no interval and no test against one another, as the end of a sentence."""
        asked = self.n_resamples if self.n_resamples_asked is None else self.n_resamples_asked
        if asked == 0:
            return "no resamples were requested (--n-resamples 0)"
        if not any(row.n_resamples for row in self.metrics):
            return "there is nothing to resample: one score of each method, and no judgments or scores of single texts"
        return "too few resamples have an answer"

    @property
    def best_is_best_of_all(self) -> bool:
        """Whether the best of the metrics that were compared is the best of all, those left out of that among them."""
        found = self.by_tau
        if found is None or found.best is None:
            return False
        taus = {row.name: round(row.tau.value, DECIMALS) for row in self.metrics if row.tau}
        highest = max(taus.values(), default=-1.0)
        return any(taus.get(name, highest) >= highest for name in found.copies[found.best])

    def named(self, names: Iterable[str]) -> list[str]:
        """Metrics by what people read."""
        return [self.labels.get(name, name) for name in names]


def read_agreement(snapshot: MetricAgreement) -> MetricAgreementResult:
    return read(MetricAgreementResult, snapshot)

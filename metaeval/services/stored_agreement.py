"""Metric agreement as its snapshot stores it: tables, scores, reasons and the data fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from annotations.models import Study
from hlv.stats.arrays import FloatArray
from hlv.stats.meta_evaluation import agreement_result as science
from hlv.stats.meta_evaluation.agreement_interval import ESTIMAND, METHOD
from hlv.stats.meta_evaluation.agreement_result import HumanScores, MetricScores
from hlv.stats.meta_evaluation.permutation import EXACT_UP_TO
from hlv.stats.resampling.percentiles import percentile_intervals
from metaeval.models import Method, Metric
from metaeval.results.metric_agreement import ScoreColumns, StoredScores
from metaeval.results.metric_rows import AgreementTable, MetricRow
from metaeval.services.identical_methods import NONE_IDENTICAL, Systems
from metaeval.services.metric_scores import Named
from metaeval.services.ranking import (
    ComputedRanking,
)
from metaeval.services.score_table import ScoreTable, finite


@dataclass(frozen=True, eq=False)
class HumanSide:
    """What the metrics are compared with: a ranking by judgments, or a score that people gave."""

    study: Study
    methods: Sequence[Method]
    scores: HumanScores
    ranking: ComputedRanking | None = None
    against: Metric | None = None
    # Of a score that people gave: what was uploaded.
    uploaded: Named | None = None
    systems: Systems = NONE_IDENTICAL

    @property
    def fingerprint(self) -> str:
        return "" if self.ranking is None else self.ranking.counted.fingerprint


def metric_row(found: science.MetricAgreement, entry: Named) -> MetricRow:
    """The coefficients of a metric with its names."""
    facts = vars(found) | found.coefficients
    del facts["coefficients"]
    return MetricRow(**facts, label=entry.label, hypothesis=entry.hypothesis, origin=entry.origin)


def agreement_table(found: science.Agreement, named: Sequence[Named]) -> AgreementTable:
    return AgreementTable(
        metrics=[metric_row(row, entry) for row, entry in zip(found.metrics, named, strict=True)],
        methods=found.methods,
        n_methods=len(found.methods),
        seed=found.seed,
        n_permutations=found.n_permutations,
        exact_up_to=EXACT_UP_TO,
        notes=found.notes,
        interval_method=METHOD,
        interval_estimand=ESTIMAND,
        undetermined=found.undetermined,
    )


def stored_scores(human: HumanSide, named: Sequence[Named]) -> StoredScores:
    """The scores that people and each metric give the methods, with 95 % intervals."""
    ranking = None if human.ranking is None else human.ranking.result
    people = ScoreColumns(values=_column(human.scores.values))
    if ranking is not None and ranking.undetermined is None:
        people = replace(people, low=_column(ranking.low), high=_column(ranking.high))
    return StoredScores(
        human=people,
        human_label="Strength by the experts" if human.against is None else human.against.name,
        human_scale=human.scores.scale,
        metrics=_by_name(named),
    )


def _by_name(named: Sequence[Named]) -> dict[str, ScoreColumns]:
    """By the name of each metric. An upload and an automatic judge may share it: the later one has its origin, too."""
    columns: dict[str, ScoreColumns] = {}
    for entry in named:
        name = entry.scores.name
        columns[f"{name} ({entry.origin})" if name in columns else name] = _with_interval(entry.scores)
    return columns


def _with_interval(scores: MetricScores) -> ScoreColumns:
    columns = ScoreColumns(values=_column(scores.values))
    if scores.resampled is None:
        return columns
    bounds = percentile_intervals(scores.resampled)
    if bounds.low is None or bounds.high is None:
        return columns
    return replace(columns, low=_column(bounds.low), high=_column(bounds.high))


def _column(values: FloatArray) -> list[float | None]:
    return [finite(value) for value in values.tolist()]


def undetermined_reasons(rows: Sequence[MetricRow]) -> str:
    """Where no metric has an answer, a line for each reason, with its metrics."""
    by_reason: dict[str, list[str]] = {}
    for row in rows:
        if row.undetermined is None:
            return ""
        by_reason.setdefault(row.undetermined, []).append(row.label)
    return "\n".join(f"{reason} ({', '.join(labels)})" for reason, labels in by_reason.items())


def joined_fingerprint(human: HumanSide, table: ScoreTable | None, named: Sequence[Named]) -> str:
    """One text for all that went in: judgments, labels and outputs, and scores that people and other programs gave."""
    digest = hashlib.sha256(human.fingerprint.encode())
    digest.update((table.fingerprint if table is not None else "").encode())
    # Which methods there are, and which of them are one system, follows from outputs that no metric may have scored.
    digest.update(repr([method.pk for method in human.methods]).encode())
    digest.update(repr(human.systems.keys).encode())
    for entry in (*([human.uploaded] if human.uploaded is not None else []), *named):
        entry.update(digest)
    return digest.hexdigest()

"""What a snapshot of metric agreement stores besides its coefficients: scores, reasons and the data fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from annotations.models import Study
from hlv.stats.meta_evaluation.metric_agreement import HumanScores, MetricScores
from hlv.stats.resampling.percentiles import percentile_intervals
from metaeval.models import Method, Metric
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
    given: Named | None = None
    systems: Systems = NONE_IDENTICAL

    @property
    def fingerprint(self) -> str:
        return "" if self.ranking is None else self.ranking.board.fingerprint


def _n_drawn(human: HumanScores, named: Sequence[Named]) -> int:
    """Resamples that either side has: none where there is one score of each method, however many were asked for."""
    sides = [human.resampled, *(entry.scores.resampled for entry in named)]
    return max((len(rows) for rows in sides if rows is not None), default=0)


def _stored_scores(human: HumanSide, named: Sequence[Named]) -> dict[str, Any]:
    """What people and each metric give each method, in the order of `methods`, with 95 % intervals."""
    ranking = None if human.ranking is None else human.ranking.result
    people = {"values": list(map(finite, human.scores.values.tolist()))}
    if ranking is not None and ranking.undetermined is None:
        people |= {"low": list(map(finite, ranking.low)), "high": list(map(finite, ranking.high))}
    return {
        "human": people,
        "human_label": "Strength by the experts" if human.against is None else human.against.name,
        "human_scale": human.scores.scale,
        "metrics": _by_name(named),
    }


def _by_name(named: Sequence[Named]) -> dict[str, dict[str, list[float | None]]]:
    """Under the name of each metric; where two share it, an upload and an automatic judge, the origin tells them apart."""
    columns: dict[str, dict[str, list[float | None]]] = {}
    for entry in named:
        name = entry.scores.name
        columns[f"{name} ({entry.origin})" if name in columns else name] = _with_interval(entry.scores)
    return columns


def _with_interval(scores: MetricScores) -> dict[str, list[float | None]]:
    columns = {"values": list(map(finite, scores.values.tolist()))}
    if scores.resampled is None:
        return columns
    bounds = percentile_intervals(scores.resampled)
    if bounds.low is None or bounds.high is None:
        return columns
    return columns | {"low": list(map(finite, bounds.low)), "high": list(map(finite, bounds.high))}


def _undetermined(rows: Sequence[dict[str, Any]]) -> str:
    """Where no metric has an answer, a line for each reason, with the metrics it holds for."""
    if not all(row["undetermined"] for row in rows):
        return ""
    by_reason: dict[str, list[str]] = {}
    for row in rows:
        by_reason.setdefault(row["undetermined"], []).append(row["label"])
    return "\n".join(f"{reason} ({', '.join(labels)})" for reason, labels in by_reason.items())


def _joined_fingerprint(human: HumanSide, table: ScoreTable | None, named: Sequence[Named]) -> str:
    """One text for all that went in: judgments, labels and outputs, and scores that people and other programs gave."""
    digest = hashlib.sha256(human.fingerprint.encode())
    digest.update((table.fingerprint if table is not None else "").encode())
    # Which methods there are, and which of them are one system, follows from outputs that no metric may have scored.
    digest.update(repr([method.pk for method in human.methods]).encode())
    digest.update(repr(human.systems.keys).encode())
    for entry in (*([human.given] if human.given is not None else []), *named):
        entry.update(digest)
    return digest.hexdigest()

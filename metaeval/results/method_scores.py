"""Scores that each metric gives each method, with the experts' strengths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

import numpy as np

from hlv.stats.correlation import Scale, mean_ranks, ties_of
from metaeval.results.metric_agreement import MetricAgreementResult, ScoreColumns
from metaeval.results.metric_rows import Estimate, MetricRow


@dataclass(frozen=True)
class Scored:
    """One metric over the methods of a snapshot, in their order; None where it gives none."""

    row: MetricRow
    number: int
    scores: tuple[Estimate | None, ...]

    @cached_property
    def ranks(self) -> list[float | None]:
        sign = 1.0 if self.row.higher_is_better else -1.0
        values = [None if score is None else sign * score.value for score in self.scores]
        return ranked(values, "strength" if self.row.origin == "automatic judge" else "score")


@dataclass(frozen=True)
class MethodScores:
    """Methods with a strength, the strongest first, and the metrics in the order of their agreement."""

    methods: tuple[str, ...]
    strengths: tuple[Estimate, ...]
    strength_label: str
    strength_scale: Scale
    metrics: tuple[Scored, ...]

    @cached_property
    def ranks(self) -> list[float | None]:
        return ranked([strength.value for strength in self.strengths], self.strength_scale)


def method_scores(result: MetricAgreementResult) -> MethodScores | None:
    """None of a snapshot from before scores were kept with it, or without a ranking."""
    if result.scores is None:
        return None
    found = {
        place: strength
        for place, strength in enumerate(_estimates(result.scores.human))
        if strength is not None
    }
    kept, scale = list(found), result.scores.human_scale
    ties = ties_of(np.array([found[place].value for place in kept], dtype=np.float64), scale)
    order = [kept[at] for at in np.argsort(-ties, kind="stable").tolist()]
    if len(order) < 2:
        return None
    numbers = {(row.name, row.origin): number for number, row in enumerate(result.metrics, 1)}
    metrics = []
    for row in result.rows:
        given = _estimates(result.scores.of_metric(row.name, row.origin))
        if row.tau is not None and given:
            scores = tuple(given[place] for place in order)
            metrics.append(Scored(row, numbers[row.name, row.origin], scores))
    return MethodScores(
        methods=tuple(result.methods[place] for place in order),
        strengths=tuple(found[place] for place in order),
        strength_label=result.scores.human_label,
        strength_scale=scale,
        metrics=tuple(metrics),
    )


def _estimates(columns: ScoreColumns) -> list[Estimate | None]:
    return [
        None if value is None else Estimate(value, low, high)
        for value, low, high in zip_longest(columns.values, columns.low, columns.high)
    ]


def ranked(values: Sequence[float | None], scale: Scale) -> list[float | None]:
    """Ranks from 1, the largest first; values that are tied share the mean of their ranks."""
    given = np.array([value for value in values if value is not None], dtype=np.float64)
    ranks = iter(mean_ranks(-ties_of(given, scale)).tolist())
    return [None if value is None else next(ranks) for value in values]


CellValue = str | float | bool | None


METHOD_SCORE_HEADER = (
    *("against", "metric", "higher_is_better", "method", "score", "score_low", "score_high", "rank"),
    *("human", "human_low", "human_high", "human_rank"),
)


def method_score_rows(result: MetricAgreementResult, *, against: str) -> Iterator[tuple[CellValue, ...]]:
    """A row for each metric and method: what both sides give, and at which rank."""
    scores = method_scores(result)
    if scores is None:
        return
    for scored in scores.metrics:
        for place, method in enumerate(scores.methods):
            score, human = scored.scores[place], scores.strengths[place]
            yield (
                against,
                scored.row.name,
                scored.row.higher_is_better,
                method,
                *((None, None, None) if score is None else (score.value, score.low, score.high)),
                scored.ranks[place],
                *(human.value, human.low, human.high),
                scores.ranks[place],
            )

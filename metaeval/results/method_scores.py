"""What each metric gives each method, beside the experts' strengths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, zip_longest

from metaeval.results.metric_agreement import MetricAgreementResult, ScoreColumns
from metaeval.results.metric_differences import DECIMALS
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
        return ranked([None if score is None else sign * score.value for score in self.scores])


@dataclass(frozen=True)
class MethodScores:
    """Methods with a strength, the strongest first, and the metrics in the order of their agreement."""

    methods: tuple[str, ...]
    strengths: tuple[Estimate, ...]
    strength_label: str
    metrics: tuple[Scored, ...]

    @cached_property
    def ranks(self) -> list[float | None]:
        return ranked([strength.value for strength in self.strengths])


def method_scores(result: MetricAgreementResult) -> MethodScores | None:
    """None of a snapshot from before scores were kept with it, or without a ranking."""
    if result.scores is None:
        return None
    found = {
        place: strength
        for place, strength in enumerate(_estimates(result.scores.human))
        if strength is not None
    }
    order = sorted(found, key=lambda place: -round(found[place].value, DECIMALS))
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
        metrics=tuple(metrics),
    )


def _estimates(columns: ScoreColumns) -> list[Estimate | None]:
    return [
        None if value is None else Estimate(value, low, high)
        for value, low, high in zip_longest(columns.values, columns.low, columns.high)
    ]


def ranked(values: Sequence[float | None]) -> list[float | None]:
    """Ranks from 1, the largest first; equal values share the mean of their ranks."""
    rounded = [None if value is None else round(value, DECIMALS) for value in values]
    level = sorted(Counter(value for value in rounded if value is not None).items(), reverse=True)
    last = accumulate(n for _value, n in level)
    ranks = {value: up_to - (n - 1) / 2 for (value, n), up_to in zip(level, last, strict=True)}
    return [None if value is None else ranks[value] for value in rounded]

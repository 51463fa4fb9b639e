"""What each metric gives each method, beside the experts' strengths: read out of a metric agreement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from metaeval.charts.tables import Estimate, MetricRow, read_metrics
from metaeval.science.correlation import Scale, mean_ranks, ties_of


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


def read_scores(result: Mapping[str, Any]) -> MethodScores | None:
    """None of a snapshot from before scores were kept with it, or without a ranking."""
    stored = result.get("scores")
    if not isinstance(stored, Mapping):
        return None
    strengths = _estimates(stored["human"])
    kept = [place for place, strength in enumerate(strengths) if strength is not None]
    found = {place: strength for place, strength in enumerate(strengths) if strength is not None}
    scale: Scale = "score" if stored.get("human_scale") == "score" else "strength"
    ties = ties_of(np.array([found[place].value for place in kept]), scale)
    order = [kept[at] for at in np.argsort(-ties, kind="stable")]
    if len(order) < 2:
        return None
    names = [str(name) for name in result["methods"]]
    numbers = {
        (str(row["name"]), str(row.get("origin") or "")): number
        for number, row in enumerate(result["metrics"], 1)
    }
    metrics = []
    for row in read_metrics(result):
        # Two metrics of one name: the later one stands under its origin, too.
        columns = stored["metrics"].get(f"{row.key} ({row.origin})") or stored["metrics"].get(row.key)
        given = _estimates(columns or {})
        if row.tau is None or not given:
            continue
        metrics.append(Scored(row, numbers[row.key, row.origin], tuple(given[place] for place in order)))
    return MethodScores(
        methods=tuple(names[place] for place in order),
        strengths=tuple(found[place] for place in order),
        strength_label=str(stored["human_label"]),
        strength_scale=scale,
        metrics=tuple(metrics),
    )


def _estimates(columns: Mapping[str, Sequence[float | None]]) -> list[Estimate | None]:
    values = columns.get("values") or []
    lows, highs = columns.get("low") or [None] * len(values), columns.get("high") or [None] * len(values)
    return [
        None if value is None else Estimate(value, low, high)
        for value, low, high in zip(values, lows, highs, strict=True)
    ]


def ranked(values: Sequence[float | None], scale: Scale) -> list[float | None]:
    """Ranks from 1, the largest first; values that are tied share the mean of their ranks."""
    given = np.array([value for value in values if value is not None], dtype=np.float64)
    ranks = iter(mean_ranks(-ties_of(given, scale)).tolist())
    return [None if value is None else next(ranks) for value in values]

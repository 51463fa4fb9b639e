"""Of a scoring: what is read out of a snapshot's JSON, undefined values kept as None."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from metaeval.results.metric_rows import Estimate, LabelWeights


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _pair(value: object) -> tuple[float, float] | None:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        return None
    low, high = _number(value[0]), _number(value[1])
    return None if low is None or high is None else (low, high)


def read_estimate(stored: object) -> Estimate | None:
    """`{"value", "interval", "p"}`, or nothing where the value is undefined."""
    if not isinstance(stored, Mapping):
        return None
    value = _number(stored.get("value"))
    if value is None:
        return None
    low, high = _pair(stored.get("interval")) or (None, None)
    return Estimate(value=value, low=low, high=high, p=_number(stored.get("p")))


def scored_methods(result: Mapping[str, Any]) -> list[str]:
    """Of a scoring: the methods with outputs, then those to which uploaded metrics alone gave scores."""
    given = (
        str(score["method"])
        for metric in result.get("metrics", [])
        for score in metric.get("scores", [])
        if score.get("value") is not None
    )
    return list(dict.fromkeys([*map(str, result.get("methods", [])), *given]))


def read_weights(result: Mapping[str, Any]) -> LabelWeights:
    return LabelWeights(
        weights=result.get("weights"),
        n_without_certainty=int(result.get("n_without_certainty") or 0),
        n_zero_certainty=int(result.get("n_zero_certainty") or 0),
    )

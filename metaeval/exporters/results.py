"""Outputs, scores and snapshots as tables and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from annotations.formats.writing import CellValue, csv_text, iso, jsonl_text
from annotations.models import Snapshot
from metaeval.models import Method, MetricScore
from metaeval.selectors.outputs import vector

METHOD_HEADER = ("method", "base_model")
SCORE_HEADER = (
    *("metric", "origin", "higher_is_better", "method", "base_model", "run", "item", "value", "undefined"),
    *("interval_low", "interval_high", "n_items"),
)


def method_table(methods: Iterable[Method]) -> Iterator[str]:
    return csv_text(METHOD_HEADER, ((method.name, method.base_model) for method in methods))


def outputs_jsonl(
    outputs: Iterable[tuple[str, str, str, str, bytes | None, str | None]], labels: Sequence[str]
) -> Iterator[str]:
    """One output per line, as `hlv import outputs` reads it again."""
    return jsonl_text(_output(row, labels) for row in outputs)


def _output(
    row: tuple[str, str, str, str, bytes | None, str | None], labels: Sequence[str]
) -> dict[str, Any]:
    item, method, base_model, run, stored, text = row
    named: dict[str, Any] = {"item": item, "method": method, "run": run}
    if base_model:
        named["base_model"] = base_model
    if stored is None:
        return named | {"text": text}
    shares = vector(stored, len(labels))
    return named | {
        "distribution": {label: float(share) for label, share in zip(labels, shares, strict=True)}
    }


def score_rows(scores: Iterable[MetricScore]) -> Iterator[tuple[CellValue, ...]]:
    for score in scores:
        yield (
            score.metric.name,
            score.metric.origin,
            score.metric.higher_is_better,
            score.method.name,
            score.method.base_model,
            score.run.name if score.run is not None else None,
            score.item.key if score.item is not None else None,
            score.value,
            score.undefined,
            score.interval_low,
            score.interval_high,
            score.n_items,
        )


def snapshot_json(snapshot: Snapshot) -> dict[str, Any]:
    """A stored result with all that is needed to compute it again."""
    return {
        "uuid": str(snapshot.uuid),
        "as_of": iso(snapshot.as_of),
        "computed_at": iso(snapshot.created_at),
        "seed": snapshot.seed,
        "parameters": snapshot.parameters,
        "code_version": snapshot.code_version,
        "data_fingerprint": snapshot.data_fingerprint,
        "undetermined": snapshot.undetermined or None,
        "result": snapshot.result,
    }


RANKING_HEADER = (
    *("campaign", "model", "ties", "rank", "method", "strength", "interval_low", "interval_high"),
    *("rank_low", "rank_high", "n_judgments"),
)


def ranking_rows(result: dict[str, Any]) -> Iterator[tuple[CellValue, ...]]:
    for row in result["methods"]:
        low, high = row["interval"] or (None, None)
        first, last = row["rank_interval"] or (None, None)
        yield (
            result["campaign"],
            result["model"],
            result["ties"],
            row["rank"],
            row["name"],
            row["strength"],
            low,
            high,
            first,
            last,
            row["n_judgments"],
        )


AGREEMENT_HEADER = (
    *("against", "metric", "higher_is_better", "statistic", "value", "interval_low", "interval_high", "p"),
    *("n_methods", "undetermined"),
)
STATISTICS = ("kendall_tau_b", "spearman", "pearson", "pairwise_accuracy")


def agreement_rows(result: dict[str, Any], *, against: str) -> Iterator[tuple[CellValue, ...]]:
    """A row for each metric and statistic."""
    for metric in result["metrics"]:
        for name in STATISTICS:
            statistic = metric.get(name) or {}
            low, high = statistic.get("interval") or (None, None)
            yield (
                against,
                metric["name"],
                metric["higher_is_better"],
                name,
                statistic.get("value"),
                low,
                high,
                statistic.get("p"),
                metric["n_methods"],
                metric["undetermined"],
            )

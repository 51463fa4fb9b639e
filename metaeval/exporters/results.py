"""Outputs, scores and snapshots as tables and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from annotations.models import Snapshot
from hlv.core.tabular.writing import CellValue, csv_text, iso, jsonl_text
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


UPLOADED_HEADER = ("metric", "higher_is_better", "method", "value")
UPLOADED_ITEM_HEADER = ("metric", "higher_is_better", "method", "item", "value")


def uploaded_rows(
    scores: Iterable[MetricScore], names: Mapping[int, str], *, of_items: bool
) -> Iterator[tuple[CellValue, ...]]:
    """As `hlv import scores` reads them again: of whole methods, or of their outputs for items."""
    for score in scores:
        said = (score.metric.name, score.metric.higher_is_better, names[score.method_id])
        if score.item is not None and of_items:
            yield (*said, score.item.key, score.value)
        elif score.item is None and not of_items:
            yield (*said, score.value)


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


def _ends(interval: Sequence[float] | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None else (interval[0], interval[1])


AGREEMENT_HEADER = (
    *(
        "against",
        "metric",
        "higher_is_better",
        "items",
        "statistic",
        "value",
        "interval_low",
        "interval_high",
    ),
    *("p", "n_methods", "undetermined"),
    *("interval_method", "resampling_unit", "n_resamples", "n_judges", "n_judgments"),
)
STATISTICS = ("kendall_tau_b", "spearman", "pearson", "pairwise_accuracy", "soft_pairwise_accuracy")


def agreement_rows(result: dict[str, Any], *, against: str) -> Iterator[tuple[CellValue, ...]]:
    """A row for each metric and statistic, over all scored items and over those that were judged."""
    judged = result.get("judged_items_only") or {}
    for items, metrics in (("all", result["metrics"]), ("judged", judged.get("metrics", []))):
        for metric in metrics:
            for name in STATISTICS:
                if name in metric:
                    yield (
                        against,
                        metric["name"],
                        metric["higher_is_better"],
                        items,
                        name,
                        *_found(metric, name),
                        *_rests_on(metric, name, result),
                    )


GROUP_HEADER = (
    *("against", "over", "group", "metric", "higher_is_better", "statistic", "value", "interval_low"),
    *("interval_high", "p", "n_methods", "undetermined"),
    *("interval_method", "resampling_unit", "n_resamples", "n_judges", "n_judgments"),
)


def group_rows(result: dict[str, Any], *, against: str) -> Iterator[tuple[CellValue, ...]]:
    """A row for each metric and statistic within each base model, and of the mean over base models."""
    grouped = result.get("groups") or {}
    for over, tables in (("group", grouped.get("each", [])), ("mean", [grouped])):
        for table in tables:
            # A group with a ranking of its own has its own judgments.
            rests_on = result | {key: table[key] for key in ("n_judges", "n_judgments") if key in table}
            for metric in table.get("metrics", []):
                for name in STATISTICS:
                    if name in metric:
                        yield (
                            against,
                            over,
                            table.get("group"),
                            metric["name"],
                            metric["higher_is_better"],
                            name,
                            *_found(metric, name),
                            *_rests_on(metric, name, rests_on),
                        )


def _found(metric: dict[str, Any], name: str) -> tuple[CellValue, ...]:
    statistic = metric[name] or {}
    undetermined = None
    if statistic.get("value") is None:
        undetermined = statistic.get("undetermined") or metric["undetermined"]
    return (
        statistic.get("value"),
        *_ends(statistic.get("interval")),
        statistic.get("p"),
        metric["n_methods"],
        undetermined,
    )


def _rests_on(metric: dict[str, Any], name: str, result: dict[str, Any]) -> tuple[CellValue, ...]:
    """How the interval was made, of how many resamples, and whose judgments; no judges where a score was the human side."""
    statistic = metric[name] or {}
    rule = metric.get("interval_rule") if statistic.get("interval") is not None else None
    return (
        None if rule is None else f"{rule.removesuffix('.')}, 95%",
        result.get("resampling_unit"),
        metric.get("n_resamples"),
        result.get("n_judges"),
        result.get("n_judgments"),
    )


DIFFERENCE_HEADER = (
    "against", "statistic", "first", "second", "difference", "interval_low", "interval_high", "test", "p", "adjusted_p",
    "n_methods", "undetermined",
)  # fmt: skip


def difference_rows(result: dict[str, Any], *, against: str) -> Iterator[tuple[CellValue, ...]]:
    """A row for each two metrics, statistic and test; for a metric that was left out one with the reason."""
    compared = result.get("differences") or {}
    # In this order whatever the database makes of the keys.
    for statistic in STATISTICS:
        if statistic not in compared:
            continue
        found = compared[statistic]
        n_methods = found.get("n_methods")
        for pair in found["differences"]:
            both = (
                against,
                statistic,
                pair["first"],
                pair["second"],
                pair["difference"],
                *_ends(pair["interval"]),
            )
            for tested in (pair, pair.get("second_test")):
                if tested is not None:
                    yield (*both, tested["test"], tested["p"], tested["adjusted_p"], n_methods, None)
            if williams := pair.get("williams"):
                found_p = (williams.get("p"), williams.get("adjusted_p"))
                yield (*both, "Williams' t", *found_p, n_methods, williams["undetermined"])
        for name, reason in sorted(found["left_out"].items()):
            yield (against, statistic, name, *[None] * 8, reason)
        if found["undetermined"]:
            yield (against, statistic, *[None] * 9, found["undetermined"])

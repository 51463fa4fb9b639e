"""The table of metric agreement that commands print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from rich.table import Table

from annotations.formats.wording import counted
from hlv.terminal import interval, number, probability
from metaeval.charts.differences import why_not_resampled
from metaeval.charts.metric_counts import count_metrics
from metaeval.charts.tables import read_metrics
from metaeval.science.agreement_errors import INFINITE
from metaeval.views.agreement_findings import compared_with_one_another, counted_metrics
from metaeval.views.phrases import unmarked, without_answer_words


def metric_agreement_table(
    result: Mapping[str, Any], *, whole: Mapping[str, Any] | None = None, within: str = ""
) -> Table:
    """Metrics from the most to the least like the people; those without an answer last, with the reason.

    Of a group of methods, `within` says of which, and `whole` is the result that it is a part of.
    """
    whole = result if whole is None else whole
    of_group = f", within {within}" if within else ""
    table = Table(title=f"Which metric agrees with the people{of_group}, over {_numbers_of_methods(result)}")
    for heading in (
        "metric",
        "Kendall tau-b",
        # Of snapshots of earlier versions: percentiles of the resamples.
        "95 % interval" if whole.get("interval_method") else "95 % resampling interval",
        "mean of resamples",
        "p",
        "Spearman",
        "Pearson",
        "methods",
        "remark",
    ):
        table.add_column(heading)
    rows = sorted(result["metrics"], key=_tau_or_last, reverse=True)
    remarks = [
        row["undetermined"] or _no_interval(row, whole) or _resamples_without_answer(row) for row in rows
    ]
    often = next((words for words, n in Counter(remarks).most_common(1) if words and n > 2), None)
    if often is not None:
        table.caption = f"(1) {often[0].upper()}{often[1:]}"
    for row, remark in zip(rows, remarks, strict=True):
        tau = row["kendall_tau_b"]
        table.add_row(
            row["label"],
            number(tau["value"]),
            interval(tau["interval"]),
            number(tau["resample_mean"]),
            probability(tau["p"]),
            number(row["spearman"]["value"]),
            number(row["pearson"]["value"]),
            str(row["n_methods"]),
            "(1)" if remark == often else remark,
        )
    return table


def soft_pairs_table(result: Mapping[str, Any]) -> Table | None:
    """Soft pairwise accuracy by itself, because a terminal is narrow; None where no metric has one."""
    rows = [
        row for row in result["metrics"] if (row.get("soft_pairwise_accuracy") or {}).get("value") is not None
    ]
    if not rows:
        return None
    table = Table(title="Soft pairwise accuracy")
    for heading in ("metric", "accuracy", "by chance", "p"):
        table.add_column(heading)
    for row in sorted(rows, key=lambda row: -row["soft_pairwise_accuracy"]["value"]):
        soft = row["soft_pairwise_accuracy"]
        table.add_row(row["label"], number(soft["value"]), number(soft["chance"]), probability(soft["p"]))
    return table


def said_of_soft_pairs(result: dict[str, Any]) -> str:
    """What its chance is, and why it has no interval; nothing where there is none."""
    found = (row.get("soft_pairwise_accuracy") or {} for row in result["metrics"])
    why = next((one["why_no_interval"] for one in found if one.get("why_no_interval")), None)
    if why is None:
        return ""
    return (
        "Soft pairwise accuracy: beside it its mean over random orders of the methods, the chance, and the one-sided p, the "
        f"share of orders that reach it. No interval: {why[0].lower()}{why[1:]}"
    )


def said_of_intervals(result: Mapping[str, Any]) -> str:
    """What the intervals are for; nothing of snapshots of earlier versions, and where there are none."""
    there = any((row.get("kendall_tau_b") or {}).get("interval") for row in result["metrics"])
    return str(result.get("interval_estimand") or "") if there else ""


def said_of_counts(result: dict[str, Any]) -> str:
    """Which metrics count, as pages say it; nothing where all do."""
    counts = count_metrics(read_metrics(result))
    return unmarked(
        " ".join(filter(None, [counted_metrics(counts), compared_with_one_another(counts, result)]))
    )


def _numbers_of_methods(result: Mapping[str, Any]) -> str:
    """Metrics may score different methods: each is compared over its own."""
    numbers = {row["n_methods"] for row in result["metrics"] if row["kendall_tau_b"]["value"] is not None}
    fewest, most = min(numbers, default=result["n_methods"]), max(numbers, default=result["n_methods"])
    return counted(most, "methods") if fewest == most else f"{fewest} to {most} methods"


def _no_interval(row: dict[str, Any], result: Mapping[str, Any]) -> str:
    tau = row["kendall_tau_b"]
    if tau["value"] is None or tau["interval"] is not None:
        return ""
    rule = str(row.get("interval_rule") or "")
    if rule == INFINITE:
        return f"{rule[0].lower()}{rule[1:].rstrip('.')}"
    if row["n_resamples"]:
        return f"no interval: {_resamples_without_answer(row) or 'too few resamples have an answer'}"
    return f"no interval: {why_not_resampled(result)}"


def _resamples_without_answer(row: dict[str, Any]) -> str:
    return without_answer_words(
        row["n_resamples_without_answer"],
        row["n_resamples"],
        n_with_prior=row.get("n_resamples_with_prior", 0),
    )


def _tau_or_last(row: dict[str, Any]) -> float:
    tau = row["kendall_tau_b"]["value"]
    return -2.0 if tau is None else float(tau)

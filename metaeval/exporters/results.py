"""Outputs, scores and snapshots as tables and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db.models import QuerySet

from annotations.models import Snapshot
from hlv.core.tabular.writing import CellValue, csv_text, iso, json_text, jsonl_text
from hlv.stats.meta_evaluation.agreement_result import Coefficient
from metaeval.models import Comparison, Method, MetricScore
from metaeval.results.metric_agreement import GroupTable, MetricAgreementResult
from metaeval.results.metric_rows import MEASURES, MetricRow, MetricRows
from metaeval.selectors.audit import AuditedExposure
from metaeval.selectors.outputs import vector

METHOD_HEADER = ("method", "base_model")
SCORE_HEADER = (
    *("metric", "origin", "higher_is_better", "method", "base_model", "run", "item", "value", "undefined"),
    *("interval_low", "interval_high", "n_items"),
)


def method_table(methods: Iterable[Method]) -> Iterator[str]:
    return csv_text(METHOD_HEADER, method_rows(methods))


def method_rows(methods: Iterable[Method]) -> Iterator[tuple[CellValue, ...]]:
    return ((method.name, method.base_model) for method in methods)


def outputs_jsonl(
    outputs: Iterable[tuple[str, str, str, str, bytes | None, str | None]], labels: Sequence[str]
) -> Iterator[str]:
    """One output per line, as `hlv import outputs` reads it again."""
    return jsonl_text(_output(row, labels) for row in outputs)


def _output(
    row: tuple[str, str, str, str, bytes | None, str | None], labels: Sequence[str]
) -> dict[str, object]:
    item, method, base_model, run, stored, text = row
    named: dict[str, object] = {"item": item, "method": method, "run": run}
    if base_model:
        named["base_model"] = base_model
    if stored is None:
        return named | {"text": text}
    shares = vector(stored, len(labels))
    return named | {
        "distribution": {label: float(share) for label, share in zip(labels, shares, strict=True)}
    }


def output_table(
    outputs: Iterable[tuple[str, str, str, str, bytes | None, str | None]],
    labels: Sequence[str],
    *,
    kinds: Sequence[str],
) -> Iterator[str]:
    """Outputs as CSV; `kinds` are the columns of what they contain, distribution or text."""
    header = ("item", "method", "base_model", "run", *kinds)

    def rows() -> Iterator[tuple[CellValue, ...]]:
        for row in outputs:
            found = _output(row, labels)
            shown = {
                "text": row[5],
                "distribution": json_text(found["distribution"]) if "distribution" in found else None,
            }
            yield (*row[:4], *(shown[kind] for kind in kinds))

    return csv_text(header, rows())


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


def snapshot_json(snapshot: Snapshot) -> dict[str, object]:
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


def agreement_rows(result: MetricAgreementResult, *, against: str) -> Iterator[tuple[CellValue, ...]]:
    """A row for each metric and statistic, over all scored items and over those that were judged."""
    for items, table in (("all", result), ("judged", result.judged_items_only)):
        for metric, name, found in _coefficients(table):
            about = (against, metric.name, metric.higher_is_better, items, name)
            yield (*about, *_found(metric, found), *_rests_on(metric, found, result, result))


GROUP_HEADER = (
    *("against", "over", "group", "metric", "higher_is_better", "statistic", "value", "interval_low"),
    *("interval_high", "p", "n_methods", "undetermined"),
    *("interval_method", "resampling_unit", "n_resamples", "n_judges", "n_judgments"),
)


def group_rows(result: MetricAgreementResult, *, against: str) -> Iterator[tuple[CellValue, ...]]:
    """A row for each metric and statistic within each base model, and of the mean over base models."""
    if result.groups is None:
        return
    for table in result.groups.each:
        # A group with a ranking of its own has its own judgments.
        judged = result if table.n_judgments is None else table
        for metric, name, found in _coefficients(table):
            about = (against, "group", table.group, metric.name, metric.higher_is_better, name)
            yield (*about, *_found(metric, found), *_rests_on(metric, found, result, judged))
    for metric, name, found in _coefficients(result.groups):
        over = (against, "mean", None, metric.name, metric.higher_is_better, name)
        yield (*over, *_found(metric, found), *_rests_on(metric, found, result, result))


def _coefficients(table: MetricRows | None) -> Iterator[tuple[MetricRow, str, Coefficient]]:
    for metric in [] if table is None else table.metrics:
        for name, found in metric.coefficients.items():
            yield metric, name, found


def _found(metric: MetricRow, found: Coefficient) -> tuple[CellValue, ...]:
    why = None if found.value is not None else found.undetermined or metric.undetermined
    return found.value, *_ends(found.interval), found.p, metric.n_methods, why


def _rests_on(
    metric: MetricRow,
    found: Coefficient,
    result: MetricAgreementResult,
    judged: MetricAgreementResult | GroupTable,
) -> tuple[CellValue, ...]:
    """How the interval was made, of how many resamples, and whose judgments; no judges where a score was the human side."""
    rule = metric.interval_rule if found.interval is not None else None
    return (
        None if rule is None else f"{rule.removesuffix('.')}, 95%",
        result.resampling_unit,
        metric.n_resamples,
        judged.n_judges,
        judged.n_judgments,
    )


DIFFERENCE_HEADER = (
    "against", "statistic", "first", "second", "difference", "interval_low", "interval_high", "test", "p", "adjusted_p",
    "n_methods", "undetermined",
)  # fmt: skip


def difference_rows(result: MetricAgreementResult, *, against: str) -> Iterator[tuple[CellValue, ...]]:
    """A row for each two metrics, statistic and test; for a metric that was left out one with the reason."""
    # In this order whatever the database makes of the keys.
    for statistic in MEASURES:
        found = result.differences.get(statistic)
        if found is None:
            continue
        for pair in found.differences:
            both = (against, statistic, pair.first, pair.second, pair.difference, *_ends(pair.interval))
            for tested in (pair, pair.second_test):
                if tested is not None:
                    yield (*both, tested.test, tested.p, tested.adjusted_p, found.n_methods, None)
            for name, general in found.general_tests(pair.first, pair.second).items():
                claim = f"{name}, methods like these"
                yield (*both[:5], None, None, claim, general.p, general.adjusted_p, found.n_methods, None)
            if williams := pair.williams:
                found_p = (williams.p, williams.adjusted_p)
                yield (*both, "Williams' t", *found_p, found.n_methods, williams.undetermined)
        for name, reason in found.reasons.items():
            yield (against, statistic, name, *[None] * 8, reason)
        if found.undetermined:
            yield (against, statistic, *[None] * 9, found.undetermined)


CHUNK_ROWS = 2000
EXPOSURE_HEADER = (
    *(
        "judge",
        "sequence",
        "item",
        "left",
        "right",
        "repeats_sequence",
        "given_at",
        "labelled_at",
        "shown_at",
    ),
    *("answered_at", "returned_at", "verdict", "left_hash", "right_hash", "side_by_rule", "looks_as_shown"),
)
COMPARISON_HEADER = ("position", "item", "method", "other_method", "mode", "verdicts", "unasked_tie")


def exposure_rows(
    exposures: Iterable[AuditedExposure], *, names: dict[int, str], verdicts: dict[tuple[int, int], str]
) -> Iterator[tuple[CellValue, ...]]:
    """A row for each exposure, answered or not."""
    for one in exposures:
        yield (
            one.judge,
            one.sequence,
            one.item,
            names[one.left],
            names[one.right],
            one.repeats,
            one.given_at,
            one.labelled_at,
            one.shown_at,
            one.answered_at,
            one.returned_at,
            verdicts.get((one.participant_id, one.sequence)),
            one.left_hash,
            one.right_hash,
            one.side_by_rule,
            one.looks_as_shown,
        )


def comparison_rows(
    comparisons: QuerySet[Comparison], *, names: dict[int, str]
) -> Iterator[tuple[CellValue, ...]]:
    """Of rows that `filtered_comparisons` gives."""
    columns = ("position", "item__key", "low_id", "high_id", "mode", "n_verdicts", "unasked_tie__reason")
    for position, item, low, high, *more in comparisons.values_list(*columns).iterator(chunk_size=CHUNK_ROWS):
        yield position, item, names[low], names[high], *more

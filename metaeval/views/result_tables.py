"""The tables under the figures, as pages and files show them: every number with its interval."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from metaeval.charts.drawing import figure
from metaeval.charts.metric_agreement import lettered_groups
from metaeval.charts.tables import Estimate, MetricRow, read_estimate, read_methods, read_metrics

# Spreadsheets run what begins so.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Cell:
    """A number with its interval, or words in place of one; `reason` says why there is none."""

    words: str
    low: str = ""
    high: str = ""
    beside: str = ""
    reason: str = ""


@dataclass(frozen=True)
class TableRow:
    head: str
    cells: list[Cell]
    remark: str = ""


@dataclass(frozen=True)
class Table:
    heads: list[str]
    rows: list[TableRow]


def _cell(estimate: Estimate | None, *, signed: bool = False, reason: str = "") -> Cell:
    if estimate is None:
        return Cell("–", reason=reason or _("undefined"))
    if estimate.low is None or estimate.high is None:
        return Cell(figure(estimate.value, signed=signed), beside=_("no interval"))
    return Cell(
        figure(estimate.value, signed=signed),
        low=figure(estimate.low, signed=signed),
        high=figure(estimate.high, signed=signed),
    )


def _p(estimate: Estimate | None) -> Cell:
    if estimate is None or estimate.p is None:
        return Cell("–", reason=_("no p"))
    return Cell("< .001" if estimate.p < 0.001 else f"{estimate.p:.3f}".removeprefix("0"))


def agreement_table(result: Mapping[str, Any]) -> Table:
    letters: dict[str, list[str]] = {}
    for bracket in lettered_groups(result):
        for key in bracket.members:
            letters.setdefault(key, []).append(bracket.letter)
    judged = _on_judged_items(result)
    heads = [_("Metric"), _("τ-b"), _("p"), _("Spearman"), _("Pearson"), _("Pairs in the same order")]
    rows = read_metrics(result)
    soft = any(row.measures.get("soft_pairwise_accuracy") for row in rows)
    heads += [_("Soft pairwise accuracy")] if soft else []
    heads += [_("τ-b on judged texts only")] if judged else []
    heads += [_("Methods")]
    heads += [_("Not told apart")] if letters else []
    return Table(heads, [_agreement_row(row, letters, judged, soft=soft) for row in rows])


def _on_judged_items(result: Mapping[str, Any]) -> dict[str, Estimate | None]:
    stored = result.get("judged_items_only")
    if not isinstance(stored, Mapping):
        return {}
    return {str(row["name"]): read_estimate(row.get("kendall_tau_b")) for row in stored.get("metrics", [])}


def _agreement_row(
    row: MetricRow, letters: Mapping[str, Sequence[str]], judged: Mapping[str, Estimate | None], *, soft: bool
) -> TableRow:
    why = row.undetermined
    cells = [
        _cell(row.tau, reason=why),
        _p(row.tau),
        *(_cell(row.measures.get(name), reason=why) for name in ("spearman", "pearson", "pairwise_accuracy")),
    ]
    if soft:
        cells.append(_cell(row.measures.get("soft_pairwise_accuracy"), reason=why))
    if judged:
        cells.append(_cell(judged.get(row.key)))
    cells.append(Cell("–" if row.n_methods is None else str(row.n_methods)))
    if letters:
        cells.append(Cell(" ".join(letters.get(row.key, [])) or "–"))
    remarks = [row.undetermined, row.remark]
    if row.left_out:
        remarks.append(_("left out: %(names)s") % {"names": ", ".join(row.left_out)})
    if row.n_without_answer:
        remarks.append(
            _("%(n)s of %(of)s resamples had no answer") % {"n": row.n_without_answer, "of": row.n_resamples}
        )
    return TableRow(row.name, cells, "; ".join(remark for remark in remarks if remark))


def ranking_table(result: Mapping[str, Any]) -> Table:
    rows = []
    for row in read_methods(result):
        low, high = row.rank_interval or (None, None)
        ranks = Cell(f"{row.rank:g}", beside=_("no interval"))
        if low is not None and high is not None:
            ranks = Cell(f"{row.rank:g}", low=f"{low:g}", high=f"{high:g}")
        n_judgments = Cell("–" if row.n_judgments is None else f"{row.n_judgments:,}")
        rows.append(TableRow(row.name, [_cell(row.strength, signed=True), ranks, n_judgments]))
    return Table([_("Method"), _("Strength"), _("Rank"), _("Judgments")], rows)


def scores_table(result: Mapping[str, Any], *, order: Sequence[str]) -> Table:
    """Methods down, in the experts' order where there is one; metrics across."""
    metrics = result.get("metrics", [])
    names = [str(name) for name in result.get("methods", [])]
    place = {name: index for index, name in enumerate(order)}
    found: dict[str, dict[str, Cell]] = {name: {} for name in names}
    for metric in metrics:
        for score in metric.get("scores", []):
            cell = _cell(read_estimate(score), reason=str(score.get("undefined") or ""))
            found.setdefault(str(score["method"]), {})[str(metric["name"])] = cell
    heads = [_("Method")]
    heads += [
        f"{metric.get('label') or metric['name']} {'↑' if metric.get('higher_is_better', True) else '↓'}"
        for metric in metrics
    ]
    rows = [
        TableRow(name, [found[name].get(str(metric["name"]), Cell("–")) for metric in metrics])
        for name in sorted(names, key=lambda name: place.get(name, len(place)))
    ]
    return Table(heads, rows)


def as_csv(table: Table) -> str:
    """Numbers as they are shown, with plain minus signs; texts so that no program runs them."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(_safe(head) for head in _csv_heads(table))
    for row in table.rows:
        writer.writerow([_safe(row.head), *(_cells(row.cells)), _safe(row.remark)])
    return written.getvalue()


def _csv_heads(table: Table) -> Iterable[str]:
    yield table.heads[0]
    for head in table.heads[1:]:
        yield head
        yield _("%(column)s, from") % {"column": head}
        yield _("%(column)s, to") % {"column": head}
    yield _("remark")


def _cells(cells: Sequence[Cell]) -> Iterable[str]:
    for cell in cells:
        for shown in (cell.words, cell.low, cell.high):
            yield "" if shown == "–" else shown.replace("−", "-").removeprefix("+")


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text

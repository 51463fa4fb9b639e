"""The tables under the figures, as pages and files show them: every number with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from hlv.core.rendering.numbers import p_text
from hlv.core.rendering.sentences import joined
from hlv.core.rendering.tables import Cell, Table, TableRow, estimate_cell, missing
from metaeval.figures.metric_agreement import lettered_groups
from metaeval.findings.choice_labels import without_answer_words
from metaeval.results.result_rows import (
    Estimate,
    MetricRow,
    read_estimate,
    read_metrics,
)


def _cell(estimate: Estimate | None, *, signed: bool = False, digits: int = 2, reason: str = "") -> Cell:
    if estimate is None:
        return missing(reason or _("undefined"))
    return estimate_cell(estimate.value, estimate.interval, signed=signed, digits=digits)


def _p(estimate: Estimate | None) -> Cell:
    if estimate is None or estimate.p is None:
        return missing(_("no p"))
    return Cell(p_text(estimate.p))


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
            without_answer_words(row.n_without_answer, row.n_resamples, n_with_prior=row.n_with_prior)
        )
    return TableRow(row.name, cells, joined(remarks))

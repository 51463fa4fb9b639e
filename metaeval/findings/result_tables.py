"""The tables under the figures, as pages and files show them: every number with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from hlv.core.rendering.numbers import digits_apart, figure, p_text
from hlv.core.rendering.sentences import joined
from hlv.core.rendering.tables import Cell, Table, TableRow, estimate_cell, missing
from metaeval.figures.metric_agreement import lettered_groups
from metaeval.findings.choice_labels import without_answer_words
from metaeval.results.result_rows import (
    Estimate,
    MetricRow,
    read_estimate,
    read_metrics,
    scored_methods,
)

# Those who answered most; the snapshot has more.
MOST_ANNOTATORS = 100


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


def scores_table(result: Mapping[str, Any], *, order: Sequence[str]) -> Table:
    """Methods down, in the experts' order where there is one; metrics across, each with digits enough to part them."""
    metrics = result.get("metrics", [])
    names = scored_methods(result)
    place = {name: index for index, name in enumerate(order)}
    found: dict[str, dict[str, Cell]] = {name: {} for name in names}
    for metric in metrics:
        scores = metric.get("scores", [])
        digits = digits_apart(map(read_estimate, scores))
        for score in scores:
            cell = _cell(read_estimate(score), digits=digits, reason=str(score.get("undefined") or ""))
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


def annotators_table(result: Mapping[str, Any], *, order: Sequence[str]) -> Table | None:
    """How often each method misses each annotator's labels; None where the labels name nobody.

    Methods across, in the experts' order where there is one.
    """
    of = result.get("annotators")
    if not isinstance(of, Mapping):
        return None
    names = [str(name) for name in result["methods"]]
    place = {name: index for index, name in enumerate(order)}
    across = sorted(range(len(names)), key=lambda column: place.get(names[column], len(place)))
    heads = [_("Annotator"), _("Texts"), *(names[column] for column in across)]
    found = [read_estimate(of["mean"][column]) for column in across]
    digits = digits_apart(found)
    mean = [_cell(estimate, digits=digits) for estimate in found]
    rows = [TableRow(_("Mean over %(n)s annotators") % {"n": of["n_annotators"]}, [Cell(""), *mean])]
    rows += [
        TableRow(
            str(row["annotator"]),
            [Cell(f"{row['n_items']:,}"), *(Cell(figure(row["error_rates"][column])) for column in across)],
        )
        for row in of["rows"][:MOST_ANNOTATORS]
    ]
    return Table(
        heads,
        rows,
        _(
            "The share of an annotator’s labels that the winning label of a method misses. A method gives one output for "
            "all: where annotators differ, none meets them all. Annotators count alike in the mean, with its 95 % interval "
            "over texts."
        ),
    )

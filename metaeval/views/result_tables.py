"""The tables under the figures, as pages and files show them: every number with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from annotations.charts.drawing import figure
from annotations.charts.tables import Cell, Table, TableRow
from annotations.science.wording import p_words
from metaeval.charts import ranking
from metaeval.charts.metric_agreement import lettered_groups
from metaeval.charts.tables import (
    Estimate,
    MethodRow,
    MetricRow,
    digits_apart,
    judges_matter,
    read_estimate,
    read_methods,
    read_metrics,
    scored_methods,
)
from metaeval.views.null_hypotheses import p_sentence
from metaeval.views.phrases import interval_words, joined, without_answer_words

# Those who answered most; the snapshot has more.
MOST_ANNOTATORS = 100


def _cell(estimate: Estimate | None, *, signed: bool = False, digits: int = 2, reason: str = "") -> Cell:
    if estimate is None:
        return Cell("–", reason=reason or _("undefined"))
    value = figure(estimate.value, signed=signed, digits=digits)
    if estimate.low is None or estimate.high is None:
        return Cell(value, beside=_("no interval"))
    low, high = (figure(end, signed=signed, digits=digits) for end in (estimate.low, estimate.high))
    return Cell(value, low=low, high=high)


def _p(estimate: Estimate | None) -> Cell:
    if estimate is None or estimate.p is None:
        return Cell("–", reason=_("no p"))
    return Cell(p_words(estimate.p))


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
    return Table(
        heads, [_agreement_row(row, letters, judged, soft=soft) for row in rows], note=p_sentence(result)
    )


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


def interval_origin(result: Mapping[str, Any]) -> str:
    """Where the intervals of a ranking come from: the bootstrap is the second choice, and never goes unsaid."""
    method = str(result.get("interval_method") or "")
    if not method:
        return ""
    if ranking.is_bootstrapped(result):
        return _(
            "The intervals are resampling intervals, as none could be computed analytically: %(method)s."
        ) % {"method": method}
    return _("The intervals are analytic: %(method)s.") % {"method": interval_words(method)}


def ranking_table(result: Mapping[str, Any]) -> Table:
    measured, matters = ranking.scale_of(result), judges_matter(result)
    noun = _("Win rate") if measured is ranking.WIN_RATE else _("Strength")
    rows = []
    for row in read_methods(result):
        low, high = row.rank_interval or (None, None)
        ranks = Cell(f"{row.rank:g}", beside=_("no interval"))
        if low is not None and high is not None:
            ranks = Cell(f"{row.rank:g}", low=f"{low:g}", high=f"{high:g}")
        n_judgments = Cell("–" if row.n_judgments is None else f"{row.n_judgments:,}")
        cells = [_cell(row.strength, signed=measured.signed), ranks]
        cells += _given_judges(row, signed=measured.signed) if matters else []
        rows.append(TableRow(row.name, [*cells, n_judgments]))
    heads = [_("Method"), noun, _("Rank")]
    heads += [_("%(noun)s, these judges") % {"noun": noun}, _("Rank, these judges")] if matters else []
    return Table(
        [*heads, _("Judgments")], rows, note=f"{interval_origin(result)} {_about_judges(result)}".strip()
    )


def _given_judges(row: MethodRow, *, signed: bool) -> list[Cell]:
    low, high = row.ranks_given_judges or (None, None)
    ranks = Cell(f"{row.rank:g}", beside=_("no interval"))
    if low is not None and high is not None:
        ranks = Cell(f"{row.rank:g}", low=f"{low:g}", high=f"{high:g}")
    return [_cell(row.given_judges, signed=signed), ranks]


def _about_judges(result: Mapping[str, Any]) -> str:
    """What the columns of these judges claim, and what not; nothing where they do not stand there."""
    if not judges_matter(result):
        return ""
    given = result["given_judges"]
    return _(
        "“These judges”: intervals with the %(n)s judges as given (%(method)s). They show how certain the order is among "
        "these judges on other texts, and say nothing about other judges."
    ) % {"n": given["n_judges"], "method": interval_words(str(given["interval_method"]))}


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

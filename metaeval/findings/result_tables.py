"""The tables under the figures, as pages and files show them: every number with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.sentences import joined, listed, reason
from hlv.core.rendering.tables import (
    Cell,
    Column,
    Medium,
    Table,
    TableRow,
    count_cell,
    estimate_cell,
    missing,
    p_cell,
)
from metaeval.figures.metric_agreement import lettered_groups
from metaeval.findings.choice_labels import orders_words, p_sentence, without_answer_words
from metaeval.results.metric_agreement import GroupMeans, MetricAgreementResult
from metaeval.results.metric_rows import MEASURES, AgreementTable, Estimate, MetricRow

PAGE: Final[frozenset[Medium]] = frozenset({"page"})
NARROW: Final[frozenset[Medium]] = frozenset({"terminal", "paper"})


def _cell(estimate: Estimate | None, *, signed: bool = False, digits: int = 2, reason: str = "") -> Cell:
    if estimate is None:
        return missing(reason or _("undefined"))
    return estimate_cell(estimate.value, estimate.interval, signed=signed, digits=digits)


def agreement_table(result: AgreementTable) -> Table:
    """Of all methods, of one group or of the mean over groups."""
    letters: dict[str, list[str]] = {}
    judged: dict[str, Estimate | None] = {}
    if isinstance(result, MetricAgreementResult):
        for bracket in lettered_groups(result):
            for name in bracket.members:
                letters.setdefault(name, []).append(bracket.letter)
        if result.judged_items_only is not None:
            judged = {row.name: row.tau for row in result.judged_items_only.metrics}
    soft = any(row.measures.get("soft_pairwise_accuracy") for row in result.rows)
    columns: list[str | Column] = [
        _("Metric"),
        Column(_("τ-b"), interval=_("95 % interval")),
        _("p"),
        Column(_("Spearman"), bare=NARROW),
        Column(_("Pearson"), bare=NARROW),
        Column(_("Pairwise accuracy"), media=PAGE),
        *([Column(_("Soft pairwise accuracy"), media=PAGE)] if soft else []),
        *([Column(_("τ-b on judged texts only"), media=PAGE)] if judged else []),
        Column(_("Mean of resamples"), media=frozenset({"terminal"})),
        _("Methods"),
        *([Column(_("Same group"), media=PAGE | {"terminal"})] if letters else []),
    ]
    rows = [_agreement_row(row, letters, judged, soft=soft) for row in result.rows]
    note = " ".join(filter(None, [p_sentence(result), _without_interval(result)]))
    return Table(columns, rows, note=note, title=_title(result))


def _without_interval(result: AgreementTable) -> str:
    """Why rows have none that do not say it themselves."""
    if not isinstance(result, MetricAgreementResult) or not any(
        row.tau and row.tau.interval is None and not _no_interval(row) for row in result.rows
    ):
        return ""
    return _("Without interval: %(why)s.") % {"why": reason(result.why_not_resampled)}


def _no_interval(row: MetricRow) -> str:
    """Why a metric has none though its scores were resampled; nothing in snapshots of earlier versions."""
    rule = row.interval_rule or ""
    if row.tau is None or row.tau.interval is not None or not row.n_resamples or not rule.startswith("No "):
        return ""
    return f"{rule[0].lower()}{rule[1:].rstrip('.')}"


def _title(result: AgreementTable) -> str:
    """Metrics may score different methods: each is compared over its own."""
    numbers = {row.n_methods for row in result.rows if row.tau and row.n_methods is not None}
    fewest, most = min(numbers, default=result.n_methods), max(numbers, default=result.n_methods)
    if fewest < most:
        words = _("Agreement of metrics with people, over %(fewest)s to %(most)s methods")
    else:
        words = ngettext(
            "Agreement of metrics with people, over %(most)s method",
            "Agreement of metrics with people, over %(most)s methods",
            most,
        )
    return words % {"fewest": fewest, "most": most}


def soft_pairs_table(result: AgreementTable) -> Table | None:
    """Soft pairwise accuracy by itself, because a terminal is narrow; None where no metric has one."""
    found = {row.label: row.soft_pairwise_accuracy for row in result.metrics}
    known = [(label, soft, soft.value) for label, soft in found.items() if soft and soft.value is not None]
    if not known:
        return None
    rows = [
        TableRow(label, [Cell(soft.value), Cell(soft.chance), p_cell(soft.p)])
        for label, soft, _known in sorted(known, key=lambda one: -one[2])
    ]
    why = next((soft.why_no_interval for _label, soft, _known in known if soft.why_no_interval), None)
    note = _(
        "Chance: mean over random orders of the methods. p is one-sided: the share of orders that reach this "
        "accuracy."
    )
    if why is not None:
        note += " " + _("No interval: %(why)s") % {"why": f"{why[:1].lower()}{why[1:]}"}
    columns = [_("Metric"), _("Accuracy"), _("Chance"), _("p")]
    return Table(columns, rows, note=note, title=_("Soft pairwise accuracy"))


def _agreement_row(
    row: MetricRow, letters: Mapping[str, Sequence[str]], judged: Mapping[str, Estimate | None], *, soft: bool
) -> TableRow:
    shown = [name for name in MEASURES if soft or name != "soft_pairwise_accuracy"]
    tau, *others = (_cell(row.measures.get(name), reason=row.undetermined or "") for name in shown)
    cells = [tau, p_cell(None if row.tau is None else row.tau.p), *others]
    if judged:
        cells.append(_cell(judged.get(row.name)))
    found = row.kendall_tau_b
    cells += [Cell(None if found is None else found.resample_mean), count_cell(row.n_methods)]
    if letters:
        cells.append(Cell(" ".join(letters.get(row.name, [])) or None))
    remarks = [row.undetermined or "", row.remark]
    if row.left_out:
        remarks.append(_("left out: %(names)s") % {"names": ", ".join(row.left_out)})
    return TableRow(row.label, cells, joined([*remarks, _no_interval(row), without_answer_words(row)]))


@dataclass(frozen=True)
class GroupSection:
    """Titles with their tables, and sentences."""

    tables: list[tuple[str, Table]]
    sentences: list[str]


def group_section(result: MetricAgreementResult) -> GroupSection | None:
    """None where the methods are of one base model, or a snapshot does not say."""
    found = result.grouped
    if found is None:
        return None
    tables = [
        (
            _("Within %(name)s") % {"name": listed([table.group])},
            _titled(
                table,
                within=table.group,
                note=" ".join(filter(None, [*map(reason, table.notes), p_sentence(table)])),
            ),
        )
        for table in found.answered
    ]
    sentences = [
        _("Within %(name)s: not determined. %(why)s")
        % {"name": listed([table.group]), "why": reason(table.undetermined)}
        for table in found.each
        if not table.has_answer
    ]
    if found.undetermined:
        sentences.append(
            _("Mean over base models: not determined. %(why)s") % {"why": reason(found.undetermined)}
        )
    else:
        tables.append((_("Mean over base models"), _mean_table(found)))
    return GroupSection(tables, [*sentences, *map(reason, found.notes)])


def _titled(table: AgreementTable, *, within: str, note: str) -> Table:
    made = agreement_table(table)
    return replace(
        made, note=note, title=_("%(title)s, within %(name)s") % {"title": made.title, "name": within}
    )


def _mean_table(mean: GroupMeans) -> Table:
    note = _(
        "Mean of %(groups)s over the methods that all of them have: %(methods)s. Its p permutes these "
        "methods in the same way for all base models."
    ) % {"groups": listed(mean.groups, most=8), "methods": listed(mean.methods, most=30)}
    if mean.left_out:
        note += " " + _("Left out: %(names)s.") % {"names": listed(mean.left_out, most=30)}
    if orders := orders_words(mean):
        note += " " + _("p is %(orders)s.") % {"orders": orders}
    return replace(agreement_table(mean), note=note, title=_("Mean over base models"))

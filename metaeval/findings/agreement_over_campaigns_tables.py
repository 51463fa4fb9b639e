"""Metric agreement over several criteria, campaigns and studies: the table, its answer and its notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.numbers import P, Value, written
from hlv.core.rendering.sentences import led, listed
from hlv.core.rendering.tables import (
    Cell,
    Column,
    Table,
    TableRow,
    count_cell,
    estimate_cell,
    missing,
    p_cell,
)
from metaeval.findings.choice_labels import STATISTIC_WORDS
from metaeval.results.agreement_over_campaigns import (
    AgreementCell,
    AgreementOverCampaigns,
    AgreementSource,
    MetricOverCampaigns,
)
from metaeval.results.metric_rows import LEVEL

OVER_CAMPAIGNS_HEADER: Final = (
    *("statistic", "study", "campaign", "against", "base_model", "metric", "higher_is_better", "value"),
    *("interval_low", "interval_high", "p", "adjusted_p", "n_tests", "n_methods", "undetermined"),
    *("snapshot", "as_of", "seed", "code_version"),
)
# Side by side in a terminal and on paper.
CAMPAIGNS_OF_A_SHEET: Final = 3


def over_campaigns_table(found: AgreementOverCampaigns) -> Table:
    """Metrics down, best mean first; a value with its interval and an adjusted p for each column across."""
    columns: list[str | Column] = [_("Metric")]
    for source in found.columns:
        columns += [source.title, _("p (Holm)")]
    return Table(
        columns,
        [
            TableRow(row.label, [shown for cell in row.cells for shown in _pair(cell)])
            for row in sorted(found.rows, key=_order)
        ],
        title=_("Agreement of metrics with people: %(statistic)s") % {"statistic": _statistic(found)},
        note=_correction_note(found),
    )


def _pair(cell: AgreementCell) -> tuple[Cell, Cell]:
    estimate = cell.estimate
    if estimate is None:
        reason = cell.undetermined or (_("undefined") if cell.coefficient else _("not among these metrics"))
        return missing(reason), missing(_("no p"))
    value = estimate_cell(estimate.value, estimate.interval)
    # One in the opposite order is significant, too, and no agreement.
    return replace(value, strong=cell.is_significant and estimate.value > 0), p_cell(cell.adjusted_p)


def _order(row: MetricOverCampaigns) -> tuple[bool, float]:
    values = [cell.estimate.value for cell in row.cells if cell.estimate]
    return not values, -sum(values) / max(len(values), 1)


def sources_table(found: AgreementOverCampaigns) -> Table:
    """What each column is."""
    return Table(
        [_("Column"), _("Methods"), _("Judgments"), _("As of"), _("Seed"), _("Version"), _("Snapshot")],
        [
            TableRow(
                source.title,
                [
                    count_cell(source.n_methods),
                    missing(_("an uploaded score"))
                    if source.n_judgments is None
                    else count_cell(source.n_judgments),
                    Cell(f"{source.as_of[:19].replace('T', ' ')} UTC"),
                    Cell(str(source.seed)),
                    Cell(source.code_version),
                    Cell(source.snapshot),
                ],
                source.undetermined,
            )
            for source in found.columns
        ],
        title=_("Columns"),
    )


def file_table(found: AgreementOverCampaigns) -> list[Table]:
    """A table of one row for each metric, for each column."""
    return [_file_table(found, number, source) for number, source in enumerate(found.columns)]


def _file_table(found: AgreementOverCampaigns, number: int, source: AgreementSource) -> Table:
    everywhere: dict[str, Value] = {
        "statistic": found.statistic,
        "n_tests": found.n_tests,
        **{
            name: getattr(source, name)
            for name in (
                "study",
                "campaign",
                "against",
                "base_model",
                "snapshot",
                "as_of",
                "seed",
                "code_version",
            )
        },
    }
    names = ("higher_is_better", "p", "adjusted_p", "n_methods", "undetermined")
    return Table(
        [
            Column("", names=("metric",)),
            Column("", names=("value", "interval_low", "interval_high")),
            *(Column("", names=(name,)) for name in names),
        ],
        [_file_row(row, row.cells[number]) for row in found.rows],
        everywhere=everywhere,
    )


def _file_row(row: MetricOverCampaigns, cell: AgreementCell) -> TableRow:
    estimate = cell.estimate
    p = None if estimate is None else estimate.p
    why = (cell.undetermined or None) if estimate is None else None
    return TableRow(
        row.name,
        [
            Cell(
                None if estimate is None else estimate.value, None if estimate is None else estimate.interval
            ),
            *map(Cell, (row.higher_is_better, p, cell.adjusted_p, cell.n_methods, why)),
        ],
    )


def over_campaigns_headline(found: AgreementOverCampaigns) -> str:
    """How many cells agree better than chance, and which metrics do so everywhere."""
    if not found.n_tests:
        return _("No metric could be tested. Give more methods or judgments, then recompute.")
    agreeing = [cell for cell in found.tested if cell.is_significant and _value(cell) > 0]
    said = ngettext(
        "%(k)s of %(n)s tested cell agrees with people better than chance after one Holm correction.",
        "%(k)s of %(n)s tested cells agree with people better than chance after one Holm correction.",
        len(found.tested),
    ) % {"k": len(agreeing), "n": len(found.tested)}
    everywhere = [
        row.label
        for row in sorted(found.rows, key=_order)
        if all(cell.is_significant and _value(cell) > 0 for cell in row.cells)
    ]
    if len(found.columns) < 2:
        return said
    if not everywhere:
        return said + " " + _("No metric does so in every column.")
    return f"{said} " + _("In every column: %(names)s.") % {"names": listed(everywhere)}


def _value(cell: AgreementCell) -> float:
    return cell.estimate.value if cell.estimate else 0.0


def over_campaigns_notes(found: AgreementOverCampaigns) -> list[str]:
    """What the correction covers, and what the table lacks."""
    notes = [_correction_note(found)]
    if found.n_undecidable and found.smallest_adjusted_p is not None:
        notes.append(
            ngettext(
                "%(n)s cell has too few methods to be significant in a table of this size, whatever its data.",
                "%(n)s cells have too few methods to be significant in a table of this size, whatever their data.",
                found.n_undecidable,
            )
            % {"n": found.n_undecidable}
        )
    opposite = [
        row.label for row in found.rows if any(cell.is_significant and _value(cell) < 0 for cell in row.cells)
    ]
    if opposite:
        notes.append(
            _("Significant, but in the opposite order in a column: %(names)s.") % {"names": listed(opposite)}
        )
    if found.left_out:
        notes.append(
            _("Human scores of a column, and therefore no rows: %(names)s. Name metrics to choose rows.")
            % {"names": listed(found.left_out)}
        )
    notes.append(
        _(
            "A table does not compare columns: campaigns may differ in methods, texts and judges. Choose metrics, "
            "columns and the statistic before you look at results."
        )
    )
    for source in found.columns:
        if source.corrected:
            notes.append(
                _(
                    "Not current: the direction of %(names)s was corrected after the snapshot of %(column)s. Recompute it."
                )
                % {"names": listed(source.corrected), "column": listed([source.title])}
            )
        if source.undetermined:
            notes.append(
                _("%(column)s: not determined. %(why)s")
                % {"column": listed([source.title]), "why": source.undetermined}
            )
    return [led(note) for note in notes]


def _correction_note(found: AgreementOverCampaigns) -> str:
    if not found.n_tests or found.smallest_adjusted_p is None:
        return _("Intervals are 95 % intervals of single cells. Nothing was tested.")
    said = ngettext(
        "Intervals are 95 % intervals of single cells. p has one Holm correction over {n} test of all columns; "
        "rescaled copies of a metric count once in a column.",
        "Intervals are 95 % intervals of single cells. p has one Holm correction over {n} tests of all columns; "
        "rescaled copies of a metric count once in a column.",
        found.n_tests,
    ).format(n=found.n_tests)
    if found.smallest_adjusted_p >= LEVEL:
        said += " " + _("No verdict is possible: no adjusted p can be below %(p)s.") % {
            "p": written(found.smallest_adjusted_p, P)
        }
    return said


def _statistic(found: AgreementOverCampaigns) -> str:
    return str(STATISTIC_WORDS[found.statistic])


def narrow_tables(found: AgreementOverCampaigns) -> Sequence[Table]:
    """The same in tables that fit a terminal and a sheet of paper."""
    whole = over_campaigns_table(found)
    sheets = whole.sheets(2 * CAMPAIGNS_OF_A_SHEET)
    return [replace(sheet, title=whole.title, note=whole.note) for sheet in sheets]

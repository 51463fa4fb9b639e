"""The tables of a round: what its figures are drawn from, every number with its interval or the reason for none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.selectors.progress import ItemCoverage, Pace
from hlv.core.rendering.tables import Cell, Table, TableRow, estimate_cell, missing

# Up to so many numbers of answers have a row of their own; beyond, rows take several together.
MOST_ROWS = 12
# Up to so many annotators are listed whether or not an interval can be given.
MOST_WITHOUT_INTERVAL = 20


@dataclass(frozen=True)
class Bar:
    """A row of a figure that is its own table: a bar of a thousand parts beside its number."""

    words: str
    n: int
    width: int


def coverage_bars(covered: ItemCoverage) -> list[Bar]:
    """Texts by how many of the wanted answers they have; those with more count with the wanted number."""
    by_answers = [0] * (covered.wanted + 1)
    for n, items in covered.n_items_by_answers.items():
        by_answers[min(n, covered.wanted)] += items
    size = -(-covered.wanted // (MOST_ROWS - 2)) if covered.wanted >= MOST_ROWS else 1
    # None and all stand by themselves: they are what one looks for.
    between = [(low, min(low + size - 1, covered.wanted - 1)) for low in range(1, covered.wanted, size)]
    rows = [(0, 0), *between, (covered.wanted, covered.wanted)]
    counts = [(low, high, sum(by_answers[low : high + 1])) for low, high in rows]
    most = max((n for _low, _high, n in counts), default=0) or 1
    return [
        Bar(_answers(low, high, wanted=covered.wanted), n, round(1000 * n / most)) for low, high, n in counts
    ]


def _answers(low: int, high: int, *, wanted: int) -> str:
    if low < high:
        return _("%(low)s to %(high)s answers") % {"low": low, "high": high}
    if low == 0:
        return _("no answer")
    if low == wanted:
        return ngettext("complete: %(n)s answer", "complete: %(n)s answers", wanted) % {"n": wanted}
    return ngettext("%(n)s answer", "%(n)s answers", low) % {"n": low}


@dataclass(frozen=True)
class Column:
    """A day of the figure of the pace, in a drawing 100 high."""

    x: int
    y: int
    height: int


def pace_columns(found: Pace) -> list[Column]:
    most = max((n for _day, n in found.days), default=0) or 1
    heights = [round(100 * n / most) for _day, n in found.days]
    return [Column(x=10 * place + 1, y=100 - height, height=height) for place, height in enumerate(heights)]


def pace_table(found: Pace) -> Table:
    rows = [TableRow(date_format(day, "D j M Y"), [Cell(f"{n:,}")]) for day, n in reversed(found.days)]
    return Table([_("Day"), _("Answers")], rows)


def _cell(stored: Mapping[str, Any], *, signed: bool = False) -> Cell:
    why = str(stored["undetermined"] or "")
    made = estimate_cell(stored["value"], stored["interval"], signed=signed, reason=why)
    return made if stored["interval"] else replace(made, reason=made.reason or why)


def agreement_table(result: Mapping[str, Any], report: Mapping[str, Any]) -> Table:
    coefficients = {
        "krippendorff_alpha": _("Krippendorff’s alpha"),
        "percent": _("Pairs alike"),
        "fleiss_kappa": _("Fleiss’ kappa"),
        "cohen_kappa": _("Cohen’s kappa"),
        "gwet_ac1": _("Gwet’s AC1"),
    }
    rows = [TableRow(_("All answers"), [_cell(result[name]) for name in coefficients])]
    rows += [
        TableRow(row["label"], [_cell(row[name]) for name in coefficients]) for row in result["per_label"]
    ]
    unasked = missing(_("computed for all answers and for labels only"))
    rows += [
        TableRow(
            row["group"],
            [_cell(row["krippendorff_alpha"]), *[unasked] * (len(coefficients) - 1)],
            remark=_("%(people)s annotators, %(n)s answers")
            % {"people": row["entered"]["n_annotators"], "n": f"{row['entered']['n_answers']:,}"},
        )
        for row in report["groups"]
    ]
    return Table(
        [_("Of"), *coefficients.values()],
        rows,
        note=_("95 %% intervals from %(n)s resamples of texts; alpha with the %(distance)s distance.")
        % {"n": f"{result['n_resamples']:,}", "distance": result["krippendorff_alpha"].get("distance", "")},
    )


def growth_table(report: Mapping[str, Any]) -> Table:
    rows = [
        TableRow(
            _("first %(n)s answers") % {"n": f"{point['n_answers']:,}"}, [_cell(point["krippendorff_alpha"])]
        )
        for point in report["growth"]
    ]
    note = _("In the order in which they were stored; a revision stands where it came.")
    return Table([_("Answers"), _("Krippendorff’s alpha")], rows, note=note)


def entropy_table(entropy: Mapping[str, Any]) -> Table:
    edges = entropy["edges"]
    rows = [
        TableRow(_("%(low)s to %(high)s") % {"low": f"{low:.1f}", "high": f"{high:.1f}"}, [Cell(f"{n:,}")])
        for low, high, n in zip(edges, edges[1:], entropy["n_items_by_bin"], strict=False)
    ]
    return Table([_("Normalised entropy"), _("Texts")], rows)


def annotators_table(report: Mapping[str, Any], *, names: Mapping[str, str]) -> Table | None:
    """Those with the most shared texts first; names only where they may be seen.

    Of a crowd, those who share too few texts for an interval say nothing by themselves, and hide the others.
    """
    listed = report["annotators"]
    if not listed:
        return None
    if len(listed) > MOST_WITHOUT_INTERVAL:
        listed = [row for row in listed if row["departure"]["interval"] is not None] or listed
    rows = [
        TableRow(
            row["annotator"],
            [
                Cell(row["group"] or "–"),
                Cell(f"{row['agreement']['n_items']:,}"),
                _cell(row["agreement"]),
                _cell(row["departure"], signed=True),
            ],
            remark=names.get(row["annotator"], ""),
        )
        for row in listed
    ]
    left_out = (report["n_annotators"] or 0) - len(listed)
    more = _(" %(n)s more with fewer texts are not listed.") % {"n": left_out} if left_out > 0 else ""
    return Table(
        [_("Annotator"), _("Group"), _("Shared texts"), _("Agreement with the others"), _("Difference")],
        rows,
        note=_(
            "Agreement: how alike their answers are to those of the others, from 0 to 1, in the mean over texts. "
            "Difference: less how alike the others are among themselves on the same texts."
        )
        + more,
    )

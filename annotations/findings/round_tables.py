"""The tables of a round: what its figures are drawn from, every number with its interval or the reason for none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.findings.round_findings import SET_DISTANCES
from annotations.results.round_report import EntropyHistogram, GroupAgreement, RoundResult
from annotations.selectors.progress import ItemCoverage, Pace
from hlv.core.rendering.tables import Cell, Table, TableRow, count_cell, estimate_cell, missing
from hlv.stats.agreement import Coefficient, Coefficients, LabelAgreement
from hlv.stats.agreement.annotator_agreement import Mean

# Up to so many numbers of answers have a row of their own; beyond, rows take several together.
MOST_ROWS = 12
# Up to so many annotators are listed whether or not an interval can be given.
MOST_WITHOUT_INTERVAL = 20
# Closer than any digit that is shown, and further apart than rounding.
SAME: Final = 1e-9


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
    rows = [TableRow(date_format(day, "D j M Y"), [count_cell(n)]) for day, n in reversed(found.days)]
    return Table([_("Day"), _("Answers")], rows)


def _cell(found: Coefficient | Mean, *, signed: bool = False) -> Cell:
    made = estimate_cell(found.value, found.interval, signed=signed, reason=found.undetermined or "")
    return made if found.interval else replace(made, reason=made.reason or found.undetermined or "")


def agreement_table(result: LabelAgreement, groups: Sequence[GroupAgreement] = ()) -> Table:
    """All answers, then each label, then each group."""
    rows = [TableRow(_("All answers"), _coefficients(result))]
    note = _("95 %% intervals from %(n)s resamples of texts; alpha with the %(distance)s distance.") % {
        "n": f"{result.n_resamples:,}",
        "distance": result.krippendorff_alpha.distance,
    }
    if _labels_repeat(result):
        note += " " + _("With two labels, each label and each distance of alpha has the same values.")
    else:
        rows += [TableRow(row.label, _coefficients(row)) for row in result.per_label]
    others = [missing(_("computed for all answers and for labels only"))] * 4
    rows += [
        TableRow(
            row.group,
            [_cell(row.krippendorff_alpha), *others],
            remark=_("%(people)s annotators, %(n)s answers")
            % {"people": row.entered.n_annotators, "n": f"{row.entered.n_answers:,}"},
        )
        for row in groups
    ]
    columns = [
        _("Answers"),
        _("Krippendorff’s alpha"),
        _("Percent agreement"),
        _("Fleiss’ kappa"),
        _("Cohen’s kappa"),
        _("Gwet’s AC1"),
    ]
    return Table(columns, rows, note=note, title=_("Agreement of annotators"))


def distances_table(result: LabelAgreement) -> Table | None:
    """Alpha of all answers by each distance; None where there is one, or where all give the same."""
    alphas = result.krippendorff_alpha_by_distance
    if len(alphas) < 2 or _labels_repeat(result):
        return None
    rows = [TableRow(SET_DISTANCES.get(name, name), [_cell(alpha)]) for name, alpha in alphas.items()]
    return Table(
        [_("Distance"), _("Krippendorff’s alpha")], rows, title=_("Krippendorff’s alpha by distance")
    )


def _five(found: Coefficients) -> list[Coefficient]:
    return [found.krippendorff_alpha, found.percent, found.fleiss_kappa, found.cohen_kappa, found.gwet_ac1]


def _coefficients(found: Coefficients) -> list[Cell]:
    return [_cell(coefficient) for coefficient in _five(found)]


def _labels_repeat(result: LabelAgreement) -> bool:
    """Whether each of two labels has the values of both: one is chosen where the other is not."""
    alphas = result.krippendorff_alpha_by_distance.values()
    return len(result.per_label) == 2 and all(
        _is_same(one, other)
        for one, other in (
            *(pair for row in result.per_label for pair in zip(_five(result), _five(row), strict=True)),
            *((result.krippendorff_alpha, alpha) for alpha in alphas),
        )
    )


def _is_same(one: Coefficient, other: Coefficient) -> bool:
    if one.value is None or other.value is None:
        return one.value is other.value
    return abs(one.value - other.value) < SAME


def growth_table(report: RoundResult) -> Table:
    rows = [
        TableRow(_("first %(n)s answers") % {"n": f"{point.n_answers:,}"}, [_cell(point.krippendorff_alpha)])
        for point in report.growth
    ]
    note = _("In stored order; a revision counts from the time when it was stored.")
    return Table([_("Answers"), _("Krippendorff’s alpha")], rows, note=note)


def entropy_table(entropy: EntropyHistogram) -> Table:
    rows = [
        TableRow(_("%(low)s to %(high)s") % {"low": f"{low:.1f}", "high": f"{high:.1f}"}, [count_cell(n)])
        for (low, high), n in zip(pairwise(entropy.edges), entropy.n_items_by_bin, strict=True)
    ]
    return Table([_("Normalised entropy"), _("Texts")], rows)


def annotators_table(report: RoundResult, *, names: Mapping[str, str]) -> Table | None:
    """Those with the most shared texts first; names only where they may be seen.

    Of a crowd, those who share too few texts for an interval are left out.
    """
    listed = report.annotators
    if not listed:
        return None
    if len(listed) > MOST_WITHOUT_INTERVAL:
        listed = [row for row in listed if row.departure.interval is not None] or listed
    rows = [
        TableRow(
            row.annotator,
            [
                Cell(row.group or None),
                count_cell(row.agreement.n_items),
                _cell(row.agreement),
                _cell(row.departure, signed=True),
            ],
            remark=names.get(row.annotator, ""),
        )
        for row in listed
    ]
    left_out = (report.n_annotators or 0) - len(listed)
    more = " " + _("%(n)s more with fewer texts are not shown.") % {"n": left_out} if left_out > 0 else ""
    return Table(
        [_("Annotator"), _("Group"), _("Shared texts"), _("Agreement with the others"), _("Difference")],
        rows,
        note=_(
            "Agreement: mean similarity (0 to 1) of their answers to those of the others. Difference: this minus "
            "the similarity of the others with each other on the same texts."
        )
        + more,
    )

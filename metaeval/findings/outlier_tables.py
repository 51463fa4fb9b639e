"""Agreement without outlier methods, and without a direction (|r|), beside that of all methods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from django.utils.translation import gettext as _

from hlv.core.rendering.numbers import figure
from hlv.core.rendering.sentences import listed
from hlv.core.rendering.tables import (
    Cell,
    Column,
    Medium,
    Table,
    TableRow,
    count_cell,
    estimate_cell,
    missing,
)
from hlv.core.tabular.writing import CellValue
from hlv.stats.meta_evaluation.absolute_agreement import absolute_agreement
from metaeval.results.metric_agreement import MetricAgreementResult, OutlierTable
from metaeval.results.metric_rows import Estimate, MetricRow

OUTLIER_HEADER: Final = (
    *(
        "against",
        "metric",
        "higher_is_better",
        "methods",
        "statistic",
        "value",
        "interval_low",
        "interval_high",
    ),
    *("p", "by_chance", "n_methods", "outliers", "undetermined"),
)
Methods = Literal["all", "without_outliers"]
_NARROW: Final[frozenset[Medium]] = frozenset({"terminal", "paper"})


def absolute_estimate(pearson: Estimate | None) -> Estimate | None:
    """|r| with the image of the interval of r, and the two-sided p of r."""
    if pearson is None:
        return None
    found = absolute_agreement(pearson.value, interval=pearson.interval)
    low, high = found.interval or (None, None)
    return Estimate(found.value, low, high, pearson.p)


def outliers_table(result: MetricAgreementResult) -> Table | None:
    """Every metric on all methods and without the outliers; None where a snapshot does not say."""
    found = result.outliers
    rows = [row for row in result.rows if row.tau]
    if found is None or not rows:
        return None
    columns: list[str | Column] = [
        _("Metric"),
        Column(_("Pearson r"), bare=_NARROW),
        Column(_("|r|"), bare=_NARROW),
        _("|r| by chance"),
    ]
    if found.outliers:
        columns += [
            _("Methods without outliers"),
            _("their τ-b"),
            Column(_("their r"), bare=_NARROW),
            Column(_("their |r|"), bare=_NARROW),
            _("|r| by chance (theirs)"),
        ]
    without = {row.name: row for row in found.metrics}
    return Table(
        columns,
        [TableRow(row.label, _cells(found, row, without.get(row.name))) for row in rows],
        note=" ".join([_outlier_words(found), _absolute_words()]),
        title=_("Agreement without outlier methods, and without a direction"),
    )


def _cells(found: OutlierTable, row: MetricRow, without: MetricRow | None) -> list[Cell]:
    cells = _linear_cells(row, found.chance.get(row.name))
    if not found.outliers:
        return cells
    if without is None:
        return [*cells, *[missing(_("undefined"))] * 5]
    tau, reason = without.tau, without.undetermined or ""
    return [
        *cells,
        count_cell(without.n_methods),
        missing(reason or _("undefined")) if tau is None else estimate_cell(tau.value, tau.interval),
        *_linear_cells(without, found.chance_without.get(row.name)),
    ]


def _linear_cells(row: MetricRow, chance: float | None) -> list[Cell]:
    """r, |r|, and |r| by chance."""
    linear = row.measures.get("pearson")
    cells = [
        missing(row.undetermined or _("undefined")) if one is None else estimate_cell(one.value, one.interval)
        for one in (linear, absolute_estimate(linear))
    ]
    return [*cells, missing(_("undefined")) if chance is None else Cell(chance)]


def _outlier_words(found: OutlierTable) -> str:
    if found.undetermined:
        return _("Outlier methods are not determined. %(why)s") % {"why": found.undetermined}
    if not found.outliers:
        return _("No method is an outlier by the rule of WMT.")
    named = [
        _("%(method)s (%(distance)s)")
        % {"method": method, "distance": figure(distance, signed=True, digits=1)}
        for method, distance in found.farthest_first.items()
    ]
    return _(
        "Outliers by the rule of WMT, with their distance from the median in scaled median absolute deviations "
        "(more than 2.5): %(names)s."
    ) % {"names": listed(named, most=8)}


def _absolute_words() -> str:
    return _(
        "|r| is for metrics without a direction: it also rewards a metric that orders the methods upside down. By chance: "
        "its mean over random orders of the methods."
    )


def outlier_rows(result: MetricAgreementResult, *, against: str) -> Iterator[tuple[CellValue, ...]]:
    """A row for each metric, set of methods and statistic: τ-b, r and |r|."""
    found = result.outliers
    if found is None:
        return
    outliers = "; ".join(found.farthest_first)
    for row in result.metrics:
        yield from _rows_of(row, "all", found.chance.get(row.name), against=against, outliers=outliers)
    for row in found.metrics:
        chance = found.chance_without.get(row.name)
        yield from _rows_of(row, "without_outliers", chance, against=against, outliers=outliers)


def _rows_of(
    row: MetricRow, methods: Methods, chance: float | None, *, against: str, outliers: str
) -> Iterator[tuple[CellValue, ...]]:
    linear = row.measures.get("pearson")
    for statistic, found, by_chance in (
        ("kendall_tau_b", row.tau, None),
        ("pearson", linear, None),
        ("absolute_pearson", absolute_estimate(linear), chance),
    ):
        numbers = (None, None, None, None) if found is None else (found.value, found.low, found.high, found.p)
        why = (row.undetermined or "undefined") if found is None else None
        about = (against, row.name, row.higher_is_better, methods, statistic)
        yield (*about, *numbers, by_chance, row.n_methods, outliers, why)

"""Tables of methods and metrics, with the groups of methods that do not differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from string import ascii_lowercase
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.numbers import Form, Value
from hlv.core.rendering.sentences import listed
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
from metaeval.results.method_table import MethodRow, MethodTable, MetricOfMethods

METHOD_HEADER: Final = (
    *("metric", "method", "n_runs", "mean_of_runs", "interval_low", "interval_high", "sd_of_runs"),
    *("of_mean_output", "groups"),
)
_DIGITS: Final = 4
_FORM: Final = Form(digits=_DIGITS)
_ALPHA: Final = 0.05


def methods_by_metrics(table: MethodTable) -> Table:
    """Methods down and metrics across: means over runs, in bold where no method is significantly better."""
    tops = [_not_worse(metric) for metric in table.metrics]
    return Table(
        [_("Method"), *(f"{metric.label} {_arrow(metric)}" for metric in table.metrics)],
        [
            TableRow(
                name,
                [
                    _mean_cell(metric.methods[place], is_strong=name in top)
                    for metric, top in zip(table.metrics, tops, strict=True)
                ],
            )
            for place, name in enumerate(table.methods)
        ],
        title=_("Means over runs, ± their standard deviation; score of the mean output in parentheses"),
    )


def _mean_cell(row: MethodRow, *, is_strong: bool) -> Cell:
    if row.mean_of_runs is None:
        return missing(_("undefined"))
    words = f"{row.mean_of_runs:.3f}"
    if row.sd_of_runs is not None:
        words += f" ±{row.sd_of_runs:.3f}"
    if row.of_mean_output is not None:
        words += f" ({row.of_mean_output:.3f})"
    return Cell(f"{words} *" if is_strong else words, strong=is_strong)


def shared_metrics(tables: Iterable[MethodTable]) -> list[str]:
    """Metrics that all tables have, PO-JSD first."""
    of_tables = [[metric.name for metric in table.metrics] for table in tables]
    shared = [name for name in of_tables[0] if all(name in names for names in of_tables)]
    return sorted(shared, key=lambda name: name != "po_jsd")


def methods_by_studies(tables: Mapping[str, MethodTable], metric: str) -> Table:
    """Methods down and studies across, by one metric that all tables have: as `methods_by_metrics` shows it."""
    columns = {
        name: next(one for one in table.metrics if one.name == metric) for name, table in tables.items()
    }
    first = next(iter(columns.values()))
    tops = {name: _not_worse(one) for name, one in columns.items()}
    methods = dict.fromkeys(row.method for one in columns.values() for row in one.methods)
    return Table(
        [_("Method"), *columns],
        [
            TableRow(
                method,
                [_cell_of(one, method, is_strong=method in tops[name]) for name, one in columns.items()],
            )
            for method in methods
        ],
        title=_(
            "{metric}: means over runs, ± their standard deviation; score of the mean output in parentheses"
        ).format(metric=f"{first.label} {_arrow(first)}"),
    )


def _cell_of(metric: MetricOfMethods, method: str, *, is_strong: bool) -> Cell:
    row = next((row for row in metric.methods if row.method == method), None)
    return missing(_("no output")) if row is None else _mean_cell(row, is_strong=is_strong)


def metric_of_methods_table(metric: MetricOfMethods) -> Table:
    """One metric: methods from best to worst, with letters of the groups that do not differ."""
    letters = group_letters(metric)
    known: dict[str, Value] = {"metric": metric.name}
    rows = sorted(metric.methods, key=lambda row: _order(metric, row))
    return Table(
        [
            Column(_("Method"), names=("method",)),
            Column(_("Runs"), names=("n_runs",)),
            Column(
                _("Mean over runs"),
                interval=_("95 % interval"),
                names=("mean_of_runs", "interval_low", "interval_high"),
            ),
            Column(_("SD of runs"), names=("sd_of_runs",)),
            Column(_("Score of mean output"), names=("of_mean_output",)),
            Column(_("Group"), names=("groups",)),
        ],
        [
            TableRow(
                row.method,
                [
                    count_cell(row.n_runs),
                    estimate_cell(row.mean_of_runs, row.interval, digits=_DIGITS),
                    _number(row.sd_of_runs, _("fewer than two runs")),
                    _number(row.of_mean_output, _("undefined")),
                    Cell(letters.get(row.method, "")),
                ],
            )
            for row in rows
        ],
        title=f"{metric.label} {_arrow(metric)}",
        everywhere=known,
    )


def differences_table(metric: MetricOfMethods) -> Table:
    return Table(
        [_("First method"), _("Second method"), _("Difference"), _("Standard error"), _("p (Holm)")],
        [
            TableRow(
                one.first,
                [
                    Cell(one.second),
                    estimate_cell(one.difference, one.interval, signed=True, digits=_DIGITS),
                    Cell(one.standard_error, form=_FORM),
                    p_cell(one.p),
                ],
            )
            for one in metric.differences
        ],
        title=_("{metric}: differences of means over runs").format(metric=metric.label),
    )


def group_letters(metric: MetricOfMethods) -> dict[str, str]:
    """Methods that share a letter do not differ significantly; nothing without a test."""
    letters: dict[str, str] = {}
    for place, group in enumerate(metric.groups or ()):
        # After z comes aa.
        cycle, letter = divmod(place, len(ascii_lowercase))
        for name in group:
            letters[name] = letters.get(name, "") + ascii_lowercase[letter] * (cycle + 1)
    return letters


def method_table_notes(table: MethodTable) -> list[str]:
    """How the table was made, the best methods by each metric, and what was left out."""
    notes = [_top_sentence(metric) for metric in table.metrics if metric.best is not None]
    notes.append(
        _(
            "On {texts} texts with labels and an output of every run. Texts and runs were resampled together {n} times "
            "(seed {seed}), alike for all methods; p values have Holm correction over all pairs."
        ).format(texts=f"{table.n_items:,}", n=f"{table.n_resamples:,}", seed=table.seed)
    )
    if table.n_incomplete:
        most = max(table.n_incomplete.values())
        notes.append(
            ngettext(
                "{n} method lacks outputs of up to {most} labelled texts, which are left out for all methods.",
                "{n} methods lack outputs of up to {most} labelled texts, which are left out for all methods.",
                len(table.n_incomplete),
            ).format(n=len(table.n_incomplete), most=f"{most:,}")
        )
    return notes


def _top_sentence(metric: MetricOfMethods) -> str:
    top = _not_worse(metric)
    if metric.groups is None:
        return _("{metric}: no test of differences.").format(metric=metric.label)
    if len(top) == 1:
        return _("{metric}: {method} is significantly better than every other method.").format(
            metric=metric.label, method=top[0]
        )
    return _(
        "{metric}: the test finds no significant difference between the best, {best}, and {others}."
    ).format(metric=metric.label, best=top[0], others=listed(top[1:]))


def _not_worse(metric: MetricOfMethods) -> list[str]:
    """The best method, and those that do not differ from it significantly; none without a test."""
    best = metric.best
    if best is None or metric.groups is None:
        return []
    worse = {
        other
        for one in metric.differences
        if one.p < _ALPHA and best.method in (one.first, one.second)
        for other in (one.first, one.second)
    } - {best.method}
    rows = sorted(metric.methods, key=lambda row: _order(metric, row))
    return [row.method for row in rows if row.method not in worse and row.mean_of_runs is not None]


def _order(metric: MetricOfMethods, row: MethodRow) -> tuple[bool, float]:
    """Best first, undefined last."""
    value = row.mean_of_runs
    return value is None, -(value or 0.0) if metric.higher_is_better else (value or 0.0)


def _arrow(metric: MetricOfMethods) -> str:
    return "↑" if metric.higher_is_better else "↓"


def _number(value: float | None, why_not: str) -> Cell:
    return missing(why_not) if value is None else Cell(value, form=_FORM)


def method_tables(table: MethodTable, *, with_differences: bool = False) -> Sequence[Table]:
    """The overview of several metrics, then each metric by itself."""
    found = [methods_by_metrics(table)] if len(table.metrics) > 1 else []
    for metric in table.metrics:
        found.append(metric_of_methods_table(metric))
        if with_differences and metric.differences:
            found.append(differences_table(metric))
    return found

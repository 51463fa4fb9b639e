"""Tables of scores against the number of annotators."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.numbers import Form, share
from hlv.core.rendering.tables import Cell, Column, Medium, Table, TableRow, missing
from metaeval.results.annotator_numbers import AnnotatorNumbers, CurvePoint, MetricOfAnnotators

DIGITS: Final = Form(digits=4)
TAU: Final = Form(digits=2)
IN_FILES: Final[frozenset[Medium]] = frozenset()
ANNOTATOR_HEADER: Final = (
    *("metric", "method", "n_annotators", "mean", "low", "high", "sd_of_draws", "first_share"),
    *("tau_with_all", "tau_low", "tau_high", "n_undefined"),
)
CORRECTED_HEADER: Final = ("metric", "method", "correction", "observed", "corrected", "undetermined")


def annotator_tables(result: AnnotatorNumbers) -> list[Table]:
    return [*curve_tables(result), *corrected_tables(result)]


def curve_tables(result: AnnotatorNumbers) -> list[Table]:
    """A table for each metric."""
    return [_curve_table(metric, result.methods) for metric in result.metrics]


def corrected_tables(result: AnnotatorNumbers) -> list[Table]:
    """One table, or none where no metric has a correction."""
    return [_corrected_table(result)] if _with_correction(result) else []


def annotator_headline(result: AnnotatorNumbers) -> str:
    """How many metrics have another first method with the fewest annotators."""
    compared = [
        (fewest, most)
        for metric in result.metrics
        if (fewest := _first(metric.points[0])) and (most := _first(metric.points[-1]))
    ]
    few, many = (result.metrics[0].points[place].n_annotators for place in (0, -1))
    if not compared or few == many:
        return _("The data do not show how rankings depend on the number of annotators.")
    other = sum(fewest != most for fewest, most in compared)
    return ngettext(
        "By {n} of {of} metrics, another method is first with {few} annotator per text than with {many}.",
        "By {n} of {of} metrics, another method is first with {few} annotators per text than with {many}.",
        few,
    ).format(few=few, n=other, of=len(compared), many=many)


def annotator_notes(result: AnnotatorNumbers) -> list[str]:
    """A few sentences: what was drawn, and which metrics need more annotators."""
    notes = [
        _(
            "Means of {n} draws of annotators without replacement, of {texts} texts (seed {seed}). "
            "“First” is the method that is first in most draws."
        ).format(n=f"{result.n_draws:,}", texts=f"{result.n_items:,}", seed=result.seed),
        _(
            "Intervals contain 95 % of the draws. Draws of most of the answers overlap, so the intervals are too narrow there."
        ),
    ]
    if result.n_left_out:
        notes.append(_("{n} texts with fewer answers are left out.").format(n=f"{result.n_left_out:,}"))
    without = [metric for metric in result.metrics if metric.correction == "none"]
    notes += [f"{metric.label}: {metric.reason}" for metric in without]
    return notes


def curve_file_table(metric: MetricOfAnnotators, methods: list[str]) -> Table:
    """A row for each number of annotators and method, as a file has them."""
    names = [name for name in ANNOTATOR_HEADER if name not in ("metric", "method")]
    return Table(
        [Column(_("Method"), names=("method",)), *(Column(name, names=(name,)) for name in names)],
        [
            TableRow(
                method,
                [
                    Cell(point.n_annotators),
                    *(Cell(of[method]) for of in (point.mean, point.low, point.high, point.sd, point.first_share)),
                    *map(Cell, (point.tau_with_all, point.tau_low, point.tau_high, point.n_undefined)),
                ],
            )
            for point in metric.points
            for method in methods
        ],
        everywhere={"metric": metric.name},
    )  # fmt: skip


def corrected_file_table(metric: MetricOfAnnotators) -> Table:
    """A row for each method, as a file has them."""
    return Table(
        [
            Column(_("Method"), names=("method",)),
            *(Column(name, names=(name,)) for name in CORRECTED_HEADER[3:]),
        ],
        [
            TableRow(row.method, [Cell(row.observed), Cell(row.corrected), Cell(row.undefined or None)])
            for row in metric.corrected
        ],
        everywhere={"metric": metric.name, "correction": metric.correction},
    )


def _curve_table(metric: MetricOfAnnotators, methods: list[str]) -> Table:
    return Table(
        [_("Annotators"), *methods, _("First"), _("τ-b with all answers")],
        [TableRow(str(point.n_annotators), _curve_cells(point, methods)) for point in metric.points],
        title=f"{metric.label} {'↑' if metric.higher_is_better else '↓'}",
    )


def _first(point: CurvePoint) -> str | None:
    """The method that is first in most draws; None where no draw has a score of every method."""
    shares = {method: share for method, share in point.first_share.items() if share is not None}
    return max(shares, key=shares.__getitem__) if shares else None


def _curve_cells(point: CurvePoint, methods: list[str]) -> list[Cell]:
    first = _first(point)
    return [
        *(_with_ends(point.mean[name], point.low[name], point.high[name], DIGITS) for name in methods),
        missing(_("undefined")) if first is None else Cell(f"{first} ({share(point.first_share[first] or 0.0)})"),
        _with_ends(point.tau_with_all, point.tau_low, point.tau_high, TAU),
    ]  # fmt: skip


def _with_ends(value: float | None, low: float | None, high: float | None, form: Form) -> Cell:
    """With the interval of the draws, where they differ."""
    if value is None:
        return missing(_("undefined"))
    return Cell(value, None if low is None or high is None or low == high else (low, high), form)


def _number(value: float | None, form: Form) -> Cell:
    return missing(_("undefined")) if value is None else Cell(value, form=form)


def _with_correction(result: AnnotatorNumbers) -> list[MetricOfAnnotators]:
    return [metric for metric in result.metrics if metric.correction != "none"]


def _corrected_table(result: AnnotatorNumbers) -> Table:
    return Table(
        [
            _("Metric"),
            _("Correction"),
            *(name for method in result.methods for name in (method, _("corrected"))),
        ],
        [
            TableRow(
                metric.label,
                [
                    Cell(metric.correction),
                    *(
                        _number(value, DIGITS)
                        for row in metric.corrected
                        for value in (row.observed, row.corrected)
                    ),
                ],
            )
            for metric in _with_correction(result)
        ],
        title=_("Scores against the population of annotators"),
    )

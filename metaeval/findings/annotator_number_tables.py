"""Tables of scores against the number of annotators."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from hlv.core.rendering.numbers import Form
from hlv.core.rendering.tables import Cell, Table, TableRow, missing
from metaeval.results.annotator_numbers import AnnotatorNumbers, CurvePoint, MetricOfAnnotators

DIGITS: Final = Form(digits=4)
TAU: Final = Form(digits=2)


def annotator_tables(result: AnnotatorNumbers) -> list[Table]:
    return [_curve_table(metric, result.methods) for metric in result.metrics] + [_corrected_table(result)]


def annotator_notes(result: AnnotatorNumbers) -> list[str]:
    """A few sentences: what was drawn, and which metrics need more annotators."""
    notes = [
        _(
            "Means of {n} draws of annotators without replacement, of {texts} texts (seed {seed}). "
            "“First” is the method that is first in most draws."
        ).format(n=f"{result.n_draws:,}", texts=f"{result.n_items:,}", seed=result.seed)
    ]
    if result.n_left_out:
        notes.append(_("{n} texts with fewer answers are left out.").format(n=f"{result.n_left_out:,}"))
    without = [metric for metric in result.metrics if metric.correction == "none"]
    notes += [f"{metric.label}: {metric.reason}" for metric in without]
    return notes


def _curve_table(metric: MetricOfAnnotators, methods: list[str]) -> Table:
    return Table(
        [_("Annotators"), *methods, _("First"), _("τ-b with all answers")],
        [TableRow(str(point.n_annotators), _curve_cells(point, methods)) for point in metric.points],
        title=f"{metric.label} {'↑' if metric.higher_is_better else '↓'}",
    )


def _curve_cells(point: CurvePoint, methods: list[str]) -> list[Cell]:
    shares = {method: share for method, share in point.first_share.items() if share is not None}
    first = max(shares, key=shares.__getitem__) if shares else None
    return [
        *(_number(point.mean[method], DIGITS) for method in methods),
        missing(_("undefined")) if first is None else Cell(f"{first} ({100 * shares[first]:.0f}%)"),
        _number(point.tau_with_all, TAU),
    ]


def _number(value: float | None, form: Form) -> Cell:
    return missing(_("undefined")) if value is None else Cell(value, form=form)


def _corrected_table(result: AnnotatorNumbers) -> Table:
    corrected = [metric for metric in result.metrics if metric.correction != "none"]
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
            for metric in corrected
        ],
        title=_("Scores against the population of annotators"),
    )

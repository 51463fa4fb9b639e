"""Scores of methods by one metric: a panel for each study, methods from best to worst with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hlv.core.figures.canvas import Canvas
from hlv.core.figures.drawing import SHOWN_WIDTH, FigureSpec, Margins, ticks
from hlv.core.figures.layers import shortened
from hlv.core.figures.palette import PALETTES, Theme
from hlv.core.rendering.numbers import figure
from metaeval.results.method_table import MethodRow, MetricOfMethods

_ROW: Final = 22
_HEAD: Final = 46
_AFTER: Final = 18
_NAMES: Final = 210
_VALUES: Final = 70
_MARGINS: Final = Margins(left=12, right=12, top=8, bottom=8)


def spec(metrics: Mapping[str, MetricOfMethods], *, theme: Theme = "light") -> FigureSpec:
    """The same metric of each study, all panels on one scale.

    Raises
    ------
    ValueError
        If no method has a score.
    """
    shown = {study: _ordered(metric) for study, metric in metrics.items()}
    ends = [end for rows in shown.values() for row in rows for end in _ends(row)]
    if not ends:
        raise ValueError("No method has a score to draw.")
    spare = 0.04 * (max(ends) - min(ends)) or 0.01
    canvas = Canvas(PALETTES[theme])
    width = SHOWN_WIDTH["wide"] - _MARGINS.left - _MARGINS.right
    across = _Scale(min(ends) - spare, max(ends) + spare, left=_NAMES, right=width - _VALUES)
    top = 0.0
    for study, rows in shown.items():
        label = f"{metrics[study].label} {'↑' if metrics[study].higher_is_better else '↓'}"
        _draw_panel(canvas, f"{study}: {label}", rows, across, top=top)
        top += _HEAD + _ROW * len(rows) + _AFTER
    return canvas.spec(
        margins=_MARGINS,
        width=width,
        height=round(top),
        description=f"Mean scores of methods over runs with 95 percent intervals, on {', '.join(shown)}.",
    )


class _Scale:
    """From scores to pixels."""

    def __init__(self, low: float, high: float, *, left: float, right: float) -> None:
        self.low, self.high, self.left, self.right = low, high, left, right

    def __call__(self, value: float) -> float:
        return self.left + (value - self.low) / (self.high - self.low) * (self.right - self.left)


def _ordered(metric: MetricOfMethods) -> list[MethodRow]:
    known = [row for row in metric.methods if row.mean_of_runs is not None]
    return sorted(known, key=lambda row: row.mean_of_runs or 0.0, reverse=metric.higher_is_better)


def _ends(row: MethodRow) -> list[float]:
    values = [] if row.mean_of_runs is None else [row.mean_of_runs]
    return [*values, *(row.interval or ())]


def _draw_panel(canvas: Canvas, title: str, rows: list[MethodRow], across: _Scale, *, top: float) -> None:
    palette, bottom = canvas.palette, top + _HEAD + _ROW * len(rows)
    canvas.words(0, top + 12, shortened(title, across.right), strong=True)
    for value in ticks(across.low, across.high, at_most=6):
        canvas.line([(across(value), top + _HEAD - 8), (across(value), bottom)], colour=palette.rule)
        canvas.words(
            across(value),
            top + _HEAD - 18,
            figure(value, digits=2),
            align="center",
            size=11,
            colour=palette.ink_2,
        )
    for number, row in enumerate(rows):
        y, mean = top + _HEAD + _ROW * (number + 0.5), row.mean_of_runs or 0.0
        canvas.words(0, y, shortened(row.method, _NAMES - 12, size=13), size=13)
        words = figure(mean, digits=3)
        if row.interval is not None:
            low, high = row.interval
            canvas.line([(across(low), y), (across(high), y)], colour=palette.fig_quiet, width=3)
            words = f"{words}, {figure(low, digits=3)} to {figure(high, digits=3)}"
        canvas.dot(across(mean), y, colour=palette.fig_1, description=f"{row.method}: {words}")
        canvas.words(across.right + 12, y, figure(mean, digits=3), size=13, colour=palette.ink_2)

"""Agreement with human scores of texts: of each metric, tau-b per text, per system and over all texts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from hlv.core.figures.canvas import Canvas, Shape
from hlv.core.figures.drawing import SHOWN_WIDTH, FigureSpec, Margins, Width, ticks
from hlv.core.figures.layers import name_room, shortened, with_description, with_interval
from hlv.core.figures.palette import PALETTES, Palette, Theme
from hlv.core.rendering.numbers import figure
from hlv.stats.meta_evaluation.grouped_agreement import GroupedCoefficient
from hlv.stats.meta_evaluation.score_cells import Grouping
from metaeval.results.segment_agreement import MetricSegments, SegmentAgreement

NAME: Final = "segment-agreement"
COEFFICIENT: Final = "kendall_tau_b"
MARKS: Final[tuple[tuple[Grouping, str, Shape], ...]] = (
    ("item", "per text", "circle"),
    ("system", "per system", "square"),
    ("none", "all together", "triangle-up"),
)
_STEP: Final = 46
# Between the marks of one metric.
_APART: Final = 11
_NUMBERS: Final = 190


def has_figure(result: SegmentAgreement) -> bool:
    return bool(shown_metrics(result))


def shown_metrics(result: SegmentAgreement) -> list[MetricSegments]:
    """Those with an agreement, the best per text first."""
    known = [metric for metric in result.metrics if _found(metric, "item") or _found(metric, "system")]
    return sorted(known, key=lambda metric: -_value(metric))


def _value(metric: MetricSegments) -> float:
    found = _found(metric, "item")
    return -2.0 if found is None or found.value is None else found.value


def _found(metric: MetricSegments, grouping: Grouping) -> GroupedCoefficient | None:
    """None where the coefficient is undefined."""
    agreement = metric.groupings.get(grouping)
    found = None if agreement is None else agreement.coefficients[COEFFICIENT]
    return None if found is None or found.value is None else found


def spec(result: SegmentAgreement, *, theme: Theme, width: Width) -> FigureSpec:
    metrics, palette = shown_metrics(result), PALETTES[theme]
    if not metrics:
        raise ValueError("No metric has an agreement to draw.")
    canvas = Canvas(palette)
    is_wide = width == "wide"
    left = name_room([metric.label for metric in metrics]) if is_wide else 8
    right = _NUMBERS if is_wide else 12
    plot = SHOWN_WIDTH[width] - left - right
    step = _STEP if is_wide else _STEP + 26
    height = step * len(metrics)
    low, high = bounds(metrics)

    def across(value: float) -> float:
        return (value - low) / (high - low) * plot

    def mark(metric: MetricSegments, found: GroupedCoefficient, number: int, down: float) -> None:
        _grouping, words, shape = MARKS[number]
        description = with_description(metric.label, f"{words}, τ-b {_numbers(found)}")
        colour = _colour(palette, number)
        if found.interval is not None:
            ends = [(across(end), down) for end in found.interval]
            canvas.line(ends, colour=colour, width=2, description=description)
        at = across(found.value or 0.0)
        canvas.dot(at, down, colour=colour, shape=shape, size=60, description=description)

    _legend(canvas, left)
    for value in ticks(low, high, at_most=6 if is_wide else 4):
        colour = palette.edge if value == 0 else palette.rule
        canvas.line([(across(value), -4), (across(value), height)], colour=colour)
        canvas.words(
            across(value), -14, f"{value:g}".replace("-", "−"), align="center", size=12, colour=palette.ink_2
        )
    if is_wide:
        canvas.words(plot + 28, -14, "per text, 95 % interval, single", size=12, colour=palette.ink_2)
    for place, metric in enumerate(metrics):
        middle = step * (place + 0.5) + (0 if is_wide else 13)
        if place:
            canvas.line([(-left, step * place), (plot + right, step * place)], colour=palette.rule)
        for number, (grouping, _words, _shape) in enumerate(MARKS):
            if (found := _found(metric, grouping)) is not None:
                mark(metric, found, number, middle + _APART * (number - 1))
        _names(
            canvas, metric, at=(-left, plot + 28) if is_wide else (0, plot), middle=middle, is_wide=is_wide
        )
    return canvas.spec(
        margins=Margins(left=left, right=right, top=66, bottom=8),
        width=plot,
        height=height,
        description=f"Kendall tau-b of {len(metrics)} metrics with {result.against}, text by text, with intervals.",
    )  # fmt: skip


def _colour(palette: Palette, number: int) -> str:
    return (palette.fig_1, palette.fig_2, palette.fig_3)[number]


def bounds(metrics: Sequence[MetricSegments]) -> tuple[float, float]:
    """In tenths around all values and intervals, 0 among them."""
    reached = [0.0]
    for metric in metrics:
        for grouping, _words, _shape in MARKS:
            if (found := _found(metric, grouping)) is not None:
                reached += [found.value or 0.0, *(found.interval or ())]
    return math.floor(min(reached) * 10) / 10, max(0.1, math.ceil(max(reached) * 10) / 10)


def _legend(canvas: Canvas, left: int) -> None:
    canvas.words(-left, -54, "Kendall τ-b", strong=True, size=13)
    at = 92.0 - left
    for number, (_grouping, words, shape) in enumerate(MARKS):
        canvas.dot(at, -54, colour=_colour(canvas.palette, number), shape=shape, size=60)
        canvas.words(at + 9, -54, words, size=12, colour=canvas.palette.ink_2)
        at += 28 + 6.4 * len(words)


def _numbers(found: GroupedCoefficient) -> str:
    interval = "no interval"
    if found.interval is not None:
        interval = f"{figure(found.interval[0])} to {figure(found.interval[1])}"
    return with_interval(figure(found.value or 0.0), interval)


def _names(
    canvas: Canvas, metric: MetricSegments, *, at: tuple[float, float], middle: float, is_wide: bool
) -> None:
    """The metric, and its numbers per text."""
    found, down = _found(metric, "item"), middle if is_wide else middle - 34
    canvas.words(at[0], down, shortened(metric.label, 250 if is_wide else 190))
    if found is None:
        return
    value, interval = figure(found.value or 0.0), "no interval"
    if found.interval is not None:
        interval = f"{figure(found.interval[0])} to {figure(found.interval[1])}"
    if is_wide:
        canvas.words(at[1], down, value, strong=True)
        canvas.words(at[1] + 50, down, interval)
    else:
        canvas.words(at[1], down, f"{value}, {interval}", align="right")

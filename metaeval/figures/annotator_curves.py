"""Scores against the number of annotators: a panel for each metric, a line for each method."""

from __future__ import annotations

from typing import Final

from hlv.core.figures.canvas import Canvas, Shape
from hlv.core.figures.drawing import SHOWN_WIDTH, FigureSpec, Margins, Width
from hlv.core.figures.layers import shortened, text_width, with_description
from hlv.core.figures.palette import PALETTES, Palette, Theme
from hlv.core.rendering.numbers import figure
from metaeval.results.annotator_numbers import AnnotatorNumbers, CorrectedMethod, MetricOfAnnotators

NAME: Final = "annotator-numbers"
MOST_PANELS: Final = 6
SHAPES: Final[tuple[Shape, ...]] = ("circle", "square", "triangle-up")
_COLUMNS: Final[dict[Width, int]] = {"wide": 2, "slim": 1}
_HEIGHT: Final = 150
_BETWEEN: Final = 86
_AXIS: Final = 52
_GAP: Final = 36
# Under the legend.
_TOP: Final = 74


def has_figure(result: AnnotatorNumbers) -> bool:
    return bool(shown_metrics(result))


def shown_metrics(result: AnnotatorNumbers) -> list[MetricOfAnnotators]:
    """Those whose ranking with few annotators differs most from that by all answers."""
    known = [metric for metric in result.metrics if _ends(metric) and len(metric.points) > 1]
    # Copies on another scale rank the methods alike in every draw.
    distinct: dict[tuple[float, ...], MetricOfAnnotators] = {}
    for metric in known:
        distinct.setdefault(_rankings(metric), metric)
    return sorted(distinct.values(), key=_likeness)[:MOST_PANELS]


def _rankings(metric: MetricOfAnnotators) -> tuple[float, ...]:
    """What the draws' rankings give, to nine digits."""
    values = [
        value
        for point in metric.points
        for value in (point.tau_with_all, point.tau_low, *point.first_share.values())
    ]
    return tuple(-9.0 if value is None else round(value, 9) for value in values)


def _likeness(metric: MetricOfAnnotators) -> float:
    taus = [point.tau_with_all for point in metric.points[:-1] if point.tau_with_all is not None]
    return sum(taus) / len(taus) if taus else 2.0


def coloured_methods(result: AnnotatorNumbers) -> list[str]:
    """The first ones by the mean rank with all answers, over the metrics that are shown."""
    total = dict.fromkeys(result.methods, 0.0)
    for metric in shown_metrics(result):
        sign = -1 if metric.higher_is_better else 1
        known = {name: value for name, value in metric.points[-1].mean.items() if value is not None}
        order = sorted(known, key=lambda name: sign * known[name])
        for rank, name in enumerate(order):
            total[name] += rank
    return sorted(total, key=total.__getitem__)[: len(SHAPES)]


def spec(result: AnnotatorNumbers, *, theme: Theme, width: Width) -> FigureSpec:
    metrics = shown_metrics(result)
    if not metrics:
        raise ValueError("There are no curves to draw.")
    canvas, columns = Canvas(PALETTES[theme]), _COLUMNS[width]
    plot = SHOWN_WIDTH[width] - 16
    across = (plot - _GAP * (columns - 1)) / columns
    coloured = coloured_methods(result)
    _legend(canvas, result, coloured, width)
    for place, metric in enumerate(metrics):
        left = (place % columns) * (across + _GAP)
        top = (place // columns) * (_HEIGHT + _BETWEEN)
        _Panel(canvas, metric, left + _AXIS, top, across - _AXIS - 8).draw(result.methods, coloured)
    n_rows = -(-len(metrics) // columns)
    height = n_rows * (_HEIGHT + _BETWEEN) - 36
    if len(metrics) < len(result.metrics):
        words = f"the {len(metrics)} metrics, of {len(result.metrics)}, whose ranking changes most"
        canvas.words(0, height + 6, words, size=12, colour=canvas.palette.ink_2)
    return canvas.spec(
        margins=Margins(left=8, right=8, top=_TOP + (44 if width == "slim" else 0), bottom=18),
        width=int(plot),
        height=height,
        description=f"Scores of {len(result.methods)} methods by {len(metrics)} metrics with fewer annotators.",
    )


def _legend(canvas: Canvas, result: AnnotatorNumbers, coloured: list[str], width: Width) -> None:
    at, down = 0.0, -52.0 if width == "wide" else -100.0
    entries = [*coloured, *(["other methods"] if len(result.methods) > len(coloured) else [])]
    for number, name in enumerate(entries):
        style = _style(canvas.palette, number)
        words = shortened(name, 190, size=12)
        if width == "slim" and number:
            at, down = 0.0, down + 19
        canvas.dot(at + 4, down, colour=style[0], shape=style[1], size=50)
        canvas.words(at + 14, down, words, size=12, colour=canvas.palette.ink_2)
        at += 34 + text_width(words, size=12)


def _style(palette: Palette, number: int) -> tuple[str, Shape]:
    if number < len(SHAPES):
        return (palette.fig_1, palette.fig_2, palette.fig_3)[number], SHAPES[number]
    return palette.fig_quiet, "circle"


def _ends(metric: MetricOfAnnotators) -> tuple[float, float] | None:
    """Of all values that are drawn; None without any."""
    values = [
        value
        for point in metric.points
        for of in (point.mean, point.low, point.high)
        for value in of.values()
    ]
    values += [row.corrected for row in metric.corrected]
    known = [value for value in values if value is not None]
    if not known:
        return None
    low, high = min(known), max(known)
    margin = 0.05 * (high - low) or 0.01
    return low - margin, high + margin


class _Panel:
    """One metric: numbers of annotators across, scores down."""

    def __init__(
        self, canvas: Canvas, metric: MetricOfAnnotators, left: float, top: float, width: float
    ) -> None:
        self.canvas, self.metric, self.left, self.top, self.width = canvas, metric, left, top, width
        self.low, self.high = _ends(metric) or (0.0, 1.0)
        self.digits = 2 if self.high - self.low > 0.1 else 3 if self.high - self.low > 0.01 else 4
        self.corrected: dict[str, CorrectedMethod] = {
            row.method: row for row in metric.corrected if row.corrected is not None
        }
        numbers = [point.n_annotators for point in metric.points]
        # The corrected score is that of a population: one step beyond the last number.
        self.last = numbers[-1] + (max(1, (numbers[-1] - numbers[0]) // 4) if self.corrected else 0)
        self.first = numbers[0]

    def across(self, number: float) -> float:
        return self.left + (number - self.first) / max(1, self.last - self.first) * self.width

    def down(self, value: float) -> float:
        return self.top + (self.high - value) / (self.high - self.low) * _HEIGHT

    def draw(self, methods: list[str], coloured: list[str]) -> None:
        self._axes()
        quiet = [name for name in methods if name not in coloured]
        for name in [*quiet, *reversed(coloured)]:
            number = coloured.index(name) if name in coloured else len(SHAPES)
            self._curve(name, number)

    def _axes(self) -> None:
        palette, canvas = self.canvas.palette, self.canvas
        arrow = "↑" if self.metric.higher_is_better else "↓"
        room = self.width + _AXIS - 20
        canvas.words(
            self.left - _AXIS,
            self.top - 22,
            f"{shortened(self.metric.label, room)} {arrow}",
            strong=True,
            size=13,
        )
        for share in (0.0, 0.5, 1.0):
            value = self.low + share * (self.high - self.low)
            canvas.line(
                [(self.left, self.down(value)), (self.left + self.width, self.down(value))],
                colour=palette.rule,
            )
            canvas.words(
                self.left - 8,
                self.down(value),
                figure(value, digits=self.digits),
                align="right",
                size=11,
                colour=palette.ink_2,
            )
        numbers = [point.n_annotators for point in self.metric.points]
        every = -(-len(numbers) // 8)
        for number in numbers[::-1][::every]:
            canvas.words(
                self.across(number),
                self.top + _HEIGHT + 14,
                str(number),
                align="center",
                size=11,
                colour=palette.ink_2,
            )
        if self.corrected:
            canvas.words(
                self.left + self.width,
                self.top + _HEIGHT + 14,
                "corrected",
                align="right",
                size=11,
                colour=palette.ink_2,
            )
        canvas.words(self.left, self.top + _HEIGHT + 30, "annotators per text", size=11, colour=palette.ink_2)

    def _curve(self, name: str, number: int) -> None:
        colour, shape = _style(self.canvas.palette, number)
        is_quiet = number >= len(SHAPES)
        # Intervals of several methods lie side by side.
        shift = 0.0 if is_quiet else 3.0 * (number - 1)
        way = []
        for point in self.metric.points:
            value, low, high = (of[name] for of in (point.mean, point.low, point.high))
            if value is None:
                continue
            at = self.across(point.n_annotators) + shift
            way.append((at, self.down(value)))
            words = f"{figure(value, digits=self.digits)} with {point.n_annotators} annotators by {self.metric.label}"
            if low is not None and high is not None and low < high:
                words += f", 95 % of the draws {figure(low, digits=self.digits)} to {figure(high, digits=self.digits)}"
                if not is_quiet:
                    self.canvas.line([(at, self.down(low)), (at, self.down(high))], colour=colour, width=1.4)
            self.canvas.dot(
                *way[-1],
                colour=colour,
                shape=shape,
                size=14 if is_quiet else 36,
                description=with_description(name, words),
            )
        if len(way) > 1:
            self.canvas.line(way, colour=colour, width=1 if is_quiet else 2)
        if (row := self.corrected.get(name)) is not None and row.corrected is not None:
            self._corrected(row.corrected, name, number, way)

    def _corrected(self, value: float, name: str, number: int, way: list[tuple[float, float]]) -> None:
        colour, shape = _style(self.canvas.palette, number)
        is_quiet = number >= len(SHAPES)
        words = f"{figure(value, digits=self.digits)}, corrected for few annotators, by {self.metric.label}"
        self.canvas.dot(
            self.across(self.last),
            self.down(value),
            colour=colour,
            shape=shape,
            size=24 if is_quiet else 60,
            description=with_description(name, words),
        )
        if way:
            self.canvas.line([way[-1], (self.across(self.last), self.down(value))], colour=colour, width=0.6)

"""A drawing whose every part has its place in pixels, in a handful of layers: what it costs grows with its layers.

The parts have no labels of their own for programs that read aloud: those would say pixels. The drawing says what it
shows as a whole, and the table beside it has the numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any, Literal

import altair as alt

from annotations.charts.drawing import Margins, framed
from annotations.charts.layers import ARABIC, Align, AnyChart
from annotations.charts.palette import DRAWN_ARABIC_FONT, DRAWN_FONT, Palette

Shape = Literal["circle", "square", "triangle-up"]
Style = tuple[Align, int, bool, int, str]


@dataclass
class Canvas:
    """Rectangles lie lowest, then lines, dots and words, each in the order in which it came."""

    palette: Palette
    _rects: list[dict[str, Any]] = field(default_factory=list)
    _lines: list[dict[str, Any]] = field(default_factory=list)
    _dots: list[dict[str, Any]] = field(default_factory=list)
    _words: dict[Style, list[dict[str, Any]]] = field(default_factory=dict)
    _n_lines: int = 0

    def rect(self, left: float, top: float, right: float, bottom: float, *, fill: str) -> None:
        self._rects.append({"x": left, "x2": right, "y": top, "y2": bottom, "fill": fill})

    def outline(
        self, left: float, top: float, right: float, bottom: float, *, colour: str, width: float = 2
    ) -> None:
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        self.line([*corners, (right, top)], colour=colour, width=width)

    def line(
        self, points: Sequence[tuple[float, float]], *, colour: str, width: float = 1, bent: bool = False
    ) -> None:
        """Through these points; bent in the middle between two of them where each is a place in a column."""
        self._n_lines += 1
        way = _bent(points) if bent else points
        self._lines += [
            {"line": self._n_lines, "step": step, "x": x, "y": y, "colour": colour, "width": width}
            for step, (x, y) in enumerate(way)
        ]

    def dot(self, x: float, y: float, *, colour: str, shape: Shape = "circle", size: int = 60) -> None:
        self._dots.append({"x": x, "y": y, "colour": colour, "shape": shape, "size": size})

    def words(
        self,
        x: float,
        y: float,
        said: str,
        *,
        colour: str = "",
        align: Align = "left",
        size: int = 14,
        strong: bool = False,
        angle: int = 0,
    ) -> None:
        font = DRAWN_ARABIC_FONT if ARABIC.search(said) else DRAWN_FONT
        rows = self._words.setdefault((align, size, strong, angle, font), [])
        rows.append({"x": x, "y": y, "words": said, "colour": colour or self.palette.ink})

    def spec(self, *, margins: Margins, width: int, height: int, says: str) -> dict[str, Any]:
        shown: list[tuple[list[dict[str, Any]], Callable[[alt.Chart], alt.Chart]]] = [
            (self._rects, _rects),
            (self._lines, _lines),
            (self._dots, _dots),
            *((rows, partial(_words, style)) for style, rows in self._words.items()),
        ]
        # The rows join the spec at its end: altair would copy each of thousands again and again.
        rows_of: dict[str, list[dict[str, Any]]] = {}
        parts: list[AnyChart] = []
        for number, (rows, mark) in enumerate(shown):
            if rows:
                rows_of[f"part-{number}"] = rows
                parts.append(mark(alt.Chart(alt.NamedData(name=f"part-{number}"))))
        chart = alt.LayerChart(layer=parts)
        spec = framed(chart, palette=self.palette, margins=margins, width=width, height=height, says=says)
        return spec | {"datasets": rows_of}


_STEPS = 12


def _bent(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A line that leaves and reaches every point level, as a half wave of the cosine."""
    way = list(points[:1])
    for (x, y), (x_next, y_next) in pairwise(points):
        if y == y_next:
            way.append((x_next, y_next))
            continue
        for step in range(1, _STEPS + 1):
            share = step / _STEPS
            rise = (1 - math.cos(math.pi * share)) / 2
            way.append((round(x + (x_next - x) * share, 1), round(y + (y_next - y) * rise, 1)))
    return way


def _across(field_name: str = "x") -> alt.X:
    return alt.X(f"{field_name}:Q", scale=None, axis=None)


def _down(field_name: str = "y") -> alt.Y:
    return alt.Y(f"{field_name}:Q", scale=None, axis=None)


def _rects(rows: alt.Chart) -> alt.Chart:
    fill = alt.Fill("fill:N", scale=None, legend=None)
    chart: alt.Chart = rows.mark_rect(strokeWidth=0, aria=False).encode(
        x=_across(), x2=alt.X2("x2:Q"), y=_down(), y2=alt.Y2("y2:Q"), fill=fill
    )
    return chart


def _lines(rows: alt.Chart) -> alt.Chart:
    chart: alt.Chart = rows.mark_line(strokeJoin="round", aria=False).encode(
        x=_across(),
        y=_down(),
        detail=alt.Detail("line:Q"),
        order=alt.Order("step:Q"),
        stroke=alt.Stroke("colour:N", scale=None, legend=None),
        strokeWidth=alt.StrokeWidth("width:Q", scale=None, legend=None),
    )
    return chart


def _dots(rows: alt.Chart) -> alt.Chart:
    chart: alt.Chart = rows.mark_point(filled=True, opacity=1, strokeWidth=0, aria=False).encode(
        x=_across(),
        y=_down(),
        fill=alt.Fill("colour:N", scale=None, legend=None),
        shape=alt.Shape("shape:N", scale=None, legend=None),
        size=alt.Size("size:Q", scale=None, legend=None),
    )
    return chart


def _words(style: Style, rows: alt.Chart) -> alt.Chart:
    align, size, strong, angle, font = style
    chart: alt.Chart = rows.mark_text(
        aria=False,
        align=align,
        fontSize=size,
        font=font,
        angle=angle % 360,
        fontWeight="bold" if strong else "normal",
    ).encode(
        x=_across(),
        y=_down(),
        text=alt.Text("words:N"),
        color=alt.Color("colour:N", scale=None, legend=None),
    )
    return chart

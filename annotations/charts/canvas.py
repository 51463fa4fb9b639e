"""A drawing whose every part has its place in pixels, in a handful of layers: what it costs grows with its layers.

The parts have no labels of their own for programs that read aloud: those would say pixels. The drawing says what it
shows as a whole, and the table beside it has the numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any, Literal

import altair as alt

from annotations.charts.drawing import Margins, framed
from annotations.charts.layers import ARABIC, Align, Part, layered, marks
from annotations.charts.palette import DRAWN_ARABIC_FONT, DRAWN_FONT, Palette

Shape = Literal["circle", "square", "triangle-up"]
# In the order in which they lie.
Kind = Literal["rects", "lines", "dots", "words"]


@dataclass
class Canvas:
    """Rectangles lie lowest, then lines, dots and words, each in the order in which it came."""

    palette: Palette
    _rects: list[dict[str, Any]] = field(default_factory=list)
    _lines: list[dict[str, Any]] = field(default_factory=list)
    _dots: list[dict[str, Any]] = field(default_factory=list)
    _words: list[dict[str, Any]] = field(default_factory=list)
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
        self._words.append(
            {
                "x": x,
                "y": y,
                "words": said,
                "colour": colour or self.palette.ink,
                "align": align,
                "size": size,
                "weight": "bold" if strong else "normal",
                "angle": angle % 360,
                "font": DRAWN_ARABIC_FONT if ARABIC.search(said) else DRAWN_FONT,
            }
        )

    def spec(self, *, margins: Margins, width: int, height: int, says: str) -> dict[str, Any]:
        rows: dict[Kind, list[dict[str, Any]]] = {
            "rects": self._rects,
            "lines": self._lines,
            "dots": self._dots,
            "words": self._words,
        }
        return framed(
            layered(*(_marks(kind) | {"data": {"values": rows[kind]}} for kind in rows if rows[kind])),
            palette=self.palette,
            margins=margins,
            width=width,
            height=height,
            says=says,
        )


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


def _rects() -> alt.Chart:
    fill = alt.Fill("fill:N", scale=None, legend=None)
    chart: alt.Chart = (
        alt.Chart()
        .mark_rect(strokeWidth=0, aria=False)
        .encode(x=_across(), x2=alt.X2("x2:Q"), y=_down(), y2=alt.Y2("y2:Q"), fill=fill)
    )
    return chart


def _lines() -> alt.Chart:
    chart: alt.Chart = (
        alt.Chart()
        .mark_line(strokeJoin="round", aria=False)
        .encode(
            x=_across(),
            y=_down(),
            detail=alt.Detail("line:Q"),
            order=alt.Order("step:Q"),
            stroke=alt.Stroke("colour:N", scale=None, legend=None),
            strokeWidth=alt.StrokeWidth("width:Q", scale=None, legend=None),
        )
    )
    return chart


def _dots() -> alt.Chart:
    chart: alt.Chart = (
        alt.Chart()
        .mark_point(filled=True, opacity=1, strokeWidth=0, aria=False)
        .encode(
            x=_across(),
            y=_down(),
            fill=alt.Fill("colour:N", scale=None, legend=None),
            shape=alt.Shape("shape:N", scale=None, legend=None),
            size=alt.Size("size:Q", scale=None, legend=None),
        )
    )
    return chart


def _words() -> alt.Chart:
    # One layer for all of them, each row with its own looks: what a drawing costs grows with its layers.
    chart: alt.Chart = (
        alt.Chart()
        .mark_text(
            aria=False,
            align=alt.ExprRef("datum.align"),
            fontSize=alt.ExprRef("datum.size"),
            font=alt.ExprRef("datum.font"),
            angle=alt.ExprRef("datum.angle"),
            fontWeight=alt.ExprRef("datum.weight"),
        )
        .encode(
            x=_across(),
            y=_down(),
            text=alt.Text("words:N"),
            color=alt.Color("colour:N", scale=None, legend=None),
        )
    )
    return chart


_MARKS: dict[Kind, Callable[[], alt.Chart]] = {
    "rects": _rects,
    "lines": _lines,
    "dots": _dots,
    "words": _words,
}


@cache
def _marks(kind: Kind) -> Part:
    return marks(_MARKS[kind]())

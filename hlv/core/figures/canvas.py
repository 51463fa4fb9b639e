"""A drawing whose every part has its place in pixels, in a handful of layers: what it costs grows with its layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Literal

import altair as alt

from hlv.core.figures.drawing import FigureSpec, Margins
from hlv.core.figures.layers import ARABIC, DESCRIPTION, Align, Layer, MarkStyle, layered, marks, x_at, y_at
from hlv.core.figures.palette import DRAWN_ARABIC_FONT, DRAWN_FONT, Palette

Shape = Literal["circle", "square", "triangle-up"]
# In the order in which they lie.
Kind = Literal["rects", "lines", "dots", "words"]
Row = dict[str, object]


@dataclass
class Canvas:
    """Rectangles lie lowest, then lines, dots and words, each in the order in which it came: silent ones first.

    What is drawn with `description` is a point of the figure: see `layers.DESCRIPTION`.
    """

    palette: Palette
    _rows: dict[tuple[Kind, bool], list[Row]] = field(default_factory=dict)

    def _add(self, kind: Kind, row: Row, description: str = "") -> None:
        self._rows.setdefault((kind, bool(description)), []).append(
            row | {DESCRIPTION: description} if description else row
        )

    def rect(
        self, left: float, top: float, right: float, bottom: float, *, fill: str, description: str = ""
    ) -> None:
        self._add("rects", {"x": left, "x2": right, "y": top, "y2": bottom, "fill": fill}, description)

    def outline(
        self, left: float, top: float, right: float, bottom: float, *, colour: str, width: float = 2
    ) -> None:
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        self.line([*corners, (right, top)], colour=colour, width=width)

    def line(
        self,
        points: Sequence[tuple[float, float]],
        *,
        colour: str,
        width: float = 1,
        bent: bool = False,
        description: str = "",
    ) -> None:
        """Through these points; bent in the middle between two of them where each is a place in a column."""
        self._add("lines", {"way": _way(points, bent=bent), "colour": colour, "width": width}, description)

    def dot(
        self,
        x: float,
        y: float,
        *,
        colour: str,
        shape: Shape = "circle",
        size: int = 60,
        description: str = "",
    ) -> None:
        self._add("dots", {"x": x, "y": y, "colour": colour, "shape": shape, "size": size}, description)

    def words(
        self,
        x: float,
        y: float,
        text: str,
        *,
        colour: str = "",
        align: Align = "left",
        size: int = 14,
        strong: bool = False,
        angle: int = 0,
    ) -> None:
        self._add(
            "words",
            {
                "x": x,
                "y": y,
                "words": text,
                "colour": colour or self.palette.ink,
                "align": align,
                "size": size,
                "weight": "bold" if strong else "normal",
                "angle": angle % 360,
                "font": DRAWN_ARABIC_FONT if ARABIC.search(text) else DRAWN_FONT,
            },
        )

    def spec(self, *, margins: Margins, width: int, height: int, description: str) -> FigureSpec:
        kinds = [
            (kind, described)
            for kind in _MARKS
            for described in (False, True)
            if (kind, described) in self._rows
        ]
        chart = layered(
            *(Layer(_style(kind), self._rows[kind, described], described) for kind, described in kinds)
        )
        return FigureSpec(
            chart=chart,
            palette=self.palette,
            margins=margins,
            width=width,
            height=height,
            description=description,
        )


# Where the ends of a half wave of the cosine draw its middle, as a share of its length.
_LEVEL = 0.3642


def _way(points: Sequence[tuple[float, float]], *, bent: bool) -> str:
    """As SVG has it; a bent line leaves and reaches every point level."""
    path = "M{:g},{:g}".format(*_at(points[0]))
    for before, point in pairwise(map(_at, points)):
        (x, y), (x_next, y_next) = before, point
        if bent and y != y_next:
            reach = (x_next - x) * _LEVEL
            path += f"C{_n(x + reach)},{y:g} {_n(x_next - reach)},{y_next:g} {x_next:g},{y_next:g}"
        else:
            path += f"L{x_next:g},{y_next:g}"
    return path


def _at(point: tuple[float, float]) -> tuple[float, float]:
    return round(point[0], 2), round(point[1], 2)


def _n(value: float) -> str:
    return f"{round(value, 2):g}"


def _across(field_name: str = "x") -> alt.X:
    return alt.X(f"{field_name}:Q", scale=None, axis=None)


def _down(field_name: str = "y") -> alt.Y:
    return alt.Y(f"{field_name}:Q", scale=None, axis=None)


_MARKS: dict[Kind, Callable[[], alt.Chart]] = {
    "rects": lambda: (
        alt.Chart()
        .mark_rect(strokeWidth=0)
        .encode(
            x=_across(),
            x2=alt.X2("x2:Q"),
            y=_down(),
            y2=alt.Y2("y2:Q"),
            fill=alt.Fill("fill:N", scale=None, legend=None),
        )
    ),
    # A shape of its own for each: a line mark would be a row for each step of each bend. At size 4 a shape has the
    # scale of the drawing.
    "lines": lambda: (
        alt.Chart()
        .mark_point(filled=False, opacity=1, strokeJoin="round", size=4)
        .encode(
            x=x_at(0),
            y=y_at(0),
            shape=alt.Shape("way:N", scale=None, legend=None),
            stroke=alt.Stroke("colour:N", scale=None, legend=None),
            strokeWidth=alt.StrokeWidth("width:Q", scale=None, legend=None),
        )
    ),
    "dots": lambda: (
        alt.Chart()
        .mark_point(filled=True, opacity=1, strokeWidth=0)
        .encode(
            x=_across(),
            y=_down(),
            fill=alt.Fill("colour:N", scale=None, legend=None),
            shape=alt.Shape("shape:N", scale=None, legend=None),
            size=alt.Size("size:Q", scale=None, legend=None),
        )
    ),
    # One layer for all of them, each row with its own style: what a drawing costs grows with its layers.
    "words": lambda: (
        alt.Chart()
        .mark_text(
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
    ),
}


@cache
def _style(kind: Kind) -> MarkStyle:
    return marks(_MARKS[kind]())

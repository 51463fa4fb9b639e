"""Parts that both figures are made of. Down is in pixels, across in the scale of the plot or in pixels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import altair as alt

from hlv.core.figures.palette import DRAWN_ARABIC_FONT, DRAWN_FONT, Palette
from hlv.core.figures.text_width import wrapped

Rows = Sequence[dict[str, Any]]
# A layer of a Vega-Lite spec, or several.
Part = dict[str, Any]
ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]")
Align = Literal["left", "center", "right"]


def layered(*parts: Part) -> Part:
    """One over another."""
    return {"layer": list(parts)}


def marks(chart: alt.Chart) -> Part:
    """A layer whose rows come beside it.

    Written as a spec at once: put together by altair, all parts would be copied whole for each step.
    """
    spec: Part = chart.to_dict(validate=False, context={"top_level": False})
    return spec


# What a row's mark says of itself; marks of one thing say the same, and are one point to whoever reads.
DESCRIPTION = "says"


def with_description(head: str, *parts: str) -> str:
    """The words of a point: what it is, as its row in the table is headed, then what is known of it."""
    return f"{head}: {'; '.join(part for part in parts if part)}"


def with_interval(value: str, interval: str) -> str:
    """A number that is read out, never without its interval."""
    return f"{value}, 95 % interval {interval}" if " to " in interval else f"{value}, {interval}"


def part(rows: Iterable[dict[str, Any]], chart: alt.Chart) -> Part:
    """Marks of a chart without data, one for each row, that say nothing."""
    return filled(marks(chart), list(rows))


def points(rows: Rows, chart: alt.Chart) -> Part:
    """Marks that say what their rows hold, where they hold it."""
    return filled(marks(chart), rows, told=bool(rows) and DESCRIPTION in rows[0])


def filled(looks: Part, rows: Rows, *, told: bool = False) -> Part:
    """A layer with its rows: marks that are not told are silent, or each hairline would read out its pixels."""
    if told:
        encoding = looks["encoding"] | {"description": {"field": DESCRIPTION, "type": "nominal"}}
        return looks | {"encoding": encoding, "data": {"values": list(rows)}}
    return looks | {"mark": looks["mark"] | {"aria": False}, "data": {"values": list(rows)}}


# A place in pixels. With `alt.value` altair would have to find out the class, which takes it 20 ms.
def x_at(pixels: float) -> alt.XValue:
    return alt.XValue(pixels)  # type: ignore[no-untyped-call]  # altair's own


def x2_at(pixels: float) -> alt.X2Value:
    return alt.X2Value(pixels)  # type: ignore[no-untyped-call]


def y_at(pixels: float) -> alt.YValue:
    return alt.YValue(pixels)  # type: ignore[no-untyped-call]


def _down(field: str) -> alt.Y:
    return alt.Y(f"{field}:Q", scale=None, axis=None)


def column(
    rows: Rows,
    *,
    text: str,
    at: float,
    colour: str,
    y: str = "y",
    size: int = 14,
    align: Align = "left",
    strong: bool = False,
) -> Part:
    """Text at one place across, one line for each row."""

    def in_face(some: Rows, font: str) -> Part:
        return part(
            some,
            alt.Chart()
            .mark_text(
                align=align, color=colour, fontSize=size, font=font, fontWeight="bold" if strong else "normal"
            )
            .encode(x=x_at(at), y=_down(y), text=alt.Text(f"{text}:N")),
        )

    # The drawing program takes any face that has a letter when the first named has not: so the right
    # one is named first.
    arabic = [row for row in rows if ARABIC.search(str(row[text]))]
    latin = [row for row in rows if not ARABIC.search(str(row[text]))]
    return layered(in_face(latin, DRAWN_FONT), in_face(arabic, DRAWN_ARABIC_FONT))


def names(
    rows: Rows, *, at: float, colour: str, room: float, y: str = "y", size: int = 14, lines: int = 2
) -> Part:
    """The field `name` of each row in one line or more, the middle of them at `y`."""
    leading = size + 1
    placed = []
    for row in rows:
        said = wrapped(str(row["name"]), room, size=size, lines=lines)
        first = float(row[y]) - leading * (len(said) - 1) / 2
        placed += [{"words": line, "y": first + leading * n} for n, line in enumerate(said)]
    return column(placed, text="words", at=at, colour=colour, size=size)


def words(placed: Sequence[tuple[float, float, str, Align]], *, colour: str, size: int = 12) -> Part:
    """Heads and captions: each (across, down, words, align) in pixels."""
    # One layer for each place across, not for each word: what a drawing costs grows with its layers.
    places: dict[tuple[float, Align], list[dict[str, Any]]] = {}
    for across, down, text, align in placed:
        places.setdefault((across, align), []).append({"y": down, "words": text})
    return layered(
        *(
            part(
                rows,
                alt.Chart()
                .mark_text(align=align, color=colour, fontSize=size)
                .encode(x=x_at(across), y=_down("y"), text=alt.Text("words:N")),
            )
            for (across, align), rows in places.items()
        )
    )


def hairlines(ys: Sequence[float], *, left: float, right: float, palette: Palette) -> Part:
    return part(
        ({"y": y} for y in ys),
        alt.Chart().mark_rule(color=palette.rule).encode(x=x_at(left), x2=x2_at(right), y=_down("y")),
    )


def uprights(rows: Rows, *, x: alt.X, colour: str, dash: Sequence[int] = (), width: float = 1) -> Part:
    """Vertical lines at values of the scale, each from `top` to `bottom`."""
    return part(
        rows,
        alt.Chart()
        .mark_rule(color=colour, strokeDash=list(dash), strokeWidth=width)
        .encode(x=x, y=_down("top"), y2=alt.Y2("bottom:Q")),
    )


def tick_labels(
    values: Sequence[tuple[float, str]], *, scale: alt.Scale, above: float, palette: Palette
) -> Part:
    """Numbers of an axis over the plot, where axes of layers would cancel one another."""
    return part(
        ({"at": at, "words": words_} for at, words_ in values),
        alt.Chart()
        .mark_text(align="center", color=palette.ink_2, fontSize=12)
        .encode(x=alt.X("at:Q", scale=scale, axis=None), y=y_at(-above), text=alt.Text("words:N")),
    )


def spans(
    rows: Rows, *, x: alt.X, colour: str, width: float = 2, y: str = "y", round_ends: bool = False
) -> Part:
    """Intervals from the field of `x` to the field `high`."""
    return points(
        rows,
        alt.Chart()
        .mark_rule(color=colour, strokeWidth=width, strokeCap="round" if round_ends else "butt")
        .encode(x=x, x2=alt.X2("high:Q"), y=_down(y)),
    )


def dots(rows: Rows, *, x: alt.X, palette: Palette, hollow: bool = False, y: str = "y") -> Part:
    return points(
        rows,
        alt.Chart()
        .mark_point(
            filled=True,
            shape="circle",
            size=95 if not hollow else 80,
            opacity=1,
            color=palette.sheet if hollow else palette.fig_1,
            fill=palette.sheet if hollow else palette.fig_1,
            stroke=palette.fig_1,
            strokeWidth=2 if hollow else 0,
        )
        .encode(x=x, y=_down(y)),
    )

"""Layers of figures: lines, dots, words and intervals. Down is in pixels, across in the scale of the plot or in pixels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import altair as alt

from hlv.core.figures.palette import DRAWN_ARABIC_FONT, DRAWN_FONT, Palette

# A row of a layer, ready for JSON: by the field that an encoding names.
Rows = Sequence[Mapping[str, object]]
ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]")
Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class MarkStyle:
    """A mark and its encoding in Vega-Lite, without rows."""

    mark: Mapping[str, object]
    encoding: Mapping[str, object]


@dataclass(frozen=True)
class Layer:
    """A mark for each row. A mark without a description is silent: screen readers skip it."""

    style: MarkStyle
    rows: Rows
    is_described: bool = False


@dataclass(frozen=True)
class Group:
    """Layers, one over another."""

    parts: tuple[Part, ...]
    has_own_scales: bool = False


Part: TypeAlias = "Layer | Group"


def layered(*parts: Part, own_scales: bool = False) -> Group:
    return Group(parts, own_scales)


def marks(chart: alt.Chart) -> MarkStyle:
    """Of a chart without data.

    Written as a spec at once: put together by altair, all parts would be copied whole for each step.
    """
    spec = chart.to_dict(validate=False, context={"top_level": False})
    return MarkStyle(spec["mark"], spec["encoding"])


# Field of a row: the words of its mark. Marks with the same words are one point of the figure.
DESCRIPTION = "says"


def with_description(head: str, *parts: str) -> str:
    """The words of a point: what it is, as its row in the table is headed, then what is known of it."""
    return f"{head}: {'; '.join(part for part in parts if part)}"


def with_interval(value: str, interval: str) -> str:
    """A number that is read out, never without its interval."""
    return f"{value}, 95 % interval {interval}" if " to " in interval else f"{value}, {interval}"


def part(rows: Iterable[Mapping[str, object]], chart: alt.Chart) -> Layer:
    """Marks of a chart without data, one for each row, that say nothing."""
    return Layer(marks(chart), list(rows))


def points(rows: Rows, chart: alt.Chart) -> Layer:
    """Marks that say what their rows hold, where they hold it."""
    return Layer(marks(chart), rows, is_described=bool(rows) and DESCRIPTION in rows[0])


# A place in pixels. With `alt.value` altair would have to find out the class, which takes it 20 ms.
def x_at(pixels: float) -> alt.XValue:
    return alt.XValue(pixels)  # type: ignore[no-untyped-call]  # altair's own


def x2_at(pixels: float) -> alt.X2Value:
    return alt.X2Value(pixels)  # type: ignore[no-untyped-call]


def y_at(pixels: float) -> alt.YValue:
    return alt.YValue(pixels)  # type: ignore[no-untyped-call]


def _down(field: str) -> alt.Y:
    return alt.Y(f"{field}:Q", scale=None, axis=None)


def across(field: str, scale: alt.Scale) -> alt.X:
    return alt.X(f"{field}:Q", scale=scale, axis=None)


def column(
    lines: Sequence[tuple[float, str]],
    *,
    at: float,
    colour: str,
    size: int = 14,
    align: Align = "left",
    strong: bool = False,
) -> Group:
    """Text at one place across: each line (down, words)."""

    def in_face(some: list[tuple[float, str]], font: str) -> Part:
        return part(
            ({"y": y, "words": text} for y, text in some),
            alt.Chart()
            .mark_text(
                align=align, color=colour, fontSize=size, font=font, fontWeight="bold" if strong else "normal"
            )
            .encode(x=x_at(at), y=_down("y"), text=alt.Text("words:N")),
        )

    # The drawing program takes any face that has a letter when the first named has not: so the right
    # one is named first.
    arabic = [line for line in lines if ARABIC.search(line[1])]
    latin = [line for line in lines if not ARABIC.search(line[1])]
    return layered(in_face(latin, DRAWN_FONT), in_face(arabic, DRAWN_ARABIC_FONT))


def words(placed: Sequence[tuple[float, float, str, Align]], *, colour: str, size: int = 12) -> Group:
    """Heads and captions: each (across, down, words, align) in pixels."""
    # One layer for each place across, not for each word: what a drawing costs grows with its layers.
    places: dict[tuple[float, Align], list[dict[str, object]]] = {}
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


def hairlines(ys: Sequence[float], *, left: float, right: float, palette: Palette) -> Layer:
    return part(
        ({"y": y} for y in ys),
        alt.Chart().mark_rule(color=palette.rule).encode(x=x_at(left), x2=x2_at(right), y=_down("y")),
    )


Bands = Sequence[tuple[float, float]]


def uprights(
    values: Sequence[float], bands: Bands, *, scale: alt.Scale, colour: str, dash: Sequence[int] = ()
) -> Layer:
    """Vertical lines at values of the scale, in each band from its top to its bottom."""
    return part(
        ({"at": value, "top": top, "bottom": bottom} for top, bottom in bands for value in values),
        alt.Chart()
        .mark_rule(color=colour, strokeDash=list(dash), strokeWidth=1)
        .encode(x=across("at", scale), y=_down("top"), y2=alt.Y2("bottom:Q")),
    )


def grid(
    values: Sequence[float], bands: Bands, *, scale: alt.Scale, palette: Palette, even: float = 0.0
) -> list[Part]:
    """Uprights; the one at `even` is darker."""
    return [
        uprights([v for v in values if v != even], bands, scale=scale, colour=palette.rule),
        uprights([v for v in values if v == even], bands, scale=scale, colour=palette.edge),
    ]


def tick_labels(
    values: Sequence[tuple[float, str]], *, scale: alt.Scale, above: float, palette: Palette
) -> Layer:
    """Numbers of an axis over the plot, where axes of layers would cancel one another."""
    return part(
        ({"at": at, "words": words_} for at, words_ in values),
        alt.Chart()
        .mark_text(align="center", color=palette.ink_2, fontSize=12)
        .encode(x=across("at", scale), y=y_at(-above), text=alt.Text("words:N")),
    )


def spans(rows: Rows, *, scale: alt.Scale, colour: str, width: float = 2, round_ends: bool = False) -> Layer:
    """Intervals from `low` to `high`."""
    return points(
        rows,
        alt.Chart()
        .mark_rule(color=colour, strokeWidth=width, strokeCap="round" if round_ends else "butt")
        .encode(x=across("low", scale), x2=alt.X2("high:Q"), y=_down("y")),
    )


def dots(rows: Rows, *, scale: alt.Scale, palette: Palette, hollow: bool = False) -> Layer:
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
        .encode(x=across("at", scale), y=_down("y")),
    )


@dataclass(frozen=True)
class Heights:
    """Of a row: the middle of its name, its numbers, and its dot with its interval."""

    name: float
    numbers: float
    line: float


@dataclass(frozen=True, kw_only=True)
class EstimateMark:
    """A row of a figure: name, dot with interval, and the words of both; no dot where `at` is None."""

    name: str
    heights: Heights
    at: float | None
    ends: tuple[float, float] | None
    value: str
    interval: str
    description: str
    is_hollow: bool = False


def estimate_layers(rows: Sequence[EstimateMark], *, scale: alt.Scale, palette: Palette) -> list[Part]:
    """Dots over their intervals, hollow ones last."""

    def dotted(*, hollow: bool) -> Layer:
        found = [
            {"at": row.at, "y": row.heights.line, DESCRIPTION: row.description}
            for row in rows
            if row.at is not None and row.is_hollow is hollow
        ]
        return dots(found, scale=scale, palette=palette, hollow=hollow)

    intervals = [
        {"low": row.ends[0], "high": row.ends[1], "y": row.heights.line, DESCRIPTION: row.description}
        for row in rows
        if row.ends is not None
    ]
    return [
        spans(intervals, scale=scale, colour=palette.fig_1),
        dotted(hollow=False),
        *([dotted(hollow=True)] if any(row.is_hollow for row in rows) else []),
    ]


def names(rows: Sequence[EstimateMark], *, at: float, colour: str, room: float, lines: int = 2) -> Group:
    """Each name in one line or more, around its height."""
    placed: list[tuple[float, str]] = []
    for row in rows:
        broken = wrapped(row.name, room, lines=lines)
        first = row.heights.name - _LINE * (len(broken) - 1) / 2
        placed += [(first + _LINE * n, line) for n, line in enumerate(broken)]
    return column(placed, at=at, colour=colour)


def values(rows: Sequence[EstimateMark], *, at: float, palette: Palette, align: Align = "left") -> Group:
    lines = [(row.heights.numbers, row.value) for row in rows]
    return column(lines, at=at, colour=palette.ink, strong=True, align=align)


def intervals(
    rows: Sequence[EstimateMark], *, at: float, colour: str, size: int = 14, align: Align = "left"
) -> Group:
    lines = [(row.heights.numbers, row.interval) for row in rows]
    return column(lines, at=at, colour=colour, size=size, align=align)


def wide_heights(n_rows: int, step: float) -> list[Heights]:
    return [Heights(y, y, y) for y in (step * (place + 0.5) for place in range(n_rows))]


LETTER = 7.2  # mean width of a letter at 14 pixels, in the wider of the faces shown


def name_room(names: Sequence[str]) -> int:
    """Pixels for the column of names: what the longest asks for, within what leaves the plot its room."""
    return round(min(280, max(120, max(map(len, names), default=0) * LETTER + 24)))


def text_width(text: str, *, size: int = 14) -> float:
    """Pixels that words take, about."""
    return len(text) * LETTER * size / 14


def shortened(name: str, room: float, *, size: int = 14) -> str:
    """Long names lose their middle: ends are where versions and sizes stand."""
    letters = max(2, int(room / LETTER * 14 / size))
    if len(name) <= letters:
        return name
    head = round((letters - 1) * 0.6)
    return f"{name[:head].rstrip()}…{name[len(name) - (letters - 1 - head) :].lstrip()}"


def wrapped(name: str, room: float, *, size: int = 14, lines: int = 2) -> list[str]:
    """A name in at most so many lines, broken between words; what is still too long loses its middle."""
    found: list[str] = []
    left = name.split()
    while left and len(found) < lines - 1:
        n_words = 1
        while n_words < len(left) and text_width(" ".join(left[: n_words + 1]), size=size) <= room:
            n_words += 1
        found.append(" ".join(left[:n_words]))
        left = left[n_words:]
    if left:
        found.append(" ".join(left))
    return [shortened(line, room, size=size) for line in found] or [""]


MOST_NAME_LINES = 3
_SLIM_ROW, _LINE = 54, 15


def slim_rows(names: Sequence[str], *, room: float, beneath: int = 0) -> tuple[list[tuple[int, int]], int]:
    """Rows of a slim drawing, name over plot: where each begins, the distance from its first line to its plot, and
    the total height. A row is taller with a name of several lines or with content below it."""
    rows, top = [], 0
    for name in names:
        more = _LINE * (len(wrapped(name, room, lines=MOST_NAME_LINES)) - 1) + beneath
        rows.append((top, 24 + more))
        top += _SLIM_ROW + more
    return rows, top


def slim_heights(
    names: Sequence[str], *, room: float, beneath: int = 0
) -> tuple[list[Heights], list[float], float]:
    """Heights of the rows of a slim drawing, where each but the first begins, and the height of all."""
    rows, height = slim_rows(names, room=room, beneath=beneath)
    found = []
    for top, below in rows:
        line = top + 14 + below
        name = top + 14 + (below - 24 - beneath) / 2
        found.append(Heights(name, line - 24 if beneath else top + 14, line))
    return found, [float(top) for top, _below in rows[1:]], height

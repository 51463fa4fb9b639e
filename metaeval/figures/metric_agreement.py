"""Figure 1: how alike each metric and the experts order the methods."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from hlv.core.figures import layers
from hlv.core.figures.drawing import SHOWN_WIDTH, Margins, Width, framed, row_height
from hlv.core.figures.palette import PALETTES, Palette, Theme
from hlv.core.figures.text_width import MOST_NAME_LINES, name_room, slim_rows
from hlv.core.rendering.numbers import figure
from metaeval.results.chance_of_tau import Chance, chance_of_tau
from metaeval.results.metric_agreement import MetricAgreementResult
from metaeval.results.metric_rows import MetricRow

NAME = "metric-agreement"
GROUP_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# More brackets than this stand too close to be followed; the table names the groups then.
MOST_BRACKETS = 6
# Pixels of a name in a slim drawing: two words of a metric's name.
_LEAST_NAME_ROOM = 120
_LINE_OF_NUMBERS = 18


AXIS_TITLE = "Kendall τ-b with the experts"


@dataclass(frozen=True)
class Bracket:
    letter: str
    members: tuple[str, ...]


def chance_in(result: MetricAgreementResult) -> Chance | None:
    """The border of chance over as many methods as most metrics were compared; fewer methods need more."""
    counts = Counter(row.n_methods for row in result.rows if row.tau and row.n_methods)
    if not counts:
        return None
    n_methods = max(counts, key=lambda n: (counts[n], n))
    return chance_of_tau(n_methods) if n_methods >= 2 else None


def lettered_groups(result: MetricAgreementResult) -> list[Bracket]:
    """Metrics without significant differences, each set with its letter; the same in figure and table."""
    place = {row.name: number for number, row in enumerate(result.rows) if row.tau}
    found = [] if result.by_tau is None else result.by_tau.groups_with_copies
    groups = [sorted((name for name in group if name in place), key=place.__getitem__) for group in found]
    groups = sorted(
        (group for group in groups if len(group) > 1), key=lambda group: [place[name] for name in group]
    )
    if len(groups) > len(GROUP_LETTERS):
        # Past the alphabet nobody can follow them; the table of differences has all pairs.
        return []
    return [Bracket(letter, tuple(group)) for letter, group in zip(GROUP_LETTERS, groups, strict=False)]


def n_dashed_lines(result: MetricAgreementResult) -> int:
    """None, the border of chance, or that and its mirror."""
    chance, rows = chance_in(result), result.rows
    return 0 if chance is None else len(chance.lines(_bounds(rows)[0]))


def has_figure(result: MetricAgreementResult) -> bool:
    return any(row.tau for row in result.rows)


def spec(result: MetricAgreementResult, *, theme: Theme, width: Width) -> dict[str, Any]:
    rows = result.rows
    if not any(row.tau for row in rows):
        raise ValueError("No metric has an agreement to draw.")
    brackets = lettered_groups(result)
    shown = brackets if len(brackets) <= MOST_BRACKETS else []
    make = _wide if width == "wide" else _slim
    return make(rows, brackets=shown, chance=chance_in(result), palette=PALETTES[theme])


def _bounds(rows: Sequence[MetricRow]) -> tuple[float, float]:
    """From 0 to 1, further left in quarters where values or intervals are negative."""
    reached = [row.tau.low if row.tau.low is not None else row.tau.value for row in rows if row.tau]
    reached += [row.tau.value for row in rows if row.tau]
    lowest = min(0.0, *reached)
    return max(-1.0, math.floor(lowest * 4) / 4), 1.0


def _tick_values(bounds: tuple[float, float]) -> list[float]:
    step = 0.25 if bounds[0] >= -0.25 else 0.5
    first = math.ceil(bounds[0] / step)
    return [step * k for k in range(first, round(1 / step) + 1)]


def _labelled(values: Sequence[float]) -> list[tuple[float, str]]:
    return [(value, f"{value:g}".replace("-", "−")) for value in values]


def _records(rows: Sequence[MetricRow], *, ys: Sequence[float]) -> list[dict[str, Any]]:
    records = []
    for row, y in zip(rows, ys, strict=True):
        record: dict[str, Any] = {
            "key": row.name,
            "name": row.label,
            "y": y,
            "value": "",
            "interval": "",
        }
        if row.tau is None:
            record["interval"] = "undefined"
        else:
            record |= {"at": row.tau.value, "open": row.chance_may_do_it, "value": figure(row.tau.value)}
            if row.tau.low is not None and row.tau.high is not None:
                record |= {"low": row.tau.low, "high": row.tau.high}
                record["interval"] = f"{figure(row.tau.low)} to {figure(row.tau.high)}"
            else:
                record["interval"] = "no interval"
            record[layers.DESCRIPTION] = layers.with_description(
                row.label,
                "τ-b " + layers.with_interval(record["value"], record["interval"]),
                "not significant" if row.chance_may_do_it else "significant",
                f"{row.n_methods} methods" if row.n_methods else "",
            )
        records.append(record)
    return records


def _marks(
    records: Sequence[dict[str, Any]], *, scale: alt.Scale, palette: Palette, y: str
) -> list[layers.Part]:
    def across(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=None)

    found = [record for record in records if "at" in record]
    return [
        layers.spans([r for r in found if "low" in r], x=across("low"), colour=palette.fig_1, y=y),
        layers.dots([r for r in found if not r["open"]], x=across("at"), palette=palette, y=y),
        layers.dots([r for r in found if r["open"]], x=across("at"), palette=palette, hollow=True, y=y),
    ]


def _bracket_layers(
    brackets: Sequence[Bracket],
    *,
    at: Sequence[float],
    y_of: Mapping[str, float],
    palette: Palette,
    lift: float,
) -> list[layers.Part]:
    drawn_parts: list[layers.Part] = []
    for bracket, x in zip(brackets, at, strict=True):
        ys = [y_of[name] for name in bracket.members]
        drawn_parts += [
            layers.part(
                [{"top": min(ys), "bottom": max(ys)}],
                alt.Chart()
                .mark_rule(color=palette.ink, strokeWidth=1.5)
                .encode(x=layers.x_at(x), y=alt.Y("top:Q", scale=None, axis=None), y2=alt.Y2("bottom:Q")),
            ),
            layers.part(
                [{"y": y} for y in ys],
                alt.Chart()
                .mark_point(filled=True, shape="circle", size=38, opacity=1, color=palette.ink)
                .encode(x=layers.x_at(x), y=alt.Y("y:Q", scale=None, axis=None)),
            ),
            layers.words([(x, min(ys) - lift, bracket.letter, "center")], colour=palette.ink_2),
        ]
    return drawn_parts


def _wide(
    rows: Sequence[MetricRow], *, brackets: Sequence[Bracket], chance: Chance | None, palette: Palette
) -> dict[str, Any]:
    step = row_height(len(rows))
    height = step * len(rows)
    margins = Margins(
        left=name_room([row.label for row in rows]), right=328 if brackets else 202, top=64, bottom=30
    )
    plot = SHOWN_WIDTH["wide"] - margins.left - margins.right
    name_at, value_at = -margins.left, plot + 32
    interval_at, group_at = value_at + 60, value_at + 188
    records = _records(rows, ys=[step * (place + 0.5) for place in range(len(rows))])
    bounds = _bounds(rows)
    scale = alt.Scale(domain=list(bounds), nice=False)
    values = _tick_values(bounds)
    grid = [{"at": value, "top": 0, "bottom": height} for value in values]
    heads: list[tuple[float, float, str, layers.Align]] = [
        (plot / 2, -38, AXIS_TITLE, "center"),
        (name_at, -14, "Metric", "left"),
        (value_at, -14, "τ-b", "left"),
        (interval_at, -14, "95 % interval", "left"),
    ]
    parts: list[layers.Part] = [
        layers.hairlines(
            [step * k for k in range(1, len(rows))], left=name_at, right=plot + margins.right, palette=palette
        ),
        layers.uprights(
            [line for line in grid if line["at"] != 0],
            x=alt.X("at:Q", scale=scale, axis=None),
            colour=palette.rule,
        ),
        layers.uprights(
            [line for line in grid if line["at"] == 0],
            x=alt.X("at:Q", scale=scale, axis=None),
            colour=palette.edge,
        ),
        layers.tick_labels(_labelled(values), scale=scale, above=14, palette=palette),
    ]
    if chance is not None and chance.line is not None:
        lines = [{"at": at, "top": 0, "bottom": height} for at in chance.lines(bounds[0])]
        parts.append(
            layers.uprights(lines, x=alt.X("at:Q", scale=scale, axis=None), colour=palette.ink_2, dash=(3, 3))
        )
        middle = sum(chance.lines(bounds[0])) / len(lines)
        left = (middle - bounds[0]) / (bounds[1] - bounds[0]) * plot
        heads.append((left, height + 18, _chance_words(chance, bounds), "center"))
    elif chance is not None:
        heads.append((0, height + 18, _chance_words(chance, bounds), "left"))
    parts += _marks(records, scale=scale, palette=palette, y="y")
    parts += [
        layers.names(
            records, at=name_at, colour=palette.ink, room=margins.left - 24, lines=2 if step >= 30 else 1
        ),
        layers.column(records, text="value", at=value_at, colour=palette.ink, strong=True),
        layers.column(records, text="interval", at=interval_at, colour=palette.ink),
    ]
    if brackets:
        heads.append((group_at, -38, "Same group", "left"))
        room = plot + margins.right - group_at - 14
        at = [group_at + 8 + min(28, room / len(brackets)) * k for k in range(len(brackets))]
        y_of = {str(record["key"]): float(record["y"]) for record in records}
        parts += _bracket_layers(brackets, at=at, y_of=y_of, palette=palette, lift=11)
    parts.append(layers.words(heads, colour=palette.ink_2))
    return framed(
        layers.layered(*parts), palette=palette, margins=margins, width=plot, height=height, says=_says(rows)
    )


def _slim(
    rows: Sequence[MetricRow], *, brackets: Sequence[Bracket], chance: Chance | None, palette: Palette
) -> dict[str, Any]:
    """Name and numbers on one line, the plot under it; the grid stands beside the dots only."""
    bracket_room = 24 + 20 * (len(brackets) - 1) + 8 if brackets else 0
    margins = Margins(left=6, right=bracket_room + 6, top=54, bottom=26 if chance else 8)
    plot = SHOWN_WIDTH["slim"] - margins.left - margins.right
    # Beside many brackets names would be cut to pieces: then the numbers stand on a line of their own.
    beneath = _LINE_OF_NUMBERS if plot - 168 < _LEAST_NAME_ROOM else 0
    room = plot if beneath else plot - 168
    tops, height = slim_rows([row.label for row in rows], room=room, beneath=beneath)
    records = [
        record | {"line": record["y"] + below}
        for record, (_, below) in zip(_records(rows, ys=[top + 14 for top, _ in tops]), tops, strict=True)
    ]
    bounds = _bounds(rows)
    scale = alt.Scale(domain=list(bounds), nice=False)
    values = _tick_values(bounds)
    bands = [{"top": float(r["line"]) - 11, "bottom": float(r["line"]) + 11} for r in records]
    grid = [band | {"at": value} for band in bands for value in values]
    parts: list[layers.Part] = [
        layers.hairlines(
            [top for top, _ in tops[1:]],
            left=-margins.left,
            right=plot + margins.right,
            palette=palette,
        ),
        layers.uprights(grid, x=alt.X("at:Q", scale=scale, axis=None), colour=palette.rule),
        layers.tick_labels(_labelled(values), scale=scale, above=18, palette=palette),
    ]
    captions: list[tuple[float, float, str, layers.Align]] = [(-6, -42, AXIS_TITLE, "left")]
    if chance is not None:
        captions.append((-6, height + 14, _chance_words(chance, bounds), "left"))
        if chance.line is not None:
            border = [band | {"at": at} for band in bands for at in chance.lines(bounds[0])]
            parts.append(
                layers.uprights(
                    border, x=alt.X("at:Q", scale=scale, axis=None), colour=palette.ink_2, dash=(3, 3)
                )
            )
    parts += _marks(records, scale=scale, palette=palette, y="line")
    right = plot + 6
    parts += [
        layers.names(
            [r | {"y": (r["y"] + r["line"] - 24 - beneath) / 2} for r in records],
            at=-6,
            colour=palette.ink,
            room=room,
            lines=MOST_NAME_LINES,
        ),
        *_numbers_of_slim(records, beneath=beneath, right=right, palette=palette),
    ]
    if brackets:
        captions.append((plot + margins.right, -42, "Same group", "right"))
        at = [right + 24 + 20 * k for k in range(len(brackets))]
        y_of = {str(record["key"]): float(record["line"]) for record in records}
        parts += _bracket_layers(brackets, at=at, y_of=y_of, palette=palette, lift=10)
    parts.append(layers.words(captions, colour=palette.ink_2))
    return framed(
        layers.layered(*parts), palette=palette, margins=margins, width=plot, height=height, says=_says(rows)
    )


def _numbers_of_slim(
    records: Sequence[dict[str, Any]], *, beneath: int, right: float, palette: Palette
) -> list[layers.Part]:
    """Value and interval beside the name, or beneath it."""
    if beneath:
        lines = [record | {"y": record["line"] - 24} for record in records]
        return [
            layers.column(lines, text="value", at=-6, colour=palette.ink, strong=True),
            layers.column(lines, text="interval", at=54, colour=palette.ink),
        ]
    return [
        layers.column(records, text="interval", at=right, colour=palette.ink, align="right"),
        layers.column(records, text="value", at=right - 116, colour=palette.ink, strong=True, align="right"),
    ]


def _chance_words(chance: Chance, bounds: tuple[float, float]) -> str:
    if chance.line is None:
        return f"with {chance.n_methods} methods no agreement is significant"
    where = "between dashed lines" if len(chance.lines(bounds[0])) == 2 else "left of the dashed line"
    return f"{where}: not significant ({chance.n_methods} methods)"


def _says(rows: Sequence[MetricRow]) -> str:
    n_metrics = len(rows)
    return f"Kendall tau-b of {n_metrics} metric{'s' if n_metrics != 1 else ''} with the experts, with intervals."

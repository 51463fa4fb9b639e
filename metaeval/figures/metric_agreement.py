"""Figure 1: how alike each metric and the experts order the methods."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt

from hlv.core.figures import layers
from hlv.core.figures.drawing import SHOWN_WIDTH, FigureSpec, Margins, Width, row_height
from hlv.core.figures.layers import MOST_NAME_LINES, Heights, name_room, slim_heights, wide_heights
from hlv.core.figures.palette import PALETTES, Palette, Theme
from hlv.core.rendering.numbers import figure
from metaeval.results.metric_agreement import MetricAgreementResult
from metaeval.results.metric_rows import Chance, MetricRow, chance_of_tau

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
    """Metrics that cannot be told apart, each set with its letter; the same in figure and table."""
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


def spec(result: MetricAgreementResult, *, theme: Theme, width: Width) -> FigureSpec:
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


def _mark(row: MetricRow, heights: Heights) -> layers.EstimateMark:
    tau = row.tau
    if tau is None:
        return layers.EstimateMark(
            name=row.label,
            heights=heights,
            at=None,
            ends=None,
            value="",
            interval="undefined",
            description="",
        )
    value, interval, ends = figure(tau.value), "no interval", None
    if tau.low is not None and tau.high is not None:
        interval, ends = f"{figure(tau.low)} to {figure(tau.high)}", (tau.low, tau.high)
    description = layers.with_description(
        row.label,
        "τ-b " + layers.with_interval(value, interval),
        "not significant" if row.is_within_chance else "significant",
        f"{row.n_methods} methods" if row.n_methods else "",
    )
    return layers.EstimateMark(
        name=row.label,
        heights=heights,
        at=tau.value,
        ends=ends,
        value=value,
        interval=interval,
        description=description,
        is_hollow=row.is_within_chance,
    )


def _marks(rows: Sequence[MetricRow], heights: Sequence[Heights]) -> list[layers.EstimateMark]:
    return [_mark(row, at) for row, at in zip(rows, heights, strict=True)]


def _line_of(rows: Sequence[MetricRow], heights: Sequence[Heights]) -> dict[str, float]:
    return {row.name: at.line for row, at in zip(rows, heights, strict=True)}


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
) -> FigureSpec:
    step = row_height(len(rows))
    height = step * len(rows)
    margins = Margins(
        left=name_room([row.label for row in rows]), right=328 if brackets else 202, top=64, bottom=30
    )
    plot = SHOWN_WIDTH["wide"] - margins.left - margins.right
    name_at, value_at = -margins.left, plot + 32
    interval_at, group_at = value_at + 60, value_at + 188
    heights = wide_heights(len(rows), step)
    marks = _marks(rows, heights)
    bounds = _bounds(rows)
    scale = alt.Scale(domain=list(bounds), nice=False)
    values = _tick_values(bounds)
    heads: list[tuple[float, float, str, layers.Align]] = [
        (plot / 2, -38, AXIS_TITLE, "center"),
        (name_at, -14, "Metric", "left"),
        (value_at, -14, "τ-b", "left"),
        (interval_at, -14, "95 % interval, single", "left"),
    ]
    parts: list[layers.Part] = [
        layers.hairlines(
            [step * k for k in range(1, len(rows))], left=name_at, right=plot + margins.right, palette=palette
        ),
        *layers.grid(values, [(0, height)], scale=scale, palette=palette),
        layers.tick_labels(_labelled(values), scale=scale, above=14, palette=palette),
    ]
    if chance is not None and chance.line is not None:
        lines = chance.lines(bounds[0])
        parts.append(_dashes(lines, [(0, height)], scale=scale, palette=palette))
        left = (sum(lines) / len(lines) - bounds[0]) / (bounds[1] - bounds[0]) * plot
        heads.append((left, height + 18, _chance_words(chance, bounds), "center"))
    elif chance is not None:
        heads.append((0, height + 18, _chance_words(chance, bounds), "left"))
    parts += layers.estimate_layers(marks, scale=scale, palette=palette)
    parts += [
        layers.names(
            marks, at=name_at, colour=palette.ink, room=margins.left - 24, lines=2 if step >= 30 else 1
        ),
        layers.values(marks, at=value_at, palette=palette),
        layers.intervals(marks, at=interval_at, colour=palette.ink),
    ]
    if brackets:
        heads.append((group_at, -38, "Same group", "left"))
        room = plot + margins.right - group_at - 14
        at = [group_at + 8 + min(28, room / len(brackets)) * k for k in range(len(brackets))]
        parts += _bracket_layers(brackets, at=at, y_of=_line_of(rows, heights), palette=palette, lift=11)
    parts.append(layers.words(heads, colour=palette.ink_2))
    return FigureSpec(
        chart=layers.layered(*parts),
        palette=palette,
        margins=margins,
        width=plot,
        height=height,
        description=_description(rows),
    )


def _dashes(
    lines: Sequence[float], bands: layers.Bands, *, scale: alt.Scale, palette: Palette
) -> layers.Layer:
    """The border of chance."""
    return layers.uprights(lines, bands, scale=scale, colour=palette.ink_2, dash=(3, 3))


def _slim(
    rows: Sequence[MetricRow], *, brackets: Sequence[Bracket], chance: Chance | None, palette: Palette
) -> FigureSpec:
    """Name and numbers on one line, the plot under it; the grid is drawn beside the dots only."""
    bracket_room = 24 + 20 * (len(brackets) - 1) + 8 if brackets else 0
    margins = Margins(left=6, right=bracket_room + 6, top=54, bottom=26 if chance else 8)
    plot = SHOWN_WIDTH["slim"] - margins.left - margins.right
    # Beside many brackets names would be cut to pieces: then the numbers have a line of their own.
    beneath = _LINE_OF_NUMBERS if plot - 168 < _LEAST_NAME_ROOM else 0
    room = plot if beneath else plot - 168
    heights, begins, height = slim_heights([row.label for row in rows], room=room, beneath=beneath)
    marks = _marks(rows, heights)
    bounds = _bounds(rows)
    scale = alt.Scale(domain=list(bounds), nice=False)
    values = _tick_values(bounds)
    bands = [(at.line - 11, at.line + 11) for at in heights]
    right = plot + 6
    parts: list[layers.Part] = [
        layers.hairlines(begins, left=-margins.left, right=plot + margins.right, palette=palette),
        layers.uprights(values, bands, scale=scale, colour=palette.rule),
        layers.tick_labels(_labelled(values), scale=scale, above=18, palette=palette),
    ]
    captions: list[tuple[float, float, str, layers.Align]] = [(-6, -42, AXIS_TITLE, "left")]
    if chance is not None:
        captions.append((-6, height + 14, _chance_words(chance, bounds), "left"))
        if chance.line is not None:
            parts.append(_dashes(chance.lines(bounds[0]), bands, scale=scale, palette=palette))
    parts += layers.estimate_layers(marks, scale=scale, palette=palette)
    parts.append(layers.names(marks, at=-6, colour=palette.ink, room=room, lines=MOST_NAME_LINES))
    if beneath:
        parts += [
            layers.values(marks, at=-6, palette=palette),
            layers.intervals(marks, at=54, colour=palette.ink),
        ]
    else:
        parts += [
            layers.intervals(marks, at=right, colour=palette.ink, align="right"),
            layers.values(marks, at=right - 116, palette=palette, align="right"),
        ]
    if brackets:
        captions.append((plot + margins.right, -42, "Same group", "right"))
        at = [right + 24 + 20 * k for k in range(len(brackets))]
        parts += _bracket_layers(brackets, at=at, y_of=_line_of(rows, heights), palette=palette, lift=10)
    parts.append(layers.words(captions, colour=palette.ink_2))
    return FigureSpec(
        chart=layers.layered(*parts),
        palette=palette,
        margins=margins,
        width=plot,
        height=height,
        description=_description(rows),
    )


def _chance_words(chance: Chance, bounds: tuple[float, float]) -> str:
    if chance.line is None:
        return f"with {chance.n_methods} methods no agreement is significant"
    where = "between dashed lines" if len(chance.lines(bounds[0])) == 2 else "left of the dashed line"
    return f"{where}: not significant ({chance.n_methods} methods)"


def _description(rows: Sequence[MetricRow]) -> str:
    n_metrics = len(rows)
    return f"Kendall tau-b of {n_metrics} metric{'s' if n_metrics != 1 else ''} with the experts, with intervals."

"""Figure 2: the experts' own ranking, strengths beside the ranks that they leave open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import altair as alt

from hlv.core.figures import layers
from hlv.core.figures.drawing import SHOWN_WIDTH, FigureSpec, Margins, Width, row_height, ticks
from hlv.core.figures.layers import MOST_NAME_LINES, Heights, name_room, slim_heights, wide_heights
from hlv.core.figures.palette import PALETTES, Palette, Theme
from hlv.core.rendering.numbers import figure
from metaeval.results.ranking import MethodRow, RankingResult

NAME = "ranking"
MODELS = {
    "bradley-terry": "Bradley–Terry strength",
    "rank-centrality": "Rank centrality, log strength",
    "win-rate": "Win rate",
}
TIES = {
    "half": "ties half a win each",
    "davidson": "Davidson ties",
    "rao-kupper": "Rao-Kupper ties",
    "drop": "ties left out",
}


@dataclass(frozen=True)
class Scale:
    """What a model's numbers are called, whether they stand on both sides of zero, and where a tie stands."""

    noun: str
    signed: bool
    even: float


STRENGTH = Scale("Strength", signed=True, even=0.0)
WIN_RATE = Scale("Win rate", signed=False, even=0.5)


def strength_scale(result: RankingResult) -> Scale:
    return WIN_RATE if result.model == "win-rate" else STRENGTH


def has_figure(result: RankingResult) -> bool:
    return not result.undetermined and bool(result.ranked)


def scale_title(result: RankingResult) -> str:
    ties = TIES.get(result.ties)
    title = MODELS.get(result.model, result.model)
    return f"{title}, {ties}" if ties else title


def spec(result: RankingResult, *, theme: Theme, width: Width) -> FigureSpec:
    if not has_figure(result):
        raise ValueError("There is no ranking to draw.")
    make = _wide if width == "wide" else _slim
    return make(
        result.ranked, title=scale_title(result), measured=strength_scale(result), palette=PALETTES[theme]
    )


def _marks(
    rows: Sequence[MethodRow], heights: Sequence[Heights], *, measured: Scale
) -> list[layers.EstimateMark]:
    return [_mark(row, at, measured) for row, at in zip(rows, heights, strict=True)]


def _mark(row: MethodRow, heights: Heights, measured: Scale) -> layers.EstimateMark:
    strength = row.strength
    value, interval, ends = figure(strength.value, signed=measured.signed), "no interval", None
    if strength.low is not None and strength.high is not None:
        ends = (strength.low, strength.high)
        interval = " to ".join(figure(end, signed=measured.signed) for end in ends)
    description = layers.with_description(
        row.name,
        f"{measured.noun.lower()} " + layers.with_interval(value, interval),
        _ranks_words(row),
        "" if row.n_judgments is None else f"{row.n_judgments:,} judgments",
    )
    return layers.EstimateMark(
        name=row.name,
        heights=heights,
        at=strength.value,
        ends=ends,
        value=value,
        interval=interval,
        description=description,
    )


def _ranks_words(row: MethodRow) -> str:
    low, high = row.rank_interval or (row.rank, row.rank)
    return f"rank {low:g}" if low == high else f"rank {low:g} to {high:g}"


def _reach(rows: Sequence[MethodRow], even: float) -> tuple[float, float]:
    """All strengths, their intervals and the value of a tie, with a little room beside them."""
    strengths = [row.strength for row in rows]
    ends = [even] + [one.value if one.low is None else one.low for one in strengths]
    ends += [one.value if one.high is None else one.high for one in strengths]
    spare = max(max(ends) - min(ends), 0.1) * 0.03
    return min(ends) - spare, max(ends) + spare


def _labelled(values: Sequence[float], *, signed: bool) -> list[tuple[float, str]]:
    spread = min((b - a for a, b in pairwise(values)), default=1.0)
    digits = 0 if spread >= 1 else 1 if spread >= 0.1 else 2
    named = []
    for value in values:
        sign = "−" if value < 0 else "+" if value > 0 and signed else ""
        named.append((value, "0" if value == 0 else f"{sign}{abs(value):.{digits}f}"))
    return named


def _rank_ticks(n_methods: int) -> list[int]:
    """All of them while they fit, then every second, fifth or tenth, the first and the last always."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if n_methods / step <= 9 or step == 100)
    between = [rank for rank in range(step, n_methods, step) if rank > 1 and n_methods - rank >= step / 2]
    return sorted({1, *between, n_methods})


def _wide(rows: Sequence[MethodRow], *, title: str, measured: Scale, palette: Palette) -> FigureSpec:
    step = row_height(len(rows))
    height = step * len(rows)
    margins = Margins(left=name_room([row.name for row in rows]), right=350, top=60, bottom=6)
    plot = SHOWN_WIDTH["wide"] - margins.left - margins.right
    name_at, value_at, interval_at = -margins.left, plot + 26, plot + 84
    rank_from, rank_to = plot + 204, plot + margins.right - 10
    marks = _marks(rows, wide_heights(len(rows), step), measured=measured)
    reach = _reach(rows, measured.even)
    # Each takes about 45 pixels, of what long names leave.
    values = ticks(*reach, at_most=max(3, min(7, plot // 45)))
    scale = alt.Scale(domain=list(reach), nice=False, range=[0, plot])
    heads: list[tuple[float, float, str, layers.Align]] = [
        (plot / 2, -38, title, "center"),
        (name_at, -14, "Method", "left"),
        (value_at, -14, f"{measured.noun}, single 95 % interval", "left"),
        (plot + margins.right, -38, "Rank, simultaneous 95 % interval", "right"),
    ]
    strengths = layers.layered(
        layers.hairlines(
            [step * k for k in range(1, len(rows))], left=name_at, right=plot + margins.right, palette=palette
        ),
        *layers.grid(values, [(0, height)], scale=scale, palette=palette, even=measured.even),
        layers.tick_labels(_labelled(values, signed=measured.signed), scale=scale, above=14, palette=palette),
        *layers.estimate_layers(marks, scale=scale, palette=palette),
        layers.names(
            marks, at=name_at, colour=palette.ink, room=margins.left - 16, lines=2 if step >= 30 else 1
        ),
        layers.values(marks, at=value_at, palette=palette),
        layers.intervals(marks, at=interval_at, colour=palette.ink_2, size=13),
        layers.words(heads, colour=palette.ink_2),
    )
    ranks = _rank_layers(rows, marks, height=height, ends=(rank_from, rank_to), palette=palette)
    return FigureSpec(
        chart=layers.layered(strengths, ranks, own_scales=True),
        palette=palette,
        margins=margins,
        width=plot,
        height=height,
        description=_description(rows, measured),
    )


def _rank_layers(
    rows: Sequence[MethodRow],
    marks: Sequence[layers.EstimateMark],
    *,
    height: float,
    ends: tuple[float, float],
    palette: Palette,
) -> layers.Group:
    scale = alt.Scale(domain=[1, max(2, len(rows))], nice=False, range=list(ends))
    values = _rank_ticks(len(rows))
    placed = [
        (row, {"y": mark.heights.line, layers.DESCRIPTION: mark.description})
        for row, mark in zip(rows, marks, strict=True)
    ]
    intervals = [
        {"low": row.rank_interval[0], "high": row.rank_interval[1], **place}
        for row, place in placed
        if row.rank_interval is not None
    ]
    return layers.layered(
        *layers.grid(values, [(0, height)], scale=scale, palette=palette),
        layers.tick_labels([(rank, str(rank)) for rank in values], scale=scale, above=14, palette=palette),
        layers.spans(intervals, scale=scale, colour=palette.fig_quiet, width=6, round_ends=True),
        layers.dots([{"at": row.rank, **place} for row, place in placed], scale=scale, palette=palette),
    )


def _slim(rows: Sequence[MethodRow], *, title: str, measured: Scale, palette: Palette) -> FigureSpec:
    margins = Margins(left=16, right=20, top=54, bottom=8)
    plot = SHOWN_WIDTH["slim"] - margins.left - margins.right
    room = plot - 128
    heights, begins, height = slim_heights([row.name for row in rows], room=room)
    marks = _marks(rows, heights, measured=measured)
    reach = _reach(rows, measured.even)
    values = ticks(*reach, at_most=6)
    scale = alt.Scale(domain=list(reach), nice=False, range=[0, plot])
    bands = [(at.line - 11, at.line + 11) for at in heights]
    right = plot + margins.right
    ranks = [(at.numbers, _ranks_words(row)) for row, at in zip(rows, heights, strict=True)]
    chart = layers.layered(
        layers.hairlines(begins, left=-margins.left, right=right, palette=palette),
        *layers.grid(values, bands, scale=scale, palette=palette, even=measured.even),
        layers.tick_labels(_labelled(values, signed=measured.signed), scale=scale, above=18, palette=palette),
        *layers.estimate_layers(marks, scale=scale, palette=palette),
        layers.names(marks, at=-margins.left, colour=palette.ink, room=room, lines=MOST_NAME_LINES),
        layers.column(ranks, at=right, colour=palette.ink, align="right"),
        layers.values(marks, at=right - 110, palette=palette, align="right"),
        layers.words([(-margins.left, -42, title, "left")], colour=palette.ink_2),
    )
    return FigureSpec(
        chart=chart,
        palette=palette,
        margins=margins,
        width=plot,
        height=height,
        description=_description(rows, measured),
    )


def _description(rows: Sequence[MethodRow], measured: Scale) -> str:
    return f"{measured.noun}s of {len(rows)} methods with 95 percent intervals, and rank intervals."

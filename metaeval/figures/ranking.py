"""Figure 2: the experts' own ranking, strengths beside the ranks that they leave open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import altair as alt

from hlv.core.figures import layers
from hlv.core.figures.drawing import SHOWN_WIDTH, Margins, Width, framed, row_height, ticks
from hlv.core.figures.palette import PALETTES, Palette, Theme
from hlv.core.figures.text_width import MOST_NAME_LINES, name_room, slim_rows
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


def spec(result: RankingResult, *, theme: Theme, width: Width) -> dict[str, Any]:
    if not has_figure(result):
        raise ValueError("There is no ranking to draw.")
    make = _wide if width == "wide" else _slim
    return make(
        result.ranked, title=scale_title(result), measured=strength_scale(result), palette=PALETTES[theme]
    )


def _records(rows: Sequence[MethodRow], *, measured: Scale, ys: Sequence[float]) -> list[dict[str, Any]]:
    signed = measured.signed
    records = []
    for row, y in zip(rows, ys, strict=True):
        record: dict[str, Any] = {
            "name": row.name,
            "y": y,
            "at": row.strength.value,
            "value": figure(row.strength.value, signed=signed),
            "interval": "no interval",
            "rank": row.rank,
            "ranks": f"rank {row.rank:g}",
        }
        if row.strength.low is not None and row.strength.high is not None:
            record |= {"low": row.strength.low, "high": row.strength.high}
            record["interval"] = (
                f"{figure(row.strength.low, signed=signed)} to {figure(row.strength.high, signed=signed)}"
            )
        if row.rank_interval is not None:
            record |= {"rank_low": row.rank_interval[0], "rank_high": row.rank_interval[1]}
            record["ranks"] = _ranks(*row.rank_interval)
        record[layers.DESCRIPTION] = layers.with_description(
            row.name,
            f"{measured.noun.lower()} " + layers.with_interval(record["value"], record["interval"]),
            record["ranks"],
            "" if row.n_judgments is None else f"{row.n_judgments:,} judgments",
        )
        records.append(record)
    return records


def _ranks(low: float, high: float) -> str:
    return f"rank {low:g}" if low == high else f"rank {low:g} to {high:g}"


def _reach(records: Sequence[dict[str, Any]], even: float) -> tuple[float, float]:
    """All strengths, their intervals and where a tie stands, with a little room beside them."""
    ends = [r.get("low", r["at"]) for r in records] + [r.get("high", r["at"]) for r in records] + [even]
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


def _marks(
    records: Sequence[dict[str, Any]], *, scale: alt.Scale, palette: Palette, y: str
) -> list[layers.Part]:
    def across(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=None)

    return [
        layers.spans([r for r in records if "low" in r], x=across("low"), colour=palette.fig_1, y=y),
        layers.dots(records, x=across("at"), palette=palette, y=y),
    ]


def _grid(
    values: Sequence[float],
    bands: Sequence[tuple[float, float]],
    *,
    scale: alt.Scale,
    palette: Palette,
    even: float = 0.0,
) -> list[layers.Part]:
    lines = [{"at": v, "top": top, "bottom": bottom} for top, bottom in bands for v in values]
    x = alt.X("at:Q", scale=scale, axis=None)
    return [
        layers.uprights([line for line in lines if line["at"] != even], x=x, colour=palette.rule),
        layers.uprights([line for line in lines if line["at"] == even], x=x, colour=palette.edge),
    ]


def _wide(rows: Sequence[MethodRow], *, title: str, measured: Scale, palette: Palette) -> dict[str, Any]:
    step = row_height(len(rows))
    height = step * len(rows)
    margins = Margins(left=name_room([row.name for row in rows]), right=350, top=60, bottom=6)
    plot = SHOWN_WIDTH["wide"] - margins.left - margins.right
    name_at, value_at, interval_at = -margins.left, plot + 26, plot + 84
    rank_from, rank_to = plot + 204, plot + margins.right - 10
    records = _records(rows, measured=measured, ys=[step * (place + 0.5) for place in range(len(rows))])
    reach = _reach(records, measured.even)
    # Each takes about 45 pixels, of what long names leave.
    values = ticks(*reach, at_most=max(3, min(7, plot // 45)))
    scale = alt.Scale(domain=list(reach), nice=False, range=[0, plot])
    rank_scale = alt.Scale(domain=[1, max(2, len(rows))], nice=False, range=[rank_from, rank_to])
    rank_values = _rank_ticks(len(rows))
    ranked = [r | {"from": r["rank_low"], "high": r["rank_high"]} for r in records if "rank_low" in r]
    heads: list[tuple[float, float, str, layers.Align]] = [
        (plot / 2, -38, title, "center"),
        (name_at, -14, "Method", "left"),
        (value_at, -14, f"{measured.noun}, 95 % interval", "left"),
        ((rank_from + rank_to) / 2, -38, "Rank, 95 % interval", "center"),
    ]
    strengths = layers.layered(
        layers.hairlines(
            [step * k for k in range(1, len(rows))], left=name_at, right=plot + margins.right, palette=palette
        ),
        *_grid(values, [(0, height)], scale=scale, palette=palette, even=measured.even),
        layers.tick_labels(_labelled(values, signed=measured.signed), scale=scale, above=14, palette=palette),
        *_marks(records, scale=scale, palette=palette, y="y"),
        layers.names(
            records, at=name_at, colour=palette.ink, room=margins.left - 16, lines=2 if step >= 30 else 1
        ),
        layers.column(records, text="value", at=value_at, colour=palette.ink, strong=True),
        layers.column(records, text="interval", at=interval_at, colour=palette.ink_2, size=13),
        layers.words(heads, colour=palette.ink_2),
    )
    ranks = layers.layered(
        *_grid(rank_values, [(0, height)], scale=rank_scale, palette=palette),
        layers.tick_labels([(r, str(r)) for r in rank_values], scale=rank_scale, above=14, palette=palette),
        layers.spans(
            ranked,
            x=alt.X("from:Q", scale=rank_scale, axis=None),
            colour=palette.fig_quiet,
            width=6,
            round_ends=True,
        ),
        layers.dots(records, x=alt.X("rank:Q", scale=rank_scale, axis=None), palette=palette),
    )
    both = layers.layered(strengths, ranks) | {"resolve": {"scale": {"x": "independent"}}}
    return framed(
        both, palette=palette, margins=margins, width=plot, height=height, says=_says(rows, measured)
    )


def _slim(rows: Sequence[MethodRow], *, title: str, measured: Scale, palette: Palette) -> dict[str, Any]:
    margins = Margins(left=16, right=20, top=54, bottom=8)
    plot = SHOWN_WIDTH["slim"] - margins.left - margins.right
    room = plot - 128
    tops, height = slim_rows([row.name for row in rows], room=room)
    records = [
        record | {"line": record["y"] + below}
        for record, (_, below) in zip(
            _records(rows, measured=measured, ys=[top + 14 for top, _ in tops]), tops, strict=True
        )
    ]
    reach = _reach(records, measured.even)
    values = ticks(*reach, at_most=6)
    scale = alt.Scale(domain=list(reach), nice=False, range=[0, plot])
    bands = [(r["line"] - 11, r["line"] + 11) for r in records]
    right = plot + margins.right
    chart = layers.layered(
        layers.hairlines([top for top, _ in tops[1:]], left=-margins.left, right=right, palette=palette),
        *_grid(values, bands, scale=scale, palette=palette, even=measured.even),
        layers.tick_labels(_labelled(values, signed=measured.signed), scale=scale, above=18, palette=palette),
        *_marks(records, scale=scale, palette=palette, y="line"),
        layers.names(
            [r | {"y": r["line"] - 24 - (r["line"] - r["y"] - 24) / 2} for r in records],
            at=-margins.left,
            colour=palette.ink,
            room=room,
            lines=MOST_NAME_LINES,
        ),
        layers.column(records, text="ranks", at=right, colour=palette.ink, align="right"),
        layers.column(records, text="value", at=right - 110, colour=palette.ink, strong=True, align="right"),
        layers.words([(-margins.left, -42, title, "left")], colour=palette.ink_2),
    )
    return framed(
        chart, palette=palette, margins=margins, width=plot, height=height, says=_says(rows, measured)
    )


def _says(rows: Sequence[MethodRow], measured: Scale) -> str:
    return f"{measured.noun}s of {len(rows)} methods with 95 percent intervals, and rank intervals."

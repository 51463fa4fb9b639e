"""Ranks from metric to metric: a line for each method, towards the experts' order on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hlv.core.figures.canvas import Canvas, Shape
from hlv.core.figures.drawing import SHOWN_WIDTH, FigureSpec, Margins, Width
from hlv.core.figures.layers import shortened, text_width, with_description, wrapped
from hlv.core.figures.palette import PALETTES, Palette, Theme
from hlv.core.rendering.numbers import figure
from metaeval.results.method_scores import MethodScores, Scored, method_scores
from metaeval.results.metric_agreement import MetricAgreementResult

NAME = "rank-lines"
MOST_COLUMNS: dict[Width, int] = {"wide": 24, "slim": 6}
SHAPES: tuple[Shape, ...] = ("circle", "square", "triangle-up")
# From here on the heads lean, as their words do not fit side by side.
_NARROW = 62
_LEAN = -52
# At most so wide are heads side by side.
_HEAD = 120
# From the experts' column to their ranks, which stand before the names.
_NAME_AT = 20


@dataclass(frozen=True)
class NameStyle:
    size: int
    strong: bool
    colour: str


def has_figure(result: MetricAgreementResult) -> bool:
    scores = method_scores(result)
    return scores is not None and bool(scores.metrics)


def shown_metrics(scores: MethodScores, width: Width) -> list[Scored]:
    """One of each set of copies, and of many those that agree best; the least alike first."""
    seen: dict[str, Scored] = {}
    for scored in scores.metrics:
        seen.setdefault(scored.row.hypothesis, scored)
    return list(seen.values())[: MOST_COLUMNS[width]][::-1]


def spec(result: MetricAgreementResult, *, theme: Theme, width: Width) -> FigureSpec:
    scores = method_scores(result)
    if scores is None or not scores.metrics:
        raise ValueError("There are no ranks to draw.")
    return _drawn(scores, shown_metrics(scores, width), PALETTES[theme], width)


def _drawn(scores: MethodScores, shown: Sequence[Scored], palette: Palette, width: Width) -> FigureSpec:
    n_methods = len(scores.methods)
    step = 28 if n_methods <= 12 else 20 if n_methods <= 24 else 15
    size = 11 if step == 15 else 14 if width == "wide" else 12
    digits = max(text_width(_rank(rank), size=size) for rank in scores.ranks)
    wanted = max(text_width(name, size=size) * _wider(place) for place, name in enumerate(scores.methods))
    right = int(min(_most_for_names(width, len(shown)), wanted + digits + _NAME_AT + 12))
    # Heads that stand upright begin left of their columns: half of the first lies over the margin.
    upright = width == "wide" and (SHOWN_WIDTH[width] - right) / (len(shown) + 1) >= _NARROW
    left = 64 if upright else 34
    plot = SHOWN_WIDTH[width] - left - right
    across = plot / max(1, len(shown))
    columns = [across * place for place in range(len(shown) + 1)]
    leaning = not upright
    canvas = Canvas(palette)
    head = _heads(canvas, shown, columns, leaning=leaning, across=across)
    height = step * (n_methods - 1)
    canvas.rect(plot - 13, -14, plot + 13, height + 14, fill=palette.fig_band)
    canvas.words(plot + _NAME_AT, -22, "Experts", strong=True, size=13)
    for rank in range(1, n_methods + 1):
        if rank == 1 or n_methods <= 24 or rank % 5 == 0:
            down = step * (rank - 1)
            canvas.words(-left, down, str(rank), size=12 if step > 15 else 11, colour=palette.ink_2)
    for place in reversed(range(n_methods)):
        ranks = [*(scored.ranks[place] for scored in shown), scores.ranks[place]]
        points = [
            None if rank is None else (x, step * (rank - 1)) for x, rank in zip(columns, ranks, strict=True)
        ]
        description = [*(_at_metric(scores, scored, place) for scored in shown), _by_experts(scores, place)]
        _line(canvas, points, description, name=scores.methods[place], place=place, many=n_methods > 24)
        at, level = plot + _NAME_AT + digits, step * ((scores.ranks[place] or 0) - 1)
        # The rank apart from the name, which may run from right to left.
        style = _name_style(canvas, place, size)
        canvas.words(at, level, _rank(scores.ranks[place]), align="right", **vars(style))
        room = right - _NAME_AT - digits - 10
        _name(canvas, scores.methods[place], (at + 6, level), style, room=room, wider=_wider(place))
    bottom = 18
    if (n_left := _n_left_out(scores, shown)) > 0:
        bottom = 44
        text = f"the {len(shown)} metrics that agree best, of {len(shown) + n_left}"
        canvas.words(-left, height + 30, text, size=12, colour=palette.ink_2)
    return canvas.spec(
        margins=Margins(left=left, right=right, top=head, bottom=bottom),
        width=plot,
        height=height,
        description=f"Ranks of {n_methods} methods by {len(shown)} metrics and by the experts.",
    )


def _n_left_out(scores: MethodScores, shown: Sequence[Scored]) -> int:
    return len({scored.row.hypothesis for scored in scores.metrics}) - len(shown)


def _rank(rank: float | None) -> str:
    return f"{rank:g}"


def _heads(
    canvas: Canvas, shown: Sequence[Scored], columns: Sequence[float], *, leaning: bool, across: float
) -> int:
    """Each metric over its column with its agreement; the pixels that they take."""
    tallest = 44
    for x, scored in zip(columns, shown, strict=False):
        tau = figure(scored.row.tau.value) if scored.row.tau else ""
        if leaning:
            name = shortened(scored.row.label, 150, size=12)
            text = f"{tau}  {name}"
            canvas.words(x + 3, -22, text, size=12, colour=canvas.palette.ink_2, angle=_LEAN)
            tallest = max(tallest, int(30 + 0.8 * text_width(text, size=12)))
            continue
        canvas.words(x, -24, tau, align="center", size=12, strong=True)
        lines = wrapped(scored.row.label, min(across - 6, _HEAD), size=12, lines=3)
        for number, line in enumerate(reversed(lines)):
            down = -40 - 14 * number
            canvas.words(x, down, line, align="center", size=12, colour=canvas.palette.ink_2)
        tallest = max(tallest, 48 + 14 * len(lines))
    return tallest


def _colour(palette: Palette, place: int) -> str:
    return (palette.fig_1, palette.fig_2, palette.fig_3)[place] if place < 3 else palette.fig_quiet


def _by_experts(scores: MethodScores, place: int) -> str:
    strength = scores.strengths[place]
    return with_description(
        scores.methods[place], _experts(scores, place), f"strength {figure(strength.value, signed=True)}"
    )


def _experts(scores: MethodScores, place: int) -> str:
    return f"rank {_rank(scores.ranks[place])} by the experts"


def _at_metric(scores: MethodScores, scored: Scored, place: int) -> str:
    rank = scored.ranks[place]
    if rank is None:
        return ""
    tau = f" (τ-b {figure(scored.row.tau.value)})" if scored.row.tau else ""
    return with_description(
        scores.methods[place], f"rank {rank:g} by {scored.row.label}{tau}", _experts(scores, place)
    )


def _line(
    canvas: Canvas,
    points: Sequence[tuple[float, float] | None],
    description: Sequence[str],
    *,
    name: str,
    place: int,
    many: bool,
) -> None:
    """A line says its method alone: it shows the way of whichever of its points is looked at."""
    colour, first = _colour(canvas.palette, place), place < 3
    run: list[tuple[float, float]] = []
    for point, words in zip([*points, None], [*description, ""], strict=True):
        if point is not None:
            run.append(point)
            size = 70 if first else 14 if many else 30
            shape = SHAPES[place] if first else "circle"
            canvas.dot(*point, colour=colour, shape=shape, size=size, description=words)
            continue
        # A metric without a score of this method leaves a gap.
        if len(run) > 1:
            width = 2.2 if first else 0.8 if many else 1.2
            canvas.line(run, colour=colour, width=width, bent=True, description=name)
        run = []


def _most_for_names(width: Width, n_columns: int) -> int:
    """Few columns leave names their room."""
    if width == "slim":
        return 172 if n_columns > 3 else 190
    return max(230, min(340, SHOWN_WIDTH[width] - 34 - 80 * n_columns))


def _wider(place: int) -> float:
    """Letters of some names run wider than their mean, and bold ones by a tenth more."""
    return 1.2 if place < 3 else 1.08


def _name_style(canvas: Canvas, place: int, size: int) -> NameStyle:
    first = place < 3
    colour = _colour(canvas.palette, place) if first else canvas.palette.ink
    return NameStyle(size, first, colour)


def _name(
    canvas: Canvas, name: str, at: tuple[float, float], style: NameStyle, *, room: float, wider: float
) -> None:
    """Whole on one line, or on two where rows are far enough apart; else it loses its middle."""
    size, n_lines = style.size, 1
    if size > 11 and text_width(name, size=size) * wider > room:
        size, n_lines = 12, 2
    lines = wrapped(name, room / wider, size=size, lines=n_lines)
    for number, line in enumerate(lines):
        down = at[1] + 13 * (number - (len(lines) - 1) / 2)
        canvas.words(at[0], down, line, size=size, strong=style.strong, colour=style.colour)

"""Strength against score: the methods by one metric and by the experts, each with its interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from hlv.core.figures.canvas import Canvas
from hlv.core.figures.drawing import SHOWN_WIDTH, FigureSpec, Margins, Width, ticks
from hlv.core.figures.figure_files import SLIM
from hlv.core.figures.layers import Align, shortened, text_width, with_description, with_interval, wrapped
from hlv.core.figures.palette import PALETTES, Theme
from hlv.core.rendering.numbers import figure
from metaeval.results.method_scores import MethodScores, Scored
from metaeval.results.metric_rows import Estimate

NAME = "strength-against-score"
HEIGHT: dict[Width, int] = {"wide": 400, "slim": 320}
# More names than these would lie over one another: ranks stand for them.
_MOST_NAMED: dict[Width, int] = {"wide": 16, "slim": 0}
_MOST_INTERVALS = 30
# Between words on one line, so that two ranks do not read as one number.
_BETWEEN = 4
Box = tuple[float, float, float, float]
Place = Callable[[float], float]


def figure_name(scored: Scored) -> str:
    """Of the figure; names of metrics are anything that people typed."""
    return f"{NAME}-{scored.number}"


def metric_of(scores: MethodScores | None, name: str) -> str:
    """The label of the metric in the figure of this name, slim or wide; empty where there is none."""
    metrics = [] if scores is None else scores.metrics
    return next(
        (one.row.label for one in metrics if figure_name(one) == name.removesuffix(SLIM)),
        "",
    )


def specs(scores: MethodScores | None) -> list[Scored]:
    """The metrics that can be drawn, in the order of their agreement."""
    if scores is None:
        return []
    return [scored for scored in scores.metrics if sum(score is not None for score in scored.scores) > 1]


def spec(scores: MethodScores, scored: Scored, *, theme: Theme, width: Width) -> FigureSpec:
    palette, strength = PALETTES[theme], scores.strength_label
    margins = Margins(left=52, right=16, top=14 if width == "wide" else 40, bottom=54)
    plot, height = SHOWN_WIDTH[width] - margins.left - margins.right, HEIGHT[width]
    shown = [
        (place, strength_, score)
        for place, (strength_, score) in enumerate(zip(scores.strengths, scored.scores, strict=True))
        if score is not None
    ]
    with_intervals = len(shown) <= _MOST_INTERVALS
    across = _scale([score for _, _, score in shown], plot, intervals=with_intervals)
    up = _scale([one for _, one, _ in shown], height, intervals=with_intervals)
    turned = not scored.row.higher_is_better

    def x_of(value: float) -> float:
        return plot - across[0](value) if turned else across[0](value)

    def y_of(value: float) -> float:
        return height - up[0](value)

    canvas = Canvas(palette)
    _frame(canvas, across[1], up[1], x_of, y_of, plot=plot, height=height)
    direction = "lower is better, so the axis is reversed" if turned else "higher is better"
    title = f"{scored.row.label} ({direction})"
    for number, line in enumerate(wrapped(title, SHOWN_WIDTH[width] - 20, size=12, lines=2)):
        down = height + 32 + 15 * number
        canvas.words(plot / 2, down, line, align="center", size=12, colour=palette.ink_2)
    if width == "wide":
        canvas.words(
            -margins.left + 8, height / 2, strength, align="center", size=12, colour=palette.ink_2, angle=-90
        )
    else:
        canvas.words(-margins.left, -26, strength, size=12, colour=palette.ink_2)
    points = [(place, x_of(score.value), y_of(one.value)) for place, one, score in shown]
    crossed: list[Box] = []
    if with_intervals:
        for _place, one, score in shown:
            crossed += _intervals(canvas, one, score, x_of, y_of)
    size = 70 if len(points) <= _MOST_INTERVALS else 46
    for place, x, y in points:
        canvas.dot(x, y, colour=palette.fig_1, size=size, description=_description(scores, scored, place))
    words = {place: _words(scores, place, named=len(points) <= _MOST_NAMED[width]) for place, _, _ in points}
    label(canvas, points, words, crossed, plot=plot, height=height)
    return canvas.spec(
        margins=margins,
        width=plot,
        height=height,
        description=f"The experts' strength of {len(points)} methods against {scored.row.label}.",
    )


def _description(scores: MethodScores, scored: Scored, place: int) -> str:
    score, rank = scored.scores[place], scores.ranks[place]
    return with_description(
        scores.methods[place],
        f"{scored.row.label} {_in_words(score)}" if score is not None else "",
        f"strength {_in_words(scores.strengths[place], signed=True)}",
        f"rank {rank:g} by the experts",
    )


def _in_words(estimate: Estimate, *, signed: bool = False) -> str:
    ends = (estimate.low, estimate.high)
    words = [figure(end, signed=signed) for end in ends if end is not None]
    return with_interval(
        figure(estimate.value, signed=signed), " to ".join(words) if len(words) == 2 else "no interval"
    )


def _scale(estimates: Sequence[Estimate], length: float, *, intervals: bool) -> tuple[Place, list[float]]:
    ends = [estimate.value for estimate in estimates]
    if intervals:
        ends += [end for one in estimates for end in (one.low, one.high) if end is not None]
    low, high = min(ends), max(ends)
    spare = max(high - low, 1e-6) * 0.05
    low, high = low - spare, high + spare
    return (lambda value: (value - low) / (high - low) * length), [
        at for at in ticks(low, high, at_most=6) if low <= at <= high
    ]


def _frame(
    canvas: Canvas,
    across: Sequence[float],
    up: Sequence[float],
    x_of: Place,
    y_of: Place,
    *,
    plot: float,
    height: float,
) -> None:
    palette = canvas.palette
    for value, words in _numbered(across):
        canvas.line([(x_of(value), 0), (x_of(value), height)], colour=palette.rule)
        canvas.words(x_of(value), height + 14, words, align="center", size=12, colour=palette.ink_2)
    for value, words in _numbered(up):
        canvas.line([(0, y_of(value)), (plot, y_of(value))], colour=palette.rule)
        canvas.words(-8, y_of(value), words, align="right", size=12, colour=palette.ink_2)


def _numbered(values: Sequence[float]) -> list[tuple[float, str]]:
    apart = min((b - a for a, b in pairwise(sorted(values))), default=1.0)
    digits = 0 if apart >= 1 else 1 if apart >= 0.1 else 2 if apart >= 0.01 else 3
    return [(value, f"{value:.{digits}f}".replace("-", "−")) for value in values]


def _intervals(canvas: Canvas, one: Estimate, score: Estimate, x_of: Place, y_of: Place) -> list[Box]:
    """Both intervals of a dot, and where their lines lie."""
    x, y = x_of(score.value), y_of(one.value)
    lines = []
    if score.low is not None and score.high is not None:
        lines.append(((x_of(score.low), y), (x_of(score.high), y)))
    if one.low is not None and one.high is not None:
        lines.append(((x, y_of(one.low)), (x, y_of(one.high))))
    for line in lines:
        canvas.line(line, colour=canvas.palette.fig_quiet, width=1.2)
    return [
        (min(x1, x2) - 1, min(y1, y2) - 1, max(x1, x2) + 1, max(y1, y2) + 1) for (x1, y1), (x2, y2) in lines
    ]


def _words(scores: MethodScores, place: int, *, named: bool) -> list[str]:
    """What may stand beside a dot, the fullest first."""
    rank = f"{scores.ranks[place]:g}"
    return [f"{rank} {shortened(scores.methods[place], 190, size=12)}", rank] if named else [rank]


def label(
    canvas: Canvas,
    points: Sequence[tuple[int, float, float]],
    words: Mapping[int, Sequence[str]],
    crossed: Sequence[Box],
    *,
    plot: float,
    height: float,
) -> None:
    """Beside each dot where nothing lies yet, no line either; else its rank, then if need be over a line.

    Where other dots or words leave no room for that, nothing: the table has all.
    """
    dots: list[Box] = [(x - 5, y - 5, x + 5, y + 5) for _, x, y in points]
    placed: list[Box] = []

    def place_words(x: float, y: float, choices: Sequence[str], taken: Sequence[Box]) -> bool:
        for choice in choices:
            found = _free(choice, x, y, taken, plot=plot, height=height)
            if found is not None:
                at, align, box = found
                canvas.words(*at, choice, align=align, size=12)
                placed.append(box)
                return True
        return False

    left = [
        (place, x, y)
        for place, x, y in points
        if not place_words(x, y, words[place], [*dots, *crossed, *placed])
    ]
    for place, x, y in left:
        place_words(x, y, words[place][-1:], [*dots, *placed])


def _free(
    words: str, x: float, y: float, taken: Sequence[Box], *, plot: float, height: float
) -> tuple[tuple[float, float], Align, Box] | None:
    wide = text_width(words, size=12)
    choices: list[tuple[tuple[float, float], Align, float]] = [
        ((x + 9, y - 9), "left", x + 9),
        ((x + 9, y + 9), "left", x + 9),
        ((x - 9, y - 9), "right", x - 9 - wide),
        ((x - 9, y + 9), "right", x - 9 - wide),
        ((x + 12, y - 20), "left", x + 12),
        ((x - 12, y + 20), "right", x - 12 - wide),
        ((x - 12, y - 20), "right", x - 12 - wide),
        ((x + 12, y + 20), "left", x + 12),
        ((x, y - 16), "center", x - wide / 2),
        ((x, y + 16), "center", x - wide / 2),
    ]
    for at, align, left in choices:
        top, right, bottom = at[1] - 7, left + wide, at[1] + 7
        inside = left >= 0 and right <= plot and top >= 0 and bottom <= height
        # Asked a million times for the figures of forty metrics: no call for each.
        if inside and not any(
            left < other[2] and other[0] < right and top < other[3] and other[1] < bottom for other in taken
        ):
            return at, align, (left - _BETWEEN, top, right + _BETWEEN, bottom)
    return None

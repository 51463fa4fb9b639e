"""Pairwise wins: observed above the diagonal, expected by the ranking mirrored below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hlv.core.figures.canvas import Canvas
from hlv.core.figures.drawing import (
    SHOWN_WIDTH,
    FigureSpec,
    Margins,
    Width,
)
from hlv.core.figures.layers import name_room, shortened, with_description, wrapped
from hlv.core.figures.palette import PALETTES, Palette, Theme
from metaeval.results.ranking import Pair, RankingResult

NAME = "win-matrix"
# Half of a number over the last of many narrow columns.
_RIGHT = 8
# From even to always, the lower end of each step; more than 0.5 is shaded.
STEPS = (0.5, 0.58, 0.66, 0.74, 0.82)
STEP_WORDS = ("50 to 58 %", "58 to 66 %", "66 to 74 %", "74 to 82 %", "82 % and more")
_ROOM_FOR_NUMBER = 25
# More than these are not listed under a slim drawing: the ranking has them.
_MOST_LISTED = 20


@dataclass(frozen=True)
class _Grid:
    left: float
    cell: float
    height: float
    size: int

    def box(self, row: int, column: int) -> tuple[float, float, float, float]:
        gap = 1 if self.cell > 14 else 0.4
        return (
            self.left + column * self.cell + gap,
            row * self.height + gap,
            self.left + (column + 1) * self.cell - gap,
            (row + 1) * self.height - gap,
        )


def has_figure(result: RankingResult) -> bool:
    return bool(result.compared)


def spec(result: RankingResult, *, theme: Theme, width: Width) -> FigureSpec:
    names, pairs = result.names, result.compared
    if not pairs:
        raise ValueError("There are no pairs to draw.")
    make = _wide if width == "wide" else _slim
    return make(names, pairs, PALETTES[theme])


def _wide(names: Sequence[str], pairs: Sequence[Pair], palette: Palette) -> FigureSpec:
    n = len(names)
    labels = [f"{place} {name}" for place, name in enumerate(names, 1)]
    left = min(name_room(labels), 220)
    cell = min(64.0, (SHOWN_WIDTH["wide"] - left - _RIGHT) / n)
    height = min(34.0, max(14.0, cell * 0.72))
    grid = _Grid(left=0, cell=cell, height=height, size=13 if cell >= 34 else 11)
    canvas = Canvas(palette)
    for row, label in enumerate(labels):
        small = height < 18
        size = 11 if small else 14
        text = shortened(label, left - (24 if small else 14), size=size)
        canvas.words(-left, height * (row + 0.5), text, size=size)
    _heads(canvas, grid, n)
    _cells(canvas, grid, pairs, names)
    bottom = _legend(canvas, top=height * n + 26, left=-left, across=134, per_row=6)
    return canvas.spec(
        margins=Margins(left=left, right=_RIGHT, top=26, bottom=int(bottom - height * n) + 12),
        width=SHOWN_WIDTH["wide"] - left - _RIGHT,
        height=int(height * n),
        description=_description(n),
    )


def _slim(names: Sequence[str], pairs: Sequence[Pair], palette: Palette) -> FigureSpec:
    n = len(names)
    left = 22
    cell = min(48.0, (SHOWN_WIDTH["slim"] - left - _RIGHT) / n)
    height = min(34.0, cell)
    grid = _Grid(left=0, cell=cell, height=height, size=12)
    canvas = Canvas(palette)
    every = _every(height)
    for row in range(n):
        if row == 0 or (row + 1) % every == 0:
            canvas.words(-8, height * (row + 0.5), str(row + 1), align="right", size=12, colour=palette.ink_2)
    _heads(canvas, grid, n)
    _cells(canvas, grid, pairs, names)
    bottom = _legend(canvas, top=height * n + 24, left=-left, across=172, per_row=2)
    if n <= _MOST_LISTED:
        for place, name in enumerate(names, 1):
            canvas.words(-left, bottom + 26, str(place), size=13, colour=palette.ink_2)
            for line in wrapped(name, SHOWN_WIDTH["slim"] - 26, size=13):
                bottom += 20
                canvas.words(-left + 22, bottom + 6, line, size=13)
        bottom += 12
    return canvas.spec(
        margins=Margins(left=left, right=_RIGHT, top=24, bottom=int(bottom - height * n) + 12),
        width=SHOWN_WIDTH["slim"] - left - _RIGHT,
        height=int(height * n),
        description=_description(n),
    )


def _every(room: float) -> int:
    return 1 if room >= 16 else 5 if room >= 5 else 10


def _heads(canvas: Canvas, grid: _Grid, n: int) -> None:
    every = _every(grid.cell)
    for column in range(n):
        if column == 0 or (column + 1) % every == 0:
            across = grid.left + grid.cell * (column + 0.5)
            canvas.words(across, -12, str(column + 1), align="center", size=12, colour=canvas.palette.ink_2)


def _of_pair(pair: Pair, names: Sequence[str]) -> str:
    """What was seen and what is expected: the two cells of a pair are one point."""
    seen, expected = "never compared", ""
    if pair.observed is not None:
        seen = f"better {100 * pair.observed:.0f} times of 100 in {_judgments(pair.n_judgments)}"
    if pair.expected is not None:
        expected = f"expected {100 * pair.expected:.0f}"
        if pair.interval is not None:
            low, high = pair.interval
            expected += f", 95 % interval {100 * low:.0f} to {100 * high:.0f}"
    return with_description(
        f"{names[pair.first]} against {names[pair.second]}",
        seen,
        expected,
        "against the order" if pair.against_the_order else "",
    )


def _judgments(n: int) -> str:
    return f"{n:,} judgment{'' if n == 1 else 's'}"


def _cells(canvas: Canvas, grid: _Grid, pairs: Sequence[Pair], names: Sequence[str]) -> None:
    n = len(names)
    numbered = grid.cell >= _ROOM_FOR_NUMBER
    outlined = []
    for pair in pairs:
        description = _of_pair(pair, names)
        for box, chance in (
            (grid.box(pair.first, pair.second), pair.observed),
            (grid.box(pair.second, pair.first), pair.expected),
        ):
            _cell(canvas, box, chance, description, size=grid.size, numbered=numbered)
        if pair.against_the_order:
            outlined.append(grid.box(pair.first, pair.second))
    for place in range(n):
        left, top, right, bottom = grid.box(place, place)
        if numbered:
            middle = ((left + right) / 2, (top + bottom) / 2)
            canvas.words(*middle, "–", align="center", size=grid.size, colour=canvas.palette.ink_2)
        else:
            canvas.rect(left, top, right, bottom, fill=canvas.palette.rule)
    for box in outlined:
        canvas.outline(*box, colour=canvas.palette.fig_2, width=2 if numbered else 1)


def _cell(
    canvas: Canvas,
    box: tuple[float, float, float, float],
    chance: float | None,
    description: str,
    *,
    size: int,
    numbered: bool,
) -> None:
    palette, (left, top, right, bottom) = canvas.palette, box
    step = -1 if chance is None else sum(chance > end for end in STEPS) - 1
    canvas.rect(
        left,
        top,
        right,
        bottom,
        fill=palette.heats[step] if step >= 0 else palette.sheet,
        description=description,
    )
    if numbered:
        colour = palette.ink_2 if step < 0 else palette.on_heat_high if step > 2 else palette.on_heat_low
        text = "" if chance is None else f"{100 * chance:.0f}"
        canvas.words((left + right) / 2, (top + bottom) / 2, text, align="center", size=size, colour=colour)


def _legend(canvas: Canvas, *, top: float, left: float, across: float, per_row: int) -> float:
    """Swatches with their words in rows; where the last of them ends."""
    palette = canvas.palette
    down = top
    for number, words in enumerate((*STEP_WORDS, "against the order")):
        x, down = left + across * (number % per_row), top + 24 * (number // per_row)
        if number < len(STEP_WORDS):
            canvas.rect(x, down - 7, x + 20, down + 7, fill=palette.heats[number])
        else:
            canvas.outline(x + 1, down - 6, x + 20, down + 7, colour=palette.fig_2, width=2)
        canvas.words(x + 26, down, words, size=12, colour=palette.ink_2)
    return down + 8


def _description(n_methods: int) -> str:
    return f"How often each of {n_methods} methods was judged better than each other, and how often it is expected."

"""How much room words take, and what becomes of names that are longer than theirs."""

from __future__ import annotations

from collections.abc import Sequence

LETTER = 7.2  # mean width of a letter at 14 pixels, in the wider of the faces shown


def name_room(names: Sequence[str]) -> int:
    """Pixels for the column of names: what the longest asks for, within what leaves the plot its room."""
    return round(min(280, max(120, max(map(len, names), default=0) * LETTER + 24)))


def text_width(said: str, *, size: int = 14) -> float:
    """Pixels that words take, about."""
    return len(said) * LETTER * size / 14


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
    """Rows of a slim drawing, name over plot: where each begins, how far its plot lies below its first line, and
    the height of all; a name of several lines makes its row taller, and so does what stands beneath it."""
    rows, top = [], 0
    for name in names:
        more = _LINE * (len(wrapped(name, room, lines=MOST_NAME_LINES)) - 1) + beneath
        rows.append((top, 24 + more))
        top += _SLIM_ROW + more
    return rows, top

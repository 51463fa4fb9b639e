"""What differs between two versions of a text: by lines, and within a changed line by words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "added", "removed"]

# A line longer than this is shown whole, before and after: comparing words grows with the square of their number.
MOST_WORDS = 1500
# Lines this much alike are one line that changed; others are one that went and one that came.
ALIKE = 0.4
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    kind: Kind
    text: str


@dataclass(frozen=True)
class Line:
    """`kind` is "changed" where its pieces differ in kind."""

    kind: Kind | Literal["changed"]
    pieces: tuple[Piece, ...]


def changed_lines(old: str, new: str) -> list[Line]:
    """All lines of both, in order; a changed one holds what went and what came."""
    before, after = old.splitlines(), new.splitlines()
    found: list[Line] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for what, start, end, new_start, new_end in matcher.get_opcodes():
        if what == "equal":
            found += [_whole("same", line) for line in before[start:end]]
        else:
            found += _replaced(before[start:end], after[new_start:new_end])
    return found


def _whole(kind: Kind, line: str) -> Line:
    return Line(kind, (Piece(kind, line),))


def _replaced(before: Sequence[str], after: Sequence[str]) -> Iterator[Line]:
    """Lines in pairs as far as they are alike; the rest went or came whole."""
    for one, other in zip(before, after, strict=False):
        yield from _pair(one, other)
    yield from (_whole("removed", line) for line in before[len(after) :])
    yield from (_whole("added", line) for line in after[len(before) :])


def _pair(old: str, new: str) -> list[Line]:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    if max(len(before), len(after)) <= MOST_WORDS:
        matcher = SequenceMatcher(None, before, after, autojunk=False)
        if matcher.ratio() >= ALIKE:
            return [Line("changed", tuple(_pieces(matcher, before, after)))]
    return [_whole("removed", old), _whole("added", new)]


def _pieces(matcher: SequenceMatcher[str], before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    for what, start, end, new_start, new_end in matcher.get_opcodes():
        if what == "equal":
            yield Piece("same", "".join(before[start:end]))
            continue
        if start < end:
            yield Piece("removed", "".join(before[start:end]))
        if new_start < new_end:
            yield Piece("added", "".join(after[new_start:new_end]))

"""The texts of an item as they are read: in numbered paragraphs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from annotations.formats.spans import plain_text
from annotations.models import Item

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_LINE_END = re.compile(r"\n")


@dataclass(frozen=True)
class Paragraph:
    """The number counts through all texts of an item, so that "para. 3" means one place."""

    number: int
    words: str
    # Place of its first character in the plain text.
    start: int = 0


@dataclass(frozen=True)
class ReadText:
    name: str
    paragraphs: list[Paragraph]
    # In its item.
    position: int = 0


def _paragraphs(text: str) -> list[tuple[int, str]]:
    """Paragraphs with their places. Blank lines separate them where there are any; otherwise every line is one."""
    text = plain_text(text)
    separator = _BLANK_LINE if _BLANK_LINE.search(text.strip()) else _LINE_END
    ends = [found.span() for found in separator.finditer(text)]
    starts = [0, *(end for _start, end in ends)]
    parts = [
        (start, text[start:end])
        for start, end in zip(starts, [*(s for s, _e in ends), len(text)], strict=True)
    ]
    return [
        (start + len(part) - len(part.lstrip("\n")), part.strip("\n"))
        for start, part in parts
        if part.strip()
    ]


def reading(item: Item) -> list[ReadText]:
    read: list[ReadText] = []
    number = 0
    for text in item.texts.all():
        parts = _paragraphs(text.text)
        read.append(
            ReadText(
                text.name,
                [
                    Paragraph(number + place, part, start)
                    for place, (start, part) in enumerate(parts, start=1)
                ],
                text.position,
            )
        )
        number += len(parts)
    return read


def opening(item: Item, *, length: int = 160) -> str:
    """The first words of an item, for lists."""
    words = " ".join(next((text.text for text in item.texts.all()), "").split())
    return words if len(words) <= length else f"{words[:length].rsplit(' ', 1)[0]} …"

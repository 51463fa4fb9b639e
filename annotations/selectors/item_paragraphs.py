"""The texts of an item as they are read: in numbered paragraphs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from annotations.models import Item

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")


@dataclass(frozen=True)
class Paragraph:
    """The number counts through all texts of an item, so that "para. 3" means one place."""

    number: int
    words: str


@dataclass(frozen=True)
class ReadText:
    name: str
    paragraphs: list[Paragraph]


def _paragraphs(text: str) -> list[str]:
    """Blank lines part paragraphs where there are any; otherwise every line is one."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    parts = _BLANK_LINE.split(text) if _BLANK_LINE.search(text.strip()) else text.split("\n")
    return [part.strip("\n") for part in parts if part.strip()]


def reading(item: Item) -> list[ReadText]:
    read: list[ReadText] = []
    number = 0
    for text in item.texts.all():
        parts = _paragraphs(text.text)
        read.append(
            ReadText(
                text.name, [Paragraph(number + place, part) for place, part in enumerate(parts, start=1)]
            )
        )
        number += len(parts)
    return read


def opening(item: Item, *, length: int = 160) -> str:
    """The first words of an item, for lists."""
    words = " ".join(next((text.text for text in item.texts.all()), "").split())
    return words if len(words) <= length else f"{words[:length].rsplit(' ', 1)[0]} …"

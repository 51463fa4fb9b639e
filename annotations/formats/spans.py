"""Spans: words of a text that decided a label, by the places of their characters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

MOST_SPANS = 500
_FIELDS = ("label", "text", "start", "end")


@dataclass(frozen=True, order=True)
class Span:
    """Characters `start` to `end` (excluded, from 0) of a text, in code points, with every line end as one character.

    `text` is the position of the text in its item, from 0.
    """

    label: str
    text: int
    start: int
    end: int


class InvalidSpansError(ValueError):
    """They are not a list of spans."""


def read_spans(value: object) -> tuple[Span, ...]:
    """Spans as JSON has them, in order. Raises InvalidSpansError."""
    if not isinstance(value, list) or len(value) > MOST_SPANS:
        raise InvalidSpansError
    return tuple(sorted({_span(one) for one in value}))


def _span(value: object) -> Span:
    if not isinstance(value, dict) or set(value) != set(_FIELDS):
        raise InvalidSpansError
    label, *places = (value[name] for name in _FIELDS)
    if not isinstance(label, str) or any(type(place) is not int for place in places):
        raise InvalidSpansError
    text, start, end = places
    if not (0 <= text < 2**15 and 0 <= start < end < 2**31):
        raise InvalidSpansError
    return Span(label, text, start, end)


def spans_json(spans: Iterable[Span]) -> list[dict[str, object]]:
    return [asdict(span) for span in sorted(spans)]


def plain_text(text: str) -> str:
    """A text as places of characters count it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def outside(spans: Iterable[Span], lengths: Mapping[int, int]) -> Span | None:
    """The first span that is not within a text; `lengths` are those of plain texts by position."""
    return next((span for span in spans if span.end > lengths.get(span.text, 0)), None)


def words_of(span: Span, texts: Mapping[int, str]) -> str:
    return texts.get(span.text, "")[span.start : span.end]


@dataclass(frozen=True)
class MarkedPart:
    """Words of a paragraph that the same annotators marked, for the same labels."""

    words: str
    # Annotators who marked them, and the keys of the labels.
    n: int = 0
    labels: tuple[str, ...] = ()


def marked_parts(
    words: str, *, text: int, start: int, marked: Sequence[tuple[int, Sequence[Span]]]
) -> list[MarkedPart]:
    """A paragraph that begins at `start` of its text, cut where marks begin or end; `marked`: annotators and spans."""
    end = start + len(words)
    inside = [
        (who, span)
        for who, spans in marked
        for span in spans
        if span.text == text and span.start < end and span.end > start
    ]
    cuts = sorted(
        {start, end, *(min(max(at, start), end) for _, span in inside for at in (span.start, span.end))}
    )
    parts = []
    for first, last in pairwise(cuts):
        over = [(who, span.label) for who, span in inside if span.start <= first and span.end >= last]
        labels = tuple(dict.fromkeys(label for _, label in over))
        parts.append(MarkedPart(words[first - start : last - start], len({who for who, _ in over}), labels))
    return parts

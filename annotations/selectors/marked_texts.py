"""Texts with the words that annotators marked, and how far the annotators agree on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import ngettext

from annotations.formats.spans import Span, marked_parts, plain_text, read_spans
from annotations.models import Item, Study
from annotations.selectors.answers import current_answers
from annotations.selectors.item_paragraphs import ReadText
from hlv.stats.agreement import SpanAgreement, span_agreement

Marked = list[tuple[int, tuple[Span, ...]]]


@dataclass(frozen=True)
class ShownPart:
    words: str
    n: int
    title: str


@dataclass(frozen=True)
class MarkedParagraph:
    parts: list[ShownPart]


@dataclass(frozen=True)
class MarkedText:
    name: str
    paragraphs: list[MarkedParagraph]


def plain_texts(item: Item) -> dict[int, str]:
    return {text.position: plain_text(text.text) for text in item.texts.all()}


def spans_of_item(item: Item) -> Marked:
    """The participants whose answers give labels, each with what they marked."""
    rows = current_answers(item.study).filter(item=item, gives_labels=True).order_by("pk")
    return [(who, read_spans(spans or [])) for who, spans in rows.values_list("participant_id", "spans")]


def marked_texts(texts: Sequence[ReadText], marked: Marked, names: dict[str, str]) -> list[MarkedText]:
    """`names`: of labels by key."""
    return [
        MarkedText(
            text.name,
            [
                MarkedParagraph(
                    [
                        ShownPart(
                            part.words, part.n, _title(part.n, [names.get(key, key) for key in part.labels])
                        )
                        for part in marked_parts(
                            paragraph.words, text=text.position, start=paragraph.start, marked=marked
                        )
                    ]
                )
                for paragraph in text.paragraphs
            ],
        )
        for text in texts
    ]


def _title(n: int, labels: list[str]) -> str:
    said = {"labels": ", ".join(labels), "n": n}
    return ngettext("%(labels)s: %(n)s annotator", "%(labels)s: %(n)s annotators", n) % said if n else ""


def agreement_on_item(marked: Marked) -> SpanAgreement | None:
    """None where nobody marked a word."""
    if not any(spans for _who, spans in marked):
        return None
    return span_agreement([(0, who, by_label(spans)) for who, spans in marked])


def by_label(spans: Sequence[Span]) -> dict[tuple[str, int], list[tuple[int, int]]]:
    found: defaultdict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    for span in spans:
        found[span.label, span.text].append((span.start, span.end))
    return found


def spans_of_study(
    study: Study, *, as_of: datetime
) -> list[tuple[int, int, dict[tuple[str, int], list[tuple[int, int]]]]]:
    """(item, participant, spans) of every current answer that gives labels; empty where nobody marked a word."""
    rows = (
        current_answers(study, as_of=as_of)
        .filter(gives_labels=True)
        .order_by("item_id", "participant_id", "pk")
    )
    if not rows.filter(spans__isnull=False).exists():
        return []
    return [
        (item, who, by_label(read_spans(spans or [])))
        for item, who, spans in rows.values_list("item_id", "participant_id", "spans").iterator()
    ]

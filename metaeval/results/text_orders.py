"""Orders of texts by disagreement, as their report stores them."""

from __future__ import annotations

from dataclasses import dataclass, field

from hlv.core.stored_results import VERSION, load, stored_as
from metaeval.models import TextOrder, TextReport


@dataclass(frozen=True, kw_only=True)
class OrderedText:
    """A text by its place in the study; `value` is None where it has none in the order, `n` counts answers or verdicts."""

    item: str
    position: int
    value: float | None
    n: int


@stored_as("report on texts")
@dataclass(frozen=True, kw_only=True)
class TextReportResult:
    """The names of its orders; their texts are stored with each order, in the version of the report."""

    orders: list[str] = field(default_factory=list)
    texts: list[OrderedText] = field(default_factory=list)


def ordered_texts(report: TextReport, order: TextOrder) -> list[OrderedText]:
    version = report.result.get(VERSION, 0)
    return load(TextReportResult, {"texts": order.texts, VERSION: version}).texts

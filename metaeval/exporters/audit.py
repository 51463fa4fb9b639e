"""Exposures and comparisons as tables for reviewers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet

from hlv.core.tabular.writing import CellValue
from metaeval.models import Comparison
from metaeval.selectors.audit import AuditedExposure

CHUNK_ROWS = 2000
EXPOSURE_HEADER = (
    *(
        "judge",
        "sequence",
        "item",
        "left",
        "right",
        "repeats_sequence",
        "given_at",
        "labelled_at",
        "shown_at",
    ),
    *("answered_at", "returned_at", "verdict", "left_hash", "right_hash", "side_by_rule", "looks_as_shown"),
)
COMPARISON_HEADER = ("position", "item", "method", "other_method", "mode", "verdicts", "unasked_tie")


def exposure_rows(
    exposures: Iterable[AuditedExposure], *, names: dict[int, str], verdicts: dict[tuple[int, int], str]
) -> Iterator[tuple[CellValue, ...]]:
    """A row for each exposure, answered or not."""
    for one in exposures:
        yield (
            one.judge,
            one.sequence,
            one.item,
            names[one.left],
            names[one.right],
            one.repeats,
            one.given_at,
            one.labelled_at,
            one.shown_at,
            one.answered_at,
            one.returned_at,
            verdicts.get((one.participant_id, one.sequence)),
            one.left_hash,
            one.right_hash,
            one.side_by_rule,
            one.looks_as_shown,
        )


def comparison_rows(
    comparisons: QuerySet[Comparison], *, names: dict[int, str]
) -> Iterator[tuple[CellValue, ...]]:
    """Of rows that `listed_comparisons` gives."""
    columns = ("position", "item__key", "low_id", "high_id", "mode", "n_verdicts", "unasked_tie__reason")
    for position, item, low, high, *more in comparisons.values_list(*columns).iterator(chunk_size=CHUNK_ROWS):
        yield position, item, names[low], names[high], *more

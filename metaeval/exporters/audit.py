"""Exposures and comparisons as tables for reviewers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet

from annotations.formats.writing import CellValue
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


def comparison_rows(comparisons: QuerySet[Comparison]) -> Iterator[tuple[CellValue, ...]]:
    """Of rows that `listed_comparisons` gives."""
    for one in comparisons.iterator(chunk_size=CHUNK_ROWS):
        yield (
            one.position,
            one.item.key if one.item else None,
            str(one.low),
            str(one.high),
            one.mode,
            one.n_verdicts,  # type: ignore[attr-defined]  # annotated by the selector
            one.unasked_tie.reason if hasattr(one, "unasked_tie") else None,
        )

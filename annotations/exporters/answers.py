"""Answers of annotators as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from annotations.selectors.exports import ExportedAnswer
from hlv.core.tabular.writing import CellValue, csv_text, json_text

LABEL_HEADER = (
    "item",
    "annotator",
    "label",
    "chosen",
    "certainty",
    "shown_at",
    "submitted_at",
    "active_ms",
    "revision",
    "stands",
    "guideline_version",
    "flags",
    "reason",
    "comment",
)
ANSWER_HEADER = (
    "item",
    "annotator",
    "group",
    "label",
    "certainty",
    "flags",
    "submitted_at",
    "active_ms",
    "guideline_version",
    "reason",
    "comment",
)


def label_table(answers: Iterable[ExportedAnswer]) -> Iterator[str]:
    """A row for each label of each answer, all revisions; an answer without labels has one row."""
    return csv_text(LABEL_HEADER, (row for answer in answers for row in _label_rows(answer)))


def _label_rows(answer: ExportedAnswer) -> Iterator[tuple[CellValue, ...]]:
    labels: list[tuple[str | None, bool | None, float | None]] = [
        *((key, True, certainty) for key, certainty in answer.chosen.items()),
        *((key, False, certainty) for key, certainty in answer.rejected.items()),
    ]
    for key, chosen, certainty in labels or [(None, None, None)]:
        yield (
            answer.item_key,
            answer.annotator,
            key,
            chosen,
            certainty,
            answer.shown_at,
            answer.submitted_at,
            answer.active_ms,
            answer.revision,
            answer.stands,
            answer.guideline_version,
            ",".join(answer.flags),
            answer.reason,
            answer.comment,
        )


def answer_table(answers: Iterable[ExportedAnswer], *, one_label_only: bool) -> Iterator[str]:
    """A row for each answer, as `hlv import annotations` reads it again."""
    return csv_text(ANSWER_HEADER, (_answer_row(answer, one_label_only=one_label_only) for answer in answers))


def _answer_row(answer: ExportedAnswer, *, one_label_only: bool) -> tuple[CellValue, ...]:
    said_otherwise = not answer.chosen and bool(answer.flags)
    if said_otherwise:
        label = ""
    elif one_label_only and len(answer.chosen) == 1:
        label = next(iter(answer.chosen))
    else:
        # A list, so that no comma within a label parts it, and so that the empty set is said.
        label = json_text(list(answer.chosen))
    return (
        answer.item_key,
        answer.annotator,
        answer.group,
        label,
        certainties_cell(answer),
        ",".join(answer.flags),
        answer.submitted_at,
        answer.active_ms,
        answer.guideline_version,
        answer.reason,
        answer.comment,
    )


def certainties_of(answer: ExportedAnswer) -> dict[str, float]:
    """Of chosen and rejected labels, where given."""
    both = answer.chosen | answer.rejected
    return {key: certainty for key, certainty in both.items() if certainty is not None}


def certainties_cell(answer: ExportedAnswer) -> str:
    certainties = certainties_of(answer)
    return json_text(certainties) if certainties else ""

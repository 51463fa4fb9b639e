"""Judgments, and how often each method was preferred to each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from hlv.core.tabular.writing import CellValue, csv_text
from hlv.stats.pairwise.comparisons import pair_counts
from metaeval.selectors.exports import ExportedJudgment, Known
from metaeval.selectors.judgments import ComparisonCounts
from metaeval.selectors.scores import shown_names


def judgment_table(judgments: Iterable[ExportedJudgment], *, known: Known) -> Iterator[str]:
    """Judgments that stand, as `hlv import judgments` reads them again: no column for what nobody recorded.

    Without repeats: they tell of the judges, and a ranking leaves them out.
    """
    header = [
        *(["item"] if known.item else []),
        *(["judge"] if known.judge else []),
        *("left", "right", "winner", "confidence", "submitted_at", "active_ms"),
    ]

    def row(judgment: ExportedJudgment) -> list[CellValue]:
        return [
            *([judgment.item_key] if known.item else []),
            *([judgment.judge] if known.judge else []),
            judgment.left,
            judgment.right,
            judgment.verdict,
            judgment.confidence,
            judgment.submitted_at,
            judgment.active_ms,
        ]

    return csv_text(
        header,
        (
            row(judgment)
            for judgment in judgments
            if judgment.stands
            and not judgment.is_repeat
            and (judgment.item_key is not None) == known.item
            and (judgment.judge is not None) == known.judge
        ),
    )


HISTORY_HEADER = (
    *("campaign", "automatic_judge", "item", "judge", "left", "right", "winner", "confidence"),
    *("submitted_at", "active_ms", "reason", "repeat", "stands"),
)


def history_rows(
    judgments: Iterable[ExportedJudgment], *, campaign: str, automatic_judge: str
) -> Iterator[tuple[CellValue, ...]]:
    """All judgments, also those that were revised, and those on pairs that came again."""
    for judgment in judgments:
        yield (
            campaign,
            automatic_judge,
            judgment.item_key,
            judgment.judge,
            judgment.left,
            judgment.right,
            judgment.verdict,
            judgment.confidence,
            judgment.submitted_at,
            judgment.active_ms,
            judgment.reason,
            judgment.is_repeat,
            judgment.stands,
        )


TIE_HEADER = ("campaign", "item", "left", "right", "winner", "reason")
LABELS_HEADER = ("item", "annotator", "label", "campaign", "submitted_at", "active_ms")


def tie_rows(
    ties: Iterable[tuple[str | None, str, str, str]], *, campaign: str
) -> Iterator[tuple[CellValue, ...]]:
    """Comparisons that count as ties without anybody having been asked."""
    for item, left, right, reason in ties:
        yield campaign, item, left, right, "tie", reason


def labels_rows(
    labellings: Iterable[tuple[str | None, str, list[str], dt.datetime, int | None]], *, campaign: str
) -> Iterator[tuple[CellValue, ...]]:
    """In the columns of annotations, so that whoever means them to count as such can import them."""
    for item, judge, labels, submitted_at, active_ms in labellings:
        yield item, judge, ",".join(labels), campaign, submitted_at, active_ms


WIN_HEADER = ("campaign", "judged_by", "method", "against", "wins", "losses", "ties", "judgments")


def win_rows(board: ComparisonCounts, *, campaign: str, judged_by: str) -> Iterator[tuple[CellValue, ...]]:
    """Each pair that was compared, once from each side."""
    names = shown_names(board.methods)
    if not names:
        return
    wins, ties = pair_counts(board.cells, len(names))
    for i, method in enumerate(names):
        for j, other in enumerate(names):
            n = int(wins[i, j] + wins[j, i] + ties[i, j])
            if n:
                yield (
                    campaign,
                    judged_by,
                    method,
                    other,
                    int(wins[i, j]),
                    int(wins[j, i]),
                    int(ties[i, j]),
                    n,
                )

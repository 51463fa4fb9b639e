"""The numbers of figures as rows of files: every digit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from metaeval.results.method_scores import read_scores

CellValue = str | float | bool | None


METHOD_SCORE_HEADER = (
    *("against", "metric", "higher_is_better", "method", "score", "score_low", "score_high", "rank"),
    *("human", "human_low", "human_high", "human_rank"),
)


def method_score_rows(result: dict[str, Any], *, against: str) -> Iterator[tuple[CellValue, ...]]:
    """A row for each metric and method: what both sides give, and at which rank."""
    scores = read_scores(result)
    if scores is None:
        return
    for scored in scores.metrics:
        for place, method in enumerate(scores.methods):
            score, human = scored.scores[place], scores.strengths[place]
            yield (
                against,
                scored.row.key,
                scored.row.higher_is_better,
                method,
                *((None, None, None) if score is None else (score.value, score.low, score.high)),
                scored.ranks[place],
                *(human.value, human.low, human.high),
                scores.ranks[place],
            )

"""The numbers of figures as rows of files: every digit."""

from __future__ import annotations

from collections.abc import Iterator

from metaeval.results.method_scores import method_scores
from metaeval.results.metric_agreement import MetricAgreementResult

CellValue = str | float | bool | None


METHOD_SCORE_HEADER = (
    *("against", "metric", "higher_is_better", "method", "score", "score_low", "score_high", "rank"),
    *("human", "human_low", "human_high", "human_rank"),
)


def method_score_rows(result: MetricAgreementResult, *, against: str) -> Iterator[tuple[CellValue, ...]]:
    """A row for each metric and method: what both sides give, and at which rank."""
    scores = method_scores(result)
    if scores is None:
        return
    for scored in scores.metrics:
        for place, method in enumerate(scores.methods):
            score, human = scored.scores[place], scores.strengths[place]
            yield (
                against,
                scored.row.name,
                scored.row.higher_is_better,
                method,
                *((None, None, None) if score is None else (score.value, score.low, score.high)),
                scored.ranks[place],
                *(human.value, human.low, human.high),
                scores.ranks[place],
            )

"""The numbers of figures as rows of files: every digit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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


SENSITIVITY_HEADER = (
    *("campaign", "kind", "choice", "n_judgments", "leaders", "largest_rank_change", "tau", "best_metrics"),
    *("best_tau", "best_n_methods", "changes", "undetermined"),
)


def sensitivity_rows(result: dict[str, Any], *, campaign: str) -> Iterator[tuple[CellValue, ...]]:
    """The ranking itself, then a row for each other choice."""
    base = [result["base"]] if result.get("base") else []
    for row in [*base, *result["variants"]]:
        yield (
            campaign,
            row["kind"],
            row["name"],
            row["n_judgments"],
            "; ".join(row.get("leaders", [])),
            row.get("largest_rank_change"),
            row.get("tau"),
            "; ".join(row.get("best_metrics", [])),
            row.get("best_tau"),
            row.get("best_n_methods"),
            "; ".join(row["changes"]),
            row["undetermined"],
        )

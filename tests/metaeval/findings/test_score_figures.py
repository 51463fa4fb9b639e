"""Ranks by metric and scores of one metric: tables and sentences of their figures."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from hlv.core.rendering.sentences import unmarked
from hlv.core.rendering.tables import Table
from metaeval.findings.result_figures import Figure
from metaeval.findings.score_figures import rank_lines_figure, strength_score_figure
from metaeval.results.metric_agreement import MetricAgreementResult
from tests.metaeval.making import agreement_result, metric


def columns(*values: float | None) -> dict[str, Any]:
    given = [value is not None for value in values]
    return {
        "values": list(values),
        "low": [value - 0.05 if there else None for value, there in zip(values, given, strict=True)],  # type: ignore[operator]
        "high": [value + 0.05 if there else None for value, there in zip(values, given, strict=True)],  # type: ignore[operator]
    }


def result(**of_metric: tuple[float, tuple[float | None, ...]]) -> MetricAgreementResult:
    """Of each metric its τ-b and its scores of JSD loss, Soft labels and Majority vote, which people rank so."""
    scores = {
        "human": columns(0.8, 0.0, -0.8),
        "human_label": "Strength by the experts",
        "metrics": {name: columns(*values) for name, (_tau, values) in of_metric.items()},
    }
    rows = [metric(name, tau) for name, (tau, _values) in of_metric.items()]
    return agreement_result(*rows, scores=scores)


TWO = result(worst=(0.1, (0.5, None, 0.5)), best=(0.9, (0.7, 0.5, 0.2)))


def words(table: Table | None) -> dict[str, list[str]]:
    assert table is not None
    return {row.head: [cell.reason or cell.words for cell in row.cells] for row in table.rows}


def ranks(agreement: MetricAgreementResult) -> Figure:
    found = rank_lines_figure(agreement, [], number=2)
    assert found is not None
    return found


def strengths(agreement: MetricAgreementResult, query: str = "") -> Figure:
    found = strength_score_figure(agreement, [], QueryDict(query), number=3)
    assert found is not None
    return found


def test_without_scores_there_is_no_figure() -> None:
    for nothing in (None, agreement_result(scores=None), agreement_result(metric("flat", None))):
        assert rank_lines_figure(nothing, [], number=2) is None
        assert strength_score_figure(nothing, [], QueryDict(), number=3) is None


def test_tied_methods_share_their_mean_rank() -> None:
    assert words(ranks(TWO).table) == {
        "JSD loss": ["1", "1", "1.5"],
        "Soft labels": ["2", "2", "no score"],
        "Majority vote": ["3", "3", "1.5"],
    }


def test_metrics_are_in_the_order_of_their_agreement() -> None:
    table = ranks(TWO).table
    assert table is not None
    assert list(table.columns) == ["Method", "Experts", "best", "worst"]


def test_the_line_names_the_best_and_the_worst_metric() -> None:
    assert unmarked(ranks(TWO).line) == (
        "best (τ-b 0.90) ranks JSD loss, the experts’ first, 1. worst (τ-b 0.10) ranks JSD loss, the experts’ "
        "first, 1.5."
    )


def test_of_one_metric_there_is_one_sentence() -> None:
    assert unmarked(ranks(result(only=(0.9, (0.7, 0.5, 0.2)))).line) == (
        "only (τ-b 0.90) ranks JSD loss, the experts’ first, 1."
    )


def test_a_metric_without_a_score_of_the_first_method_gives_no_sentence() -> None:
    assert ranks(result(only=(0.9, (None, 0.5, 0.2)))).line == ""


def test_the_lowest_loss_has_rank_one() -> None:
    loss = agreement_result(
        metric("loss", 0.9, higher_is_better=False),
        scores={"human": columns(0.8, 0.0, -0.8), "metrics": {"loss": columns(0.1, 0.2, 0.3)}},
    )
    assert [cells[1] for cells in words(ranks(loss).table).values()] == ["1", "2", "3"]


def test_the_best_metric_is_shown_unless_another_is_asked_for() -> None:
    figure = strengths(TWO)
    assert [(choice.words, choice.chosen) for choice in figure.choices] == [("best", True), ("worst", False)]
    figure = strengths(TWO, "metric=worst")
    assert [choice.chosen for choice in figure.choices] == [False, True]
    assert unmarked(figure.line).endswith("over 2 methods.")
    assert figure.unknown == ""


def test_an_unknown_metric_is_named_and_the_best_is_shown() -> None:
    figure = strengths(TWO, f"metric={'x' * 300}")
    assert unmarked(figure.unknown) == (
        f"This snapshot has no figure for metric {'x' * 100}; the best one is shown."
    )
    assert figure.choices[0].chosen


def test_scores_have_a_sign_only_for_strengths() -> None:
    assert words(strengths(TWO).table) == {
        "JSD loss": ["+0.80", "1", "0.70", "1"],
        "Soft labels": ["0.00", "2", "0.50", "2"],
        "Majority vote": ["−0.80", "3", "0.20", "3"],
    }

"""Metrics are counted once, with their copies, on all texts and on the judged ones."""

from __future__ import annotations

from metaeval.results.metric_counts import count_metrics, judged_texts
from tests.metaeval.making import agreement_result, metric


def test_a_copy_counts_with_the_first_of_its_hypothesis() -> None:
    rows = agreement_result(
        metric("best", 0.9, hypothesis="x"), metric("copy", 0.9, hypothesis="x"), metric("flat", None)
    ).rows
    found = count_metrics(rows)
    assert [row.name for row in found.compared] == ["best"]
    assert [row.name for row in found.copies["best"]] == ["copy"]
    assert [row.name for row in found.without_value] == ["flat"]
    assert (found.n_copies, found.n_all) == (1, 3)


def test_metrics_are_lost_and_won_on_the_judged_texts() -> None:
    judged = [metric("a", 0.2), metric("b", 0.9), metric("c", 0.8)]
    result = agreement_result(
        metric("a", 0.9),
        metric("b", 0.2),
        metric("c", 0.8),
        judged_items_only={"n_items": 5, "metrics": judged},
    )
    found = judged_texts(result)
    assert found is not None
    assert (found.n_items, found.n_metrics, found.n_beyond) == (5, 3, 2)
    assert [[row.name for row in rows] for rows in (found.lost, found.won, found.kept)] == [
        ["a"],
        ["b"],
        ["c"],
    ]


def test_without_scores_on_judged_texts_there_is_nothing_to_count() -> None:
    assert judged_texts(agreement_result()) is None

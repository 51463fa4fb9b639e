from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import (
    CORRELATIONS,
    TieArray,
    correlations,
    is_constant,
    kendall_tau_b,
    mean_ranks,
    pairwise_accuracy,
    pearson,
    soft_pairwise_accuracy,
    spearman,
    superiority,
    tie_groups,
    ties_of,
)


def ties(values: FloatArray) -> TieArray:
    return ties_of(values, "score")


def of_scores(x: FloatArray, y: FloatArray) -> dict[str, FloatArray]:
    return correlations(x, y, x_ties=ties(x), y_ties=ties(y))


few_values = st.integers(0, 4).map(float)


def rows(n: int = 7) -> st.SearchStrategy[FloatArray]:
    """Rows with ties, none constant."""
    return arrays(np.float64, n, elements=few_values).filter(lambda row: len(set(row.tolist())) > 1)


@settings(deadline=None)
@given(x=rows(), y=rows())
def test_rank_correlations_agree_with_scipy_also_with_ties(x: FloatArray, y: FloatArray) -> None:
    assert kendall_tau_b(ties(x), ties(y)) == pytest.approx(stats.kendalltau(x, y).statistic, abs=1e-12)
    assert spearman(ties(x), ties(y)) == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)
    assert pearson(x, y) == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-12)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000))
def test_many_rows_at_once_are_the_rows_one_by_one(seed: int) -> None:
    generator = np.random.default_rng(seed)
    x, y = generator.normal(size=(2, 700, 6))

    for name, together in of_scores(x, y).items():
        alone = [of_scores(x[row], y[row])[name] for row in (0, 499, 500, 699)]
        np.testing.assert_allclose(together[[0, 499, 500, 699]], alone, atol=1e-12, err_msg=name)


def test_one_row_meets_many() -> None:
    many = np.random.default_rng(1).normal(size=(5, 6))

    assert kendall_tau_b(ties(many[0]), ties(many)).shape == (5,)
    assert kendall_tau_b(ties(many), ties(many[0]))[0] == 1


@settings(deadline=None)
@given(x=rows(), y=rows())
def test_turning_one_side_turns_the_sign(x: FloatArray, y: FloatArray) -> None:
    for name, value in of_scores(x, y).items():
        turned = of_scores(-x, y)[name]
        expected = 1 - value if name == "pairwise_accuracy" else -value
        assert turned == pytest.approx(expected, abs=1e-12)


def test_accuracy_is_the_share_of_the_peoples_pairs_that_the_metric_orders_alike() -> None:
    people = np.array([1.0, 2.0, 2.0, 3.0])
    metric = np.array([1.0, 2.0, 3.0, 2.0])

    # five pairs that people order; 0-1, 0-2, 0-3 alike, 1-3 tied by the metric, 2-3 the other way round
    assert pairwise_accuracy(ties(metric), ties(people)) == pytest.approx(3.5 / 5)


@settings(deadline=None)
@given(x=rows(), y=rows())
def test_accuracy_without_ties_is_tau_on_another_scale(x: FloatArray, y: FloatArray) -> None:
    x, y = np.argsort(x, kind="stable").astype(float), np.argsort(y, kind="stable").astype(float)

    assert pairwise_accuracy(ties(x), ties(y)) == pytest.approx((1 + kendall_tau_b(ties(x), ties(y))) / 2)


@pytest.mark.parametrize("name", CORRELATIONS)
def test_a_correlation_with_a_constant_is_undefined(name: str) -> None:
    constant, varied = np.full(4, 0.3), np.arange(4.0)

    assert np.isnan(of_scores(constant, varied)[name])
    assert np.isnan(of_scores(varied, constant)[name])
    assert np.isnan(of_scores(np.stack([constant, varied]), varied)[name]).tolist() == [True, False]


def test_ties_stay_ties_in_spite_of_the_last_digit() -> None:
    almost = np.array([0.1 + 0.2, 0.3, 0.5])

    assert mean_ranks(ties(almost)).tolist() == [1.5, 1.5, 3.0]
    assert kendall_tau_b(ties(almost), ties(np.array([2.0, 1.0, 3.0]))) == pytest.approx(2 / np.sqrt(6))
    assert is_constant(ties(np.array([0.3, 0.1 + 0.2])))


def test_an_infinite_score_has_ranks_and_no_product_moment() -> None:
    x, y = np.array([1.0, 2.0, np.inf]), np.array([1.0, 2.0, 3.0])

    assert kendall_tau_b(ties(x), ties(y)) == 1
    assert spearman(ties(x), ties(y)) == pytest.approx(1)
    assert np.isnan(pearson(x, y))


def test_tiny_and_huge_scales_do_not_lose_the_correlation() -> None:
    x = np.array([1.0, 2.0, 4.0])

    assert pearson(x * 1e-8, x * 1e200) == pytest.approx(1)
    assert kendall_tau_b(ties(x), ties(x * 1e305)) == 1


def test_a_missing_value_is_refused() -> None:
    with pytest.raises(ValueError, match="missing"):
        kendall_tau_b(ties(np.array([1.0, np.nan])), ties(np.array([1.0, 2.0])))


def test_scores_are_tied_within_a_billionth_of_a_thousandth_of_the_largest() -> None:
    row = np.array([1000.0, 1.0, 1.0 + 0.9e-9, 1.0 + 2.1e-9, -np.inf, np.inf])

    assert ties_of(row, "score").tolist() == [3, 1, 1, 2, 0, 4]
    assert ties_of(-row, "score").tolist() == [1, 3, 3, 2, 4, 0]


def test_strengths_are_tied_within_a_billionth_of_log_odds_whatever_the_others_are() -> None:
    row = np.array([1000.0, 0.0, 0.9e-9, 2.1e-9])

    assert ties_of(row, "strength").tolist() == [2, 0, 0, 1]
    assert ties_of(row * 1e-3, "strength").tolist() == [1, 0, 0, 0]


def test_a_chain_of_near_values_is_one_tie() -> None:
    assert tie_groups(np.array([0.3, 0.0, 0.2, 0.1, 0.6]), 0.11).tolist() == [0, 0, 0, 0, 1]
    assert tie_groups(np.array([[0.0, 0.1], [0.0, 0.2]]), np.array([[0.1], [0.1]])).tolist() == [
        [0, 0],
        [0, 1],
    ]
    assert tie_groups(np.array([np.inf, np.inf, -np.inf, 0.0]), 1.0).tolist() == [2, 2, 0, 1]
    assert tie_groups(np.empty((2, 0)), 1.0).shape == (2, 0)


def test_pearson_has_no_value_where_strengths_are_tied() -> None:
    nearly, varied = np.array([0.0, 4e-10, 8e-10]), np.arange(3.0)
    difference_errors = ties_of(varied, "strength")

    found = correlations(varied, nearly, x_ties=difference_errors, y_ties=ties_of(nearly, "strength"))

    assert all(np.isnan(value) for value in found.values())
    # the same numbers are no tie as scores
    assert of_scores(nearly, varied)["pearson"] == pytest.approx(1)


def test_scores_whose_ties_nobody_looked_for_are_refused() -> None:
    row = np.arange(3.0)
    for correlate in (kendall_tau_b, spearman, pairwise_accuracy):
        with pytest.raises(TypeError, match="tie groups are needed"):
            correlate(row, ties(row))  # type: ignore[arg-type]  # what the types forbid
    with pytest.raises(TypeError, match="tie groups are needed"):
        superiority(row[None])  # type: ignore[arg-type]  # what the types forbid


def test_superiority_is_the_share_of_resamples_above_with_ties_half() -> None:
    share = superiority(ties(np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [2.0, 1.0]])))

    assert share.tolist() == [[0.5, 0.625], [0.375, 0.5]]


def test_soft_accuracy_by_hand() -> None:
    people = np.array([[0.5, 0.9, 0.8], [0.1, 0.5, 0.6], [0.2, 0.4, 0.5]])
    metric = np.array([[0.5, 0.7, 0.8], [0.3, 0.5, 0.2], [0.2, 0.8, 0.5]])

    assert soft_pairwise_accuracy(metric, people) == pytest.approx(1 - (0.2 + 0.0 + 0.4) / 3)
    assert soft_pairwise_accuracy(people, people) == 1


def test_soft_accuracy_refuses_what_is_no_share() -> None:
    with pytest.raises(ValueError, match="two methods"):
        soft_pairwise_accuracy(np.array([[0.5]]), np.array([[0.5]]))
    with pytest.raises(ValueError, match="between 0 and 1"):
        soft_pairwise_accuracy(np.full((2, 2), 1.5), np.full((2, 2), 0.5))


@pytest.mark.parametrize(("metric", "expected"), [("LC AlpacaEval 2.0", 0.975), ("AlpacaEval 2.0", 0.931)])
def test_alpaca_eval_metrics_agree_with_the_arena_as_published(
    shared_data: Path, metric: str, expected: float
) -> None:
    with (shared_data / "alpaca_eval" / "benchmarks.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    pairs = [(row["Arena Elo\n[Feb 2, 2024]"], row[metric]) for row in table]
    both = np.array([[float(people), float(score)] for people, score in pairs if people and score])

    assert len(both) > 30
    assert of_scores(both[:, 1], both[:, 0])["spearman"] == pytest.approx(expected, abs=5e-4)

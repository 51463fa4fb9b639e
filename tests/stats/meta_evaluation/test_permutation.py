from __future__ import annotations

import itertools
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import CORRELATIONS, spearman, ties_of
from hlv.stats.meta_evaluation.permutation import (
    N_PERMUTATIONS,
    Permutations,
    correlation_p_values,
    kendall_p_values,
    method_permutations,
    smallest_p_value,
    smallest_significant_tau,
    soft_accuracy_p_values,
    tau_null_distribution,
    without_ties,
)
from tests.published.figures import SMALLEST_TAU


def p_values_of(metrics: FloatArray, people: FloatArray, shuffles: Permutations) -> dict[str, FloatArray]:
    return correlation_p_values(
        metrics,
        people,
        shuffles,
        metric_ties=ties_of(metrics, "score"),
        people_ties=ties_of(people, "strength"),
    )


def test_up_to_nine_methods_all_orders_are_taken() -> None:
    for n_methods in (1, 2, 4):
        shuffles = method_permutations(n_methods, n_permutations=10, seed=1)
        assert shuffles.exact
        assert shuffles.orders.tolist() == [list(order) for order in itertools.permutations(range(n_methods))]

    assert method_permutations(9, n_permutations=10, seed=1).orders.shape == (362_880, 9)
    assert not method_permutations(10, n_permutations=10, seed=1).exact
    assert method_permutations(9, n_permutations=10, seed=1).null.words == "all 362,880 orders"
    assert method_permutations(10, n_permutations=N_PERMUTATIONS, seed=1).null.words == "199,999 permutations"


def test_p_of_nine_methods_are_exact_whatever_the_seed() -> None:
    generator = np.random.default_rng(6)
    people = generator.normal(size=9)
    metrics = np.stack([people + generator.normal(scale=scale, size=9) for scale in (0.2, 0.8, 2.0)])
    # swapping neighbours of the best order gives the tau-b that a table of Kendall's distribution has
    nearly = np.sort(people)
    nearly[[0, 1, 4, 5]] = nearly[[1, 0, 5, 4]]
    metrics = np.vstack([metrics, nearly[np.argsort(np.argsort(people))]])

    found = p_values_of(metrics, people, method_permutations(9, n_permutations=1, seed=1))
    again = p_values_of(metrics, people, method_permutations(9, n_permutations=7, seed=2))

    for name in CORRELATIONS:
        np.testing.assert_array_equal(found[name], again[name])
    by_scipy = [stats.kendalltau(row, people, method="exact").pvalue for row in metrics]
    np.testing.assert_allclose(found["kendall_tau_b"], by_scipy, rtol=1e-12)
    taus, chances = tau_null_distribution(9)
    observed = stats.kendalltau(metrics[3], people).statistic
    known = chances[np.abs(taus) >= abs(observed) - 1e-9].sum()
    assert found["kendall_tau_b"][3] == pytest.approx(known, rel=1e-9)
    # the moments of both statistics over all orders are known: r has mean 0 and variance 1 / (M - 1)
    for name in ("spearman", "pearson"):
        values = stats.rankdata(people) if name == "spearman" else people
        rows = stats.rankdata(metrics, axis=1) if name == "spearman" else metrics
        orders = method_permutations(9, n_permutations=1, seed=1).orders
        centred, row = values - values.mean(), rows[1] - rows[1].mean()
        null = (centred[orders] @ row) / np.sqrt((centred**2).sum() * (row**2).sum())
        assert null.var() == pytest.approx(1 / 8, rel=1e-9)
        assert found[name][1] == pytest.approx(np.mean(np.abs(null) >= abs(null[0]) - 1e-12), abs=1e-15)


def test_random_orders_follow_the_seed() -> None:
    one, same, other = (method_permutations(10, n_permutations=50, seed=seed).orders for seed in (1, 1, 2))

    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    assert (np.sort(one, axis=1) == np.arange(10)).all()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000))
def test_exact_p_of_tau_agrees_with_scipy(seed: int) -> None:
    x, y = np.random.default_rng(seed).normal(size=(2, 6))

    found = p_values_of(x[None], y, method_permutations(6, n_permutations=1, seed=1))

    assert found["kendall_tau_b"][0] == pytest.approx(
        stats.kendalltau(x, y, method="exact").pvalue, abs=1e-12
    )


@pytest.mark.parametrize("name", ["spearman", "pearson"])
def test_exact_p_agrees_with_trying_all_orders(name: str) -> None:
    x, y = np.random.default_rng(3).integers(0, 4, size=(2, 6)).astype(float)
    if name == "spearman":
        x, y = stats.rankdata(x), stats.rankdata(y)
    observed = abs(stats.pearsonr(x, y).statistic)
    values = [abs(stats.pearsonr(np.array(order), y).statistic) for order in itertools.permutations(x)]

    found = p_values_of(x[None], y, method_permutations(6, n_permutations=1, seed=1))

    assert found[name][0] == np.mean(np.array(values) >= observed - 1e-12)


def test_random_p_is_near_the_exact_one_and_never_zero() -> None:
    generator = np.random.default_rng(4)
    x = generator.normal(size=12)
    y = x + generator.normal(scale=1.5, size=12)
    shuffles = method_permutations(12, n_permutations=9999, seed=1)

    found = p_values_of(np.stack([x, y]), y, shuffles)

    # a tie leaves Kendall's exact distribution
    tied = x.copy()
    tied[[0, 1]] = x[:2].mean()
    of_tied = p_values_of(tied[None], y, shuffles)["kendall_tau_b"][0]
    assert of_tied == pytest.approx(stats.kendalltau(tied, y, method="asymptotic").pvalue, abs=0.02)
    for name in ("spearman", "pearson"):
        assert found[name][1] == 1 / 10_000


@pytest.mark.parametrize(("n_methods", "scale"), [(10, 1.0), (14, 2.0), (30, 4.0), (60, 2.0)])
def test_tau_without_ties_is_exact_for_any_number_of_methods(n_methods: int, scale: float) -> None:
    generator = np.random.default_rng(n_methods)
    people = generator.normal(size=n_methods)
    metrics = people + scale * generator.normal(size=(4, n_methods))
    shuffles = method_permutations(n_methods, n_permutations=50, seed=1)

    found = p_values_of(metrics, people, shuffles)

    expected = [stats.kendalltau(row, people, method="exact").pvalue for row in metrics]
    np.testing.assert_allclose(found["kendall_tau_b"], expected, rtol=1e-10)
    np.testing.assert_array_equal(found["pairwise_accuracy"], found["kendall_tau_b"])
    # the exact distribution is not that of ranks or of products
    np.testing.assert_allclose(found["spearman"] * 51, np.rint(found["spearman"] * 51))


def test_a_p_just_below_five_per_cent_is_not_missed_by_chance() -> None:
    # 64 of 91 pairs of 14 methods in the same order; 9,999 random orders have printed .0525 for it
    one, other = kendall_p_values(np.array([-37 / 91, 37 / 91]), 14)
    assert one == other == pytest.approx(0.047175999109282836, rel=1e-12)


def test_as_many_pairs_in_either_order_have_p_one() -> None:
    assert kendall_p_values(np.zeros(2), 9).tolist() == [1.0, 1.0]
    assert kendall_p_values(np.ones(1), 2).tolist() == [1.0]


def test_exact_tails_agree_with_counting_inversions_in_whole_numbers() -> None:
    counts = [1]
    for size in range(2, 41):
        counts = [sum(counts[max(0, k - size + 1) : k + 1]) for k in range(len(counts) + size - 1)]

    _, chances = tau_null_distribution(40)

    expected = [count / factorial(40) for count in counts]
    np.testing.assert_allclose(chances, expected, rtol=1e-12)


def test_a_tie_on_either_side_leaves_the_exact_distribution() -> None:
    orders = np.stack([np.arange(12), np.array([0, 0, *range(1, 11)])]).astype(np.int32)

    assert without_ties(orders, orders[0]).tolist() == [True, False]
    assert without_ties(orders, orders[1]).tolist() == [False, False]


def test_each_side_is_tied_by_its_own_rule_before_p_is_exact() -> None:
    generator = np.random.default_rng(3)
    people, scores = generator.normal(size=(2, 12))
    # 1e-10 is a tie of two strengths, and none of two scores of that size
    near = np.sort(people)
    near[1] = near[0] + 1e-10
    shuffles = method_permutations(12, n_permutations=99, seed=1)

    of_people = p_values_of(scores[None], near, shuffles)["kendall_tau_b"]
    of_metric = p_values_of(np.stack([near, 1e-12 * near]), people, shuffles)["kendall_tau_b"]

    np.testing.assert_allclose(of_people * 100, np.rint(of_people * 100))
    exact = stats.kendalltau(near, people, method="exact").pvalue
    np.testing.assert_allclose(of_metric, exact, rtol=1e-10)


def test_unrelated_metrics_are_rejected_as_often_as_they_should() -> None:
    generator = np.random.default_rng(5)
    metrics, people = generator.normal(size=(400, 10)), generator.normal(size=10)

    found = p_values_of(metrics, people, method_permutations(10, n_permutations=2000, seed=1))

    for name in CORRELATIONS:
        assert 0.02 < (found[name] < 0.05).mean() < 0.09


def test_the_p_of_a_constant_is_undefined() -> None:
    shuffles = method_permutations(4, n_permutations=1, seed=1)
    varied, constant = np.arange(4.0), np.full(4, 2.0)

    one = p_values_of(np.stack([constant, varied]), varied, shuffles)
    other = p_values_of(varied[None], constant, shuffles)

    for name in CORRELATIONS:
        assert np.isnan(one[name]).tolist() == [True, False]
        assert np.isnan(other[name]).all()


def test_critical_values_agree_with_the_table() -> None:
    for n_methods, expected in SMALLEST_TAU.items():
        found = smallest_significant_tau(n_methods)
        assert found == (expected and pytest.approx(expected, abs=6e-5))


def test_four_methods_cannot_reach_five_per_cent() -> None:
    assert smallest_p_value(4) == pytest.approx(0.0833, abs=1e-4)
    assert smallest_p_value(2) == 1.0
    found = p_values_of(
        np.arange(4.0)[None], np.arange(4.0), method_permutations(4, n_permutations=1, seed=1)
    )
    assert found["kendall_tau_b"][0] == pytest.approx(2 / 24)


def test_the_null_distribution_of_tau_is_one() -> None:
    values, probabilities = tau_null_distribution(5)

    assert probabilities.sum() == pytest.approx(1)
    assert (values * probabilities).sum() == pytest.approx(0, abs=1e-12)
    assert probabilities[0] == pytest.approx(1 / 120)


def test_soft_accuracy_is_compared_with_what_chance_gives() -> None:
    order = np.arange(6)
    people = np.where(order[:, None] > order[None, :], 0.99, 0.01)
    np.fill_diagonal(people, 0.5)
    shuffles = method_permutations(6, n_permutations=1, seed=1)

    tables = np.stack([people, np.full((6, 6), 0.5)])
    (p, flat_p), (chance, flat_chance) = soft_accuracy_p_values(tables, people, shuffles)

    assert p == pytest.approx(1 / 720)
    assert chance == pytest.approx(0.51, abs=1e-9)
    assert flat_p == 1.0
    assert flat_chance == pytest.approx(0.51, abs=1e-9)


def test_no_permutation_is_no_test() -> None:
    with pytest.raises(ValueError, match="at least one"):
        method_permutations(9, n_permutations=0, seed=1)


def test_rank_p_values_do_not_change_under_rising_functions() -> None:
    x, y = np.random.default_rng(6).normal(size=(2, 7))
    shuffles = method_permutations(7, n_permutations=1, seed=1)

    one, other = (
        p_values_of(x[None], y, shuffles),
        p_values_of(np.exp(x)[None], y, shuffles),
    )

    assert one["spearman"] == other["spearman"]
    assert one["kendall_tau_b"] == other["kendall_tau_b"]
    ranks = ties_of(y, "strength")
    assert spearman(ties_of(x, "score"), ranks) == pytest.approx(spearman(ties_of(np.exp(x), "score"), ranks))


def test_a_p_at_the_level_is_not_below_it() -> None:
    found = smallest_significant_tau(5)
    assert found is not None

    assert found == (1.0, pytest.approx(2 / 120))
    assert smallest_significant_tau(5, alpha=found[1]) is None
    wide = smallest_significant_tau(5, alpha=0.1)
    assert wide is not None
    assert wide[0] == pytest.approx(0.8)
    assert smallest_significant_tau(5, alpha=wide[1]) == found

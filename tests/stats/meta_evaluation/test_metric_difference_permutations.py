"""p values of differences between metrics: every exchange, and the number of exchanges."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import kendalltau, pearsonr, spearmanr

from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import CORRELATIONS, correlations, ties_of
from hlv.stats.meta_evaluation.metric_differences import (
    metric_differences,
)
from hlv.stats.meta_evaluation.paired_permutation import (
    SWAP_NULLS,
    SwapNull,
    standardised,
    swap_p_values,
    swap_tests,
    undecided,
)
from tests.stats.meta_evaluation.difference_making import PEOPLE, make_items, make_metric


def null_differences(x: FloatArray, y: FloatArray, people: FloatArray, null: SwapNull) -> list[float]:
    """Every way to exchange, one by one; the identity among them."""
    n_methods, n_items = x.shape
    if null == "cells":
        masks = itertools.product([False, True], repeat=n_methods * n_items)
        drawn = [np.array(mask).reshape(n_methods, n_items) for mask in masks]
    elif null == "methods":
        rows = itertools.product([False, True], repeat=n_methods)
        drawn = [np.repeat(np.array(row)[:, None], n_items, axis=1) for row in rows]
    else:
        bits = itertools.product([False, True], repeat=n_methods + n_items)
        rows = [np.array(row) for row in bits]
        drawn = [row[:n_methods, None] ^ row[None, n_methods:] for row in rows]
    values = []
    for mask in drawn:
        left, right = np.where(mask, y, x).mean(axis=1), np.where(mask, x, y).mean(axis=1)
        values.append(abs(pearsonr(left, people)[0] - pearsonr(right, people)[0]))
    return values


@pytest.mark.parametrize("null", SWAP_NULLS)
def test_p_is_the_share_of_all_exchanges_that_reach_the_difference(null: SwapNull) -> None:
    people = np.array([1.0, 0.2, -1.5])
    scores = make_items(3, [0.1, 1.5], n_items=3, people=people)
    x, y = standardised(scores)
    values = np.array(null_differences(x, y, people, null))
    expected = (values >= values[0] - 1e-12).mean()

    found = swap_p_values(
        scores,
        people,
        np.array([0]),
        np.array([1]),
        coefficient="pearson",
        null=null,
        n_permutations=20_000,
        seed=1,
    )

    assert found[0] == pytest.approx(expected, abs=0.015)


def test_all_exchanges_of_whole_methods_are_taken_where_they_are_few() -> None:
    scores = make_items(3, [0.3, 1.5])
    x, y = standardised(scores)
    values = np.array(null_differences(x, y, PEOPLE, "methods"))
    ask = {"coefficient": "pearson", "null": "methods", "seed": 1}

    found = swap_tests(scores, PEOPLE, np.array([0]), np.array([1]), **ask)  # type: ignore[arg-type]
    few = swap_tests(scores, PEOPLE, np.array([0]), np.array([1]), n_permutations=62, **ask)  # type: ignore[arg-type]

    assert found.exact
    assert found.n_exchanges[0] == 2**6
    assert found.p[0] == (values >= values[0] - 1e-12).mean()
    assert found.smallest[0] == 2 / 2**6
    assert not few.exact


def test_methods_of_one_cluster_are_exchanged_together() -> None:
    scores = make_items(6, [0.3, 1.5])
    clusters = np.array([0, 0, 1, 1, 1, 2])
    x, y = standardised(scores)
    values = []
    for bits in itertools.product([False, True], repeat=3):
        mask = np.array(bits)[clusters][:, None]
        left, right = np.where(mask, y, x).mean(axis=1), np.where(mask, x, y).mean(axis=1)
        values.append(abs(pearsonr(left, PEOPLE)[0] - pearsonr(right, PEOPLE)[0]))

    found = swap_tests(
        scores, PEOPLE, np.array([0]), np.array([1]), coefficient="pearson", null="methods", clusters=clusters, seed=1
    )  # fmt: skip

    assert found.n_exchanges[0] == 8
    assert found.p[0] == 0.25
    assert found.p[0] == np.mean(np.array(values) >= values[0] - 1e-12)
    with pytest.raises(ValueError, match="'methods' alone"):
        swap_tests(scores, PEOPLE, np.array([0]), np.array([1]), clusters=clusters, seed=1)


def test_a_decision_is_open_while_the_monte_carlo_interval_holds_the_threshold() -> None:
    n = np.full(3, 9_999)

    # of three tests Holm asks the smallest p to be below .0167, then .025, then .05
    assert undecided(np.array([0.0, 250.0, 5000.0]), n, alpha=0.05).tolist() == [False, True, False]
    assert undecided(np.array([0.0, 100.0, 480.0]), n, alpha=0.05).tolist() == [False, False, True]
    assert undecided(np.array([0.0, 100.0, 480.0]), 100 * n, alpha=0.05).tolist() == [False] * 3
    # once the second of three is kept, the last is kept whatever it is
    assert undecided(np.array([0.0, 400.0, 480.0]), n, alpha=0.05).tolist() == [False] * 3


def test_exchanges_go_on_for_open_decisions_alone_and_up_to_a_bound() -> None:
    scores = make_items(31, [0.5, 0.5, 3.0, 0.9], n_items=12)
    first, second = np.triu_indices(4, k=1)
    ask = {"coefficient": "pearson", "n_permutations": 199, "seed": 4}

    found = swap_tests(scores, PEOPLE, first, second, most_permutations=1_599, **ask)  # type: ignore[arg-type]
    again = swap_tests(scores, PEOPLE, first, second, most_permutations=1_599, **ask)  # type: ignore[arg-type]
    once = swap_p_values(scores, PEOPLE, first, second, **ask)  # type: ignore[arg-type]

    np.testing.assert_array_equal(found.p, again.p)
    # 199 hold the three clear differences at .005 and up to .026: not below Holm's .05 / 6 for sure
    assert found.n_exchanges.tolist() == [199, 799, 199, 799, 199, 799]
    np.testing.assert_allclose(found.p, [0.915, 1 / 800, 0.78, 1 / 800, 0.7, 1 / 800])
    np.testing.assert_array_equal(found.p[::2], once[::2])
    assert not undecided(found.p * (1 + found.n_exchanges) - 1, found.n_exchanges, alpha=0.05).any()
    # 200 draws have 4 hits, the next 201 have 1: other draws than the first
    fresh = make_items(11, [0.5, 1.2], n_items=12)
    more = swap_tests(
        fresh, PEOPLE, np.array([0]), np.array([1]), coefficient="pearson", n_permutations=200, seed=4
    )
    assert (more.n_exchanges[0], more.p[0]) == (401, 6 / 402)
    bounded = swap_tests(scores, PEOPLE, first, second, most_permutations=300, **ask)  # type: ignore[arg-type]
    assert bounded.n_exchanges.max() == 300


@pytest.mark.parametrize("coefficient", CORRELATIONS)
def test_the_coefficient_of_many_rows_is_that_of_one(coefficient: str) -> None:
    # what is exchanged nowhere gives the difference itself, so p = 1 where it is the smallest possible
    scores = np.round(make_items(5, [0.5, 0.5, 2.0]), 1)
    metrics = [make_metric(str(place), items) for place, items in enumerate(scores)]

    found = metric_differences(metrics, PEOPLE, coefficient=coefficient, n_permutations=99, seed=0)

    means = scores.mean(axis=2)
    people_ties = ties_of(PEOPLE, "strength")[None]
    expected = correlations(means, PEOPLE[None], x_ties=ties_of(means, "score"), y_ties=people_ties)[
        coefficient
    ]
    np.testing.assert_allclose(found.values, expected)
    np.testing.assert_allclose(found.difference, expected[found.first] - expected[found.second])
    independent = {
        "kendall_tau_b": lambda row: kendalltau(row, PEOPLE)[0],
        "spearman": lambda row: spearmanr(row, PEOPLE)[0],
        "pearson": lambda row: pearsonr(row, PEOPLE)[0],
    }
    if coefficient in independent:
        rows = [independent[coefficient](row) for row in scores.mean(axis=2)]
        np.testing.assert_allclose(found.values, rows)


def test_only_exchanging_whole_methods_keeps_its_level_where_metrics_like_single_methods() -> None:
    generator = np.random.default_rng(0)
    people = np.linspace(1, -1, 10)
    p: dict[SwapNull, list[float]] = {"methods-xor-items": [], "methods": []}
    for _ in range(100):
        likings = 0.3 * generator.normal(size=(2, 10, 1))
        scores = 0.3 * people[None, :, None] + likings + generator.normal(size=(2, 10, 60))
        for null, values in p.items():
            values += swap_p_values(
                scores, people, np.array([0]), np.array([1]), coefficient="pearson", null=null, n_permutations=99, seed=1
            ).tolist()  # fmt: skip

    assert np.mean(np.array(p["methods"]) <= 0.05) <= 0.1
    assert np.mean(np.array(p["methods-xor-items"]) <= 0.05) >= 0.2

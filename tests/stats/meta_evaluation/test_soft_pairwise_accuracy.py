from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import permutation_test

from hlv.stats.arrays import FloatArray
from hlv.stats.meta_evaluation.soft_pairwise_accuracy import paired_permutation_p, soft_accuracy_of_scores
from tests.published import wmt


def make_scores(seed: int, *, n_methods: int = 4, n_items: int = 8, decimals: int = 1) -> FloatArray:
    generator = np.random.default_rng(seed)
    scores = generator.normal(size=(n_methods, 1)) * 0.3 + generator.normal(size=(n_methods, n_items))
    return np.round(scores, decimals)


def difference(one: FloatArray, other: FloatArray, axis: int) -> FloatArray:
    return np.asarray(one.sum(axis=axis) - other.sum(axis=axis))


@pytest.mark.parametrize("seed", range(4))
def test_few_items_take_all_exchanges_as_scipy_does(seed: int) -> None:
    scores = make_scores(seed, n_items=8, decimals=6)

    found = paired_permutation_p(scores, seed=0)

    for i, j in itertools.permutations(range(4), 2):
        exact = permutation_test(
            (scores[i], scores[j]), difference, permutation_type="samples", alternative="greater", vectorized=True,
            n_resamples=np.inf,
        )  # fmt: skip
        assert found[i, j] == pytest.approx(exact.pvalue)


def test_the_example_of_the_source() -> None:
    scores = np.array(wmt.PAIRED_SCORES)
    assert scores[0].sum() - scores[1].sum() == pytest.approx(wmt.PAIRED_DIFFERENCE)

    found = paired_permutation_p(scores, seed=0)

    assert found[0, 1] == wmt.PAIRED_P
    # Against the difference that all 32 exchanges reach at least.
    assert found[1, 0] == 1.0
    np.testing.assert_array_equal(np.diag(found), [0.5, 0.5])


def test_many_items_take_random_exchanges_near_the_exact_p() -> None:
    scores = make_scores(5, n_items=14, decimals=6)

    found = paired_permutation_p(scores, n_permutations=20_000, seed=3)

    signs = np.array(list(itertools.product([1.0, -1.0], repeat=14)))
    for i, j in itertools.combinations(range(4), 2):
        exchanged = signs @ (scores[i] - scores[j])
        exact = np.mean(exchanged >= (scores[i] - scores[j]).sum() - 1e-12)
        assert found[i, j] == pytest.approx(exact, abs=0.012)
        assert found[i, j] + found[j, i] >= 1.0


@pytest.mark.parametrize("scale", [2.0**-40, 2.0**40])
def test_the_scale_of_scores_does_not_matter(scale: float) -> None:
    scores = np.random.default_rng(12).normal(size=(4, 9)).round(1)

    np.testing.assert_array_equal(
        paired_permutation_p(scores * scale, seed=0), paired_permutation_p(scores, seed=0)
    )


def test_soft_accuracy_is_one_less_the_mean_difference_of_p() -> None:
    metric, human = make_scores(1, n_items=30), make_scores(2, n_items=30)

    found = soft_accuracy_of_scores(metric, human, n_permutations=500, seed=7)

    p_metric, p_human = (paired_permutation_p(side, n_permutations=500, seed=7) for side in (metric, human))
    upper = list(itertools.combinations(range(4), 2))
    assert found.value == pytest.approx(1 - np.mean([abs(p_metric[pair] - p_human[pair]) for pair in upper]))
    orders = [
        1 - np.mean([abs(p_metric[order[i], order[j]] - p_human[i, j]) for i, j in upper])
        for order in itertools.permutations(range(4))
    ]
    assert found.chance == pytest.approx(np.mean(orders))
    assert (found.n_methods, found.n_items, found.n_permutations, found.exact) == (4, 30, 500, False)


def test_equal_sides_agree_completely_and_reversed_ones_do_not() -> None:
    human = make_scores(3, n_items=9)

    assert soft_accuracy_of_scores(human, human, seed=0).value == 1.0
    assert soft_accuracy_of_scores(-human, human, higher_is_better=False, seed=0).value == 1.0
    assert soft_accuracy_of_scores(-human, human, seed=0).value < 0.6


def test_random_exchanges_have_these_values() -> None:
    found = soft_accuracy_of_scores(
        make_scores(1, n_methods=5, n_items=20, decimals=6),
        make_scores(2, n_methods=5, n_items=20, decimals=6),
        n_permutations=1000,
        seed=4,
    )

    assert (found.value, found.chance) == pytest.approx((0.848, 0.56026), abs=1e-10)


def test_items_without_all_scores_are_left_out() -> None:
    metric, human = make_scores(4), make_scores(5)
    thin = metric.copy()
    thin[2, 3] = np.nan

    found = soft_accuracy_of_scores(thin, human, seed=0)

    kept = np.arange(8) != 3
    assert found == soft_accuracy_of_scores(metric[:, kept], human[:, kept], seed=0)


def test_scores_that_cannot_be_exchanged_are_refused() -> None:
    table = make_scores(0)
    for scores, reason in (
        (table[:1], "two methods"),
        (table[:, :0], "one item"),
        (np.where(table == table.max(), np.nan, table), "finite"),
    ):
        with pytest.raises(ValueError, match=reason):
            paired_permutation_p(scores, seed=0)
    with pytest.raises(ValueError, match="one permutation"):
        paired_permutation_p(table, n_permutations=0, seed=0)
    with pytest.raises(ValueError, match="one shape"):
        soft_accuracy_of_scores(table, table[:3], seed=0)
    with pytest.raises(ValueError, match="no item has a score"):
        soft_accuracy_of_scores(np.full((2, 3), np.nan), np.ones((2, 3)), seed=0)

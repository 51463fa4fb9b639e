"""Sparse tables of counts and their weighted sums, against dense ones."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_array_equal

from hlv.stats.agreement.weighted_sums import CategoryCounts, ratio, sparse_table, weighted_sums

ITEM, CATEGORY = np.array([0, 0, 0, 1, 2, 2]), np.array([1, 1, 0, 2, 2, 0])


def counts() -> CategoryCounts:
    return CategoryCounts.of_pairs(ITEM, CATEGORY, n_answers=np.array([3.0, 1.0, 2.0]), n_categories=3)


def test_equal_pairs_are_counted_once_with_their_number() -> None:
    table = counts()
    assert_array_equal(table.table(table.count).toarray(), [[1, 2, 0], [0, 0, 1], [1, 0, 1]])
    assert_array_equal(table.entry_answers, [3, 3, 1, 2, 2])
    assert_array_equal(table.per_item(table.count), [3, 1, 2])


def test_an_item_with_one_answer_is_not_pairable() -> None:
    pairs = counts().pairable
    assert_array_equal(pairs.table(pairs.count).toarray(), [[1, 2, 0], [0, 0, 0], [1, 0, 1]])
    assert_array_equal(pairs.n_answers, [3, 0, 2])


def test_weighted_sums_are_products_with_the_table() -> None:
    table = sparse_table(ITEM, CATEGORY, np.ones(6), shape=(3, 3))
    weights = np.random.default_rng(1).random((4, 3))
    np.testing.assert_allclose(weighted_sums(weights, table), weights @ table.toarray())


def test_a_ratio_over_nothing_is_undefined() -> None:
    assert_array_equal(ratio(np.array([1.0, 0.0]), np.array([2.0, 0.0])), [0.5, np.nan])

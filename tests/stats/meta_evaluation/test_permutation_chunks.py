"""Hits of permuted methods, against a loop over all orders."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import kendalltau, pearsonr, spearmanr

from hlv.stats.correlation import soft_pairwise_accuracy, ties_of
from hlv.stats.meta_evaluation.permutation_chunks import PermutedCorrelations, PermutedGroups, PermutedShares

RNG = np.random.default_rng(1)
ORDERS = np.array(list(permutations(range(4))))
PEOPLE, METRIC = RNG.normal(size=4), RNG.normal(size=4)


def test_hits_are_the_orders_with_as_large_a_coefficient() -> None:
    work = PermutedCorrelations(
        ORDERS, METRIC[None], PEOPLE, ties_of(METRIC[None], "score"), ties_of(PEOPLE, "strength")
    )
    for place, coefficient in enumerate((kendalltau, spearmanr, pearsonr)):
        observed = abs(coefficient(METRIC, PEOPLE)[0])
        values = [abs(coefficient(METRIC, PEOPLE[order])[0]) for order in ORDERS]
        assert work.compute(0, 1)[0, place, 0] == np.sum(np.array(values) >= observed - 1e-9)


def test_shares_are_compared_one_sided_and_summed() -> None:
    half = np.triu(RNG.random((4, 4)), k=1)
    people = half + np.tril(1 - half.T, k=-1)
    metric = people[::-1, ::-1]
    hits, total = PermutedShares(ORDERS, metric[None], people).compute(0, 1)[0, :, 0]
    values = [soft_pairwise_accuracy(metric, people[np.ix_(order, order)]) for order in ORDERS]
    assert total == pytest.approx(np.sum(values))
    assert hits == np.sum(np.array(values) >= soft_pairwise_accuracy(metric, people) - 1e-9)


def test_a_mean_over_groups_has_one_order_for_all_groups() -> None:
    metrics, people = RNG.normal(size=(2, 1, 4)), RNG.normal(size=(2, 4))
    work = PermutedGroups(ORDERS, metrics, people, ties_of(metrics, "score"), ties_of(people, "strength"))
    values = np.array(
        [np.mean([pearsonr(metrics[g, 0], people[g][order])[0] for g in (0, 1)]) for order in ORDERS]
    )
    observed = abs(np.mean([pearsonr(metrics[g, 0], people[g])[0] for g in (0, 1)]))
    assert work.compute(0, 1)[0, 2, 0] == np.sum(np.abs(values) >= observed - 1e-9)

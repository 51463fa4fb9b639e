"""Hits of exchanged scores, against a loop over all exchanges of whole methods."""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.stats import pearsonr

from hlv.stats.correlation import ties_of
from hlv.stats.meta_evaluation.exchanged_scores import ExchangedScores

RNG = np.random.default_rng(1)
SCORES, PEOPLE = RNG.normal(size=(7, 4, 2)), RNG.normal(size=4)


def exchanges(**options: bool) -> ExchangedScores:
    return ExchangedScores(
        scores=SCORES,
        people=PEOPLE,
        people_ties=ties_of(PEOPLE, "strength"),
        tolerance=np.full(1, 1e-12),
        first=np.array([0]),
        second=np.array([1]),
        coefficient="pearson",
        null="methods",
        n_permutations=16,
        seed=7,
        **options,
    )


def test_all_exchanges_of_whole_methods_by_a_loop() -> None:
    means = SCORES.mean(axis=0)
    observed = abs(pearsonr(means[:, 0], PEOPLE)[0] - pearsonr(means[:, 1], PEOPLE)[0])
    hits = 0
    for swapped in product([False, True], repeat=4):
        first = np.where(swapped, means[:, 1], means[:, 0])
        second = np.where(swapped, means[:, 0], means[:, 1])
        hits += abs(pearsonr(first, PEOPLE)[0] - pearsonr(second, PEOPLE)[0]) >= observed - 1e-9
    assert exchanges(enumerated=True).compute(0, 1)[0, 0] == hits


def test_the_seed_decides_the_random_exchanges() -> None:
    np.testing.assert_array_equal(exchanges().compute(0, 1), exchanges().compute(0, 1))

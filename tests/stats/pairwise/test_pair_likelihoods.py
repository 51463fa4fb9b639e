"""Likelihoods of pairs and their derivatives, against formulas and finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from hlv.stats.pairwise.mle_existence import TIES_RULES, TiesRule
from hlv.stats.pairwise.pair_likelihoods import (
    contrasts,
    derivatives,
    log_likelihood,
    pair_table,
    square_tables,
)

WINS = np.array([[0.0, 3, 0], [1, 0, 4], [0, 2, 0]])
TIES = np.array([[0.0, 2, 0], [2, 0, 1], [0, 1, 0]])


def test_a_table_of_pairs_has_the_compared_ones_and_gives_the_square_back() -> None:
    pairs = pair_table(WINS, TIES)
    assert list(zip(pairs.upper.tolist(), pairs.lower.tolist(), strict=True)) == [(0, 1), (1, 2)]
    wins, ties = square_tables(pairs)
    np.testing.assert_array_equal(wins, WINS)
    np.testing.assert_array_equal(ties, TIES)


def test_half_ties_are_half_a_win_each() -> None:
    pairs, x = pair_table(WINS, TIES), np.array([0.7, -0.2])
    p = expit(x)
    expected = (np.array([4.0, 4.5]) * np.log(p) + np.array([2.0, 2.5]) * np.log(1 - p)).sum()
    assert log_likelihood(pairs, x, np.zeros(()), "half") == pytest.approx(expected)


def test_davidson_is_the_logarithm_of_its_probabilities() -> None:
    pairs, x, nu = pair_table(WINS, TIES), np.array([0.7, -0.2]), 0.5
    a, b = np.exp(x / 2), np.exp(-x / 2)
    total = a + b + nu
    expected = (
        pairs.wins * np.log(a / total) + pairs.losses * np.log(b / total) + pairs.ties * np.log(nu / total)
    ).sum()
    assert log_likelihood(pairs, x, np.log(np.array(nu)), "davidson") == pytest.approx(expected)


@pytest.mark.parametrize("rule", TIES_RULES)
def test_derivatives_are_those_of_finite_differences(rule: TiesRule) -> None:
    pairs, x, t = pair_table(WINS, TIES), np.array([0.7, -0.2]), np.array(0.4)
    found = derivatives(pairs, x, t, rule)
    step = 1e-6
    for pair in range(2):
        moved = step * np.eye(2)[pair]
        slope = (log_likelihood(pairs, x + moved, t, rule) - log_likelihood(pairs, x - moved, t, rule)) / (
            2 * step
        )
        assert found.by_x[pair] == pytest.approx(slope, abs=1e-6)


def test_contrasts_give_the_difference_of_each_pair() -> None:
    strengths = np.array([0.4, -0.1, -0.3])
    np.testing.assert_allclose(contrasts(pair_table(WINS, TIES)) @ strengths, [0.5, 0.2])

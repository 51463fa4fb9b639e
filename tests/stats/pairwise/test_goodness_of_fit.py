from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlv.core.stored_results import plain
from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.comparisons import pair_counts
from hlv.stats.pairwise.goodness_of_fit import GoodnessOfFit, UndeterminedFitError, goodness_of_fit
from hlv.stats.pairwise.mle_existence import TiesRule
from hlv.stats.pairwise.pair_likelihoods import pair_table
from tests.published.boards import CITATION_DEVIANCE, CITATIONS
from tests.stats.boards import make_board, make_random_cells


def fitted(
    wins: FloatArray, ties: FloatArray, *, ties_rule: TiesRule = "half", ridge: float = 0.0
) -> GoodnessOfFit:
    fit = fit_bradley_terry(wins, ties, ties_rule=ties_rule, ridge=ridge)
    return goodness_of_fit(fit, pair_table(wins, ties), n_simulations=99, seed=0)


def test_a_circle_of_three_by_hand() -> None:
    # each beats the next 9 : 1, so all strengths are 0 and 5 wins of 10 are expected
    found = fitted(*make_board(3, wins=[(0, 1, 9), (1, 2, 9), (2, 0, 9), (1, 0, 1), (2, 1, 1), (0, 2, 1)]))

    np.testing.assert_allclose(found.residual, [4 / np.sqrt(2.5), -4 / np.sqrt(2.5), 4 / np.sqrt(2.5)])
    assert found.chi_squared == pytest.approx(3 * 6.4)
    assert found.degrees == 1
    assert found.deviance == pytest.approx(6 * (9 * np.log(9 / 5) + np.log(1 / 5)))
    assert (found.n_circular, found.n_complete, found.circular_share) == (1, 1, 1.0)
    assert found.expected_share == pytest.approx(0.25, abs=0.15)
    assert found.p < 0.001
    assert found.surprising == [(0, 1), (0, 2), (1, 2)]


def test_the_citations_have_the_published_deviance() -> None:
    found = fitted(np.array(CITATIONS, dtype=float), np.zeros((4, 4)))

    assert found.deviance == pytest.approx(CITATION_DEVIANCE, abs=1e-5)
    assert (found.deviance_degrees, found.degrees) == (3, 3)
    assert found.chi_squared == pytest.approx(found.deviance, rel=0.1)
    assert found.n_circular == 0


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 10**6), st.sampled_from(["half", "davidson", "drop"]))
def test_residuals_of_a_method_cancel_at_the_maximum(seed: int, ties_rule: TiesRule) -> None:
    found = fitted(*pair_counts(make_random_cells(seed), 5), ties_rule=ties_rule)

    surplus = found.observed - found.expected
    for method in range(5):
        own = surplus @ ((found.upper == method).astype(float) - (found.lower == method))
        assert own == pytest.approx(0, abs=1e-6)
    assert (found.deviance is None) == (ties_rule == "half")


@pytest.mark.parametrize("ties_rule", ["half", "davidson", "rao-kupper", "drop"])
def test_boards_drawn_from_the_model_have_the_residuals_that_it_expects(ties_rule: TiesRule) -> None:
    # ties at a rate that depends on no strength, which is what half ties assume
    boards = [
        fitted(*pair_counts(make_random_cells(seed, n_judgments=1000), 5), ties_rule=ties_rule)
        for seed in range(25)
    ]

    chi_squared = np.array([board.chi_squared for board in boards])
    # 6 degrees of freedom: 25 boards have a mean within 6 +- 3 standard errors
    assert chi_squared.mean() == pytest.approx(6, abs=3 * np.sqrt(12 / 25))
    assert np.mean([board.circular_p is not None and board.circular_p <= 0.05 for board in boards]) < 0.2


def test_it_can_be_stored_with_names() -> None:
    found = fitted(*pair_counts(make_random_cells(3), 5))

    stored = json.loads(json.dumps(plain(found.summary(list("abcde"))), allow_nan=False))

    sizes = [abs(pair["residual"]) for pair in stored["pairs"]]
    assert sizes == sorted(sizes, reverse=True)
    assert stored["deviance"] is None


def test_a_board_that_nothing_could_contradict_is_refused() -> None:
    chain = make_board(3, wins=[(0, 1, 2), (1, 0, 1), (1, 2, 2), (2, 1, 1)])
    whole = make_board(3, wins=[(0, 1, 2), (1, 2, 2), (2, 0, 1)])

    with pytest.raises(UndeterminedFitError, match="too few to test"):
        fitted(*chain)
    with pytest.raises(UndeterminedFitError, match="prior"):
        fitted(*whole, ridge=1.0)
    with pytest.raises(ValueError, match="whole counts"):
        fitted(whole[0] / 2, whole[1])
    with pytest.raises(ValueError, match="at least one simulation"):
        goodness_of_fit(fit_bradley_terry(*whole), pair_table(*whole), n_simulations=0, seed=0)


def test_without_three_pairs_around_there_is_no_share_of_circles() -> None:
    # a square of four methods has no triad
    around = [(0, 1, 2), (1, 2, 2), (2, 3, 2), (3, 0, 2), (1, 0, 1)]

    found = fitted(*make_board(4, wins=around))

    assert (found.n_complete, found.circular_share, found.circular_p) == (0, None, None)

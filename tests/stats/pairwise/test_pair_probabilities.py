"""What a ranking expects of two methods, beside the model of outcomes that it was fitted with."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.comparisons import pair_counts
from hlv.stats.pairwise.pair_likelihoods import pair_table
from hlv.stats.pairwise.pair_probabilities import expected_outcomes, pair_probabilities, win_probability
from hlv.stats.pairwise.ranking import rank_methods
from tests.stats.boards import make_random_cells

NAMES = ["a", "b", "c", "d"]


@pytest.mark.parametrize("ties", ["half", "drop", "davidson", "rao-kupper"])
def test_expected_chances_are_those_of_the_model_of_ties(ties: str) -> None:
    cells = make_random_cells(3, n_methods=4)
    wins, tied = pair_counts(cells, 4)
    fit = fit_bradley_terry(wins, tied, ties_rule=ties)
    pairs = pair_table(wins, tied)
    difference = fit.strengths[pairs.upper] - fit.strengths[pairs.lower]
    found = win_probability(difference, ties=ties, tie_parameter=fit.tie_parameter)
    np.testing.assert_allclose(found, expected_outcomes(fit, pairs).score, atol=1e-12)


def test_pairs_stand_in_the_order_of_the_ranking_with_all_their_judgments() -> None:
    cells = make_random_cells(4, n_methods=4)
    ranking = rank_methods(cells, NAMES, n_resamples=20, seed=1)
    found = pair_probabilities(ranking, cells)
    assert found is not None
    assert (found.wins + found.losses + found.ties).sum() == cells.n_judgments
    assert (found.expected >= 0.5).all()
    assert (found.low <= found.expected).all()
    assert (found.expected <= found.high).all()
    assert found.first.tolist() == [0, 0, 0, 1, 1, 2]


def test_without_a_ranking_there_are_no_pairs() -> None:
    cells = make_random_cells(4, n_methods=4)
    ranking = rank_methods(cells, [*NAMES, "never judged"], n_resamples=0, seed=1)
    assert ranking.undetermined
    assert pair_probabilities(ranking, cells) is None

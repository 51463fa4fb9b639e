from __future__ import annotations

import choix
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlv.stats.pairwise.comparisons import pair_counts
from hlv.stats.pairwise.mle_existence import NoRankingError
from hlv.stats.pairwise.rank_centrality import (
    CENTRALITY_TIES,
    CentralityTies,
    rank_centrality,
    win_rate,
    win_rates,
)
from tests.published.boards import PUDDING_CENTRALITY
from tests.stats.boards import make_board, make_random_cells, pudding


def test_two_methods_stand_in_the_ratio_of_their_wins() -> None:
    shares = rank_centrality(*make_board(2, wins=[(0, 1, 3), (1, 0, 1)], ties=[(0, 1, 4)]), ties_rule="drop")

    np.testing.assert_allclose(shares, [0.75, 0.25], atol=1e-12)


@pytest.mark.parametrize("ties_rule", CENTRALITY_TIES)
def test_pudding_under_three_tie_rules(ties_rule: CentralityTies) -> None:
    shares = rank_centrality(*pudding(), ties_rule=ties_rule)

    np.testing.assert_allclose(shares, PUDDING_CENTRALITY[ties_rule], atol=1e-6)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_wins_alone_agree_with_choix(seed: int) -> None:
    wins, ties = pair_counts(make_random_cells(seed), 5)
    pairs = [(int(i), int(j)) for i, j in np.argwhere(wins) for _ in range(int(wins[i, j]))]

    logarithms = np.log(rank_centrality(wins, ties, ties_rule="drop"))

    np.testing.assert_allclose(logarithms - logarithms.mean(), choix.rank_centrality(5, pairs), atol=1e-8)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), ties_rule=st.sampled_from(CENTRALITY_TIES))
def test_shares_are_positive_and_sum_to_one(seed: int, ties_rule: CentralityTies) -> None:
    shares = rank_centrality(*pair_counts(make_random_cells(seed), 5), ties_rule=ties_rule)

    assert (shares > 0).all()
    assert shares.sum() == pytest.approx(1)


def test_ties_connect_only_where_they_count_as_half_a_win() -> None:
    board = make_board(2, wins=[(0, 1, 3)], ties=[(0, 1, 2)])

    np.testing.assert_allclose(rank_centrality(*board), [0.8, 0.2], atol=1e-12)
    for rule in ("drop", "denominator"):
        with pytest.raises(NoRankingError, match="2 groups"):
            rank_centrality(*board, ties_rule=rule)


def test_a_tie_model_is_no_rule_of_rank_centrality() -> None:
    with pytest.raises(ValueError, match="rank centrality has no ties rule"):
        rank_centrality(*make_board(2, wins=[(0, 1, 1)]), ties_rule="davidson")  # type: ignore[arg-type]


def test_a_tie_counts_half_a_win_each_or_not_at_all() -> None:
    board = make_board(2, wins=[(0, 1, 2)], ties=[(0, 1, 2)])

    assert win_rate(*board).tolist() == [0.75, 0.25]
    assert win_rate(*board, ties_rule="drop").tolist() == [1.0, 0.0]


@settings(deadline=None)
@given(seed=st.integers(0, 1000))
def test_rates_weighted_by_comparisons_average_to_one_half(seed: int) -> None:
    wins, ties = pair_counts(make_random_cells(seed, n_judgments=80), 5)
    met = (wins + wins.T + ties).sum(axis=1)

    assert (win_rate(wins, ties) * met).sum() / met.sum() == pytest.approx(0.5)


def test_methods_that_no_chain_of_comparisons_joins_have_no_common_scale() -> None:
    with pytest.raises(NoRankingError, match="2 groups"):
        win_rate(*make_board(4, wins=[(0, 1, 2), (2, 3, 1)]))


def test_a_resample_that_lost_a_method_gives_it_no_rate() -> None:
    wins, ties = make_board(3, wins=[(0, 1, 2)])

    assert np.isnan(win_rates(wins[None], ties[None], ties_rule="half")[0]).tolist() == [False, False, True]


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="no ties rule"):
        win_rate(*make_board(2, wins=[(0, 1, 1)]), ties_rule="davidson")  # type: ignore[arg-type]

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlv.stats.pairwise.comparisons import pair_counts
from hlv.stats.pairwise.mle_existence import NoRankingError
from hlv.stats.pairwise.rank_centrality import win_rate, win_rates
from tests.stats.boards import make_board, make_random_cells


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

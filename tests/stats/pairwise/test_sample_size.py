"""How many judgments are left until two methods separate, and which comparison says most."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlv.stats.pairwise.bradley_terry import fit_bradley_terry, information_at
from hlv.stats.pairwise.comparisons import pair_counts
from hlv.stats.pairwise.method_differences import MethodDifference, StillNeeded
from hlv.stats.pairwise.pair_likelihoods import pair_table
from hlv.stats.pairwise.ranking import rank_methods
from hlv.stats.pairwise.sample_size import most_informative, times_the_judges
from tests.stats.boards import make_board, make_random_cells


def times(difference: float, error: float, degrees: float, *, n_methods: int = 2) -> float:
    found = times_the_judges(np.array(difference), np.array(error), np.array(degrees), n_methods=n_methods)
    return float(found)


def test_with_endless_judges_it_is_the_textbook_formula_of_a_normal_test() -> None:
    # ((z_.975 + z_.8) / (d / se))^2, Dixon and Massey: (1.959964 + 0.841621)^2 / 2^2
    assert times(2.0, 1.0, 1e9) == pytest.approx(1.962220, abs=1e-4)


def test_few_judges_need_more_than_that() -> None:
    assert times(2.0, 1.0, 5.0) > times(2.0, 1.0, 1e9)


def test_more_methods_need_more_judgments_for_each_pair() -> None:
    assert times(2.0, 1.0, 20.0, n_methods=14) > times(2.0, 1.0, 20.0)


def test_what_is_far_apart_needs_less_than_there_is() -> None:
    assert times(20.0, 1.0, 30.0) < 1


def test_no_number_separates_equal_methods_and_nothing_is_said_without_an_error() -> None:
    assert times(0.0, 1.0, 20.0) == np.inf
    assert np.isnan(times(1.0, float("nan"), 20.0))


@settings(deadline=None)
@given(
    difference=st.floats(0.05, 5),
    error=st.floats(0.05, 2),
    degrees=st.floats(1, 200),
    share=st.floats(0.1, 0.9),
)
def test_a_larger_difference_never_needs_more(
    difference: float, error: float, degrees: float, share: float
) -> None:
    assert times(difference, error, degrees) <= times(difference * share, error, degrees)


def test_the_best_comparison_lowers_the_variance_most_when_it_is_really_made() -> None:
    cells = make_random_cells(3)
    wins, ties = pair_counts(cells, 5)
    fit, pairs = fit_bradley_terry(wins, ties), pair_table(wins, ties)
    contrast = np.eye(5)[1] - np.eye(5)[2]

    def variance_after(a: int, b: int) -> float:
        step = np.eye(5)[a] - np.eye(5)[b]
        p = 1 / (1 + np.exp(-(fit.strengths[a] - fit.strengths[b])))
        more = information_at(fit, pairs) + p * (1 - p) * np.outer(step, step)
        return float(contrast @ np.linalg.inv(more) @ contrast)

    after = {(a, b): variance_after(a, b) for a in range(5) for b in range(a + 1, 5)}
    assert most_informative(fit, pairs, first=1, second=2) == min(after, key=after.__getitem__)


def test_two_methods_that_were_never_compared_may_be_the_best_comparison() -> None:
    wins, ties = make_board(3, wins=[(0, 1, 30), (1, 0, 20), (1, 2, 30), (2, 1, 20)])
    fit, pairs = fit_bradley_terry(wins, ties), pair_table(wins, ties)
    assert most_informative(fit, pairs, first=0, second=2) == (0, 2)


def test_every_two_methods_of_a_ranking_have_their_difference_and_neighbours_what_is_needed() -> None:
    ranking = rank_methods(make_random_cells(1), list("abcde"), seed=1, n_resamples=100)
    rows = ranking.differences
    assert len(rows) == 10
    assert sum(row.are_neighbours for row in rows) == 4
    for row in rows:
        assert row.interval is not None
        assert row.simultaneous_interval is not None
        low, high = row.interval
        wide_low, wide_high = row.simultaneous_interval
        assert wide_low < low < row.difference < high < wide_high
        assert row.difference >= 0
        assert row.share_of_resamples is not None
        assert 0 <= row.share_of_resamples <= 1
        assert row.adjusted_p is not None
        if row.adjusted_p < 0.05 and row.are_neighbours:
            assert row.best_comparison is None


def test_without_a_model_of_strengths_only_resamples_speak_of_differences() -> None:
    ranking = rank_methods(make_random_cells(1), list("abcde"), seed=1, n_resamples=100, model="win-rate")
    row = ranking.differences[0]
    assert row.simultaneous_interval is None
    assert row.still_needed is None
    assert row.best_comparison is None
    assert row.interval is not None
    assert row.interval[0] < row.difference < row.interval[1]


@pytest.mark.parametrize(
    ("needed", "interval", "is_out"),
    [
        (StillNeeded(10_000, 9), (-0.1, 0.2), False),
        (StillNeeded(10_001, 9), (-0.1, 0.2), True),
        (StillNeeded(0, 0), None, False),
        # ten thousand times the judgments are not enough
        (None, (-0.1, 0.2), True),
        # nothing says how many
        (None, None, False),
        (None, (0.0, 0.0), False),
    ],
)
def test_more_than_a_hundred_times_the_judgments_is_out_of_reach(
    needed: StillNeeded | None, interval: tuple[float, float] | None, *, is_out: bool
) -> None:
    row = MethodDifference(
        above="a", below="b", difference=0.1, still_needed=needed, simultaneous_interval=interval
    )
    assert row.is_out_of_reach(n_judgments=100) is is_out

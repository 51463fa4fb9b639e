"""Rankings without a judge against fits of the other judges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.comparisons import FIRST, make_cells
from hlv.stats.pairwise.mle_existence import NoRankingError, TiesRule
from hlv.stats.raters.leave_one_rater_out import fit_with_equal_judges, leave_one_judge_out
from hlv.stats.raters.rater_counts import RaterCounts
from tests.stats.boards import make_board, make_random_cells
from tests.stats.raters.rater_examples import fit_of


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10**6), st.sampled_from(["half", "davidson", "drop"]))
def test_strengths_without_a_judge_are_those_of_the_rest(seed: int, ties_rule: TiesRule) -> None:
    cells = make_random_cells(seed, n_judges=4, n_judgments=200)
    fit = fit_of(cells, 5, ties_rule)

    found = leave_one_judge_out(RaterCounts.of(cells, 5), fit)

    for place, code in enumerate(found.codes.tolist()):
        others = cells.judge != code
        rest = make_cells(
            first=cells.first[others], second=cells.second[others], outcome=cells.outcome[others]
        )
        if found.undetermined[place] is not None:
            with pytest.raises(NoRankingError):
                fit_of(rest, 5, ties_rule)
            continue
        expected = fit_of(rest, 5, ties_rule).strengths
        np.testing.assert_allclose(found.strengths[place], expected, atol=1e-9)
        assert found.largest_change[place] == pytest.approx(np.abs(expected - fit.strengths).max(), abs=1e-8)


def test_a_judge_who_carries_the_lead_is_named_and_one_who_joins_the_board_has_a_reason() -> None:
    # judge 0 puts 1 before 0 ten times; judge 1 has it the other way; judge 2 alone saw method 2
    cells = make_cells(
        first=[1, 0, 0, 1, 2, 0],
        second=[0, 1, 1, 0, 0, 2],
        outcome=[FIRST] * 6,
        count=[10, 1, 3, 1, 1, 2],
        judge=[0, 0, 1, 1, 2, 2],
    )

    found = leave_one_judge_out(RaterCounts.of(cells, 3), fit_of(cells, 3), names=["a", "b", "c"])

    assert found.changes_leader == [True, False, None]
    assert found.largest_rank_change[:2].tolist() == [2, 0]
    # all say b a c; without judge 0 it is a c b, where two of three pairs are turned, and without judge 1 the same
    np.testing.assert_allclose(found.tau[:2], [-1 / 3, 1])
    assert found.undetermined[:2] == [None, None]
    assert "c" in str(found.undetermined[2])


def test_with_an_equal_say_a_busy_judge_counts_once() -> None:
    # judge 0 says 3 : 1 for method 0 in forty judgments, judge 1 says 1 : 3 in four
    cells = make_cells(
        first=[0, 1, 0, 1], second=[1, 0, 1, 0], outcome=[0] * 4, count=[30, 10, 1, 3], judge=[0, 0, 1, 1]
    )
    boards = RaterCounts.of(cells, 2)

    np.testing.assert_allclose(fit_with_equal_judges(boards).strengths, 0, atol=1e-12)
    # a prior weighs as much as before
    shrunk = fit_bradley_terry(*make_board(2, wins=[(0, 1, 33), (1, 0, 11)]), ridge=1.0)
    same = make_cells(
        first=[0, 1] * 2, second=[1, 0] * 2, outcome=[0] * 4, count=[30, 10, 3, 1], judge=[0, 0, 1, 1]
    )
    np.testing.assert_allclose(
        fit_with_equal_judges(RaterCounts.of(same, 2), ridge=1.0).strengths, shrunk.strengths, atol=1e-9
    )

"""The share of the left side against the exact binomial."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from hlv.stats.pairwise.comparisons import FIRST, SECOND, TIE, make_cells
from hlv.stats.raters.side_bias import side_bias


def test_a_share_of_the_left_has_the_exact_interval_and_p() -> None:
    cells = make_cells(
        first=[0, 0, 0, 1], second=[1, 1, 1, 0], outcome=[FIRST, SECOND, TIE, FIRST],
        count=[9, 1, 5, 4], judge=[3, 3, 3, 4], first_is_left=[1, 1, 1, 0],
    )  # fmt: skip

    found = side_bias(cells)

    assert found.n_decided.tolist() == [10, 4]
    assert found.share.tolist() == [0.9, 0.0]
    for place, (left, decided) in enumerate([(9, 10), (0, 4)]):
        exact = binomtest(left, decided)
        interval = exact.proportion_ci(method="exact")
        assert (found.low[place], found.high[place]) == pytest.approx((interval.low, interval.high))
        assert found.p[place] == pytest.approx(exact.pvalue)
    assert found.adjusted_p[0] == pytest.approx(2 * found.p[0])
    assert found.n_left_out == 5


def test_where_both_sides_are_as_frequent_p_is_one() -> None:
    cells = make_cells(
        first=[0, 0], second=[1, 1], outcome=[FIRST, SECOND], count=[3, 3], judge=[0, 0], first_is_left=[1, 1]
    )
    assert side_bias(cells).p.tolist() == [1.0]

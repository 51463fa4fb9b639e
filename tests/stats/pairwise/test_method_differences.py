from __future__ import annotations

import numpy as np

from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.bootstrap import Resamples
from hlv.stats.pairwise.method_differences import method_differences
from hlv.stats.pairwise.pair_likelihoods import pair_table
from tests.stats.boards import make_board


def shares_of(strengths: list[float], drawn: FloatArray) -> list[float | None]:
    """Of each two methods, the stronger first."""
    rows = method_differences(
        np.array(strengths),
        list("abc")[: len(strengths)],
        fit=None,
        pairs=pair_table(*make_board(len(strengths), wins=[(0, 1, 1)])),
        analytic=None,
        separation=None,
        resamples=Resamples(drawn, drawn, "judgments", 0),
        n_judgments=1,
        n_judges=1,
    )
    return [row.share_of_resamples for row in rows]


def test_a_resample_that_ties_counts_half_on_either_side() -> None:
    # 0.1 + 0.2 is no other strength than 0.3; the last resample has no answer
    drawn = np.array([[1, 0], [1, 0], [0, 1], [0.1 + 0.2, 0.3], [0.5, 0.5], [np.nan, np.nan]])

    assert shares_of([1, 0], drawn) == [(2 + 2 / 2) / 5]
    assert shares_of([0, 1], drawn) == [(1 + 2 / 2) / 5]


def test_without_a_resample_with_an_answer_there_is_no_share() -> None:
    assert shares_of([1, 0], np.full((3, 2), np.nan)) == [None]

"""Counts of judgments by judge and pair."""

from __future__ import annotations

import pytest

from hlv.stats.pairwise.comparisons import FIRST, TIE, make_cells
from hlv.stats.pairwise.mle_existence import NoRankingError
from hlv.stats.raters.rater_consistency import self_consistency, shared_agreement
from hlv.stats.raters.rater_counts import RaterCounts, UndeterminedJudgesError
from hlv.stats.raters.side_bias import side_bias
from tests.stats.raters.rater_examples import make_rows


def test_what_says_nothing_of_any_judge_is_refused() -> None:
    nobody = make_cells(first=[0], second=[1], outcome=[FIRST], item=[0], first_is_left=[1])
    alone = make_rows((1, 0, 0, 1, TIE, 1))
    difference_errors = make_rows((1, 0, 0, 1, TIE, 1), (2, 1, 0, 1, TIE, 1))

    with pytest.raises(UndeterminedJudgesError, match="names its judge"):
        RaterCounts.of(nobody, 2)
    with pytest.raises(NoRankingError, match="no judgments"):
        RaterCounts.of(make_cells(first=[], second=[], outcome=[]), 2)
    with pytest.raises(UndeterminedJudgesError, match="there is 1 judge"):
        shared_agreement(alone)
    with pytest.raises(UndeterminedJudgesError, match="same comparison"):
        shared_agreement(difference_errors)
    for cells in (nobody, alone):
        with pytest.raises(UndeterminedJudgesError, match="both ways round"):
            self_consistency(cells)
        with pytest.raises(UndeterminedJudgesError, match="side"):
            side_bias(cells)

"""Variance of strengths by cluster, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.cluster_variance import JudgmentBlocks, UndeterminedIntervalError
from hlv.stats.pairwise.comparisons import Cells, make_cells, pair_counts
from hlv.stats.pairwise.pair_likelihoods import pair_table


def blocks(cells: Cells) -> JudgmentBlocks:
    wins, ties = pair_counts(cells, 2)
    return JudgmentBlocks.of(cells, fit_bradley_terry(wins, ties), pair_table(wins, ties))


def test_three_judges_with_one_pair_by_hand() -> None:
    """Each judge gives 4 verdicts: 4, 3 and 2 wins. p = 3/4, and each step is (wins - 3) / (8 p (1 - p))."""
    cells = make_cells(
        first=[0] * 5, second=[1] * 5, outcome=[0, 0, 1, 0, 1], count=[4, 3, 1, 2, 2], judge=[0, 1, 1, 2, 2]
    )
    found = blocks(cells)
    variance = found.variance(found.judge, what="judge")
    steps = np.array([1.0, 0.0, -1.0]) / (8 * 3 / 16)
    assert variance.differences[0, 1] == pytest.approx(2 / 3 * (steps**2).sum())
    assert variance.difference_units[0, 1] == pytest.approx(3.0)


def test_one_cluster_has_no_variance() -> None:
    found = blocks(make_cells(first=[0, 0], second=[1, 1], outcome=[0, 1], judge=[0, 0]))
    with pytest.raises(UndeterminedIntervalError, match="only one judge"):
        found.variance(found.judge, what="judge")

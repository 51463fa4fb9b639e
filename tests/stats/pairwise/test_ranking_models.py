"""Which options each ranking model takes, and its strengths."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.rank_centrality import rank_centrality, win_rate
from hlv.stats.pairwise.ranking_models import RankingModel, check_model, estimate_strengths

WINS = np.array([[0.0, 3, 5], [1, 0, 4], [2, 2, 0]])
TIES = np.array([[0.0, 1, 0], [1, 0, 0], [0, 0, 0]])


def test_each_model_has_the_strengths_of_its_own_function() -> None:
    names = list("abc")
    fit = estimate_strengths(WINS, TIES, names, model="bradley-terry", ties="half", ridge=0.0)
    np.testing.assert_array_equal(fit.strengths, fit_bradley_terry(WINS, TIES).strengths)
    walk = estimate_strengths(WINS, TIES, names, model="rank-centrality", ties="half", ridge=0.0)
    logarithms = np.log(rank_centrality(WINS, TIES, ties_rule="half"))
    np.testing.assert_allclose(walk.strengths, logarithms - logarithms.mean())
    rate = estimate_strengths(WINS, TIES, names, model="win-rate", ties="drop", ridge=0.0)
    np.testing.assert_array_equal(rate.strengths, win_rate(WINS, TIES, ties_rule="drop"))
    assert walk.fit is rate.fit is None


@pytest.mark.parametrize(
    ("model", "ties", "ridge"),
    [
        ("win-rate", "davidson", 0.0),
        ("rank-centrality", "half", 0.1),
        ("elo", "half", 0.0),
        ("bradley-terry", "half", -1.0),
    ],
)
def test_options_that_a_model_does_not_have_are_refused(model: RankingModel, ties: str, ridge: float) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        check_model(model, ties=ties, ridge=ridge)

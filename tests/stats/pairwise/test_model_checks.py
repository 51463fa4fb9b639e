"""What stands beside a ranking: the fit of one scale, the side effect and the order by other models."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from hlv.core.stored_results import plain
from hlv.stats.pairwise.comparisons import Cells, make_cells
from hlv.stats.pairwise.model_checks import ranking_checks
from hlv.stats.pairwise.ranking import rank_methods
from hlv.stats.pairwise.ranking_models import RankingModel
from tests.stats.boards import make_random_cells


def checks_of(cells: Cells, names: str, *, model: RankingModel = "bradley-terry", ties: str = "half") -> dict:  # type: ignore[type-arg]
    ranking = rank_methods(cells, list(names), model=model, ties=ties, n_resamples=0, seed=1)
    cannot = make_cells(first=[0, 0], second=[1, 2], outcome=[2, 2], judge=[0, 0])
    found = ranking_checks(
        cells, list(names), ranking.strengths, cannot=cannot, model=model, ties=ties, ridge=0.0, seed=1
    )
    return json.loads(json.dumps(plain(found), allow_nan=False))  # type: ignore[no-any-return]


def test_every_part_has_an_answer_where_there_is_one() -> None:
    cells = make_random_cells(1)
    variables = np.random.default_rng(1).integers(2, size=len(cells))
    found = checks_of(replace(cells, first_is_left=variables), "abcde")
    assert found["fit"]["undetermined"] is None
    assert found["side_effect"]["undetermined"] is None
    assert found["cannot_judge"]["undetermined"] is None
    assert found["cannot_judge"]["by_method"][0]["n"] == found["cannot_judge"]["n"] == 2
    assert [(row["model"], row["ties"]) for row in found["other_models"]] == [
        ("bradley-terry", "davidson"),
        ("rank-centrality", "half"),
        ("rank-centrality", "denominator"),
        ("win-rate", "half"),
    ]
    assert all(row["tau_b"] > 0.5 for row in found["other_models"])


def test_a_part_without_an_answer_says_why_and_stops_no_other() -> None:
    # a and b beat each other, c and b only tie: wins alone do not join c
    cells = make_cells(first=[0, 1, 1], second=[1, 0, 2], outcome=[0, 0, 2])
    found = checks_of(cells, "abc")
    assert "too few to test" in found["fit"]["undetermined"]
    assert "side" in found["side_effect"]["undetermined"]
    by_ties = {(row["model"], row["ties"]): row["undetermined"] for row in found["other_models"]}
    assert "groups" in by_ties["rank-centrality", "denominator"]
    assert by_ties["rank-centrality", "half"] is None


def test_residuals_are_those_of_the_model_that_has_some() -> None:
    found = checks_of(make_random_cells(1), "abcde", model="win-rate")
    assert "another model" in found["fit"]["undetermined"]
    assert ("bradley-terry", "half") in [(row["model"], row["ties"]) for row in found["other_models"]]

"""Each variant changes one choice and no other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hlv.stats.meta_evaluation.sensitivity import Question, variants
from hlv.stats.pairwise.ranking_models import RankingModel
from tests.stats.boards import make_random_cells


@pytest.mark.parametrize("ties", ["half", "drop"])
def test_taking_sides_into_account_changes_nothing_where_they_are_balanced(ties: str) -> None:
    cells = make_random_cells(3, n_judgments=200, share_of_ties=0.3)
    both = replace(
        cells,
        **{
            name: np.concatenate([getattr(cells, name)] * 2)
            for name in ("first", "second", "outcome", "count", "judge", "item")
        },
        first_is_left=np.repeat([0, 1], len(cells)),
    )
    question = Question(both, list("abcde"), "bradley-terry", ties, 0.0, None, 0, 1)
    side = next(
        variant
        for variant in variants(question, judges={}, without_fast=None, base_models={})
        if variant.kind == "side"
    )
    np.testing.assert_allclose(side.strengths, question.strengths(both), atol=1e-8)


@pytest.mark.parametrize(
    ("model", "ties", "ridge"),
    [("bradley-terry", "davidson", 0.0), ("win-rate", "half", 0.0), ("bradley-terry", "half", 0.1)],
)
def test_sides_are_not_taken_into_account_under_a_model_that_knows_none(
    model: RankingModel, ties: str, ridge: float
) -> None:
    cells = make_random_cells(3, n_judgments=200, share_of_ties=0.3)
    question = Question(cells, list("abcde"), model, ties, ridge, None, 0, 1)
    found = {v.kind: v for v in variants(question, judges={}, without_fast=None, base_models={})}
    assert "another model" in (found["side"].undetermined or "")

"""Scores of people and metrics: their direction, and the scale that decides ties."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.meta_evaluation.agreement_result import HumanScores, MetricScores

LARGE = np.array([1e6, 1e6 + 1e-7, 2e6])


@pytest.mark.parametrize(("higher_is_better", "sign"), [(True, 1.0), (False, -1.0)])
def test_a_loss_has_a_negative_sign(higher_is_better: bool, sign: float) -> None:
    assert MetricScores("m", higher_is_better, LARGE).sign == sign


def test_scores_are_tied_relative_to_their_size_and_strengths_by_log_odds() -> None:
    assert MetricScores("m", True, LARGE).ties_of(LARGE).tolist() == [0, 0, 1]
    assert HumanScores(LARGE).ties_of(LARGE).tolist() == [0, 1, 2]

"""Coefficients of one resample of people with the same resample of a metric."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kendalltau, pearsonr

from hlv.stats.meta_evaluation.agreement_result import HumanScores, MetricScores
from hlv.stats.meta_evaluation.joint_bootstrap import joint_coefficients, joint_errors, joint_resamples

RNG = np.random.default_rng(1)
PEOPLE, METRIC = RNG.normal(size=(6, 5)), RNG.normal(size=(6, 5))


def test_row_by_row_they_are_those_of_scipy() -> None:
    found = joint_coefficients(PEOPLE, METRIC, people_scale="strength", score_scale="score")
    for row in range(6):
        assert found["kendall_tau_b"][row] == pytest.approx(kendalltau(METRIC[row], PEOPLE[row])[0])
        assert found["pearson"][row] == pytest.approx(pearsonr(METRIC[row], PEOPLE[row])[0])


def test_a_row_without_an_answer_has_no_coefficient() -> None:
    people = PEOPLE.copy()
    people[2, 1] = np.nan
    found = joint_coefficients(people, METRIC, people_scale="strength", score_scale="score")
    assert np.isnan(found["spearman"]).tolist() == [False, False, True, False, False, False]


def test_the_sign_of_a_loss_is_turned_in_every_resample() -> None:
    human = HumanScores(PEOPLE[0], PEOPLE)
    gain, loss = (
        MetricScores("gain", True, METRIC[0], METRIC),
        MetricScores("loss", False, -METRIC[0], -METRIC),
    )
    kept = np.ones(5, dtype=bool)
    first, second = joint_resamples(human, [gain, loss], [kept, kept])
    np.testing.assert_array_equal(first["pearson"], second["pearson"])


def test_joint_errors_are_the_covariance_of_both_resamples() -> None:
    errors = joint_errors(
        HumanScores(PEOPLE[0], PEOPLE, n_units=8),
        MetricScores("m", True, METRIC[0], METRIC),
        np.ones(5, dtype=bool),
    )
    assert not isinstance(errors, str)
    np.testing.assert_allclose(errors.covariance, np.cov(np.hstack([PEOPLE, METRIC]), rowvar=False))


def test_resamples_that_are_all_the_same_give_a_reason() -> None:
    rows = np.tile(np.arange(5.0), (6, 1))
    kept = np.ones(5, dtype=bool)
    reason = joint_errors(HumanScores(PEOPLE[0], rows), MetricScores("m", True, np.arange(5.0)), kept)
    assert isinstance(reason, str)
    assert reason.startswith("No interval")

"""Chance of each metric: metrics with the same methods share the orders."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import kendalltau

from hlv.stats.meta_evaluation.agreement_result import HumanScores, MetricScores
from hlv.stats.meta_evaluation.null_distribution import null_results
from hlv.stats.resampling.chunks import run_each_in_sequence

PEOPLE = np.array([1.1, 0.4, -0.3, -1.2, 0.0])
METRIC = np.array([0.9, 0.5, 0.6, 0.1, np.nan])


def test_p_is_over_the_orders_of_the_methods_that_have_a_score() -> None:
    metric, kept = MetricScores("m", True, METRIC), ~np.isnan(METRIC)
    found = null_results(
        HumanScores(PEOPLE), [metric], [kept], [0], n_permutations=99, seed=1, runners=run_each_in_sequence
    )[0]
    people, scores = PEOPLE[kept], METRIC[kept]
    observed = abs(kendalltau(scores, people)[0])
    taus = [abs(kendalltau(scores, people[list(order)])[0]) for order in permutations(range(4))]
    assert found.p["kendall_tau_b"] == pytest.approx(np.mean(np.array(taus) >= observed - 1e-9))
    assert found.soft is None


def test_with_resamples_of_both_there_is_a_soft_accuracy_and_what_chance_gives() -> None:
    rng = np.random.default_rng(1)
    human = HumanScores(PEOPLE, PEOPLE + 0.1 * rng.normal(size=(50, 5)))
    metric = MetricScores("m", True, PEOPLE, PEOPLE + 0.1 * rng.normal(size=(50, 5)))
    kept = np.ones(5, dtype=bool)
    found = null_results(
        human, [metric], [kept], [0], n_permutations=99, seed=1, runners=run_each_in_sequence
    )
    soft = found[0].soft
    assert soft is not None
    assert soft.value is not None
    assert soft.value > 0.95
    assert soft.chance is not None
    assert soft.chance < soft.value

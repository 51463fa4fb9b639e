"""Power of tests between two simulated metrics."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hlv.stats.power.metric_power import METRIC_TESTS, metric_power
from hlv.stats.power.scenario import Scenario
from hlv.stats.power.simulated_campaigns import power_analysis
from tests.stats.power.scenarios import PLAN


def test_metrics_far_apart_are_told_apart_and_the_joint_bootstrap_keeps_its_level() -> None:
    """PERM-BOTH takes the human ranking as known, and so finds differences between metrics that are alike."""
    plan = Scenario(n_methods=8, n_judges=20, n_judgments=3000, n_items=200, better=0.95, worse=0.3)
    tests = power_analysis(plan, n_simulations=40, seed=5).result().metric_comparison.tests
    joint, swapped = tests["joint bootstrap"], tests["PERM-BOTH"]
    assert min(joint.power.share, swapped.power.share) > 0.8
    assert joint.wrong_one.share == swapped.wrong_one.share == 0.0
    assert joint.false_alarms.share <= 0.1
    assert swapped.false_alarms.share > joint.false_alarms.interval[1]


@pytest.mark.parametrize("change", [{"n_methods": 2}, {"spread": 0.0}])
def test_without_methods_that_differ_metrics_are_not_compared(change: dict[str, Any]) -> None:
    assert power_analysis(replace(PLAN, **change), n_simulations=2, seed=1).result().metric_comparison is None


def test_false_alarms_are_those_of_simulations_with_a_ranking() -> None:
    found = power_analysis(
        replace(PLAN, n_judgments=24, n_judges=20, tie_share=0.0), n_simulations=30, seed=1
    )
    compared = found.result().metric_comparison
    n_rankings = compared.n_rankings
    assert 15 <= n_rankings < 30
    alarms = found.twin_differs[:, 0]
    assert compared.tests["PERM-BOTH"].false_alarms.share == pytest.approx(sum(alarms) / n_rankings)
    assert any(f"{n_rankings} of 30 simulations with a ranking" in said for said in found.result().cautions)


def test_equal_estimates_find_no_metric_better() -> None:
    found = metric_power(
        np.array([1.0, 0.0, -1.0]),
        np.zeros(3),
        np.zeros((5, 3)),
        better=0.9,
        worse=0.1,
        n_items=10,
        rng=np.random.default_rng(1),
    )
    assert found.leads.tolist() == [0] * len(METRIC_TESTS)
    assert not found.twin_differs.any()

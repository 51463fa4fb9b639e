"""Pairs sorted once give the accuracy at every threshold, under weights, as counting each pair does."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.correlation import ties_of
from hlv.stats.meta_evaluation.calibrated_accuracy import CalibratedPairs

METRIC = np.array([0.10, 0.45, 0.40, 0.90, 0.35, 0.30, 0.05, 0.60])
HUMAN = np.array([1.0, 2.0, 2.0, 3.0, 1.0, 1.0, 0.0, 2.0])
GROUP = np.array([0, 0, 0, 0, 1, 1, 1, 2])


def pairs_of(metric: FloatArray, human: FloatArray, group: IntArray) -> CalibratedPairs:
    found = [pair for pair in combinations(range(len(metric)), 2) if group[pair[0]] == group[pair[1]]]
    first, second = np.array(found, dtype=np.int64).reshape(-1, 2).T
    n_groups = int(group.max()) + 1
    return CalibratedPairs.of(metric, ties_of(human, "score"), first, second, group[first], n_groups=n_groups)


def counted(
    metric: FloatArray,
    human: FloatArray,
    group: IntArray,
    weights: FloatArray,
    group_weights: FloatArray,
    threshold: float,
) -> float:
    """Mean over groups of the weighted share of agreeing pairs, pair by pair."""
    shares, masses = [], []
    for number in range(int(group.max()) + 1):
        agreeing = total = 0.0
        for i, j in combinations(np.flatnonzero(group == number).tolist(), 2):
            weight = weights[i] * weights[j]
            difference = metric[i] - metric[j]
            by_metric = 0.0 if abs(difference) <= threshold + 1e-9 else np.sign(difference)
            total += weight
            agreeing += weight * (by_metric == np.sign(human[i] - human[j]))
        if total > 0:
            shares.append(agreeing / total)
            masses.append(group_weights[number])
    return float(np.average(shares, weights=masses)) if sum(masses) > 0 else np.nan


def test_each_row_of_weights_has_the_best_threshold_that_counting_finds() -> None:
    rng = np.random.default_rng(3)
    weights = rng.integers(0, 3, size=(20, 8)).astype(float)
    group_weights = rng.integers(0, 3, size=(20, 3)).astype(float)

    found = pairs_of(METRIC, HUMAN, GROUP).accuracies(weights, group_weights)

    candidates = sorted(
        {
            0.0,
            *(abs(METRIC[i] - METRIC[j]) for i, j in combinations(range(8), 2) if GROUP[i] == GROUP[j]),
        }
    )
    for row in range(20):
        tried = [
            counted(METRIC, HUMAN, GROUP, weights[row], group_weights[row], threshold)
            for threshold in candidates
        ]
        assert found.calibrated[row] == pytest.approx(max(tried), nan_ok=True)
        assert found.uncalibrated[row] == pytest.approx(tried[0], nan_ok=True)
        if not np.isnan(tried[0]):
            best = next(
                threshold
                for threshold, share in zip(candidates, tried, strict=True)
                if share > max(tried) - 1e-12
            )
            assert found.threshold[row] == pytest.approx(best)
    assert np.isnan(found.calibrated).sum() == sum(
        not (group_weights[row, :2] * _has_pair(weights[row])).any() for row in range(20)
    )


def _has_pair(weights: FloatArray) -> FloatArray:
    return np.array([(weights[number == GROUP] > 0).sum() > 1 for number in (0, 1)], dtype=float)


def test_a_threshold_gives_each_group_its_share_and_a_group_without_a_pair_none() -> None:
    pairs = pairs_of(METRIC, HUMAN, GROUP)

    # Group 0: all 6 pairs agree from .05 to below .30. Group 1: .05 makes its tie; the others agree.
    assert pairs.of_groups(0.06).tolist()[:2] == [1.0, 1.0]
    # Without a threshold the two human ties are missed.
    assert pairs.of_groups(0.0).tolist()[:2] == pytest.approx([5 / 6, 2 / 3])
    # Everything is tied: only human ties agree.
    assert pairs.of_groups(9.0).tolist()[:2] == pytest.approx([1 / 6, 1 / 3])
    assert np.isnan(pairs.of_groups(0.0)[2])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=4, max_size=12), st.integers(0, 10_000))
def test_the_mean_of_the_groups_is_the_accuracy_at_the_threshold_that_was_found(
    metric: list[int], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    human = rng.integers(0, 3, size=len(metric)).astype(float)
    group = np.sort(np.r_[0, 0, rng.integers(0, 3, size=len(metric) - 2)])
    group = np.unique(group, return_inverse=True)[1]
    pairs = pairs_of(np.array(metric, dtype=float), human, group)

    found = pairs.accuracies(np.ones((1, len(metric))), np.ones((1, int(group.max()) + 1)))

    assert np.nanmean(pairs.of_groups(float(found.threshold[0]))) == pytest.approx(found.calibrated[0])
    assert np.nanmean(pairs.of_groups(0.0)) == pytest.approx(found.uncalibrated[0])

"""Thresholds below which a metric's difference counts as a tie, against trying all."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.meta_evaluation.tie_calibration import TieCalibration, item_folds, tied_differences

DIFFERENCES = np.array([0.1, -0.5, 0.3, 0.05, -0.2, 0.8])
VERDICTS = np.array([0, -1, 1, 0, 0, 1])


def share_met(threshold: float, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    predicted = np.where(np.abs(DIFFERENCES) <= threshold, 0, np.sign(DIFFERENCES))
    return float((predicted == VERDICTS)[rows].mean())


def test_the_best_threshold_on_all_verdicts_meets_them_all_here() -> None:
    calibration = TieCalibration.of(DIFFERENCES, VERDICTS, np.zeros(6, dtype=np.int64), n_folds=1)
    share, threshold = calibration.in_sample(np.ones(6))
    assert share == 1.0
    assert threshold == 0.2


def test_a_fold_is_judged_under_the_threshold_of_the_others() -> None:
    fold = np.array([0, 0, 0, 1, 1, 1])
    calibration = TieCalibration.of(DIFFERENCES, VERDICTS, fold, n_folds=2)
    found, _ = calibration.cross_fitted(np.ones((1, 6)))
    expected = []
    for own in (0, 1):
        candidates = sorted({0.0, *np.abs(DIFFERENCES)})
        best = max(candidates, key=lambda one: (share_met(one, fold != own), -one))
        expected.append(share_met(best, fold == own))
    assert found[0] == pytest.approx(np.mean(expected))


def test_differences_within_rounding_have_one_size_and_keep_their_sign() -> None:
    found = tied_differences(np.array([1e-15, 0.5, -0.5 - 1e-15, 0.7]), 1e-12)
    assert np.abs(found[0]) == 0.0
    assert found[1] == -found[2]
    assert found[3] == 0.7


def test_folds_are_of_items_and_nearly_equal() -> None:
    items = np.array([4, 4, 9, 2, 7, 7])
    fold, n_used = item_folds(items, n_folds=3, generator=np.random.default_rng(1))
    assert n_used == 3
    assert fold[0] == fold[1]
    assert fold[4] == fold[5]
    assert sorted(np.bincount(np.unique(np.stack([items, fold]), axis=1)[1])) == [1, 1, 2]

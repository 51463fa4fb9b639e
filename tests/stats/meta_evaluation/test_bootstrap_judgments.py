"""Resamples of verdicts beside a metric's differences."""

from __future__ import annotations

import numpy as np

from hlv.stats.meta_evaluation.bootstrap_judgments import JudgmentBootstrap, JudgmentSample
from hlv.stats.pairwise.bootstrap import ResamplingUnit


def sample(unit: ResamplingUnit) -> JudgmentSample:
    return JudgmentSample(
        differences=np.array([0.4, -0.2, 0.0, 0.3]),
        verdicts=np.array([1, 1, -1, 0]),
        fold=np.array([0, 1, 0, 1]),
        judge=np.array([0, 0, 1, 1]),
        item=np.array([0, 1, 0, 1]),
        count=np.array([1, 2, 1, 1]),
        n_folds=2,
        unit=unit,
        seed=7,
    )


def test_the_share_of_preferences_met_by_hand() -> None:
    # One met of weight 1, one missed of weight 2, one without a difference: (1 + 1/2) / 4.
    assert sample("both").decided(np.array([[1.0, 2.0, 1.0, 1.0]])).tolist() == [0.375]
    assert np.isnan(sample("both").decided(np.array([[0.0, 0.0, 0.0, 1.0]]))).all()


def test_samples_are_resampled_one_after_the_other() -> None:
    work = JudgmentBootstrap([sample("judges"), sample("items")], n_resamples=150)
    assert work.n_chunks == 4
    judges, items = work.of_samples(work.compute(0, 4))
    np.testing.assert_array_equal(items[100:], sample("items").resampled(1, 50))
    np.testing.assert_array_equal(judges[:100], sample("judges").resampled(0, 100))

"""Means of uploaded values on resampled units, against the repeated values."""

from __future__ import annotations

import numpy as np

from hlv.stats.metrics.bootstrap_scores import ScoreMeansResampling
from hlv.stats.resampling.item_weights import Weights

VALUES = np.random.default_rng(1).normal(size=(2, 12))


def test_a_mean_is_that_of_the_drawn_units() -> None:
    work = ScoreMeansResampling((VALUES,), [3], seed=7, n_resamples=20)
    times = Weights.drawn(12, n_resamples=20, seed=7, stream=3).counts
    found = work.compute(0, work.n_chunks)
    for row in range(20):
        np.testing.assert_allclose(found[row], np.repeat(VALUES, times[row], axis=1).mean(axis=1))


def test_a_missing_value_is_left_out_and_a_row_of_none_has_no_mean() -> None:
    values = VALUES.copy()
    values[0, 4], values[1] = np.nan, np.nan
    found = ScoreMeansResampling((values,), [3], seed=7, n_resamples=20).compute(0, 1)
    assert np.isfinite(found[:, 0]).all()
    assert np.isnan(found[:, 1]).all()


def test_an_array_without_units_has_no_means() -> None:
    found = ScoreMeansResampling((VALUES, np.empty((1, 0))), [3, 4], seed=7, n_resamples=5).compute(0, 1)
    assert found.shape == (5, 3)
    assert np.isnan(found[:, 2]).all()

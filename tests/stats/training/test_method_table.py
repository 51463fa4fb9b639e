"""The table of methods: means over runs by hand, the score of mean outputs, paired differences."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.metrics import METRICS, Targets
from hlv.stats.training import compare_methods

GENERATOR = np.random.default_rng(3)
HUMAN = GENERATOR.dirichlet([1.0, 1.0], size=60)


def make_outputs(error: float, n_runs: int, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).dirichlet([1.0, 1.0], size=(n_runs, len(HUMAN)))
    return (1 - error) * HUMAN + error * noise


def test_means_and_spread_of_runs_and_the_score_of_the_mean_output() -> None:
    runs = make_outputs(0.5, 3, 1)
    truth = Targets.of(HUMAN, task="single")
    found = compare_methods(truth, [runs, runs[:1]], ["po_jsd"], n_resamples=200, seed=1)[0]
    scores = [METRICS["po_jsd"].score(truth, run, task="single") for run in runs]
    assert found.mean_of_runs[0] == pytest.approx(np.mean(scores))
    assert found.sd_of_runs[0] == pytest.approx(np.std(scores, ddof=1))
    assert np.isnan(found.sd_of_runs[1])
    assert found.of_mean_output[0] == METRICS["po_jsd"].score(truth, runs.mean(axis=0), task="single")
    assert found.of_mean_output[0] > found.mean_of_runs[0]
    assert found.interval[0, 0] < found.mean_of_runs[0] < found.interval[0, 1]


def test_differences_are_paired() -> None:
    close, same = make_outputs(0.3, 2, 1), make_outputs(0.31, 2, 1)
    far = make_outputs(0.9, 2, 2)
    truth = Targets.of(HUMAN, task="single")
    found = compare_methods(truth, [close, same, far], ["po_jsd"], n_resamples=400, seed=1)[0]
    widths = found.interval[:, 1] - found.interval[:, 0]
    assert found.standard_error[0, 1] < widths[0] / 10
    assert found.separation is not None
    assert found.separation.above.tolist() == [
        [False, True, True],
        [False, False, True],
        [False, False, False],
    ]


def test_a_loss_is_better_where_it_is_smaller() -> None:
    good, bad = make_outputs(0.1, 2, 1), make_outputs(0.9, 2, 2)
    truth = Targets.of(HUMAN, task="single")
    found = compare_methods(truth, [good, bad], ["soft_cross_entropy"], n_resamples=200, seed=1)[0]
    assert found.separation is not None
    assert found.separation.above.tolist() == [[False, True], [False, False]]
    assert found.difference[0, 1] < 0


def test_equal_methods_are_not_different() -> None:
    runs = make_outputs(0.4, 3, 1)
    truth = Targets.of(HUMAN, task="single")
    found = compare_methods(truth, [runs, runs + 0.0], ["po_jsd"], n_resamples=100, seed=1)[0]
    assert found.separation is not None
    assert found.separation.adjusted_p[0, 1] == 1
    assert found.separation.inseparable() == ([[0, 1]], True)


def test_runs_that_differ_widen_the_interval() -> None:
    alike = np.repeat(make_outputs(0.5, 1, 1), 2, axis=0)
    spread = np.concatenate([make_outputs(0.1, 1, 1), make_outputs(0.9, 1, 1)])
    truth = Targets.of(HUMAN, task="single")
    found = compare_methods(truth, [alike, spread], ["po_jsd"], n_resamples=400, seed=1)[0]
    widths = found.interval[:, 1] - found.interval[:, 0]
    assert widths[1] > 1.3 * widths[0]


def test_without_resamples_there_is_no_test() -> None:
    truth = Targets.of(HUMAN, task="single")
    found = compare_methods(truth, [make_outputs(0.3, 1, 1)] * 2, ["po_jsd"], n_resamples=0, seed=1)[0]
    assert found.separation is None
    assert np.isnan(found.interval).all()

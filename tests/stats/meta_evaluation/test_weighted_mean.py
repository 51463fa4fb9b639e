from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from hlv.stats.meta_evaluation.weighted_mean import (
    ACCURACY_RANGE,
    CORRELATION_RANGE,
    on_unit_range,
    weighted_mean,
)


def test_a_mean_over_language_pairs_by_hand() -> None:
    found = weighted_mean([0.9, 0.6, 0.0], weights=[3, 2, 1])

    assert found.value == pytest.approx((2.7 + 1.2) / 6)
    np.testing.assert_allclose(found.weights, [1 / 2, 1 / 3, 1 / 6])
    assert weighted_mean([0.9, 0.6, 0.0]).value == pytest.approx(0.5)


def test_correlations_and_accuracies_are_averaged_on_one_range() -> None:
    tau, accuracy = (
        on_unit_range([0.5, -1.0, np.nan], CORRELATION_RANGE),
        on_unit_range([0.7], ACCURACY_RANGE),
    )

    np.testing.assert_allclose(tau, [0.75, 0.0, np.nan])
    assert weighted_mean([float(tau[0]), float(accuracy[0])]).value == pytest.approx(0.725)
    for value in (-0.2, 1.2):
        with pytest.raises(ValueError, match="outside its range"):
            on_unit_range([value], ACCURACY_RANGE)


def test_the_interval_is_of_the_mean_of_each_draw() -> None:
    generator = np.random.default_rng(5)
    rows = [generator.normal(0.6, 0.1, size=2000), generator.normal(0.4, 0.2, size=2000)]

    found = weighted_mean([0.6, 0.4], weights=[1, 3], resamples=rows)

    assert found.interval is not None
    means = 0.25 * rows[0] + 0.75 * rows[1]
    np.testing.assert_allclose(found.interval, np.quantile(means, [0.025, 0.975]))
    # Of independent studies: the variances add.
    assert np.ptp(found.interval) == pytest.approx(2 * 1.96 * np.hypot(0.25 * 0.1, 0.75 * 0.2), rel=0.06)
    assert found.resample_mean == pytest.approx(means.mean())


def test_intervals_of_independent_studies_add_up_as_squares_on_each_side() -> None:
    found = weighted_mean([0.6, 0.8], weights=[1, 3], intervals=[(0.4, 0.7), (0.76, 0.88)])

    assert found.value == pytest.approx(0.75)
    # 0.25 * 0.2 = 0.05 and 0.75 * 0.04 = 0.03 below; 0.25 * 0.1 = 0.025 and 0.75 * 0.08 = 0.06 above.
    assert found.interval == pytest.approx((0.75 - 0.0034**0.5, 0.75 + (0.025**2 + 0.0036) ** 0.5))


def test_the_combined_interval_covers_as_often_as_those_of_the_studies() -> None:
    rng = np.random.default_rng(11)
    # Accuracies of three studies of unlike size, near the end of their range, with Wilson's intervals.
    rates, sizes, weights = np.array([0.95, 0.8, 0.55]), np.array([60, 200, 40]), np.array([1.0, 2.0, 1.0])
    true = float(np.dot(weights, rates) / weights.sum())
    n_covered = 0
    for counts in rng.binomial(sizes, rates, size=(2000, 3)):
        ends = [
            binomtest(int(k), int(n)).proportion_ci(method="wilson")
            for k, n in zip(counts, sizes, strict=True)
        ]
        found = weighted_mean(
            list(counts / sizes), weights=weights, intervals=[(e.low, e.high) for e in ends]
        )
        assert found.interval is not None
        n_covered += found.interval[0] <= true <= found.interval[1]
    assert 0.935 <= n_covered / 2000 <= 0.965


@pytest.mark.parametrize(
    ("intervals", "why"),
    [
        ([(0.4, 0.7), None], "1 of 2 studies have no interval"),
        ([(0.4, 0.5), (0.7, 0.9)], "the interval of a study does not contain its value"),
    ],
)
def test_a_mean_without_a_combined_interval_says_why(
    intervals: list[tuple[float, float] | None], why: str
) -> None:
    found = weighted_mean([0.6, 0.8], intervals=intervals)
    assert (found.value, found.interval, found.rule) == (pytest.approx(0.7), None, why)


def test_a_study_without_a_value_leaves_the_mean_undefined() -> None:
    for missing in (None, float("nan")):
        found = weighted_mean([0.5, missing])
        assert (found.value, found.rule) == (None, "1 of 2 studies have no value")


def test_weights_that_are_none_are_refused() -> None:
    for values, weights, reason in (
        ([], None, "one study"),
        ([1.0], [0.0], "positive"),
        ([1.0, 2.0], [1.0], "2 positive"),
    ):
        with pytest.raises(ValueError, match=reason):
            weighted_mean(values, weights=weights)
    with pytest.raises(ValueError, match="equally many"):
        weighted_mean([0.1, 0.2], resamples=[np.ones(3), np.ones(4)])
    with pytest.raises(ValueError, match="one interval, without resamples"):
        weighted_mean([0.1], resamples=[np.ones(3)], intervals=[(0.0, 0.2)])

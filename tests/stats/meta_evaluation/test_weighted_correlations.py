from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kendalltau, pearsonr, spearmanr

from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import ties_of
from hlv.stats.meta_evaluation.weighted_correlations import (
    weighted_pearson,
    weighted_spearman,
    weighted_tau_b,
)


def all_three(x: FloatArray, y: FloatArray, weights: FloatArray) -> list[FloatArray]:
    x_ties, y_ties = ties_of(x, "score"), ties_of(y, "score")
    return [
        weighted_tau_b(x_ties, y_ties, weights),
        weighted_spearman(x_ties, y_ties, weights),
        weighted_pearson(x, y, weights),
    ]


# 30 points use the quadratic form, 450 sorting.
@pytest.mark.parametrize("n", [3, 30, 450])
def test_a_weight_is_a_number_of_copies(n: int) -> None:
    generator = np.random.default_rng(n)
    x = np.round(generator.normal(size=n), 1)
    y = np.round(x + generator.normal(size=n), 1)
    weights = generator.integers(0, 4, size=(6, n)).astype(float)
    weights[0] = 1

    found = all_three(x, y, weights)

    for row, counts in enumerate(weights.astype(int)):
        copied = np.repeat(x, counts), np.repeat(y, counts)
        expected = (np.nan,) * 3
        if np.ptp(copied[0]) and np.ptp(copied[1]):
            expected = tuple(float(of(*copied).statistic) for of in (kendalltau, spearmanr, pearsonr))
        np.testing.assert_allclose([values[row] for values in found], expected, atol=1e-12)


@pytest.mark.parametrize("n", [20, 450])
def test_a_side_that_is_constant_where_it_has_weight_has_no_correlation(n: int) -> None:
    x = np.ones(n)
    x[0] = 2.0
    weights = np.ones((3, n))
    weights[1, 0] = 0
    weights[2] = 0

    for values in all_three(x, np.arange(n) % 7.0, weights):
        assert not np.isnan(values[0])
        assert np.isnan(values[1:]).all()


def test_pearson_keeps_its_digits_far_from_zero() -> None:
    generator = np.random.default_rng(1)
    x, y = generator.normal(size=40), generator.normal(size=40)

    near, far = (
        weighted_pearson(x * scale + shift, y, np.ones((1, 40))) for scale, shift in ((1, 0), (1e-3, 1e3))
    )

    np.testing.assert_allclose(far, near, atol=1e-9)

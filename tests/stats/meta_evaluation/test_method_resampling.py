"""Coefficients of methods that are drawn more than once."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kendalltau, pearsonr, spearmanr

from hlv.stats.meta_evaluation.method_resampling import (
    UndeterminedAgreementError,
    leave_one_method_out,
    weighted_coefficients,
)

RNG = np.random.default_rng(1)
PEOPLE, METRIC = RNG.normal(size=6), RNG.normal(size=6)


def test_weights_are_repetitions() -> None:
    weights = RNG.integers(0, 3, size=(20, 6)).astype(float)
    found = weighted_coefficients(METRIC[None], PEOPLE[None], weights)
    for row, times in enumerate(weights.astype(int)):
        drawn = np.repeat(np.arange(6), times)
        x, y = METRIC[drawn], PEOPLE[drawn]
        assert found["kendall_tau_b"][row] == pytest.approx(kendalltau(x, y)[0])
        assert found["spearman"][row] == pytest.approx(spearmanr(x, y)[0])
        assert found["pearson"][row] == pytest.approx(pearsonr(x, y)[0])


def test_one_method_alone_has_no_coefficient() -> None:
    found = weighted_coefficients(METRIC[None], PEOPLE[None], np.eye(1, 6) * 6)
    assert all(np.isnan(values).all() for values in found.values())


def test_two_methods_cannot_be_left_out() -> None:
    with pytest.raises(UndeterminedAgreementError, match="Only 2 methods"):
        leave_one_method_out(PEOPLE[:2], METRIC[:2], higher_is_better=True, methods=["a", "b"])

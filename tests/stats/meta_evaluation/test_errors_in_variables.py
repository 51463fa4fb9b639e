"""The pieces of the errors-in-variables model: standardised values and bent relations."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.meta_evaluation.errors_in_variables import Prior, Standardised, curves_of

PEOPLE, SCORES = np.array([1.0, 0.2, -0.4, -0.8]), np.array([0.8, 0.6, 0.5, 0.1])


def standardised(factor: float = 1.0) -> Standardised:
    covariance = np.diag([0.04] * 4 + [0.01 * factor**2] * 4)
    return Standardised.of(PEOPLE, factor * SCORES, covariance, (np.inf, np.inf), Prior())


def test_values_are_centred_and_have_no_unit() -> None:
    one, other = standardised(), standardised(1000.0)
    np.testing.assert_allclose(one.values.sum(axis=1), 0.0, atol=1e-12)
    np.testing.assert_allclose(one.values, other.values)
    np.testing.assert_allclose(one.covariance, other.covariance)


def test_contrasts_are_orthonormal_and_sum_to_nothing() -> None:
    contrasts = standardised().contrasts
    np.testing.assert_allclose(contrasts @ contrasts.T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(contrasts.sum(axis=1), 0.0, atol=1e-12)


def test_a_curve_is_undone_by_its_inverse_and_has_the_slope_of_finite_differences() -> None:
    values = standardised().values[0]
    bent = [relation.curves[0] for relation in curves_of(standardised(), Prior()) if relation.curves[0].bend]
    assert len(bent) == 2
    for curve in bent:
        np.testing.assert_allclose(curve.inverse(curve.of(values)), values)
        slope = (curve.of(values + 1e-6) - curve.of(values - 1e-6)) / 2e-6
        np.testing.assert_allclose(curve.slope(values), slope, rtol=1e-6)


def test_values_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        Standardised.of(PEOPLE * np.inf, SCORES, np.eye(8), (np.inf, np.inf), Prior())

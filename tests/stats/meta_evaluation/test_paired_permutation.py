"""Scores made ready to be exchanged between metrics, and the test that exchanges them."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.meta_evaluation.paired_permutation import standardised, standardised_tolerance, swap_p_values

SCORES = np.random.default_rng(1).normal(3.0, 2.0, size=(2, 4, 10))


def test_each_metric_is_z_scored_over_its_cells() -> None:
    found = standardised(SCORES)
    np.testing.assert_allclose(found.mean(axis=(1, 2)), 0.0, atol=1e-12)
    np.testing.assert_allclose(found.std(axis=(1, 2)), 1.0)


def test_the_tolerance_is_scaled_with_the_scores() -> None:
    np.testing.assert_allclose(
        standardised_tolerance(SCORES), 1e-12 * np.abs(SCORES).max(axis=(1, 2)) / SCORES.std(axis=(1, 2))
    )


@pytest.mark.parametrize(
    ("value", "message"), [(np.nan, "finite score of every method"), (0.0, "cannot be z-scored")]
)
def test_what_cannot_be_exchanged_is_refused(value: float, message: str) -> None:
    scores = SCORES.copy()
    scores[1] = value
    with pytest.raises(ValueError, match=message):
        standardised(scores)


def test_copies_of_one_metric_never_differ() -> None:
    copies = np.stack([SCORES[0], 2 * SCORES[0] + 1])
    p = swap_p_values(
        copies, np.arange(4.0), np.array([0]), np.array([1]), coefficient="pearson", n_permutations=99, seed=1
    )
    assert p.tolist() == [1.0]

"""Human distributions and outputs, prepared once: what they share, label by label and item by item."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.labels.distributions import InvalidDistributionError
from hlv.stats.metrics.predictions import Predictions, Targets, centred, hard_labels

HUMAN = np.array([[0.6, 0.4, 0.0], [0.2, 0.3, 0.5]])
OUTPUT = np.array([[0.5, 0.25, 0.25], [0.3, 0.3, 0.4]])


def test_overlaps_are_sums_of_minima() -> None:
    targets = Targets.of(HUMAN, task="single")
    prediction = Predictions.of(OUTPUT, targets)
    minima = np.minimum(HUMAN, OUTPUT)
    np.testing.assert_allclose(prediction.item_overlaps, minima.sum(axis=1))
    np.testing.assert_allclose(prediction.label_overlaps, minima.sum(axis=0))
    np.testing.assert_allclose(prediction.item_differences, np.abs(HUMAN - OUTPUT).sum(axis=1))


def test_winners_are_the_first_largest_and_memberships_above_a_half() -> None:
    assert hard_labels(np.array([[0.4, 0.4, 0.2]]), task="single").tolist() == [[True, False, False]]
    assert hard_labels(np.array([[0.5, 0.6, 0.2]]), task="multilabel").tolist() == [[False, True, False]]


def test_a_constant_column_is_centred_to_exact_zeros() -> None:
    found = centred(np.array([[0.1 + 0.2, 1.0], [0.3, 3.0]]))
    np.testing.assert_array_equal(found[:, 0], 0.0)
    np.testing.assert_array_equal(found[:, 1], [-1.0, 1.0])


def test_another_shape_or_another_truth_is_refused() -> None:
    targets = Targets.of(HUMAN, task="single")
    with pytest.raises(InvalidDistributionError, match="has shape"):
        Predictions.of(OUTPUT[:1], targets)
    with pytest.raises(ValueError, match="another"):
        Predictions.of(Predictions.of(OUTPUT, targets), Targets.of(HUMAN, task="single"))

"""Distances between sets of labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from hlv.stats.agreement.krippendorff import jaccard_distance, masi_distance

A, B, C, D = np.eye(4, dtype=bool)


EMPTY = np.zeros(4, dtype=bool)


@pytest.mark.parametrize(
    ("first", "second", "jaccard", "masi"),
    [
        (A | B, A | B, 0.0, 0.0),
        (EMPTY, EMPTY, 0.0, 0.0),
        (EMPTY, A, 1.0, 1.0),
        (A, B, 1.0, 1.0),
        (A, A | B, 1 / 2, 1 - 1 / 2 * 2 / 3),
        (A | B, B | C, 2 / 3, 1 - 1 / 3 * 1 / 3),
        (A | B | C, B | C | D, 1 / 2, 1 - 1 / 2 * 1 / 3),
    ],
    ids=["equal", "both empty", "one empty", "disjoint", "one inside", "overlap", "large overlap"],
)
def test_masi_weighs_jaccard_by_how_the_sets_overlap(
    first: np.ndarray, second: np.ndarray, jaccard: float, masi: float
) -> None:
    assert_allclose(
        [jaccard_distance(first, second), masi_distance(first, second)], [jaccard, masi], atol=1e-15
    )


@settings(deadline=None)
@given(arrays(np.bool_, (2, 6)), st.permutations(range(6)))
def test_distances_are_symmetric_and_blind_to_the_names_of_labels(sets: np.ndarray, order: list[int]) -> None:
    for distance in (jaccard_distance, masi_distance):
        there, back = distance(sets[0], sets[1]), distance(sets[1], sets[0])
        assert there == back == distance(sets[0][order], sets[1][order])
        assert 0 <= there <= 1
        assert (there == 0) == (sets[0] == sets[1]).all()

from __future__ import annotations

import itertools
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hlv.stats.arrays import BoolArray
from hlv.stats.pairwise.circular_triads import EXACT_UP_TO, circular_triads, circular_triads_p, most_circular
from tests.published.boards import DOG, DOG_BY_CHANCE, DOG_CIRCULAR, DOG_MOST_CIRCULAR, DOG_P, DOG_ZETA


def tournament(bits: BoolArray, n_methods: int) -> BoolArray:
    above = np.zeros((n_methods, n_methods), dtype=bool)
    first, second = np.triu_indices(n_methods, k=1)
    above[first, second], above[second, first] = bits, ~bits
    return above


def test_the_dog_of_kendall_and_babington_smith() -> None:
    found = circular_triads(np.array([DOG], dtype=bool))

    assert found.n_circular.tolist() == [DOG_CIRCULAR]
    # a quarter of all trios by chance
    assert found.n_complete.tolist() == [20] == [4 * DOG_BY_CHANCE]
    assert found.zeta[0] == pytest.approx(float(DOG_ZETA), abs=1e-12)
    assert most_circular(6) == DOG_MOST_CIRCULAR
    assert circular_triads_p(DOG_CIRCULAR, 6) == pytest.approx(float(DOG_P), abs=1e-12)


@settings(deadline=None, max_examples=50)
@given(arrays(np.int8, 15, elements=st.integers(-1, 1)))
def test_triads_are_those_found_by_trying_all(signs: np.ndarray) -> None:
    above = np.zeros((6, 6), dtype=bool)
    first, second = np.triu_indices(6, k=1)
    above[first, second], above[second, first] = signs > 0, signs < 0

    found = circular_triads(above[None])

    trios = list(itertools.combinations(range(6), 3))
    complete = [t for t in trios if all(above[a, b] or above[b, a] for a, b in itertools.combinations(t, 2))]
    circular = [t for t in complete if all(above[np.ix_(t, t)].sum(axis=1) == 1)]
    assert found.n_complete[0] == len(complete)
    assert found.n_circular[0] == len(circular)
    assert np.isnan(found.zeta[0]) == (len(complete) < 20)
    assert (found.undetermined()[0] is None) == bool(complete)


def test_the_exact_null_counts_every_tournament_of_five() -> None:
    bits = (np.arange(2**10)[:, None] >> np.arange(10)) & 1 > 0
    found = circular_triads(np.stack([tournament(row, 5) for row in bits]))

    for most in range(most_circular(5) + 1):
        assert circular_triads_p(most, 5) == pytest.approx((found.n_circular <= most).mean(), abs=1e-15)
    # a quarter of the triads is circular by chance
    assert found.n_circular.mean() == comb(5, 3) / 4


def test_the_approximation_meets_the_exact_chance_where_it_begins() -> None:
    generator = np.random.default_rng(5)
    drawn = generator.random((10_000, comb(EXACT_UP_TO + 1, 2))) < 0.5
    found = circular_triads(np.stack([tournament(row, EXACT_UP_TO + 1) for row in drawn]))

    for most in (30, 36, 42):
        share = (found.n_circular <= most).mean()
        assert circular_triads_p(most, EXACT_UP_TO + 1) == pytest.approx(share, abs=0.015)


def test_an_order_is_fully_consistent_and_two_methods_have_no_triad() -> None:
    found = circular_triads(np.triu(np.ones((7, 7), dtype=bool), k=1)[None])
    two = circular_triads(np.array([[[False, True], [False, False]]]))

    assert found.zeta[0] == 1.0
    assert np.isnan(two.zeta[0])
    assert two.undetermined()[0] is not None


def test_what_is_no_tournament_is_refused() -> None:
    with pytest.raises(ValueError, match="both ways"):
        circular_triads(np.ones((1, 3, 3), dtype=bool))
    with pytest.raises(ValueError, match="shape"):
        circular_triads(np.zeros((3, 3), dtype=bool))
    with pytest.raises(ValueError, match="cannot have 3"):
        circular_triads_p(3, 4)

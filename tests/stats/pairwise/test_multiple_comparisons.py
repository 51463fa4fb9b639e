from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.pairwise.multiple_comparisons import (
    MOST_GROUPS,
    bonferroni_level,
    compare_all_pairs,
    holm,
    maximal_cliques,
)


def symmetric(values: dict[tuple[int, int], float], *, n: int) -> FloatArray:
    table = np.full((n, n), np.nan)
    for (i, j), value in values.items():
        table[i, j] = table[j, i] = value
    return table


def test_holm_multiplies_each_p_by_those_left_and_never_falls() -> None:
    np.testing.assert_allclose(holm(np.array([0.01, 0.04, 0.03])), [0.03, 0.06, 0.06])


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_lies_between_the_raw_p_and_bonferroni(values: list[float]) -> None:
    p = np.array(values)

    adjusted = holm(p)

    assert (adjusted >= p).all()
    assert (adjusted <= np.minimum(1, p * len(p)) + 1e-15).all()


def test_holm_refuses_what_is_no_p_value() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm(np.array([0.1, np.nan]))


def test_bonferroni_shares_the_error_among_all_pairs() -> None:
    assert bonferroni_level(5, level=0.95) == pytest.approx(0.005)


def test_rank_intervals_count_the_separated_above_and_below() -> None:
    strengths = np.array([1.0, 0.5, 0.4, -2.0])
    p = symmetric({(0, 1): 0.2, (0, 2): 0.004, (0, 3): 1e-6, (1, 2): 0.9, (1, 3): 1e-5, (2, 3): 1e-4}, n=4)

    found = compare_all_pairs(strengths, p)

    best, worst = found.rank_intervals()
    assert best.tolist() == [1, 1, 2, 4]
    assert worst.tolist() == [2, 3, 3, 4]
    assert found.inseparable() == ([[0, 1], [1, 2]], True)


def test_five_per_cent_is_not_below_five_per_cent_and_equal_methods_never_stand_above_each_other() -> None:
    for p, stands_above in ((0.05, False), (0.0499, True)):
        found = compare_all_pairs(np.array([1.0, 0.0]), symmetric({(0, 1): p}, n=2))
        assert found.above.tolist() == [[False, stands_above], [False, False]]
    assert not compare_all_pairs(np.zeros(2), symmetric({(0, 1): 0.0}, n=2)).above.any()


def test_sets_without_an_order_may_overlap_and_leave_out_the_lonely() -> None:
    adjacency = np.zeros((4, 4), dtype=bool)
    for i, j in ((0, 1), (1, 2)):
        adjacency[i, j] = adjacency[j, i] = True

    assert maximal_cliques(adjacency) == ([[0, 1], [1, 2]], True)


def _is_clique(adjacency: BoolArray, members: tuple[int, ...]) -> bool:
    return all(adjacency[i, j] for i, j in itertools.combinations(members, 2))


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=15, max_size=15))
def test_maximal_sets_are_those_found_by_trying_all(edges: list[bool]) -> None:
    adjacency = np.zeros((6, 6), dtype=bool)
    adjacency[np.triu_indices(6, k=1)] = edges
    adjacency |= adjacency.T

    cliques = [
        set(members)
        for size in range(2, 7)
        for members in itertools.combinations(range(6), size)
        if _is_clique(adjacency, members)
    ]
    expected = sorted(sorted(c) for c in cliques if not any(c < other for other in cliques))

    assert maximal_cliques(adjacency) == (expected, True)


def test_too_many_sets_stop_and_say_so() -> None:
    # the complement of fifteen triangles has 3^15 maximal cliques
    adjacency = ~np.kron(np.eye(15, dtype=bool), np.ones((3, 3), dtype=bool))

    groups, complete = maximal_cliques(adjacency)

    assert len(groups) == MOST_GROUPS
    assert not complete

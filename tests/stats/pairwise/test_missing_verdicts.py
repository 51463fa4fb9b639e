"""Whether "cannot judge" says something of the methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from hlv.stats.pairwise.comparisons import Cells, make_cells
from hlv.stats.pairwise.missing_verdicts import (
    NO_CANNOT_JUDGE,
    NOTHING_TO_TEST,
    MissingVerdictTest,
    TieTypeCounts,
    missing_verdicts,
    tie_types,
)


def make_cells_of(rows: Sequence[tuple[int, int, int, int]]) -> Cells:
    """Of (first, second, judge, count)."""
    first, second, judge, count = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return make_cells(first=first, second=second, outcome=np.full(len(first), 2), judge=judge, count=count)


def found_of(
    others: Sequence[tuple[int, int, int, int]],
    cannot: Sequence[tuple[int, int, int, int]],
    n_methods: int = 4,
) -> MissingVerdictTest:
    return missing_verdicts(make_cells_of(others), make_cells_of(cannot), n_methods)


def test_one_judge_of_two_pairs_is_the_chi_squared_of_scipy() -> None:
    found = found_of([(0, 1, 0, 30), (2, 3, 0, 20)], [(0, 1, 0, 5), (3, 2, 0, 15)])
    table = [[30, 20], [5, 15]]
    # that of draws without replacement is smaller by (N - 1) / N
    expected = chi2_contingency(table, correction=False)[0] * 69 / 70
    assert found.chi_squared == pytest.approx(expected, rel=1e-12)
    assert found.degrees == 1
    assert (found.n, found.n_verdicts) == (20, 70)
    assert found.of_methods.tolist() == [5, 5, 15, 15]
    assert asdict(found.named(list("abcd")).by_method[2]) == {
        "method": "c",
        "n": 15,
        "n_verdicts": 35,
        "share": 15 / 35,
    }


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1))
def test_its_moments_are_those_of_all_ways_to_draw(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pairs = [tuple(rng.choice(4, size=2, replace=False)) for _ in range(6)]
    drawn = list(combinations(range(6), 2))
    tables = np.array([np.bincount(np.ravel([pairs[k] for k in draw]), minlength=4) for draw in drawn])
    centred = tables - tables.mean(axis=0)
    covariance = centred.T @ centred / len(drawn)
    for draw, off in zip(drawn, centred, strict=True):
        rows = [(*pairs[k], 0, 1) for k in range(6)]
        found = found_of([rows[k] for k in range(6) if k not in draw], [rows[k] for k in draw])
        if found.chi_squared is None:
            assert np.allclose(covariance, 0)
        else:
            assert found.chi_squared == pytest.approx(off @ np.linalg.pinv(covariance) @ off, abs=1e-9)


def test_judges_who_say_it_more_often_make_no_method_stand_out() -> None:
    """The cautious judge saw the first two methods, the bold one the others."""
    found = found_of([(0, 1, 0, 10), (2, 3, 1, 40)], [(0, 1, 0, 30)])
    assert found.undetermined == NOTHING_TO_TEST
    assert found.p is None


def test_a_method_that_nobody_can_judge_stands_out() -> None:
    others = [(one, two, judge, 10) for one, two in combinations(range(4), 2) for judge in range(3)]
    cannot = [(0, two, judge, 4) for two in (1, 2, 3) for judge in range(3)]
    found = found_of(others, cannot)
    assert found.degrees == 3
    assert found.p is not None
    assert found.p < 1e-4


def test_where_nobody_said_it_there_is_nothing_to_say() -> None:
    for others in ([(0, 1, 0, 3)], []):
        found = found_of(others, [])
        assert found.undetermined == NO_CANNOT_JUDGE
        assert found.n == 0


def make_kinds() -> TieTypeCounts:
    """3 both good of a and b, 1 neither good of a and c, 2 preferences of b and c; d was never judged."""
    return tie_types(
        first=np.array([0, 2, 1]),
        second=np.array([1, 0, 2]),
        count=np.array([3, 1, 2]),
        is_both=np.array([True, False, False]),
        is_neither=np.array([False, True, False]),
        n_methods=4,
    )


def test_each_verdict_counts_for_both_of_its_methods() -> None:
    found = make_kinds()
    assert found.verdicts.tolist() == [4, 5, 3, 0]
    assert found.both.tolist() == [3, 3, 0, 0]
    assert found.neither.tolist() == [1, 0, 1, 0]


def test_shares_are_of_the_verdicts_with_the_method_and_null_without_any() -> None:
    found = make_kinds().named(["a", "b", "c", "d"])
    assert (found.n_both, found.n_neither) == (3, 1)
    a, b, c, d = found.by_method
    assert (a.method, a.share_both, a.share_neither) == ("a", 3 / 4, 1 / 4)
    assert (b.share_both, c.share_neither) == (pytest.approx(0.6), pytest.approx(1 / 3))
    assert (d.n_verdicts, d.share_both, d.share_neither) == (0, None, None)


def test_nobody_asked_leaves_nothing() -> None:
    none, no = np.empty(0, dtype=np.int64), np.empty(0, dtype=bool)
    found = tie_types(first=none, second=none, count=none, is_both=no, is_neither=no, n_methods=2)
    assert found.named(["a", "b"]).by_method[0].share_both is None

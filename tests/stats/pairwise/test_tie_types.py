"""How verdicts with each method ended: both good, neither good."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.pairwise.missing_verdicts import TieTypeCounts, tie_types


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

"""What the null distribution of tau allows at the edge of a level."""

from __future__ import annotations

import pytest

from hlv.stats.meta_evaluation.permutation import smallest_significant_tau


def test_a_p_at_the_level_is_not_below_it() -> None:
    found = smallest_significant_tau(5)
    assert found is not None

    assert found == (1.0, pytest.approx(2 / 120))
    assert smallest_significant_tau(5, alpha=found[1]) is None
    wide = smallest_significant_tau(5, alpha=0.1)
    assert wide is not None
    assert wide[0] == pytest.approx(0.8)
    assert smallest_significant_tau(5, alpha=wide[1]) == found

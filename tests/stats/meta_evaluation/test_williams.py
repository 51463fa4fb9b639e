from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.meta_evaluation.williams import UndeterminedWilliamsError, williams_test
from tests.published import figures


def test_the_case_of_steiger() -> None:
    found = williams_test(
        figures.STEIGER_R12, figures.STEIGER_R13, figures.STEIGER_R23, n_methods=figures.STEIGER_N
    )

    assert found.t == pytest.approx(figures.STEIGER_T, abs=1e-10)
    assert found.degrees == figures.STEIGER_DEGREES
    assert found.p == pytest.approx(figures.STEIGER_P, abs=1e-10)


def test_by_hand_equal_correlations_differ_by_nothing_and_their_order_only_turns_the_sign() -> None:
    assert (williams_test(0.5, 0.5, 0.2, n_methods=9).t, williams_test(0.5, 0.5, 0.2, n_methods=9).p) == (
        0.0,
        1.0,
    )
    one, other = (williams_test(*pair, 0.3, n_methods=9) for pair in ((0.9, 0.2), (0.2, 0.9)))
    assert (one.t, one.p) == (pytest.approx(-other.t), pytest.approx(other.p))


def test_it_keeps_its_level_on_normal_scores() -> None:
    generator = np.random.default_rng(0)
    people = generator.normal(size=(600, 20))
    p = []
    for row in people:
        x, y = row + generator.normal(size=20), row + generator.normal(size=20)
        r = np.corrcoef([row, x, y])
        p.append(williams_test(r[0, 1], r[0, 2], r[1, 2], n_methods=20).p)
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.027)


def test_what_leaves_it_open_is_refused() -> None:
    for arguments, n_methods, reason in (
        ((0.5, 0.4, 0.2), 3, "too few"),
        ((0.5, 0.5, 1.0), 9, "affine copies"),
        ((1.0, -1.0, -1.0), 9, "affine copies"),
    ):
        with pytest.raises(UndeterminedWilliamsError, match=reason):
            williams_test(*arguments, n_methods=n_methods)
    with pytest.raises(ValueError, match="between -1 and 1"):
        williams_test(1.5, 0.0, 0.0, n_methods=9)
    with pytest.raises(ValueError, match="cannot occur together"):
        williams_test(0.9, 0.9, -0.9, n_methods=9)

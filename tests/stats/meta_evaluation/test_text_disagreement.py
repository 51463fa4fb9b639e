"""Texts on which groups part, and on which a metric says the opposite of the judges: by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.meta_evaluation.text_disagreement import contradictions, group_divergences
from hlv.stats.pairwise.comparisons import FIRST, SECOND, TIE, UNKNOWN, Cells

NOBODY = [np.nan, np.nan]


def test_groups_are_as_far_apart_as_their_widest_pair() -> None:
    one = np.array([[1.0, 0.0], [0.5, 0.5], NOBODY, [1.0, 0.0]])
    other = np.array([[0.0, 1.0], [0.5, 0.5], [1.0, 0.0], NOBODY])
    third = np.array([NOBODY, [1.0, 0.0], NOBODY, [0.5, 0.5]])
    found = group_divergences([one, other, third], task="single")
    # JSD of (1, 0) and (1/2, 1/2): h(3/4) - 1/2 bits.
    half = 2 - 0.75 * np.log2(3) - 0.5
    assert found == pytest.approx([1.0, half, np.nan, half], nan_ok=True)


def test_memberships_part_label_by_label() -> None:
    found = group_divergences([np.array([[1.0, 0.3]]), np.array([[0.0, 0.3]])], task="multilabel")
    assert found == pytest.approx([0.5])


def test_one_group_parts_from_nobody() -> None:
    assert np.isnan(group_divergences([np.array([[1.0, 0.0]])], task="single")).all()


def make_cells(*rows: tuple[int, int, int, int, int]) -> Cells:
    """(first, second, outcome, count, item)."""
    first, second, outcome, count, item = np.array(rows, dtype=np.int64).T
    return Cells(first, second, outcome, count, np.zeros_like(first), item, np.full_like(first, UNKNOWN))


def test_a_metric_is_held_against_preferences_text_by_text() -> None:
    cells = make_cells(
        (0, 1, FIRST, 3, 0), (0, 1, SECOND, 1, 0), (0, 1, TIE, 9, 0), (0, 2, FIRST, 2, 1), (1, 2, FIRST, 1, 2),
        (0, 1, FIRST, 5, UNKNOWN),
    )  # fmt: skip
    scores = np.array([[0.9, 0.5, 0.1], [0.1, 0.5, np.inf], [0.0, 0.5, 0.0]])
    found = contradictions(cells, scores, higher_is_better=True)
    assert found.n.tolist() == [4, 2, 0]
    assert found.share == pytest.approx([0.25, 0.5, np.nan], nan_ok=True)
    turned = contradictions(cells, scores, higher_is_better=False)
    assert turned.share == pytest.approx([0.75, 0.5, np.nan], nan_ok=True)

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlv.stats.pairwise.comparisons import (
    FIRST,
    SECOND,
    TIE,
    Cells,
    checked_counts,
    default_names,
    judgment_counts,
    make_cells,
    name_codes,
    pair_counts,
)
from hlv.stats.resampling.chunks import WORTH_THREADS
from tests.stats.boards import make_random_cells


def test_counts_go_to_the_winner_and_ties_to_both() -> None:
    cells = make_cells(
        first=[0, 0, 1, 2], second=[1, 1, 0, 1], outcome=[FIRST, SECOND, TIE, SECOND], count=[3, 2, 4, 5]
    )

    wins, ties = pair_counts(cells, 3)

    assert wins.tolist() == [[0, 3, 0], [2, 0, 5], [0, 0, 0]]
    assert ties.tolist() == [[0, 4, 0], [4, 0, 0], [0, 0, 0]]


@settings(deadline=None)
@given(seed=st.integers(0, 1000))
def test_no_judgment_is_lost_in_counting(seed: int) -> None:
    cells = make_random_cells(seed, n_judgments=50)

    wins, ties = pair_counts(cells, 5)

    assert wins.sum() + ties.sum() / 2 == cells.n_judgments
    assert ties.sum() / 2 == cells.n_ties


@settings(deadline=None)
@given(seed=st.integers(0, 1000))
def test_who_stands_first_does_not_matter(seed: int) -> None:
    cells = make_random_cells(seed, n_judgments=50)
    turned = np.where(cells.outcome == TIE, TIE, 1 - cells.outcome)
    swapped = make_cells(first=cells.second, second=cells.first, outcome=turned)

    for one, other in zip(pair_counts(cells, 5), pair_counts(swapped, 5), strict=True):
        np.testing.assert_array_equal(one, other)


def test_known_judges_and_items_are_counted_without_the_unknown() -> None:
    cells = make_cells(
        first=[0, 0, 0],
        second=[1, 1, 1],
        outcome=[0, 1, 2],
        count=[1, 1, 0],
        judge=[4, -1, 5],
        item=[-1, -1, -1],
    )

    assert (cells.n_judges, cells.n_items, cells.n_judgments, cells.n_ties, len(cells)) == (1, 0, 2, 0, 3)


def test_no_cells_count_to_nothing() -> None:
    cells = make_cells(first=[], second=[], outcome=[])

    wins, ties = pair_counts(cells, 2)

    assert not wins.any()
    assert not ties.any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: make_cells(first=[1], second=[1], outcome=[0]), "with itself"),
        (lambda: make_cells(first=[0], second=[1], outcome=[3]), "outcome"),
        (lambda: make_cells(first=[0], second=[1], outcome=[0], count=[-1]), "negative"),
        (lambda: make_cells(first=[-1], second=[1], outcome=[0]), "numbered from 0"),
        (lambda: make_cells(first=[0, 1], second=[1], outcome=[0]), "equally long"),
        (lambda: make_cells(first=[0.5], second=[1], outcome=[0]), "integers"),
        (lambda: make_cells(first=[0], second=[1], outcome=[0], first_is_left=[2]), "first_is_left"),
        (lambda: Cells(*[np.zeros(1)] * 7), "integers"),  # type: ignore[arg-type]
    ],
)
def test_malformed_cells_are_refused(make: Callable[[], Cells], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_a_method_beyond_the_names_is_refused() -> None:
    with pytest.raises(ValueError, match="beyond the 2"):
        pair_counts(make_cells(first=[0], second=[2], outcome=[0]), 2)


# the last two are counted by several threads: one into small tables for each block, one into a single table
@pytest.mark.parametrize(
    ("n_methods", "n_judgments"), [(14, 70_000), (14, WORTH_THREADS + 1), (40, WORTH_THREADS + 1)]
)
def test_single_judgments_give_the_tables_of_their_cells(n_methods: int, n_judgments: int) -> None:
    generator = np.random.default_rng(7)
    first = generator.integers(0, n_methods, n_judgments)
    second = (first + generator.integers(1, n_methods, n_judgments)) % n_methods
    outcome = generator.integers(0, 3, n_judgments)

    found = judgment_counts(first=first, second=second, outcome=outcome, n_methods=n_methods)

    expected = np.zeros((3, n_methods, n_methods))
    np.add.at(expected, (outcome, first, second), 1)
    np.testing.assert_array_equal(found[0], expected[0] + expected[1].T)
    np.testing.assert_array_equal(found[1], expected[2] + expected[2].T)
    cells = make_cells(first=first, second=second, outcome=outcome)
    np.testing.assert_array_equal(found, pair_counts(cells, n_methods))


@pytest.mark.parametrize(
    ("column", "code", "message"), [(0, 14, "beyond"), (1, -1, "beyond"), (2, 3, "outcome")]
)
def test_one_malformed_judgment_among_very_many_is_refused(column: int, code: int, message: str) -> None:
    columns = [np.zeros(WORTH_THREADS, dtype=np.int64) for _ in range(3)]
    columns[1] += 1
    columns[column][-1] = code

    with pytest.raises(ValueError, match=message):
        judgment_counts(first=columns[0], second=columns[1], outcome=columns[2], n_methods=14)


@pytest.mark.parametrize(
    ("first", "second", "outcome", "message"),
    [
        ([0], [2], [0], "beyond the 2"),
        ([-1], [1], [0], "beyond the 2"),
        ([0], [1], [3], "outcome"),
        ([0], [1], [-1], "outcome"),
        ([0, 1], [1, 1], [0, 0], "with itself"),
        ([0, 1], [1], [0], "equally long"),
        ([0.0], [1], [0], "integers"),
    ],
)
def test_malformed_judgments_are_refused(
    first: list[float], second: list[int], outcome: list[int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        judgment_counts(first=first, second=second, outcome=outcome, n_methods=2)


def test_names_are_coded_in_the_order_in_which_they_first_come() -> None:
    names, (first, second) = name_codes(["ب", "a", "ب"], ["c", "ب", "a"])

    assert names == ["ب", "a", "c"]
    assert first.tolist() == [0, 1, 0]
    assert second.tolist() == [2, 0, 1]


@pytest.mark.parametrize(
    ("wins", "ties", "message"),
    [
        ([[0, 1]], [[0, 1]], "square"),
        ([[0, -1], [0, 0]], [[0, 0], [0, 0]], "0 or more"),
        ([[0, np.nan], [0, 0]], [[0, 0], [0, 0]], "finite"),
        ([[1, 0], [0, 0]], [[0, 0], [0, 0]], "with itself"),
        ([[0, 0], [0, 0]], [[0, 1], [0, 0]], "symmetric"),
    ],
)
def test_malformed_tables_are_refused(wins: list[list[float]], ties: list[list[float]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        checked_counts(np.array(wins), np.array(ties))


def test_names_must_fit_and_differ() -> None:
    assert default_names(2, None) == ["method 1", "method 2"]
    with pytest.raises(ValueError, match="1 names for 2"):
        default_names(2, ["a"])
    with pytest.raises(ValueError, match="same name"):
        default_names(2, ["a", "a"])

"""Columns are read alike from lists, arrays and data frames, and refused with the row."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from hlv.stats.frames.columns import (
    InvalidColumnError,
    codes_of,
    is_missing,
    label_columns,
    read_column,
    rows_of_items,
    sorted_names,
)


class SmallFrame:
    """What pandas and polars have in common."""

    def __init__(self, **columns: list[float]) -> None:
        self._columns = columns

    @property
    def columns(self) -> Iterable[str]:
        return list(self._columns)

    def __getitem__(self, key: str, /) -> Any:
        return self._columns[key]


def test_an_array_and_a_list_give_the_same_cells() -> None:
    assert read_column(np.array([1, 2]), "items") == read_column([1, 2], "items") == [1, 2]
    assert read_column([], "items", length=0) == []


@pytest.mark.parametrize("cell", [None, math.nan, np.float64("nan"), np.float32("nan")])
def test_a_missing_cell_is_refused_with_its_row(cell: object) -> None:
    assert is_missing(cell)
    with pytest.raises(InvalidColumnError, match=r"^judges is missing in row 1: fill it"):
        read_column(["a", cell, None], "judges")


@pytest.mark.parametrize("cell", [0, 0.0, "", "nan", False, math.inf])
def test_zero_and_blank_text_are_not_missing(cell: object) -> None:
    assert not is_missing(cell)


def test_the_name_of_a_column_is_not_the_column() -> None:
    with pytest.raises(InvalidColumnError, match=r"items is the text 'item': .* such as df\['item'\]"):
        read_column("item", "items")


def test_columns_of_other_lengths_are_refused() -> None:
    with pytest.raises(InvalidColumnError, match="items has 2 rows, but the other columns have 3"):
        read_column(["a", "b"], "items", length=3)


def test_names_are_sorted_whatever_the_order_of_the_rows() -> None:
    assert sorted_names(["b", "a", "b", "c"]) == ["a", "b", "c"]
    assert sorted_names([10, 9]) == [9, 10]


def test_names_of_mixed_types_are_sorted_by_type_and_text() -> None:
    assert sorted_names(["b", 10, "a", 9]) == sorted_names([9, "a", 10, "b"]) == [10, 9, "a", "b"]


def test_codes_are_places_among_the_names() -> None:
    assert codes_of(["b", "a", "b"], ["a", "b", "c"]).tolist() == [1, 0, 1]
    assert codes_of([], ["a"]).shape == (0,)


def test_columns_of_a_frame_follow_the_labels() -> None:
    frame = SmallFrame(no=[0.3, 0.6], other=[9.0, 9.0], yes=[0.7, 0.4])
    assert np.asarray(label_columns(frame, ["yes", "no"])).tolist() == [[0.7, 0.3], [0.4, 0.6]]


def test_a_frame_without_a_label_is_refused() -> None:
    with pytest.raises(InvalidColumnError, match="no column for the label 'maybe'"):
        label_columns(SmallFrame(yes=[1.0]), ["yes", "maybe"])


def test_an_array_needs_no_names() -> None:
    table = np.array([[0.7, 0.3]])
    assert label_columns(table, ["yes", "no"]) is table


def test_rows_follow_the_wanted_items() -> None:
    table = np.array([[1.0], [2.0], [3.0]])
    assert rows_of_items(table, ["a", "b", "c"], ["c", "a"]).tolist() == [[3.0], [1.0]]
    assert rows_of_items(table, ["a", "b", "c"], []).shape == (0, 1)


def test_an_item_with_two_rows_is_refused_with_both() -> None:
    with pytest.raises(InvalidColumnError, match="The item 'a' has two rows, 0 and 2"):
        rows_of_items(np.zeros((3, 1)), ["a", "b", "a"], ["b"])


def test_items_without_a_row_are_counted() -> None:
    with pytest.raises(InvalidColumnError, match="2 of 3 labelled items have no prediction, such as 'c'"):
        rows_of_items(np.zeros((1, 1)), ["a"], ["c", "a", "d"])

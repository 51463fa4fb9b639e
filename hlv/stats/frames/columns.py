"""Columns of lists, arrays and data frames, read without knowing which library they come from."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.reporting import StatisticsError

Name: TypeAlias = Hashable
# A list, an array, or a column of pandas or polars.
Column: TypeAlias = Iterable[Any]


class InvalidColumnError(StatisticsError, ValueError):
    """Columns do not fit together or a cell cannot be read; the message names column and row."""


@runtime_checkable
class Frame(Protocol):
    """What data frames of pandas and polars have in common."""

    @property
    def columns(self) -> Iterable[str]: ...

    def __getitem__(self, key: str, /) -> Any: ...


def read_column(values: Column, name: str, *, length: int | None = None) -> list[Any]:
    """The cells of a column; the first row is row 0.

    Raises
    ------
    InvalidColumnError
        If a cell is missing (None or NaN), or there are not `length` cells.
    """
    if isinstance(values, str):
        raise InvalidColumnError(
            "%(name)s is the text %(values)s: pass the column itself, such as df[%(values)s].",
            name=name,
            values=repr(values),
        )
    cells = values.tolist() if isinstance(values, np.ndarray) else list(values)
    if length is not None and len(cells) != length:
        raise InvalidColumnError(
            "%(name)s has %(n_cells)s rows, but the other columns have %(length)s.",
            name=name,
            n_cells=len(cells),
            length=length,
        )
    for row, cell in enumerate(cells):
        if is_missing(cell):
            raise InvalidColumnError(
                "%(name)s is missing in row %(at_row)s: fill it, or leave the row out.", name=name, at_row=row
            )
    return cells


def is_missing(cell: object) -> bool:
    """None, NaN of any width, and the missing value of pandas."""
    is_nan = isinstance(cell, float | np.floating) and math.isnan(cell)
    return cell is None or is_nan or type(cell).__name__ == "NAType"


def sorted_names(cells: Iterable[Name]) -> list[Name]:
    """The different names in their order, whatever the order of the rows; of mixed types by their text."""
    names = list(dict.fromkeys(cells))
    try:
        return sorted(names)  # type: ignore[type-var]
    except TypeError:
        return sorted(names, key=lambda name: (type(name).__name__, str(name)))


def codes_of(cells: Sequence[Name], names: Sequence[Name]) -> IntArray:
    """The place of each cell among the names (n,)."""
    place = {name: code for code, name in enumerate(names)}
    return np.fromiter((place[cell] for cell in cells), np.int64, len(cells))


def label_columns(values: object, labels: Sequence[str]) -> npt.ArrayLike:
    """Of a data frame its columns of these labels, in their order; anything else as it is.

    Raises
    ------
    InvalidColumnError
        If a data frame lacks the column of a label.
    """
    if isinstance(values, np.ndarray) or not isinstance(values, Frame):
        return values  # type: ignore[return-value]
    known = {str(name): name for name in values.columns}
    if missing := [label for label in labels if label not in known]:
        raise InvalidColumnError(
            "The data frame has no column for the label %(missing)s.", missing=repr(missing[0])
        )
    return np.column_stack([np.asarray(values[known[label]], dtype=np.float64) for label in labels])


def items_of_index(values: object, wanted: Sequence[Name]) -> Column | None:
    """The index of a data frame where it has the items; None of anything but a data frame.

    Raises
    ------
    InvalidColumnError
        If a data frame has no such index: its rows would be taken in the wrong order without a sign.
    """
    if isinstance(values, np.ndarray) or not isinstance(values, Frame):
        return None
    index = getattr(values, "index", None)
    if index is not None and set(wanted) <= set(index):
        return list(index)
    raise InvalidColumnError(
        "The rows of a data frame are matched by item: give items=, the column with the item of each row."
    )


def rows_of_items(table: FloatArray, items: Column, wanted: Sequence[Name]) -> FloatArray:
    """The rows of a table (R, K) of the items wanted, in their order; other rows are left out.

    Raises
    ------
    InvalidColumnError
        If an item has two rows, or an item wanted has none.
    """
    cells = read_column(items, "items", length=len(table))
    place: dict[Name, int] = {}
    for row, cell in enumerate(cells):
        if place.setdefault(cell, row) != row:
            raise InvalidColumnError(
                "The item %(cell)s has two rows, %(place)s and %(at_row)s.",
                cell=repr(cell),
                place=place[cell],
                at_row=row,
            )
    if missing := [name for name in wanted if name not in place]:
        raise InvalidColumnError(
            "%(n_missing)s of %(n_wanted)s labelled items have no prediction, such as %(missing)s.",
            n_missing=len(missing),
            n_wanted=len(wanted),
            missing=repr(missing[0]),
        )
    return table[[place[name] for name in wanted]]

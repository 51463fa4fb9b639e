"""Delimiters and headers of CSV and its relatives."""

from __future__ import annotations

from io import StringIO

import pytest

from hlv.core.tabular.cells import Row
from hlv.core.tabular.delimited import (
    MAX_COLUMNS,
    checked_header,
    detect_delimiter,
    make_row,
    read_delimited,
    read_header,
)
from hlv.core.tabular.errors import FormatError, RowError


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_that_gives_rows_of_one_width_is_detected(delimiter: str) -> None:
    rows = [["id", "text"], *([str(n), "a text: of words"] for n in range(5))]
    text = "".join(f"{delimiter.join(row)}\n" for row in rows)
    assert detect_delimiter(StringIO(text), "x") == delimiter


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (["a", "b", "a"], "columns 1 and 3 are both called “a”"),
        (["", " "], "the first row is blank"),
        (["1", "2,5"], "holds only numbers"),
        (["a" * 1_001], "1,001 characters long"),
        ([f"c{n}" for n in range(MAX_COLUMNS + 1)], "10,001 columns"),
    ],
)
def test_a_header_that_names_no_columns_is_refused(header: list[str], reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        checked_header(header, "x")


def test_a_nameless_column_has_its_number_and_a_broken_name_is_one_line() -> None:
    assert checked_header(["id", "", "long\nname"], "x") == ("id", "column_2", "long name")


def test_blanks_beyond_the_header_are_dropped_and_other_cells_refused() -> None:
    columns = ("a", "b")
    assert make_row(2, ["1", "2", ""], columns, "x", short_rows_are_blank=False) == Row(
        2, {"a": "1", "b": "2"}, {"a": "1", "b": "2"}
    )
    refused = make_row(2, ["1", "2", "3"], columns, "x", short_rows_are_blank=False)
    assert isinstance(refused, RowError)
    assert "3 cells where the header has 2" in refused.sentence


@pytest.mark.parametrize("are_blank", [True, False])
def test_a_short_row_is_filled_only_where_it_may_be(are_blank: bool) -> None:
    stream = StringIO("a,b\n1\n\n,\n2,3\n")
    columns = read_header(stream, ",", "x")
    stream.seek(0)
    first, last = read_delimited(stream, ",", columns, "x", short_rows_are_blank=are_blank)
    assert isinstance(first, Row) == are_blank
    assert isinstance(last, Row)
    assert (last.number, last.cells["b"]) == (5, "3")

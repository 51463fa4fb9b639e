"""Results as text, notebook table, data frame and figure."""

from __future__ import annotations

import pandas
import polars
import pytest

from hlv.stats.display import Columns, Shown


class Result(Shown):
    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    @property
    def caption(self) -> str:
        return "Two <methods>"

    def columns(self) -> Columns:
        return self._columns


FOUND = Result(
    {
        "method": ["a", "b & c"],
        "value": [0.5, None],
        "low": [0.25, None],
        "high": [0.75, None],
        "p": [0.0001, 0.04],
    }
)


def test_text_has_a_line_for_each_row_and_a_dash_where_undefined() -> None:
    assert repr(FOUND).splitlines() == [
        "Two <methods>",
        "method  value    low   high       p",
        "a       0.500  0.250  0.750  < .001",
        "b & c       –      –      –    .040",
    ]


def test_html_is_escaped() -> None:
    html = FOUND._repr_html_()
    assert "Two &lt;methods&gt;" in html
    assert "b &amp; c" in html


def test_long_tables_are_cut_in_text_and_whole_in_a_frame() -> None:
    long = Result({"n": list(range(100))})
    assert repr(long).endswith("and 70 more rows")
    assert "and 70 more rows" in long._repr_html_()
    assert len(long.to_frame()) == 100


def test_frames_of_both_libraries() -> None:
    assert isinstance(FOUND.to_frame(), pandas.DataFrame)
    frame = FOUND.to_frame("polars")
    assert isinstance(frame, polars.DataFrame)
    assert frame["low"].to_list() == [0.25, None]


def test_another_library_is_refused() -> None:
    with pytest.raises(ValueError, match="no data frames of 'arrow'; one of pandas, polars"):
        FOUND.to_frame("arrow")


def test_a_figure_draws_the_rows_with_a_value() -> None:
    drawn = FOUND.figure().to_dict()
    assert [layer["encoding"]["x"]["field"] for layer in drawn["layer"]] == ["low", "value"]
    (rows,) = drawn["datasets"].values()
    assert [row["method"] for row in rows] == ["a"]


def test_a_table_without_intervals_has_no_figure() -> None:
    with pytest.raises(ValueError, match="no intervals to draw"):
        Result({"n": [1, 2]}).figure()

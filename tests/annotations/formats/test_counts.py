"""Counts with a row for each item and label."""

from __future__ import annotations

from pathlib import Path

from annotations.formats.items import CountRecord
from hlv.core.tabular import open_rows
from hlv.core.tabular.errors import RowError
from tests.core.tabular.parsing import parse_labelled
from tests.files import write_rows

HEADER = ("item", "label", "n_chosen", "n_annotators")


def test_the_rows_of_an_item_are_one_record(tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "c.csv", HEADER, ("a", "yes", "3", "5"), ("a", "no", "2", "5"), ("b", "no", "1", "1")
    )
    records = list(parse_labelled("annotations", [open_rows(path)]))
    assert [
        (record.item_key, dict(record.counts)) for record in records if isinstance(record, CountRecord)
    ] == [("a", {"yes": 3, "no": 2}), ("b", {"no": 1})]


def test_a_missing_row_shows_in_the_sum_and_a_repeated_one_is_refused(tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "c.csv",
        HEADER,
        ("a", "yes", "3", "5"),
        ("b", "no", "1", "2"),
        ("b", "no", "1", "2"),
        ("c", "no", "x", "1"),
    )
    errors = list(parse_labelled("annotations", [open_rows(path)]))
    assert all(isinstance(error, RowError) for error in errors)
    assert [getattr(error, "row", None) for error in errors] == [2, 4, 5]
    assert "add up to 3" in str(errors[0])
    assert "comes twice" in str(errors[1])

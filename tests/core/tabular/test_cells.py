"""Cells keep the text of JSON, and times are read in any usual form."""

from __future__ import annotations

import datetime as dt

import pytest

from hlv.core.tabular.cells import DECODER, MAX_CELL_BYTES, cell_text, json_text, read_time, unkeepable


@pytest.mark.parametrize("text", ['{"a": [1e5, 0.10, 12345678901234567890], "b": null}', '["é", true, NaN]'])
def test_parsed_json_is_written_with_the_literal_text_of_its_numbers(text: str) -> None:
    assert json_text(DECODER.decode(text)) == text


def test_null_is_a_blank_cell_and_a_list_is_json() -> None:
    assert [cell_text(DECODER.decode(text)) for text in ("null", '"a"', "1.50", "[1.50, null]")] == [
        "",
        "a",
        "1.50",
        "[1.50, null]",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("\ud800", "surrogate"), ("a\x00", "NUL"), ("é" * MAX_CELL_BYTES, "bytes"), ("é\n", None)],
)
def test_a_cell_that_no_database_keeps_has_a_reason(text: str, sentence: str | None) -> None:
    reason = unkeepable(text)
    assert reason is None if sentence is None else sentence in (reason or "")


@pytest.mark.parametrize(
    "text",
    ["2026-03-01T14:20:00", " 2026-03-01T15:20:00+01:00", "1772374800", "1772374800000", "1772374800.0"],
)
def test_a_time_is_iso_8601_or_seconds_or_milliseconds(text: str) -> None:
    assert read_time(text) == dt.datetime(2026, 3, 1, 14, 20, tzinfo=dt.UTC)


def test_other_text_is_no_time() -> None:
    with pytest.raises(ValueError, match="Invalid isoformat"):
        read_time("yesterday")

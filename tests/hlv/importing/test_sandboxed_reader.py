"""The first rows of a file, as its reader answers them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hlv.importing import sandboxed_reader
from hlv.importing.file_sets import ReadingChoices
from hlv.importing.sandboxed_reader import PreviewedTable, previewed_table


def preview_of(path: Path) -> PreviewedTable:
    return previewed_table(path, "labels.csv", ReadingChoices())


def test_the_preview_shows_what_was_detected(tmp_path: Path) -> None:
    path = tmp_path / "stored"
    path.write_text("id;text\n1;a\n2;b\n3;c;d\n", encoding="utf-16")
    shown = preview_of(path)
    assert (shown.encoding, shown.delimiter, shown.columns) == ("utf-16", ";", ["id", "text"])
    assert shown.rows == [(2, ["1", "a"]), (3, ["2", "b"])]
    assert [(error.row, error.source) for error in shown.errors] == [(4, "labels.csv")]
    assert (shown.n_rows, shown.all_counted) == (3, True)


def test_the_preview_counts_rows_as_far_as_a_person_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "stored.csv"
    path.write_text("id,text\n" + '1,"a\nb"\n' * 10, encoding="utf-8")
    assert (preview_of(path).n_rows, preview_of(path).all_counted) == (10, True)
    monkeypatch.setattr(sandboxed_reader, "_COUNTED_ROWS", 1)
    assert (preview_of(path).n_rows, preview_of(path).all_counted) == (9, False)


def test_the_preview_of_a_broken_file_has_the_rows_before_the_fault(tmp_path: Path) -> None:
    path = tmp_path / "stored.jsonl"
    path.write_text('{"id": 1}\n{"id": 2}\n{"id":\n', encoding="utf-8")
    shown = preview_of(path)
    assert [cells for _, cells in shown.rows] == [["1"], ["2"]]
    assert len(shown.errors) == 1


def test_a_long_cell_is_cut_and_columns_beyond_the_width_of_a_page_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(
        "id," + ",".join(f"c{n}" for n in range(300)) + "\n" + "x" * 3_000 + "," * 300 + "\n",
        encoding="utf-8",
    )
    shown = preview_of(path)
    ((_, cells),) = shown.rows
    assert (len(cells), len(cells[0])) == (sandboxed_reader.COLUMNS_SHOWN, 2_000)
    assert (shown.n_columns, len(shown.columns)) == (301, sandboxed_reader.COLUMNS_NAMED)

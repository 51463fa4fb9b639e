"""Tables that cannot be read, or not whole, and where they say so."""

import json
import zipfile
from pathlib import Path

import pytest

from hlv.core.rendering.numbers import counted
from hlv.core.tabular import (
    MAX_CELL_BYTES,
    Row,
    open_rows,
)
from hlv.core.tabular.errors import FormatError
from tests.core.tabular.tables import errors_of, write


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf", b"[]", b"{}", b"a,b\n"])
@pytest.mark.parametrize("name", ["x.csv", "x.json"])
def test_a_file_without_rows_is_said(tmp_path: Path, content: bytes, name: str) -> None:
    with pytest.raises(FormatError, match=r"empty|no rows"):
        open_rows(write(tmp_path, name, content))


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"There is no file gone\.csv"):
        open_rows(tmp_path / "gone.csv")


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        (b"\x80\x04\x95abc", "pickle"),
        (b"\x1f\x8b\x08", "compressed"),
        (b"%PDF-1.7", "PDF"),
    ],
)
def test_other_files_are_refused_by_name(tmp_path: Path, start: bytes, sentence: str) -> None:
    with pytest.raises(FormatError, match=sentence):
        open_rows(write(tmp_path, "x.csv", start + b"\x00" * 20))


def test_a_workbook_that_would_fill_the_memory_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/a.xml", "w") as member:
        for _ in range(201):
            member.write(bytes(1_000_000))
    with pytest.raises(
        FormatError, match=r"unpacks to 201 MB, and a workbook may have 200 MB: save .* as CSV"
    ):
        open_rows(path)


def test_a_broken_workbook_is_said(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no XLSX workbook"):
        open_rows(write(tmp_path, "x.xlsx", b"PK\x03\x04nonsense"))


@pytest.mark.parametrize("header", ["a,b,a", "NN,NN,VBP,VBP"])
def test_a_column_name_that_stands_twice_is_said(tmp_path: Path, header: str) -> None:
    with pytest.raises(FormatError, match="are both called"):
        open_rows(write(tmp_path, "x.csv", f"{header}\n1,2,3,4\n"))


@pytest.mark.parametrize(("line", "n_cells"), [("1,2,3", 3), ("1", 1)])
def test_a_ragged_row_is_said_and_the_others_are_read(tmp_path: Path, line: str, n_cells: int) -> None:
    source = open_rows(write(tmp_path, "x.csv", f"a,b\n{line}\n3,4\n"))
    good = [row for row in source if isinstance(row, Row)]
    (error,) = errors_of(source)
    assert error.row == 2
    assert f"the row has {counted(n_cells, 'cells')} where the header has 2" in error.sentence
    assert len(good) == 1


def test_a_quote_that_never_closes_is_said_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"record that starts in line 3 cannot be read"):
        list(open_rows(write(tmp_path, "x.csv", 'a,b\n1,2\n3,"4\n5,6\n')))


def test_a_cell_of_five_megabytes_is_named_by_row_and_column(tmp_path: Path) -> None:
    big = "x" * (5 * 1024 * 1024)
    for name, content in [
        ("x.csv", f"id,text\n1,{big}\n2,ok\n"),
        ("x.jsonl", f'{{"id": 1, "text": "{big}"}}\n{{"id": 2}}'),
    ]:
        source = open_rows(write(tmp_path, name, content))
        (error,) = errors_of(source)
        assert error.column == "text"
        assert f"{MAX_CELL_BYTES:,}" in error.sentence
        assert len(list(source)) == 2


def test_what_no_database_keeps_is_said(tmp_path: Path) -> None:
    source = open_rows(write(tmp_path, "x.jsonl", '{"a": "x\\u0000y"}\n{"a": "\\ud800"}\n{"a": "fine"}\n'))
    nul, surrogate = errors_of(source)
    assert "NUL" in nul.sentence
    assert "surrogate" in surrogate.sentence


def test_a_column_whose_name_no_database_keeps_is_said(tmp_path: Path) -> None:
    source = open_rows(write(tmp_path, "x.jsonl", '{"a": "fine", "b\\u0000": "fine"}\n'))
    (fault,) = errors_of(source)
    assert (fault.column, fault.row) == ("b\N{SYMBOL FOR NULL}", 1)
    assert "name of the column holds a NUL character" in fault.sentence


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('[\n{"a": 1},\n]', 2),
        ('[\n{"a": 1,\n}\n]', 3),
        ('{\n"1": {"a": 1},\n}', 2),
        ('[{"a": [1,\n2,]}]', 2),
    ],
)
def test_a_trailing_comma_is_said_with_its_line(tmp_path: Path, content: str, line: int) -> None:
    with pytest.raises(FormatError, match=r"line \d+ has a comma with nothing after it") as caught:
        list(open_rows(write(tmp_path, "x.json", content)))
    said = int(str(caught.value).split("line ")[1].split()[0])
    # Of the comma itself, from Python 3.13 on; of what stands after it before.
    assert said in {line - 1, line, line + 1}


@pytest.mark.parametrize(
    "content", ['[{"a": 1}', '[{"a": "x', '{"1": {"a": 1}', '[{"a": 1} {"a": 2}]', '[{"a" 1}]', "[{]"]
)
def test_broken_json_is_said_with_its_line(tmp_path: Path, content: str) -> None:
    with pytest.raises(FormatError, match=r"line 1|in line 1"):
        list(open_rows(write(tmp_path, "x.json", content)))


def test_a_broken_line_of_json_lines_is_an_error_of_that_line(tmp_path: Path) -> None:
    source = open_rows(write(tmp_path, "x.jsonl", '{"a": 1}\n{"a": 2,}\n{"a": 3}\n[1]\n"{\\"a\\": 4}"\n'))
    errors = errors_of(source)
    assert [error.row for error in errors] == [2, 4, 5]
    assert "comma with nothing after it" in errors[0].sentence
    assert "a list" in errors[1].sentence
    assert "encoded twice" in errors[2].sentence


def test_json_inside_a_string_is_said(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="encoded twice"):
        open_rows(write(tmp_path, "x.json", json.dumps(json.dumps([{"a": 1}]))))


def test_a_key_said_twice_is_an_error_because_one_would_be_lost(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="“Ann1” twice"):
        list(open_rows(write(tmp_path, "x.json", '{"1": {"a": {"Ann1": 0, "Ann1": 1}}}')))
    (error,) = errors_of(open_rows(write(tmp_path, "y.json", '{"1": {"a": 1}, "1": {"a": 2}}')))
    assert "stands twice" in error.sentence


def test_deep_nesting_is_an_error_and_no_crash(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="nested too deep"):
        list(open_rows(write(tmp_path, "x.json", '[{"a": ' + "[" * 200_000)))


@pytest.mark.parametrize("place", range(4))
def test_a_nul_here_and_there_makes_no_other_encoding_of_a_file(tmp_path: Path, place: int) -> None:
    text = "a,b\n" + "some words,others\n" * 300
    source = open_rows(write(tmp_path, "x.csv", f"{text}{'x' * place}\x00,more\n"))
    assert source.encoding == "utf-8"
    (error,) = errors_of(source)
    assert "NUL" in error.sentence


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", ",".join(f"c{n}" for n in range(10_001)) + "\n1\n"),
        ("x.jsonl", "\n".join(f'{{"a{n}": 1, "b{n}": 2}}' for n in range(40)).replace("1", "1")),
    ],
)
def test_more_columns_than_are_read_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str
) -> None:
    if name.endswith("jsonl"):
        monkeypatch.setattr("hlv.core.tabular.delimited.MAX_COLUMNS", 60)
    with pytest.raises(FormatError, match=r"has (10,001|62) columns, and at most (10,000|60) are read: turn"):
        open_rows(write(tmp_path, name, content))


@pytest.mark.parametrize(
    "start", ["<!DOCTYPE html>\n<p>a,b\n", "\n <HTML>\n", '<?xml version="1.0"?>\n<a/>\n']
)
def test_a_web_page_is_no_table(tmp_path: Path, start: str) -> None:
    with pytest.raises(FormatError, match=r"x\.csv is a web page or XML, not a table"):
        open_rows(write(tmp_path, "x.csv", start))


def test_a_table_of_markup_is_a_table(tmp_path: Path) -> None:
    assert open_rows(write(tmp_path, "x.csv", "<p>,<html>\n1,2\n")).columns == ("<p>", "<html>")


def test_a_row_that_is_nested_too_deep_is_an_error_of_that_row(tmp_path: Path) -> None:
    nested = [f'{{"a": {"[" * depth}{"]" * depth}}}' for depth in (98, 101, 500)]
    errors = errors_of(open_rows(write(tmp_path, "x.jsonl", "\n".join(nested))))
    assert [error.row for error in errors] == [2, 3]
    assert errors[0].sentence == "the row is nested too deep: at most 100 levels are read."

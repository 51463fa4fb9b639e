from __future__ import annotations

import csv
import json
import tracemalloc
import unicodedata
from pathlib import Path

import openpyxl
import pytest

from hlv.core.tabular import KEY_COLUMN, Row, TableKind
from hlv.core.tabular.errors import FormatError
from hlv.core.tabular.json_stream import read_array
from hlv.core.tabular.source import open_rows
from tests.core.tabular.tables import rows_of, write

DELICATE = [
    "00123",
    "1e5",
    "NA",
    "None",
    "TRUE",
    "  leading",
    "trailing ",
    "می\u200cخواهم",
    "مـــرحبا",
    unicodedata.normalize("NFC", "é"),
    unicodedata.normalize("NFD", "é"),
    "1234567890123456789",
    "<b>bold</b> &amp; <script>",
    "a\nb\r\nc",
    'say "no"',
    "x" * 5000,
    "0.10",
]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delicate_cells_survive_a_delimited_file(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "cells.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerow(["id", "text"])
        writer.writerows([str(number), text] for number, text in enumerate(DELICATE))

    source = open_rows(path)

    assert source.delimiter == delimiter
    assert [row.cells["text"] for row in rows_of(source)] == DELICATE


@pytest.mark.parametrize("shape", ["lines", "array", "object"])
def test_delicate_cells_survive_json(tmp_path: Path, shape: str) -> None:
    records = [{"text": text} for text in DELICATE]
    written = {
        "lines": "\n".join(json.dumps(record) for record in records),
        "array": json.dumps(records, indent=2),
        "object": json.dumps(
            {str(number): record for number, record in enumerate(records)}, ensure_ascii=False
        ),
    }
    assert [
        row.cells["text"] for row in rows_of(open_rows(write(tmp_path, "x.json", written[shape])))
    ] == DELICATE


def test_delicate_cells_survive_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "text"])
    kept = [text for text in DELICATE if "\r" not in text]
    for number, text in enumerate(kept):
        sheet.append([number, text])
    book.save(tmp_path / "sheet.xlsx")

    source = open_rows(tmp_path / "sheet.xlsx")

    assert source.kind is TableKind.WORKBOOK
    assert [row.cells["text"] for row in rows_of(source)] == kept
    assert [row.number for row in rows_of(source)][:2] == [2, 3]


def test_json_numbers_keep_their_literal_text(tmp_path: Path) -> None:
    path = write(
        tmp_path, "n.jsonl", '{"a": 1e5, "b": 0.10, "c": 1234567890123456789, "d": -0, "e": {"f": 1.50}}\n'
    )
    (row,) = rows_of(open_rows(path))
    assert dict(row.cells) == {
        "a": "1e5",
        "b": "0.10",
        "c": "1234567890123456789",
        "d": "-0",
        "e": '{"f": 1.50}',
    }
    assert row.value("e") == {"f": "1.50"}


def test_null_is_a_blank_cell_and_true_is_a_word(tmp_path: Path) -> None:
    (row,) = rows_of(open_rows(write(tmp_path, "n.jsonl", '{"a": null, "b": true}')))
    assert dict(row.cells) == {"a": "", "b": "true"}
    assert row.value("a") is None


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ('{"a": 1}\n{"a": 2}\n', TableKind.JSON_LINES),
        ('\n {"a": 1}\n\n{"a": 2}', TableKind.JSON_LINES),
        ('{"input": {"text": "x"}, "output": {"class": "y"}}', TableKind.JSON_LINES),
        ('[{"a": 1}]', TableKind.JSON_ARRAY),
        ('{"1": {"a": 1}, "2": {"a": 2}}', TableKind.JSON_OBJECT),
        ('{\n"1": {"a": 1}\n}', TableKind.JSON_OBJECT),
        ("a,b\n1,2\n", TableKind.DELIMITED),
        ('"a","b"\n"{1}","2"\n', TableKind.DELIMITED),
        ("[a],b\n1,2\n", TableKind.DELIMITED),
    ],
)
def test_the_content_decides_what_a_file_is(tmp_path: Path, content: str, kind: TableKind) -> None:
    assert open_rows(write(tmp_path, "anything.json", content)).kind is kind


def test_the_key_of_an_object_of_objects_is_a_cell(tmp_path: Path) -> None:
    source = open_rows(write(tmp_path, "o.json", '{"001": {"a": 1}, "2": {"a": 2}}'))
    assert [(row.number, row.cells[KEY_COLUMN]) for row in rows_of(source)] == [(1, "001"), (2, "2")]
    assert source.columns == (KEY_COLUMN, "a")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_encodings_are_found(tmp_path: Path, encoding: str) -> None:
    text = "id,text\n1,مرحبا بالعالم\n"
    (row,) = rows_of(open_rows(write(tmp_path, "a.csv", text, encoding=encoding)))
    assert dict(row.cells) == {"id": "1", "text": "مرحبا بالعالم"}


@pytest.mark.parametrize("kind", ["short", "long"])
def test_windows_arabic_is_found(tmp_path: Path, kind: str) -> None:
    text = "id,text\n1,مرحبا بالعالم\n" + ("2,هل يحق لي استرداد الوديعة؟\n" * 300 if kind == "long" else "")
    source = open_rows(write(tmp_path, "a.csv", text, encoding="windows-1256"))
    assert source.encoding == "windows-1256"
    assert rows_of(source)[0].cells["text"] == "مرحبا بالعالم"


def test_german_umlauts_are_not_taken_for_arabic(tmp_path: Path) -> None:
    text = "id,text\n" + "".join(f"{n},Die Prüfung der Verträge läuft übermäßig öfter\n" for n in range(40))
    source = open_rows(write(tmp_path, "d.csv", text, encoding="cp1252"))
    assert rows_of(source)[0].cells["text"].startswith("Die Prüfung der Verträge")


def test_a_named_encoding_is_used(tmp_path: Path) -> None:
    source = open_rows(
        write(tmp_path, "a.csv", "id,text\n1,سلام\n", encoding="windows-1256"), encoding="cp1256"
    )
    assert rows_of(source)[0].cells["text"] == "سلام"


def test_a_wrong_encoding_is_said_with_byte_and_line(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", b"id,text\n1,ok\n2,caf\xe9\n")
    with pytest.raises(FormatError, match=r"a\.csv: byte 18 \(line 3, value 0xE9\) cannot be read as utf-8"):
        open_rows(path, encoding="utf-8")


def test_one_broken_byte_among_utf8_is_no_reason_to_guess(tmp_path: Path) -> None:
    text = "id,text\n" + "1,مرحبا بالعالم\n" * 20
    path = write(tmp_path, "a.csv", text.encode() + b"2,\xe9\n")
    with pytest.raises(FormatError, match=r"line 22.*not valid UTF-8, though the text around it is"):
        open_rows(path)


def test_the_place_of_a_broken_byte_is_right_across_chunks(tmp_path: Path) -> None:
    start = ("id,text\n" + "1,ééééééé\n" * 150_000).encode()
    path = write(tmp_path, "a.csv", start + b"2,\xff\n")
    with pytest.raises(FormatError, match=rf"byte {len(start) + 2} \(line 150002,"):
        open_rows(path)


@pytest.mark.parametrize("encoding", ["klingon", "punycode", "idna", "zlib"])
def test_an_unknown_encoding_is_said(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(FormatError, match=f"No encoding is called “{encoding}”"):
        open_rows(write(tmp_path, "a.csv", "a-\xff,b\n1,2\n"), encoding=encoding)


def test_an_encoding_that_never_begins_is_said(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"a\.csv.* cannot be read as utf_16"):
        open_rows(write(tmp_path, "a.csv", "a,b\n1,2\n"), encoding="utf_16")


def test_a_file_of_numbers_only_has_no_header(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no header"):
        open_rows(write(tmp_path, "x.csv", "1,2,3\n4,5,6\n"))


def test_line_breaks_in_a_column_name_become_blanks(tmp_path: Path) -> None:
    source = open_rows(write(tmp_path, "x.csv", 'id,"Arena Elo\n[Feb 2, 2024]"\n1,2\n'))
    assert source.columns == ("id", "Arena Elo [Feb 2, 2024]")
    assert rows_of(source)[0].number == 3


def test_a_row_is_numbered_by_its_first_line(tmp_path: Path) -> None:
    source = open_rows(write(tmp_path, "x.csv", 'id,t\n1,"a\nb"\n\n2,c\n'))
    assert [row.number for row in rows_of(source)] == [2, 5]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_json_is_the_same_wherever_the_chunks_end(tmp_path: Path, size: int) -> None:
    class Dripping:
        """A stream that gives a few characters at a time."""

        def __init__(self, text: str) -> None:
            self.text = text

        def read(self, _n: int) -> str:
            piece, self.text = self.text[:size], self.text[size:]
            return piece

    records = [{"a": '\u00e9\\"\n', "n": 12345.678e-3, "t": True, "l": [None, {}]}, {"a": "x"}]
    text = json.dumps(records, indent=1)
    rows = list(read_array(Dripping(text), "x"))  # type: ignore[arg-type]
    assert [row.cells["a"] for row in rows if isinstance(row, Row)] == ['\u00e9\\"\n', "x"]
    assert isinstance(rows[0], Row)
    assert rows[0].cells["n"] == "12.345678"


def test_blanks_separate_only_where_every_line_agrees(tmp_path: Path) -> None:
    assert open_rows(write(tmp_path, "x.txt", "id label\n1 yes\n2 no\n")).delimiter == " "
    assert open_rows(write(tmp_path, "y.txt", "text\nthis is prose\nand more of it here\n")).columns == (
        "text",
    )


@pytest.mark.parametrize("shape", ["csv", "lines", "array", "object"])
def test_memory_stays_flat_over_many_rows(tmp_path: Path, shape: str) -> None:
    n_rows = 100_000 if shape == "csv" else 30_000
    path = tmp_path / "many"
    with path.open("w", encoding="utf-8") as stream:
        opening, separator, closing = {
            "csv": ("id,text\n", "\n", "\n"),
            "lines": ("", "\n", "\n"),
            "array": ("[", ",", "]"),
            "object": ("{", ",", "}"),
        }[shape]
        stream.write(opening)
        for number in range(n_rows):
            text = f"a text of some length, number {number}".replace(",", " ")
            record = f"{number},{text}" if shape == "csv" else f'{{"id": {number}, "text": "{text}"}}'
            stream.write(
                (separator if number else "") + (f'"{number}": ' if shape == "object" else "") + record
            )
        stream.write(closing)
    source = open_rows(path)

    tracemalloc.start()
    n_read = sum(1 for _ in source)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert n_read == n_rows
    # An object of objects remembers one number per key, to find keys that stand twice.
    assert peak < (8_000_000 if shape == "object" else 4_000_000)

"""Opening a table: what it is is read from its content, never from its name alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TextIO

from hlv.core.tabular.cells import DECODER, RepeatedKeyError, Row, TableKind
from hlv.core.tabular.delimited import (
    check_columns,
    detect_delimiter,
    read_delimited,
    read_header,
)
from hlv.core.tabular.encoding import check_encoding, detect_encoding
from hlv.core.tabular.errors import FormatError, RowError
from hlv.core.tabular.json_stream import read_array, read_lines, read_object
from hlv.core.tabular.parquet import MAGIC as PARQUET_MAGIC
from hlv.core.tabular.parquet import parquet_columns, read_parquet
from hlv.core.tabular.workbook import read_sheet, read_sheet_header

_SNIFFED_CHARACTERS = 1 << 20
_SNIFFED_ROWS = 50
_MARKUP = re.compile(r"\s*(<!doctype\s|<html[\s>]|<\?xml\s)", re.IGNORECASE)
_OTHER_FILES = (
    (b"\x93NUMPY", "is a NumPy array: only method outputs are read from arrays."),
    (b"\x80", "looks like a Python pickle, which is never read: save it as JSONL, CSV or .npy."),
    (b"\x1f\x8b", "is compressed: unpack it first."),
    (b"%PDF", "is a PDF: bring CSV, TSV, JSON, JSONL or XLSX."),
    (b"\xd0\xcf\x11\xe0", "is an old XLS workbook: save it as XLSX or CSV."),
)


@dataclass(frozen=True)
class RowSource:
    """A table on disk that can be read any number of times, each time from its first row."""

    path: Path
    name: str
    kind: TableKind
    encoding: str
    delimiter: str | None
    columns: tuple[str, ...]
    _head: list[Row | RowError] = field(default_factory=list, repr=False, compare=False)

    def __iter__(self) -> Iterator[Row | RowError]:
        return self.rows()

    def rows(self, *, short_rows_are_blank: bool = False) -> Iterator[Row | RowError]:
        """Rows and faulty rows in the order of the file.

        Raises `FormatError` while being read where nothing after that point can be understood.
        """
        if self.kind is TableKind.WORKBOOK:
            yield from read_sheet(self.path, self.columns, self.name)
            return
        if self.kind is TableKind.PARQUET:
            yield from read_parquet(self.path, self.name)
            return
        with _open_text(self.path, self.encoding) as stream:
            if self.kind is TableKind.DELIMITED:
                yield from read_delimited(
                    stream,
                    self.delimiter or ",",
                    self.columns,
                    self.name,
                    short_rows_are_blank=short_rows_are_blank,
                )
            elif self.kind is TableKind.JSON_LINES:
                yield from read_lines(stream, self.name)
            elif self.kind is TableKind.JSON_ARRAY:
                yield from read_array(stream, self.name)
            else:
                yield from read_object(stream, self.name)

    def head(self, n: int = 5) -> list[Row]:
        """The first good rows among the first few of the file."""
        return [row for row in self._head if isinstance(row, Row)][:n]


def open_rows(
    path: Path | str, *, encoding: str | None = None, delimiter: str | None = None, name: str | None = None
) -> RowSource:
    """Find out what a file is and make its rows readable.

    Parameters
    ----------
    path
        The file.
    encoding, delimiter
        Named by the person; otherwise detected.
    name
        What the file was called where it came from, if it is stored under another name here.

    Raises
    ------
    FormatError
        The file is empty, no text, in another encoding, without header, or no table.
    """
    path = Path(path)
    shown = name or path.name
    if not path.is_file():
        raise FormatError(f"There is no file {shown}.")
    with path.open("rb") as stream:
        start = stream.read(8)
    if not start:
        raise FormatError(f"{shown} is empty.")
    for magic, sentence in _OTHER_FILES:
        if start.startswith(magic):
            raise FormatError(f"{shown} {sentence}")
    if start.startswith(b"PK\x03\x04"):
        columns = read_sheet_header(path, shown)
        return _with_head(RowSource(path, shown, TableKind.WORKBOOK, "utf-8", None, columns))
    if start.startswith(PARQUET_MAGIC):
        columns = parquet_columns(path, shown)
        return _with_head(RowSource(path, shown, TableKind.PARQUET, "utf-8", None, columns))
    if encoding is None:
        encoding = detect_encoding(path, name=shown)
    else:
        check_encoding(path, encoding, name=shown)
        if encoding.lower().replace("_", "-") in {"utf-8", "utf8"} and start.startswith(b"\xef\xbb\xbf"):
            encoding = "utf-8-sig"
    return _with_head(_text_source(path, shown, encoding, delimiter))


def _open_text(path: Path, encoding: str) -> TextIO:
    return path.open(encoding=encoding, newline="")


def _text_source(path: Path, name: str, encoding: str, delimiter: str | None) -> RowSource:
    with _open_text(path, encoding) as stream:
        sample = stream.read(_SNIFFED_CHARACTERS)
    if not sample.strip():
        raise FormatError(f"{name} is empty: there are only blanks in it.")
    if _MARKUP.match(sample):
        raise FormatError(
            f"{name} is a web page or XML, not a table: a page that asks to sign in may have been saved in place of the "
            "file."
        )
    kind = TableKind.DELIMITED if delimiter is not None else _json_kind(sample, path, name)
    if kind is not TableKind.DELIMITED:
        return RowSource(path, name, kind, encoding, None, ())
    if delimiter is None:
        with _open_text(path, encoding) as stream:
            delimiter = detect_delimiter(stream, name)
    elif len(delimiter) != 1:
        raise FormatError(f"A separator is one character, not “{delimiter}”.")
    with _open_text(path, encoding) as stream:
        columns = read_header(stream, delimiter, name)
    return RowSource(path, name, kind, encoding, delimiter, columns)


def _with_head(source: RowSource) -> RowSource:
    head: list[Row | RowError] = []
    columns = dict.fromkeys(source.columns)
    for row in islice(source, _SNIFFED_ROWS):
        head.append(row)
        if isinstance(row, Row) and not source.columns:
            columns.update(dict.fromkeys(row.cells))
            check_columns(columns, source.name)
    if not head:
        raise FormatError(f"{source.name} has no rows.")
    return RowSource(
        source.path, source.name, source.kind, source.encoding, source.delimiter, tuple(columns), head
    )


def _json_kind(sample: str, path: Path, name: str) -> TableKind:
    text = sample.lstrip(" \t\r\n")
    first_line, _, rest = text.partition("\n")
    first_line, rest = first_line.strip(), rest.lstrip()
    if text[0] == "[":
        return TableKind.DELIMITED if _is_delimited_bracket(first_line) else TableKind.JSON_ARRAY
    if text[0] == '"':
        _refuse_json_in_a_string(first_line, name)
        return TableKind.DELIMITED
    if text[0] != "{":
        return TableKind.DELIMITED
    if path.suffix.lower() in {".jsonl", ".ndjson"} or name.lower().endswith((".jsonl", ".ndjson")):
        return TableKind.JSON_LINES
    if rest[:1] == "{" and first_line.endswith("}"):
        return TableKind.JSON_LINES
    return _kind_of_one_object(text, first_line, name)


def _is_delimited_bracket(first_line: str) -> bool:
    """A header such as `[x],y` starts like an array and is none."""
    return first_line[1:2].isalpha() and not first_line.startswith(("[true", "[false", "[null"))


def _refuse_json_in_a_string(first_line: str, name: str) -> None:
    try:
        value = json.loads(first_line)
    except json.JSONDecodeError:
        return
    if isinstance(value, str) and value.lstrip()[:1] in {"{", "["}:
        raise FormatError(f"{name} is a text that holds JSON: it was encoded twice, so decode it once.")


def _kind_of_one_object(text: str, first_line: str, name: str) -> TableKind:
    try:
        value, _ = DECODER.raw_decode(text)
    except (json.JSONDecodeError, RepeatedKeyError, RecursionError):
        # Longer than the sample, or broken: the reader says where.
        return TableKind.JSON_OBJECT
    members = list(value.values())
    if members and all(isinstance(member, dict) for member in members):
        shared = set.intersection(*(set(member) for member in members))
        # One record of JSON lines may also consist of objects, but of unlike ones.
        return TableKind.JSON_OBJECT if len(members) == 1 or shared else TableKind.JSON_LINES
    if not members:
        raise FormatError(f"{name} has no rows: it is an empty JSON object.")
    if first_line == text.strip():
        return TableKind.JSON_LINES
    raise FormatError(
        f"{name} is one JSON object whose values are not all objects: bring a list of objects, an object of "
        "objects by key, or one object per line."
    )

"""CSV and its relatives, line by line."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TextIO

from hlv.core.rendering.numbers import counted
from hlv.core.tabular.cells import Row, faulty_cell
from hlv.core.tabular.errors import FormatError, RowError

# Far above MAX_CELL_BYTES: a long cell must be read once for its column to be named.
MAX_LINE_CHARACTERS = 8 * 1024 * 1024
MAX_RECORD_CHARACTERS = 2 * MAX_LINE_CHARACTERS
# Of one record, before its columns are known; only a record that is longer than any in earnest is counted.
MAX_CELLS_OF_A_RECORD = 200_000
_COUNTED_FROM_CHARACTERS = 1 << 20
# About as many as a sheet may have; a table of more is turned around, or no table.
MAX_COLUMNS = 10_000
MAX_COLUMN_NAME_CHARACTERS = 1_000
# Of a table whose short rows are filled up: a few bytes would give any number of blank cells.
MAX_CELLS = 20_000_000
MAX_BLANK_LINES = 1_000_000
DELIMITERS = (",", "\t", ";", "|", " ")
_N_SNIFFED = 50
_SNIFFED_CHARACTERS = 1 << 20
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")


@dataclass(slots=True)
class _Length:
    """Of the record that is being read: quotes may hold it open over many lines."""

    delimiter: str = ""
    n_characters: int = 0
    n_delimiters: int = 0

    def begin(self) -> None:
        self.n_characters = self.n_delimiters = 0

    def add(self, line: str, number: int, name: str) -> None:
        """Raise `FormatError` where the record is too long, before its cells take many times its memory."""
        self.n_characters += len(line)
        if self.n_characters > MAX_RECORD_CHARACTERS:
            raise FormatError(
                f"{name}: the record that ends after line {number} has more than {MAX_RECORD_CHARACTERS:,} characters: "
                "look for a quote that is opened and not closed."
            )
        if self.delimiter and self.n_characters > _COUNTED_FROM_CHARACTERS:
            self.n_delimiters += line.count(self.delimiter)
            if self.n_delimiters >= MAX_CELLS_OF_A_RECORD:
                raise FormatError(
                    f"{name}: the record in line {number} has more than {MAX_CELLS_OF_A_RECORD:,} cells, and at most "
                    f"{MAX_COLUMNS:,} columns are read: look for a quote that is not closed, or turn the table around."
                )


def _lines(stream: TextIO, name: str, record: _Length) -> Iterator[str]:
    number = 0
    while line := stream.readline(MAX_LINE_CHARACTERS):
        number += 1
        if len(line) >= MAX_LINE_CHARACTERS:
            raise FormatError(f"{name}: line {number} is longer than {MAX_LINE_CHARACTERS:,} characters.")
        record.add(line, number, name)
        yield line


def _records(stream: TextIO, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line where it starts; blank lines are none."""
    # The limit is the process's, so it is only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE_CHARACTERS))
    length, n_blank = _Length(delimiter), 0
    reader = csv.reader(_lines(stream, name, length), delimiter=delimiter, strict=True)
    while True:
        start = reader.line_num + 1
        length.begin()
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise FormatError(
                f"{name}: the record that starts in line {start} cannot be read ({error}): "
                "look for a quote that is opened and not closed, or not doubled inside a quoted cell."
            ) from None
        if record is None:
            return
        if record:
            n_blank = 0
            yield start, record
            continue
        n_blank += 1
        if n_blank > MAX_BLANK_LINES:
            raise FormatError(
                f"{name} has more than {MAX_BLANK_LINES:,} blank lines before line {start:,}: delete them."
            )


def _sniffed(stream: TextIO, name: str) -> list[str]:
    """The first lines; of long ones fewer, and no more than their beginning."""
    lines: list[str] = []
    n_left = _SNIFFED_CHARACTERS
    for line in islice(_lines(stream, name, _Length()), _N_SNIFFED):
        lines.append(line[:n_left])
        n_left -= len(line)
        if n_left <= 0:
            break
    return lines


def detect_delimiter(stream: TextIO, name: str) -> str:
    """The separator that cuts the first records into equally many cells; a comma where nothing does."""
    lines = _sniffed(stream, name)
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths: list[int] = []
        try:
            for record in csv.reader(lines, delimiter=delimiter):
                if record:
                    widths.append(len(record))
        except csv.Error:
            continue
        if not widths or widths[0] < 2:
            continue
        agreement = sum(width == widths[0] for width in widths) / len(widths)
        # Prose has blanks everywhere: they separate only where every line agrees.
        if delimiter == " " and (agreement < 1 or len(widths) < 2):
            continue
        score = (agreement, -DELIMITERS.index(delimiter))
        if score > best_score and agreement >= 0.5:
            best, best_score = delimiter, score
    return best


def read_header(stream: TextIO, delimiter: str, name: str) -> tuple[str, ...]:
    """Column names of the first record.

    Raises
    ------
    FormatError
        There is no record, a name stands twice, or the names look like the first row of values.
    """
    first = next(_records(stream, delimiter, name), None)
    if first is None:
        raise FormatError(f"{name} is empty: it needs a line of column names and at least one row.")
    return checked_header(first[1], name)


def check_columns(columns: Collection[str], name: str) -> None:
    """Raise `FormatError` where there are too many, or where one has no name that a person would give."""
    if len(columns) > MAX_COLUMNS:
        raise FormatError(
            f"{name} has {len(columns):,} columns, and at most {MAX_COLUMNS:,} are read: turn the table around, so that "
            "each of them is a row."
        )
    longest = max(columns, key=len, default="")
    if len(longest) > MAX_COLUMN_NAME_CHARACTERS:
        raise FormatError(
            f"{name} has a column whose name is {len(longest):,} characters long, and at most "
            f"{MAX_COLUMN_NAME_CHARACTERS:,} are read: put a line of short column names on top."
        )


def checked_header(header: list[str], name: str) -> tuple[str, ...]:
    check_columns(header, name)
    names = [_column_name(cell, index) for index, cell in enumerate(header, start=1)]
    filled = [cell.strip() for cell in header if cell.strip()]
    if not filled:
        raise FormatError(f"{name}: the first row is blank where the column names should stand.")
    if all(_NUMBER.fullmatch(cell) for cell in filled):
        first = ", ".join(f"“{cell}”" for cell in filled[:3])
        raise FormatError(
            f"{name} has no header: its first row holds only numbers ({first} ...). "
            "Put a line of column names on top."
        )
    seen: dict[str, int] = {}
    for index, column in enumerate(names, start=1):
        if column in seen:
            raise FormatError(
                f"{name}: columns {seen[column]} and {index} are both called “{column}”. Rename one, "
                "or put a line of column names on top if the first row is already a row of values."
            )
        seen[column] = index
    return tuple(names)


def _column_name(cell: str, index: int) -> str:
    # A name broken over lines inside its cell is one name to people.
    if "\n" in cell or "\r" in cell:
        cell = " ".join(cell.split())
    return cell or f"column_{index}"


def read_delimited(
    stream: TextIO, delimiter: str, columns: tuple[str, ...], name: str, *, short_rows_are_blank: bool
) -> Iterator[Row | RowError]:
    """Rows after the header; those of blanks only are passed over."""
    records = _records(stream, delimiter, name)
    next(records, None)
    n_blank = 0
    for number, record in records:
        if not any(record):
            continue
        if short_rows_are_blank:
            n_blank += max(0, len(columns) - len(record))
            if n_blank > MAX_CELLS:
                raise FormatError(
                    f"{name}: rows up to line {number} leave out more than {MAX_CELLS:,} cells: leave out columns that "
                    "are hardly filled."
                )
        yield make_row(number, record, columns, name, short_rows_are_blank=short_rows_are_blank)


def make_row(
    number: int, record: list[str], columns: tuple[str, ...], name: str, *, short_rows_are_blank: bool
) -> Row | RowError:
    n_cells, n_columns = len(record), len(columns)
    if n_cells > n_columns and not any(record[n_columns:]):
        record = record[:n_columns]
    elif n_cells > n_columns:
        return RowError(
            number,
            None,
            f"the row has {counted(n_cells, 'cells')} where the header has {n_columns}: quote cells that contain the separator.",
            name,
        )
    elif n_cells < n_columns:
        if not short_rows_are_blank:
            return RowError(
                number,
                None,
                f"the row has {counted(n_cells, 'cells')} where the header has {n_columns}: "
                "add the missing separators, or quote cells that contain line breaks.",
                name,
            )
        record = record + [""] * (n_columns - n_cells)
    cells = dict(zip(columns, record, strict=True))
    return faulty_cell(number, cells, name) or Row(number, cells, cells)

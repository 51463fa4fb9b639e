"""CSV and its relatives, line by line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import islice
from typing import TextIO

from hlv.core.rendering.numbers import counted
from hlv.core.tabular.cells import faulty_cell
from hlv.core.tabular.errors import FormatError, RowError
from hlv.core.tabular.structure import Row

# Far above MAX_CELL_BYTES: a long cell must be read once for its column to be named.
MAX_LINE_CHARACTERS = 64 * 1024 * 1024
DELIMITERS = (",", "\t", ";", "|", " ")
_N_SNIFFED = 50
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")


def _lines(stream: TextIO, name: str) -> Iterator[str]:
    number = 0
    while line := stream.readline(MAX_LINE_CHARACTERS):
        number += 1
        if len(line) >= MAX_LINE_CHARACTERS:
            raise FormatError(f"{name}: line {number} is longer than {MAX_LINE_CHARACTERS:,} characters.")
        yield line


def _records(stream: TextIO, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line where it starts; blank lines are none."""
    # The limit is the process's, so it is only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE_CHARACTERS))
    reader = csv.reader(_lines(stream, name), delimiter=delimiter, strict=True)
    while True:
        start = reader.line_num + 1
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
            yield start, record


def detect_delimiter(stream: TextIO, name: str) -> str:
    """The separator that cuts the first records into equally many cells; a comma where nothing does."""
    lines = list(islice(_lines(stream, name), _N_SNIFFED))
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


def checked_header(header: list[str], name: str) -> tuple[str, ...]:
    names = [_column_name(cell, index) for index, cell in enumerate(header, start=1)]
    filled = [cell.strip() for cell in header if cell.strip()]
    if not filled:
        raise FormatError(f"{name}: the first row is blank where the column names should stand.")
    if all(_NUMBER.fullmatch(cell) for cell in filled):
        raise FormatError(
            f"{name} has no header: its first row holds only numbers ({', '.join(filled[:3])} ...). "
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
    for number, record in records:
        if not any(record):
            continue
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

"""The first sheet of an XLSX workbook, row by row, as text."""

from __future__ import annotations

import datetime as dt
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from hlv.core.tabular.delimited import checked_header, make_row
from hlv.core.tabular.errors import FormatError, RowError
from hlv.core.tabular.structure import Row

# A small file may unpack to any size, and a worker's memory with it; longer tables come as CSV, which streams.
MAX_UNPACKED_BYTES = 200_000_000
# As in every program that writes such sheets.
MAX_ROWS = 1_048_576
# What archive, XML and openpyxl say of a damaged or made-up workbook, when it is opened or at any of its rows.
_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    InvalidFileException,
    ParseError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return str(value)


def _records(path: Path, name: str) -> Iterator[tuple[int, list[str]]]:
    # A stream: of a path openpyxl wants a usual ending, which an upload has not.
    with path.open("rb") as stream:
        yield from _records_of(stream, name)


def _records_of(stream: BinaryIO, name: str) -> Iterator[tuple[int, list[str]]]:
    try:
        _refuse_what_unpacks_too_large(stream, name)
        yield from _rows_of_first_sheet(stream, name)
    except FormatError:
        raise
    except _FAULTS as error:
        raise FormatError(
            f"{name} is no XLSX workbook that can be read ({error}): save it again, or as CSV."
        ) from None


def _refuse_what_unpacks_too_large(stream: BinaryIO, name: str) -> None:
    with zipfile.ZipFile(stream) as archive:
        n_bytes = sum(member.file_size for member in archive.infolist())
    if n_bytes > MAX_UNPACKED_BYTES:
        raise FormatError(
            f"{name} unpacks to {n_bytes / 1e6:,.0f} MB, and a workbook may have "
            f"{MAX_UNPACKED_BYTES / 1e6:,.0f} MB: save the sheet as CSV, which may be of any size."
        )


def _rows_of_first_sheet(stream: BinaryIO, name: str) -> Iterator[tuple[int, list[str]]]:
    with closing(openpyxl.load_workbook(stream, read_only=True, data_only=True)) as book:
        if not book.worksheets:
            raise FormatError(f"{name} has no sheet with cells: save it again, or as CSV.")
        sheet = book.worksheets[0]
        # Some writers state a wrong size, which would cut rows off.
        sheet.reset_dimensions()
        # Rows that are left out come as blank ones: a single cell may claim to be billions of rows below.
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            if number > MAX_ROWS:
                raise FormatError(f"{name} has a row below {MAX_ROWS:,}, where sheets end: save it as CSV.")
            record = [_text(value) for value in cells]
            if any(record):
                yield number, record


def read_sheet_header(path: Path, name: str) -> tuple[str, ...]:
    first = next(_records(path, name), None)
    if first is None:
        raise FormatError(
            f"{name} is empty: its first sheet needs a row of column names and at least one row."
        )
    header = first[1]
    while header and not header[-1]:
        header.pop()
    return checked_header(header, name)


def read_sheet(path: Path, columns: tuple[str, ...], name: str) -> Iterator[Row | RowError]:
    """Rows after the header; a sheet has no ragged rows, only blanks at the end."""
    records = _records(path, name)
    next(records, None)
    for number, record in records:
        yield make_row(number, record, columns, name, short_rows_are_blank=True)

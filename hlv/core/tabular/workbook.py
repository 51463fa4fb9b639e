"""The first sheet of an XLSX workbook, row by row, as text."""

from __future__ import annotations

import datetime as dt
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any, BinaryIO
from xml.etree.ElementTree import ParseError
from xml.parsers import expat

from hlv.core.tabular.cells import Row
from hlv.core.tabular.delimited import MAX_CELLS, checked_header, make_row
from hlv.core.tabular.errors import FormatError, RowError

# A small file may unpack to any size, and a worker's memory with it; longer tables come as CSV, which streams.
MAX_UNPACKED_BYTES = 200_000_000
MAX_SHARED_STRINGS_BYTES = 50_000_000
MAX_SHARED_STRINGS = 1_000_000
# Of one row or one text, as its XML: until it ends, all of it is kept in memory.
MAX_ELEMENT_BYTES = 4_000_000
# Styles, names of sheets and the like are read into memory at once, and take many times their size there.
MAX_OTHER_PART_BYTES = 4_000_000
MAX_PARTS = 2_000
# Real sheets are packed to a tenth or a thirtieth; deflate reaches a thousandth where every byte is the same.
MAX_RATIO = 300
_RATIO_MATTERS_FROM_BYTES = 1_000_000
# As in every program that writes such sheets.
MAX_ROWS = 1_048_576
_CONTENT_TYPES = "[Content_Types].xml"
_PROLOG_BYTES = 1 << 16
# What archive, XML and openpyxl say of a damaged or made-up workbook, when it is opened or at any of its rows.
_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
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
    # It loads slowly, and most files are no workbooks.
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(stream) as archive:
            _refuse_what_unpacks_too_large(archive, name)
        yield from _rows_of_first_sheet(stream, name)
    except FormatError:
        raise
    except (*_FAULTS, InvalidFileException) as error:
        if isinstance(error, ParseError) and error.code == _OUT_OF_MEMORY:
            raise MemoryError from error
        raise FormatError(
            f"{name} is no XLSX workbook that can be read ({error}): save it again, or as CSV."
        ) from None


_OUT_OF_MEMORY = expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]


def _refuse_what_unpacks_too_large(archive: zipfile.ZipFile, name: str) -> None:
    """By the directory of the archive alone: what a part says of its size is the most that is unpacked of it."""
    parts = archive.infolist()
    if len(parts) > MAX_PARTS:
        raise FormatError(
            f"{name} is an archive of {len(parts):,} files, and a workbook may have {MAX_PARTS:,}: save the sheet as CSV."
        )
    n_bytes = sum(part.file_size for part in parts)
    if n_bytes > MAX_UNPACKED_BYTES:
        raise FormatError(
            f"{name} unpacks to {n_bytes / 1e6:,.0f} MB, and a workbook may have "
            f"{MAX_UNPACKED_BYTES / 1e6:,.0f} MB: save the sheet as CSV, which may be of any size."
        )
    if _CONTENT_TYPES not in archive.NameToInfo:
        raise FormatError(f"{name} is a ZIP archive and no XLSX workbook: unpack it first.")
    for part in parts:
        _refuse_part(part, name)


def _refuse_part(part: zipfile.ZipInfo, name: str) -> None:
    if part.file_size > max(_RATIO_MATTERS_FROM_BYTES, MAX_RATIO * part.compress_size):
        raise FormatError(
            f"{name} has a part ({part.filename[:100]}) that unpacks to more than {MAX_RATIO} times its size: "
            "save the sheet as CSV."
        )


def _check_part(archive: zipfile.ZipFile, part_name: str, name: str, *, most: int) -> None:
    """Before a part is parsed: that it is of a usual size, packed in a usual way, and defines nothing of its own."""
    part = archive.NameToInfo.get(part_name)
    if part is None:
        # Where it is needed, the reader says so.
        return
    if part.file_size > most:
        raise FormatError(
            f"{name} has a part ({part_name[:100]}) of {part.file_size / 1e6:,.0f} MB, and it may have "
            f"{most / 1e6:,.0f} MB: save the sheet as CSV, which may be of any size."
        )
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile(f"{part_name[:100]} is packed in an unusual way")
    with archive.open(part) as stream:
        _refuse_document_type(stream.read(_PROLOG_BYTES), name)


class _RootReachedError(Exception):
    """Nothing that follows can be a document type."""


def _refuse_document_type(start: bytes, name: str) -> None:
    def refuse(*_: Any) -> None:
        raise FormatError(
            f"{name} defines entities of its own in its XML, which no workbook does: save it again, or as CSV."
        )

    def stop(*_: Any) -> None:
        raise _RootReachedError

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = stop
    try:
        parser.Parse(start, len(start) < _PROLOG_BYTES)
    except (_RootReachedError, expat.ExpatError):
        # What is no XML the reader refuses.
        return
    if len(start) == _PROLOG_BYTES:
        raise ValueError("its XML begins with a very long comment")


class _Meter:
    """A part that is unpacked as it is parsed, and refused where a row or a text in it never ends."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.n_bytes = 0

    def read(self, n: int = -1) -> bytes:
        piece = self._stream.read(n)
        self.n_bytes += len(piece)
        if self.n_bytes > MAX_ELEMENT_BYTES:
            raise ValueError(f"it has more than {MAX_ELEMENT_BYTES / 1e6:,.0f} MB without the end of a row")
        return piece

    def close(self) -> None:
        self._stream.close()

    def __enter__(self) -> _Meter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _SharedStrings:
    """The texts of the cells, read as far as cells ask for them: the first rows need few."""

    def __init__(self, stream: IO[bytes] | None = None) -> None:
        self._strings: list[str] = []
        self._coming = self._read(_Meter(stream)) if stream is not None else iter(())

    def _read(self, meter: _Meter) -> Iterator[str]:
        from openpyxl.cell.text import Text
        from openpyxl.xml.constants import SHEET_MAIN_NS
        from openpyxl.xml.functions import iterparse

        tag, plain, root = f"{{{SHEET_MAIN_NS}}}si", f"{{{SHEET_MAIN_NS}}}t", None
        for event, node in iterparse(meter, events=("start", "end")):
            if root is None:
                root = node
            if event == "end" and node.tag == tag:
                meter.n_bytes = 0
                # Most texts are of one piece, and the general way takes three times as long.
                if len(node) == 1 and node[0].tag == plain:
                    text = node[0].text or ""
                else:
                    read: Any = Text.from_tree(node) if len(node) else None
                    text = read.content if read is not None else ""
                yield text.replace("x005F_", "")
                # What was read must not gather beneath the root.
                root.clear()

    def __getitem__(self, place: int) -> str:
        if place < 0:
            raise IndexError(f"no text has the number {place}")
        while place >= len(self._strings):
            text = next(self._coming, None)
            if text is None:
                raise IndexError(f"there are {len(self._strings):,} texts, and none has the number {place:,}")
            if len(self._strings) >= MAX_SHARED_STRINGS:
                raise ValueError(f"it has more than {MAX_SHARED_STRINGS:,} different texts")
            self._strings.append(text)
        return self._strings[place]


def _first_sheet(stream: BinaryIO, name: str) -> tuple[Any, zipfile.ZipFile, list[_Meter]]:
    """Of all that a workbook holds only what its cells need: styles tell dates from numbers."""
    from openpyxl.packaging import relationship
    from openpyxl.reader import excel
    from openpyxl.styles.stylesheet import apply_stylesheet
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet
    from openpyxl.xml.constants import ARC_CONTENT_TYPES, ARC_STYLE, SHARED_STRINGS

    # Not all that is needed here stands in its stubs.
    excel_module: Any = excel
    rels_of: Any = relationship.get_rels_path
    reader: Any = excel_module.ExcelReader(stream, read_only=True, data_only=True, keep_links=False)
    archive: zipfile.ZipFile = reader.archive

    def check(part_name: str, most: int = MAX_OTHER_PART_BYTES) -> str:
        _check_part(archive, part_name, name, most=most)
        return part_name

    check(ARC_CONTENT_TYPES)
    reader.read_manifest()
    main = check(excel_module._find_workbook_part(reader.package).PartName[1:])
    check(rels_of(main))
    reader.read_workbook()
    check(ARC_STYLE)
    apply_stylesheet(archive, reader.wb)
    part, strings = reader.package.find(SHARED_STRINGS), _SharedStrings()
    if part is not None:
        strings = _SharedStrings(archive.open(check(part.PartName[1:], MAX_SHARED_STRINGS_BYTES)))
    sheets = (
        (sheet, relation.target)
        for sheet, relation in reader.parser.find_sheets()
        if relation.target in reader.valid_files and "chartsheet" not in relation.Type
    )
    sheet, target = next(sheets, (None, ""))
    if sheet is None:
        raise FormatError(f"{name} has no sheet with cells: save it again, or as CSV.")
    check(target, MAX_UNPACKED_BYTES)
    meters: list[_Meter] = []

    class MeteredSheet(ReadOnlyWorksheet):
        def _get_size(self) -> None:
            """Some writers state a wrong size, which would cut rows off."""

        def _get_source(self) -> _Meter:
            meters.append(_Meter(archive.open(target)))
            return meters[-1]

    return MeteredSheet(reader.wb, sheet.name, target, strings), archive, meters


def _rows_of_first_sheet(stream: BinaryIO, name: str) -> Iterator[tuple[int, list[str]]]:
    sheet, archive, meters = _first_sheet(stream, name)
    with closing(archive):
        n_cells = 0
        # Rows that are left out come as blank ones: a single cell may claim to be billions of rows below.
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            meters[-1].n_bytes = 0
            if number > MAX_ROWS:
                raise FormatError(f"{name} has a row below {MAX_ROWS:,}, where sheets end: save it as CSV.")
            # A cell far to the right brings as many blank ones.
            n_cells += len(cells)
            if n_cells > MAX_CELLS:
                raise FormatError(
                    f"{name} has more than {MAX_CELLS:,} cells, blank ones among them: delete what stands far right "
                    "of the table, or save the sheet as CSV."
                )
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
    n_padded = 0
    for number, record in records:
        n_padded += max(0, len(columns) - len(record))
        if n_padded > MAX_CELLS:
            raise FormatError(
                f"{name} has more than {MAX_CELLS:,} blank cells: leave out columns that are hardly filled, or save the "
                "sheet as CSV."
            )
        yield make_row(number, record, columns, name, short_rows_are_blank=True)

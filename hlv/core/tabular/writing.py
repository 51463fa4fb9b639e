"""How tables and JSON are written: the same rows give the same bytes, and a spreadsheet runs nothing."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import TypeAlias

CellValue: TypeAlias = "str | int | float | bool | dt.datetime | None"
_STARTS_A_FORMULA = frozenset("=+-@\t\r")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_LINES_PER_CHUNK = 500


def disarmed(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would take for a formula; numbers stay."""
    if text and text[0] in _STARTS_A_FORMULA and _NUMBER.fullmatch(text) is None:
        return f"'{text}"
    return text


def cell(value: CellValue) -> str:
    """Nothing is blank, times are ISO 8601 in UTC, numbers keep every digit."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dt.datetime):
        return iso(value)
    return disarmed(value)


def iso(time: dt.datetime) -> str:
    return f"{time.astimezone(dt.UTC).replace(tzinfo=None).isoformat()}Z"


def csv_text(header: Sequence[str], rows: Iterable[Sequence[CellValue]]) -> Iterator[str]:
    """A CSV table in pieces of some hundred lines."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([disarmed(name) for name in header])
    for number, row in enumerate(rows, start=1):
        writer.writerow([cell(value) for value in row])
        if number % _LINES_PER_CHUNK == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def csv_lines(rows: Iterable[Sequence[str]]) -> str:
    """Lines of a CSV table whose cells are texts already: `cell` and `disarmed` were applied."""
    buffer = StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def json_text(value: object, *, indent: int | None = None) -> str:
    """JSON as people read it: no escapes for letters, no NaN."""
    if indent is None:
        return _ENCODER.encode(value)
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)


def jsonl_text(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        yield json_text(value) + "\n"


def jsonl_rows(header: Sequence[str], rows: Iterable[Sequence[CellValue]]) -> Iterator[str]:
    """The rows of a table, each an object with all names of the header."""
    return jsonl_text(
        {
            name: iso(value) if isinstance(value, dt.datetime) else value
            for name, value in zip(header, row, strict=True)
        }
        for row in rows
    )


def file_sha256(path: Path) -> str:
    """Of a whole file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def row_key(kind: str, source: str, cells: Sequence[str], occurrence: int) -> str:
    """The idempotency key of one record: the same file read again gives the same keys.

    Every part is preceded by its length, so that no two lists of cells run into one.
    """
    encoded = [part.encode() for part in (kind, source, *cells, str(occurrence))]
    return hashlib.sha256(b"".join(b"%d:%b" % (len(part), part) for part in encoded)).hexdigest()


class Occurrences:
    """How often identical cells came before: true repeats in a file keep their own keys."""

    def __init__(self) -> None:
        self._seen: dict[bytes, int] = {}

    def key(self, kind: str, source: str, cells: Sequence[str]) -> str:
        """The key of the next record with these cells."""
        first = row_key(kind, source, cells, 0)
        digest = bytes.fromhex(first[:24])
        occurrence = self._seen.get(digest, 0)
        self._seen[digest] = occurrence + 1
        return row_key(kind, source, cells, occurrence) if occurrence else first

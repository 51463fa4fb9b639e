"""How tables and JSON are written: the same rows give the same bytes, and a spreadsheet runs nothing."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Any, TypeAlias

CellValue: TypeAlias = "str | int | float | bool | dt.datetime | None"
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_LINES_PER_CHUNK = 500


def disarmed(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would take for a formula; numbers stay."""
    if text.startswith(_STARTS_A_FORMULA) and _NUMBER.fullmatch(text) is None:
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
    return time.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


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


def json_text(value: Any, *, indent: int | None = None) -> str:
    """JSON as people read it: no escapes for letters, no NaN."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)


def jsonl_text(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        yield json_text(value) + "\n"

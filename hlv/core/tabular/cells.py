"""Cells as text: what JSON wrote, to the letter, and what no database can keep."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from hlv.core.tabular.errors import RowError

MAX_CELL_BYTES = 1024 * 1024

Json: TypeAlias = "str | bool | list[Json] | dict[str, Json] | None"


class NumberText(str):
    """A JSON number by its literal text, so that 19 digits, `1e5` and `0.10` survive."""

    __slots__ = ()


class RepeatedKeyError(ValueError):
    """A JSON object that says the same key twice: one of the two would be lost in silence."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _object_with_unique_keys(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise RepeatedKeyError(key)
            seen.add(key)
    return members


DECODER = json.JSONDecoder(
    parse_float=NumberText,
    parse_int=NumberText,
    parse_constant=NumberText,
    object_pairs_hook=_object_with_unique_keys,
)


def json_text(value: Json) -> str:
    """Write a parsed value as JSON again, numbers as they stood."""
    if isinstance(value, NumberText):
        return str(value)
    if isinstance(value, dict):
        members = (
            f"{json.dumps(key, ensure_ascii=False)}: {json_text(member)}" for key, member in value.items()
        )
        return "{" + ", ".join(members) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(json_text(member) for member in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def cell_text(value: Json) -> str:
    """The text of one JSON value; null is a blank cell."""
    if isinstance(value, str):
        return str(value)
    if value is None:
        return ""
    return json_text(value)


_LIST_SEPARATORS = re.compile(r"[\s,;]+")


def list_parts(cell: str) -> list[str] | None:
    """The members of `[0.1, 0.2]`, `[0.1 0.2]` (as NumPy prints), `(0.1, 0.2)` or `0.1;0.2`; None for anything else.

    A bare comma separates nothing: `0,5` is a number in many languages.
    """
    text = cell.strip()
    if (text[:1], text[-1:]) in {("[", "]"), ("(", ")")}:
        return [part.strip("\"'") for part in _LIST_SEPARATORS.split(text[1:-1].strip()) if part]
    if ";" in text:
        return [part.strip() for part in text.removesuffix(";").split(";")]
    return None


def unkeepable(text: str) -> str | None:
    """Say why no database row can hold `text`, or None."""
    if text.isascii():
        n_bytes = len(text)
    else:
        try:
            n_bytes = len(text.encode())
        except UnicodeEncodeError:
            return "the cell holds half of a surrogate pair (a broken \\ud800-like escape): repair the text."
    if n_bytes > MAX_CELL_BYTES:
        return (
            f"the cell holds {n_bytes:,} bytes and at most {MAX_CELL_BYTES:,} are read: "
            "shorten it, or look for a quote that is never closed."
        )
    if "\x00" in text:
        return "the cell holds a NUL character, which no database keeps: remove it."
    return None


def faulty_cell(number: int, cells: Mapping[str, str], source: str) -> RowError | None:
    """The first cell of a row that cannot be kept, or the name of whose column cannot."""
    for column, text in cells.items():
        sentence = unkeepable(text)
        if sentence is None and "\x00" in column:
            column = column.replace("\x00", "\N{SYMBOL FOR NULL}")
            sentence = "the name of the column holds a NUL character, which no database keeps: remove it."
        if sentence is not None:
            return RowError(number, column, sentence, source)
    return None


class TableKind(StrEnum):
    """What the content of a file is, whatever its name says."""

    DELIMITED = "delimited"
    JSON_LINES = "json lines"
    JSON_ARRAY = "json array"
    JSON_OBJECT = "json object of objects"
    WORKBOOK = "workbook"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `number` as a person counts.

    The line where the record starts (delimited, JSON lines), the position from 1 (JSON array and object, Parquet),
    or the row of the sheet. `values` holds what JSON said before it became text: lists and objects stay
    lists and objects, numbers are their literal text.
    """

    number: int
    cells: Mapping[str, str]
    values: Mapping[str, Json]

    def value(self, column: str) -> Json:
        return self.values.get(column)


_EPOCH = re.compile(r"\d{9,13}(\.\d+)?")
_MILLISECONDS_FROM = 10**11


def read_time(text: str) -> dt.datetime:
    """A time with zone from ISO 8601 (UTC where no zone is named) or from epoch seconds or milliseconds.

    Raises
    ------
    ValueError
        The text is neither.
    """
    text = text.strip()
    if _EPOCH.fullmatch(text):
        number = float(text)
        seconds = number / 1000 if number >= _MILLISECONDS_FROM else number
        return dt.datetime.fromtimestamp(seconds, tz=dt.UTC)
    time = dt.datetime.fromisoformat(text)
    return time if time.tzinfo is not None else time.replace(tzinfo=dt.UTC)

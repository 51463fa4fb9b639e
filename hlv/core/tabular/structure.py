"""The shape every table is read into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hlv.core.tabular.cells import Json


class TableKind(StrEnum):
    """What the content of a file is, whatever its name says."""

    DELIMITED = "delimited"
    JSON_LINES = "json lines"
    JSON_ARRAY = "json array"
    JSON_OBJECT = "json object of objects"
    WORKBOOK = "workbook"


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `number` as a person counts.

    The line where the record starts (delimited, JSON lines), the position from 1 (JSON array and object),
    or the row of the sheet. `values` holds what JSON said before it became text: lists and objects stay
    lists and objects, numbers are their literal text.
    """

    number: int
    cells: Mapping[str, str]
    values: Mapping[str, Json]

    def value(self, column: str) -> Json:
        return self.values.get(column)

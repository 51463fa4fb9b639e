"""The tables under figures, as pages and files show them: every number with its interval."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """A number with its interval, or words in place of one; `reason` says why there is none."""

    words: str
    low: str = ""
    high: str = ""
    beside: str = ""
    reason: str = ""
    # What stands out from the other rows.
    strong: bool = False


@dataclass(frozen=True)
class TableRow:
    head: str
    cells: list[Cell]
    remark: str = ""


@dataclass(frozen=True)
class Table:
    """`note` says how the numbers were made."""

    heads: list[str]
    rows: list[TableRow]
    note: str = ""

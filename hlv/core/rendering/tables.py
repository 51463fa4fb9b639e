"""The tables under figures, as pages and files show them: every number with its interval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

# Letters, about two lines of a column of names.
LONG_REMARK = 60


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
    # Where the texts behind the row stand; nothing for readers who may not see them.
    address: str = ""


@dataclass(frozen=True)
class Table:
    """`note` says how the numbers were made."""

    heads: list[str]
    rows: list[TableRow]
    note: str = ""

    def leading_to(self, address_of: Callable[[TableRow], str]) -> Table:
        """The same, each row with its address."""
        return replace(self, rows=[replace(row, address=address_of(row)) for row in self.rows])

    @property
    def body(self) -> SafeString:
        """The rows of the page: a template takes ten times as long for a table of many cells."""
        # In the words of the reader, once for all cells.
        between = escape(_("%(low)s to %(high)s"))
        return mark_safe("".join(_row(row, between) for row in self.rows))  # noqa: S308  # every part is escaped


def _row(row: TableRow, between: str) -> str:
    # A long remark makes its column wider, not its row as high as a page.
    long = ' class="is-long"' if len(row.remark) > LONG_REMARK else ""
    remark = f'<small dir="auto"{long}>{escape(row.remark)}</small>' if row.remark else ""
    cells = "".join(_cell(cell, between) for cell in row.cells)
    head = f"<bdi>{escape(row.head)}</bdi>"
    if row.address:
        head = f'<a href="{escape(row.address)}">{head}</a>'
    return f'<tr><th scope="row">{head}{remark}</th>{cells}</tr>'


def _cell(cell: Cell, between: str) -> str:
    words = escape(cell.words)
    said = f"<strong>{words}</strong>" if cell.strong else f'<bdi dir="ltr">{words}</bdi>'
    if cell.low:
        low, high = (f'<bdi dir="ltr">{escape(end)}</bdi>' for end in (cell.low, cell.high))
        said += f"<small>{between % {'low': low, 'high': high}}</small>"
    elif cell.beside:
        said += f"<small>{escape(cell.beside)}</small>"
    if cell.reason:
        said += f'<span class="visually-hidden"> {escape(cell.reason)}</span>'
    return f'<td class="num">{said}</td>'

"""Tables of results in a terminal."""

from __future__ import annotations

from collections import Counter

from rich import table as rich

from hlv.core.rendering.sentences import capital, unmarked
from hlv.core.rendering.tables import Cell, Column, Table, TableRow


def terminal_table(table: Table) -> rich.Table:
    """The table of a page: its title above, its note below, remarks and reasons in a column of their own.

    A remark of more than two rows stands once, above the note.
    """
    shown = table.shown_in("terminal")
    remarks = [_remark(row) for row in shown.rows]
    often = next((words for words, n in Counter(remarks).most_common(2) if words and n > 2), None)
    note = " ".join(
        filter(None, [f"(1) {capital(often).rstrip('.')}." if often else "", unmarked(table.note)])
    )
    made = rich.Table(title=table.title or None, caption=note or None, caption_justify="left")
    for column in shown.columns:
        made.add_column(column.heading if isinstance(column, Column) else column)
    if any(remarks):
        made.add_column("Remark")
    for row, remark in zip(shown.rows, remarks, strict=True):
        footnote = ["(1)" if remark == often else remark] if any(remarks) else []
        made.add_row(unmarked(row.head), *map(_words, row.cells), *footnote)
    return made


def _remark(row: TableRow) -> str:
    """What the page has beneath a head, and else the reasons for which numbers are missing."""
    reasons = dict.fromkeys(cell.reason for cell in row.cells if cell.reason)
    return unmarked(row.remark or "; ".join(reasons))


def _words(cell: Cell) -> str:
    """“0.80 (0.60 to 0.95)”, “1,200 (by 9 more judges)”."""
    note = f"{cell.low} to {cell.high}" if cell.interval is not None else cell.note
    return unmarked(f"{cell.words} ({note})" if note else cell.words)

"""Tables of results: one object for a page, a terminal, a paper and a file. Its cells hold values, not words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Final, Literal

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from hlv.core.rendering.numbers import COUNT, NUMBER, RANK, SHARE, Form, P, Value, written

Medium = Literal["page", "terminal", "paper"]
EVERYWHERE: Final[frozenset[Medium]] = frozenset({"page", "terminal", "paper"})
# Letters, about two lines of a column of names.
LONG_REMARK: Final = 60


@dataclass(frozen=True)
class Cell:
    """A value with its interval, or words in place of one; `reason` says why there is none."""

    value: Value
    interval: tuple[float, float] | None = None
    form: Form = NUMBER
    note: str = ""
    reason: str = ""
    # What stands out from the other rows.
    strong: bool = False

    @property
    def words(self) -> str:
        return written(self.value, self.form)

    @property
    def low(self) -> str:
        return "" if self.interval is None else written(self.interval[0], self.form)

    @property
    def high(self) -> str:
        return "" if self.interval is None else written(self.interval[1], self.form)


Interval = Sequence[float] | None


def estimate_cell(
    value: float | None, interval: Interval = None, *, signed: bool = False, digits: int = 2, reason: str = ""
) -> Cell:
    """A number that is never shown without its interval, or without the words that it has none."""
    return _with_interval(value, interval, Form(digits=digits, signed=signed), reason)


def rank_cell(value: float | None, interval: Interval = None) -> Cell:
    return _with_interval(value, interval, RANK, "")


def _with_interval(value: float | None, interval: Interval, form: Form, reason: str) -> Cell:
    if value is None:
        return missing(reason or _("undefined"))
    if interval is None:
        return Cell(value, form=form, note=_("no interval"))
    return Cell(value, (interval[0], interval[1]), form)


def p_cell(value: float | None) -> Cell:
    return missing(_("no p")) if value is None else Cell(value, form=P)


def count_cell(value: int | None, *, note: str = "") -> Cell:
    return Cell(value, form=COUNT, note=note)


def share_cell(value: float | None, *, digits: int = 0, reason: str = "") -> Cell:
    return Cell(value, form=replace(SHARE, digits=digits), reason=reason if value is None else "")


def missing(reason: str) -> Cell:
    """No value, for a reason that is read aloud."""
    return Cell(None, reason=reason)


@dataclass(frozen=True)
class Column:
    """Of a table.

    Attributes
    ----------
    heading
        Above the values.
    interval
        The heading of their intervals, where a paper gives these a column of their own.
    names
        In a file: of the value, and of the ends of its interval.
    media
        Where it is shown; files have every column that has names.
    bare
        Where its values stand without their intervals.
    """

    heading: str
    interval: str = ""
    names: tuple[str, ...] = ()
    media: frozenset[Medium] = EVERYWHERE
    bare: frozenset[Medium] = frozenset()

    def cell_in(self, medium: Medium, cell: Cell) -> Cell:
        return replace(cell, interval=None, note="") if medium in self.bare else cell


@dataclass(frozen=True)
class TableRow:
    head: str
    cells: list[Cell]
    remark: str = ""
    # Where the texts behind the row stand; nothing for readers who may not see them.
    address: str = ""


@dataclass(frozen=True)
class Table:
    """Rows whose head belongs to the first column, and their cells to the others.

    Attributes
    ----------
    note
        How the numbers were made.
    title
        What a terminal writes above it, where no page is around it.
    everywhere
        In a file: what is the same in every row, by the name of its column.
    """

    columns: Sequence[str | Column]
    rows: list[TableRow]
    note: str = ""
    title: str = ""
    everywhere: Mapping[str, Value] = field(default_factory=dict)

    def leading_to(self, address_of: Callable[[TableRow], str]) -> Table:
        """The same, each row with its address."""
        return replace(self, rows=[replace(row, address=address_of(row)) for row in self.rows])

    def sheets(self, n_columns: int) -> list[Table]:
        """In parts of so many columns beside the first, that a sheet of paper is wide enough for."""
        return [
            Table(
                [self.columns[0], *self.columns[at : at + n_columns]],
                [TableRow(row.head, row.cells[at - 1 : at - 1 + n_columns]) for row in self.rows],
            )
            for at in range(1, len(self.columns), n_columns)
        ]

    def shown_in(self, medium: Medium) -> Table:
        """With the columns of one medium alone, and in these what is shown there."""
        columns = list(map(_column, self.columns))
        if all(medium in column.media and medium not in column.bare for column in columns):
            return self
        return replace(
            self,
            columns=[column for column in columns if medium in column.media],
            rows=[
                replace(
                    row,
                    cells=[
                        column.cell_in(medium, cell)
                        for column, cell in zip(columns[1:], row.cells, strict=True)
                        if medium in column.media
                    ],
                )
                for row in self.rows
            ],
        )

    @property
    def heads(self) -> list[str]:
        return [_column(column).heading for column in self.shown_in("page").columns]

    @property
    def body(self) -> SafeString:
        """The rows of the page: a template takes ten times as long for a table of many cells."""
        # In the words of the reader, once for all cells.
        between = escape(_("%(low)s to %(high)s"))
        rows = self.shown_in("page").rows
        return mark_safe("".join(_row(row, between) for row in rows))  # noqa: S308  # every part is escaped

    def file_rows(self, header: Sequence[str]) -> Iterator[list[Value]]:
        """Every digit, in the columns of a file; what has no place in its header is left out."""
        first, *others = map(_column, self.columns)
        for row in self.rows:
            found = {**self.everywhere, **dict(zip(first.names, [row.head], strict=False))}
            for column, cell in zip(others, row.cells, strict=True):
                low, high = cell.interval or (None, None)
                found |= zip(column.names, (cell.value, low, high), strict=False)
            yield [found[name] for name in header]


def file_rows(tables: Iterable[Table], header: Sequence[str]) -> Iterator[list[Value]]:
    """Of several tables of one kind, one after the other."""
    for table in tables:
        yield from table.file_rows(header)


def _column(column: str | Column) -> Column:
    return Column(column) if isinstance(column, str) else column


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
    if cell.interval is not None:
        low, high = (f'<bdi dir="ltr">{escape(end)}</bdi>' for end in (cell.low, cell.high))
        said += f"<small>{between % {'low': low, 'high': high}}</small>"
    elif cell.note:
        said += f"<small>{escape(cell.note)}</small>"
    if cell.reason:
        said += f'<span class="visually-hidden"> {escape(cell.reason)}</span>'
    return f'<td class="num">{said}</td>'

"""Which column of a file means what: `--map field=column`.

- `item=title+version` joins two cells with `JOINT`; for `text` it names several texts of one item instead.
- `left,right=options` splits one cell at the first of `SPLITTERS` that yields as many parts; blanks around
  a part are dropped.
- `text.premise=sentence1`, `metadata.genre=category`, `count.yes=nYes` name a member of a field.
- `certainty=` (nothing after the sign) leaves a field out that would have been found by its usual name.

A column whose own name contains “+” is found before any joining.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass

from hlv.core.tabular import Row
from hlv.core.tabular.cells import Json
from hlv.core.tabular.errors import CellError, FormatError

JOINT = "/"
SPLITTERS = (",", ";", "|", "\t", "_vs_", " vs ", "_")


@dataclass(frozen=True, slots=True)
class MapEntry:
    """One `--map`: the fields on the left, the column or columns on the right as written."""

    fields: tuple[str, ...]
    target: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """All `--map` options of one import."""

    entries: tuple[MapEntry, ...] = ()

    @classmethod
    def parse(cls, options: Iterable[str]) -> Mapping:
        """Read `field=column` options.

        Raises
        ------
        FormatError
            An option has no “=”, no field, or maps a field for the second time.
        """
        entries: list[MapEntry] = []
        seen: set[str] = set()
        for option in options:
            left, sign, target = option.partition("=")
            fields = _fields_of(left)
            if not sign or not all(fields):
                raise FormatError(f"“{option}” is no mapping: write field=column, for instance item=id.")
            for field in fields:
                if field in seen:
                    raise FormatError(f"The field “{field}” is mapped twice.")
                seen.add(field)
            entries.append(MapEntry(fields, target))
        return cls(tuple(entries))

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(field for entry in self.entries for field in entry.fields)

    def bind(self, columns: Sequence[str], fields: Sequence[Field], *, name: str = "the file") -> Columns:
        """Find each field's columns in one file.

        Raises
        ------
        FormatError
            A mapped field is unknown to the format, a mapped column is not in the file, or a required field
            has no column.
        """
        found = self._mapped(columns, fields, name)
        mapped = self.fields
        for field in fields:
            if field.name in mapped or any(one.startswith(f"{field.name}.") for one in mapped):
                continue
            usual = field.usual_column(columns)
            if usual is not None:
                found[field.name] = Reading((usual,), 0, 1)
            elif field.required:
                raise FormatError(
                    f"{name} has no column for “{field.name}”: map one with {field.name}=COLUMN. "
                    f"Its columns are {_listed(columns)}."
                )
        return Columns(found, tuple(columns))

    def target(self, field: str) -> str | None:
        """What is written on the right of a field of its own, or None."""
        return next((entry.target for entry in self.entries if entry.fields == (field,)), None)

    def _mapped(self, columns: Sequence[str], fields: Sequence[Field], name: str) -> dict[str, Reading]:
        known = [field.name for field in fields]
        groups = {field.name for field in fields if field.has_members}
        found: dict[str, Reading] = {}
        for entry in self.entries:
            for part, wanted in enumerate(entry.fields):
                if wanted not in known and wanted.partition(".")[0] not in groups:
                    raise FormatError(
                        f"“{wanted}” is no field of this format: its fields are {', '.join(known)}."
                    )
                if entry.target:
                    found[wanted] = Reading(_resolve(entry.target, columns, name), part, len(entry.fields))
        return found


def _fields_of(left: str) -> tuple[str, ...]:
    """The fields before the sign. A comma belongs to a member's name, unless another member of its field follows.

    So `left,right` and `text.a,text.b` are two fields, and `distribution.yes, mostly` is one.
    """
    fields: list[str] = []
    for part in left.split(","):
        group = fields[-1].partition(".")[:2] if fields else ("", "")
        if group[1] and part.strip().partition(".")[:2] != group:
            fields[-1] += f",{part}"
        else:
            fields.append(part)
    return tuple(field.strip() for field in fields)


@dataclass(frozen=True, slots=True)
class Field:
    """What a format reads: its name, the column names it usually has (lower case), whether it must be there."""

    name: str
    usual: tuple[str, ...] = ()
    required: bool = False
    has_members: bool = False

    def usual_column(self, columns: Sequence[str]) -> str | None:
        """The column that usually means this field, in the order of `usual`."""
        folded = {column.strip().casefold(): column for column in reversed(columns)}
        return next((folded[alias] for alias in self.usual if alias in folded), None)


@dataclass(frozen=True, slots=True)
class Reading:
    """The columns of one field and which part of a split cell it is."""

    columns: tuple[str, ...]
    part: int = 0
    n_parts: int = 1


@dataclass(frozen=True, slots=True)
class Columns:
    """The fields of one file, ready to be read from its rows."""

    readings: MappingOf[str, Reading]
    columns: tuple[str, ...]

    def __contains__(self, field: str) -> bool:
        return field in self.readings

    def of(self, field: str) -> tuple[str, ...]:
        reading = self.readings.get(field)
        return reading.columns if reading is not None else ()

    def members(self, field: str) -> dict[str, str]:
        """`text.premise=a` as {"premise": "a"}."""
        prefix = f"{field}."
        return {
            name.removeprefix(prefix): reading.columns[0]
            for name, reading in self.readings.items()
            if name.startswith(prefix)
        }

    def used(self) -> frozenset[str]:
        return frozenset(column for reading in self.readings.values() for column in reading.columns)

    def text(self, row: Row, field: str) -> str | None:
        """The cell of a field; None where the field has no column or the row lacks all of its columns.

        Raises `CellError` where a split does not yield its parts.
        """
        reading = self.readings.get(field)
        if reading is None:
            return None
        if len(reading.columns) == 1:
            cell = row.cells.get(reading.columns[0])
        else:
            parts = [row.cells.get(column) for column in reading.columns]
            cell = None if all(part is None for part in parts) else JOINT.join(part or "" for part in parts)
        if cell is None or reading.n_parts == 1:
            return cell
        return _split(cell, reading.n_parts, reading.columns[0])[reading.part]

    def required_text(self, row: Row, field: str) -> str:
        """The cell of a field that must not be blank."""
        cell = self.text(row, field)
        if cell is None or not cell.strip():
            columns = self.of(field)
            raise CellError(f"the {field} is missing: every row needs one.", columns[0] if columns else field)
        return cell

    def text_of_all(self, row: Row, field: str) -> str | None:
        """The cell of a field that a file may lack as a whole, None there; where it has a column no cell is blank."""
        if field not in self:
            return None
        cell = self.text(row, field)
        if cell is None or not cell.strip():
            raise CellError(
                f"the {field} is missing: give one in every row, or leave the column out for all rows (--map {field}=).",
                self.of(field)[0],
            )
        return cell

    def value(self, row: Row, field: str) -> Json:
        """What JSON said in an unjoined, unsplit field; the cell elsewhere."""
        reading = self.readings.get(field)
        if reading is None:
            return None
        if len(reading.columns) == 1 and reading.n_parts == 1:
            return row.value(reading.columns[0])
        return self.text(row, field)


def _split(cell: str, n_parts: int, column: str) -> list[str]:
    for splitter in SPLITTERS:
        parts = [part.strip() for part in cell.split(splitter)]
        if len(parts) == n_parts and all(parts):
            return parts
    raise CellError(f"“{cell}” does not split into {n_parts} parts: separate them with a comma.", column)


def _resolve(target: str, columns: Sequence[str], name: str) -> tuple[str, ...]:
    whole = _column(target, columns)
    if whole is not None:
        return (whole,)
    return tuple(_required_column(part, columns, name) for part in target.split("+"))


def _column(wanted: str, columns: Sequence[str]) -> str | None:
    if wanted in columns:
        return wanted
    folded = " ".join(wanted.split()).casefold()
    alike = [column for column in columns if " ".join(column.split()).casefold() == folded]
    return alike[0] if len(alike) == 1 else None


def _required_column(wanted: str, columns: Sequence[str], name: str) -> str:
    column = _column(wanted, columns)
    if column is None:
        near = difflib.get_close_matches(wanted, columns, n=1)
        hint = f" Did you mean “{near[0]}”?" if near else ""
        raise FormatError(f"{name} has no column “{wanted}”.{hint} Its columns are {_listed(columns)}.")
    return column


def _listed(columns: Sequence[str]) -> str:
    shown = ", ".join(f"“{column}”" for column in columns[:20])
    return shown + (f" and {len(columns) - 20} more" if len(columns) > 20 else "")


@dataclass(frozen=True, slots=True)
class CertaintyRange:
    """The scale of a certainty column, mapped to [0, 1]."""

    low: float = 0.0
    high: float = 1.0

    @classmethod
    def parse(cls, text: str) -> CertaintyRange:
        """Read `0:4`. Raises `FormatError` unless two different numbers in order are given."""
        left, _, right = text.partition(":")
        try:
            low, high = float(left), float(right)
        except ValueError:
            raise FormatError(f"“{text}” is no range: write LOW:HIGH, for instance 0:4.") from None
        if not low < high or high - low == float("inf"):
            raise FormatError(
                f"“{text}” is no range: the first number must be below the second, both finite."
            )
        return cls(low, high)

    def share(self, text: str, column: str | None = None) -> float:
        """Where `text` lies in the range, from 0 to 1. Raises `CellError` where it lies outside."""
        try:
            value = float(text)
        except ValueError:
            raise CellError(f"the certainty “{text}” is no number.", column) from None
        if not self.low <= value <= self.high:
            raise CellError(
                f"the certainty “{text}” is outside {self.low:g} to {self.high:g}: "
                "correct it, or say the scale with --certainty-range LOW:HIGH, in the browser the certainty range.",
                column,
            )
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True, slots=True)
class Options:
    """Options of reading labelled data.

    Attributes
    ----------
    task
        The study's: "single", "multilabel" or "ordinal"; None where not known. Label cells of text are split
        at commas in multilabel studies only.
    labels
        The study's labels; needed to read vectors such as [0,1,0].
    certainty_range
        None: the format's own (0:1 unless it says otherwise).
    dataset
        The name that keeps item ids of several files apart; None: from the file name where the format has one.
    """

    task: str | None = None
    labels: tuple[str, ...] = ()
    certainty_range: CertaintyRange | None = None
    dataset: str | None = None

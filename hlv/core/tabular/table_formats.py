"""What all readers share: the shape of a format, the choice of one, rows that fail one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.errors import MAX_QUOTED_CHARACTERS, CellError, FormatError, RowError, cut
from hlv.core.tabular.mapping import Field, Mapping

COLUMNS_NAMED = 20

Source_contra = TypeVar("Source_contra", contravariant=True)
Settings_contra = TypeVar("Settings_contra", contravariant=True)
Read_co = TypeVar("Read_co", covariant=True)
Source = TypeVar("Source")
Settings = TypeVar("Settings")
Read = TypeVar("Read")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Part(Generic[Source_contra]):
    """One of the files of a format.

    `usual_name` is what it is called where it comes from, `holds` what is in it, for a sentence.
    """

    usual_name: str
    holds: str
    is_it: Callable[[Source_contra], bool]
    is_needed: bool = True


class Named(Protocol):
    """A file with the name that people know it by."""

    @property
    def name(self) -> str: ...


def refuse_missing(parts: Sequence[Part[Any]], sources: Sequence[Named]) -> None:
    """Raise `FormatError` where a part that is needed is not among the files."""
    missing = [part for part in parts if part.is_needed and not any(part.is_it(one) for one in sources)]
    if missing:
        brought = ", ".join(source.name for source in sources)
        told = "; ".join(f"{part.usual_name} ({part.holds})" for part in missing)
        are, it = ("is", "it") if len(missing) == 1 else ("are", "them")
        raise FormatError(f"{told} {are} missing: bring {it} together with {brought}.")


def sort_parts(parts: Sequence[Part[Any]], sources: Sequence[Named]) -> list[int]:
    """Places of the files, each of which is another part: the one whose rows are imported comes first.

    Raises
    ------
    FormatError
        A file is no part, two are the same part, or one is missing.
    """
    places: dict[int, int] = {}
    for place, source in enumerate(sources):
        found = next((number for number, part in enumerate(parts) if part.is_it(source)), None)
        if found is None:
            raise FormatError(
                f"{source.name} does not belong to the others: together come {part_names(parts)}. Bring it by itself."
            )
        if found in places:
            raise FormatError(
                f"{sources[places[found]].name} and {source.name} are the same part of one import "
                f"({parts[found].holds}): bring one of them, and the other by itself."
            )
        places[found] = place
    refuse_missing(parts, sources)
    return [places[number] for number in sorted(places)]


def part_names(parts: Sequence[Part[Any]]) -> str:
    """The usual names, for a sentence."""
    *others, last = (part.usual_name for part in parts)
    return f"{', '.join(others)} and {last}" if others else last


@dataclass(frozen=True, slots=True)
class Format(Generic[Source_contra, Settings_contra, Read_co]):
    """One format: how to recognise it and how to read it.

    `parse(sources, mapping, options)` yields records and row errors and raises `FormatError` where a file as a
    whole cannot be read. `sniff(source, mapping)` says whether a file looks like it; the first that does is chosen.
    `parts` are its files, where one file does not say all. `ignored(source, mapping, options, rows)` names the columns
    that are not read, by some or all rows of the file.
    """

    name: str
    title: str
    sniff: Callable[[Source_contra, Mapping], bool]
    parse: Callable[[Sequence[Source_contra], Mapping, Settings_contra], Iterator[Read_co]]
    fields: tuple[Field, ...] = ()
    parts: tuple[Part[Source_contra], ...] = ()
    ignored: Callable[[Source_contra, Mapping, Settings_contra, Iterable[Row | RowError]], list[str]] = (
        lambda *_: []
    )


def choose(
    formats: MappingOf[str, Format[Source, Settings, Read]],
    sources: Sequence[Source],
    *,
    mapping: Mapping,
    name: str | None = None,
) -> Format[Source, Settings, Read]:
    """The format called `name`, or the first that recognises all sources.

    Raises
    ------
    FormatError
        There is no such format, no source, or no format fits.
    """
    if not sources:
        raise FormatError("There is no file to read.")
    if name is not None:
        if name not in formats:
            raise FormatError(f"There is no format “{name}”: there are {', '.join(formats)}.")
        return formats[name]
    for found in formats.values():
        if all(found.sniff(source, mapping) for source in sources):
            return found
    raise FormatError(f"No format fits these files: name one of {', '.join(formats)}, and map the columns.")


def read_records(
    rows: Iterable[Row | RowError], read: Callable[[Row], Iterable[Made]], *, source: str
) -> Iterator[Made | RowError]:
    """Read each row; one that cannot be understood is a `RowError` and the next is tried."""
    for row in rows:
        if isinstance(row, RowError):
            yield row
            continue
        try:
            yield from read(row)
        except CellError as error:
            yield RowError(row.number, error.column, error.sentence, source)


def raw_cells(row: Row) -> tuple[str, ...]:
    """All cells of a row with their columns, flat, for the idempotency key."""
    return tuple(part for column, cell in row.cells.items() for part in (column, cell))


def has_columns(source: RowSource, *columns: str) -> bool:
    return set(columns) <= set(source.columns)


def ignored_notes(ignored: MappingOf[str, Sequence[str]]) -> list[str]:
    """Which columns of which files were not read: {name of a file: columns}."""
    return [
        f"Ignored columns of {name}: {', '.join(f'“{cut(column, MAX_QUOTED_CHARACTERS)}”' for column in columns[:COLUMNS_NAMED])}"
        + (f" and {len(columns) - COLUMNS_NAMED} more." if len(columns) > COLUMNS_NAMED else ".")
        for name, columns in ignored.items()
        if columns
    ]


def encoding_notes(sources: Iterable[RowSource]) -> list[str]:
    """Which files were not read as UTF-8: whoever imports can see that letters came out right."""
    return [
        f"{source.name} was read as {source.encoding}."
        for source in sources
        if not source.encoding.lower().replace("_", "-").startswith(("utf-8", "utf8"))
    ]

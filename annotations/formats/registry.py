"""All formats of labelled data by kind and name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from annotations.formats.errors import FormatError
from annotations.formats.mapping import Field, Mapping
from annotations.formats.options import Options
from annotations.formats.records import ReadLabelled
from annotations.formats.tables import RowSource

Source = TypeVar("Source")
Settings = TypeVar("Settings")
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Format(Generic[Source, Settings, Read]):
    """One format: how to recognise it and how to read it.

    `parse(sources, mapping, options)` yields records and row errors and raises `FormatError` where a file as a
    whole cannot be read. `sniff(source)` says whether a file looks like it; the first that does is chosen.
    """

    name: str
    title: str
    sniff: Callable[[Source], bool]
    parse: Callable[[Sequence[Source], Mapping, Settings], Iterator[Read]]
    fields: tuple[Field, ...] = ()


LabelledFormat: TypeAlias = "Format[RowSource, Options, ReadLabelled]"
FORMATS: dict[str, dict[str, LabelledFormat]] = {"items": {}, "annotations": {}}


def choose(
    formats: MappingOf[str, Format[Source, Settings, Read]],
    sources: Sequence[Source],
    *,
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
        if all(found.sniff(source) for source in sources):
            return found
    raise FormatError(f"No format fits these files: name one of {', '.join(formats)}, and map the columns.")


def parse_labelled(
    kind: str,
    sources: Sequence[RowSource],
    *,
    format_name: str | None = None,
    mapping: Mapping | None = None,
    options: Options | None = None,
) -> Iterator[ReadLabelled]:
    """Read items or annotations ("items", "annotations") from files of one format, found out unless named."""
    found = choose(FORMATS[kind], sources, name=format_name)
    return found.parse(sources, mapping or Mapping(), options or Options())

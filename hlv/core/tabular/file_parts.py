"""Files that belong to one import because none of them says all: which there are, and what to say where one is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from hlv.core.tabular.errors import FormatError

Source_contra = TypeVar("Source_contra", contravariant=True)


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

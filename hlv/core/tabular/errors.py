"""What a file may do wrong, said in words and with the place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

MAX_ROW_ERRORS = 1000
# A sentence quotes the file, whose cells and names may be of any length.
MAX_SENTENCE_CHARACTERS = 1000
# A cell may be a private text: its beginning is enough to find it.
MAX_QUOTED_CHARACTERS = 80
_LONG: Final = 4 * MAX_SENTENCE_CHARACTERS
_QUOTATION_MARKS: Final = re.compile("[“”]")


def cut(text: str, most: int = MAX_SENTENCE_CHARACTERS) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def cut_quotes(sentence: str) -> str:
    """The sentence with each quotation of the file cut to its beginning, then cut as a whole."""
    if len(sentence) <= MAX_QUOTED_CHARACTERS:
        return sentence
    # The middle of a long cell is cut anyway, and its quotation marks are not worth counting.
    rest = sentence if len(sentence) <= _LONG else f"{sentence[: _LONG // 2]}{sentence[-_LONG // 2 :]}"
    parts: list[str] = []
    while (start := rest.find("“")) >= 0:
        end = _end_of_quotation(rest, start)
        parts += (rest[: start + 1], cut(rest[start + 1 : end], MAX_QUOTED_CHARACTERS))
        rest = rest[end:]
    return cut("".join((*parts, rest)))


def _end_of_quotation(text: str, start: int) -> int:
    """The mark that closes the quotation; the cell itself may have such marks, in pairs or not."""
    depth = 0
    for mark in _QUOTATION_MARKS.finditer(text, start):
        depth += 1 if mark.group() == "“" else -1
        if depth == 0:
            return mark.start()
    return max(text.rfind("”"), start + 1)


@dataclass(frozen=True, slots=True)
class RowError:
    """One row that cannot be read: where it stands and what to do about it.

    `row` is counted as a person counts in the file; `column` is None where the whole row is at fault.
    """

    row: int
    column: str | None
    sentence: str
    source: str = ""

    def __post_init__(self) -> None:
        if len(self.sentence) > MAX_QUOTED_CHARACTERS:
            object.__setattr__(self, "sentence", cut_quotes(self.sentence))
        # A file without a header has cells in place of names.
        if self.column is not None and len(self.column) > MAX_QUOTED_CHARACTERS:
            object.__setattr__(self, "column", cut(self.column, MAX_QUOTED_CHARACTERS))

    def __str__(self) -> str:
        place = f"{self.source}, row {self.row}" if self.source else f"row {self.row}"
        if self.column is not None:
            place += f", column “{self.column}”"
        return f"{place}: {self.sentence}"


def sorted_by_row(errors: Iterable[RowError]) -> tuple[RowError, ...]:
    """As somebody who mends a file goes through it, file after file: some faults are found after others below them."""
    found = tuple(errors)
    places = {source: place for place, source in enumerate(dict.fromkeys(one.source for one in found))}
    return tuple(sorted(found, key=lambda one: (places[one.source], one.row)))


class FormatError(ValueError):
    """The file as a whole cannot be read, or too many of its rows cannot."""

    def __init__(self, sentence: str, errors: Iterable[RowError] = ()) -> None:
        self.sentence = cut_quotes(sentence)
        super().__init__(self.sentence)
        self.errors = sorted_by_row(errors)


class CellError(ValueError):
    """One cell cannot be understood; the reader of the row knows where it stands."""

    def __init__(self, sentence: str, column: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.column = column


Key = TypeVar("Key", bound=Hashable)

# A file's number and a row's in one integer: a million of them take a third of what pairs would.
_ROWS_PER_FILE: Final = 1 << 40


class Placed(Protocol):
    """A record that knows its file and its row."""

    @property
    def source(self) -> str: ...

    @property
    def row(self) -> int: ...


class FirstPlaces(Generic[Key]):
    """Remembers the first row of every key, and how often each came again."""

    def __init__(self) -> None:
        self._files: dict[str, int] = {}
        self._first: dict[Key, int] = {}
        self._n_more: Counter[Key] = Counter()

    def earlier_place(self, key: Key, record: Placed) -> str | None:
        """Where the key came first, in words; None now that it does."""
        file = self._files.setdefault(record.source, len(self._files))
        here = file * _ROWS_PER_FILE + record.row
        first = self._first.get(key)
        if first is None:
            self._first[key] = here
            return None
        # Only of those that come again: a file of a million rows has a million keys.
        self._n_more[key] += 1
        if first == here:
            return "another time in the same row"
        first_file, row = divmod(first, _ROWS_PER_FILE)
        if first_file == file:
            return f"in row {row}"
        return f"in {list(self._files)[first_file]}, row {row}"

    def n_more(self, key: Key) -> int:
        """How often it came after the first time."""
        return self._n_more[key]

"""What a file may do wrong, said in words and with the place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MAX_ROW_ERRORS = 1000
# A sentence quotes the file, whose cells and names may be of any length.
MAX_SENTENCE_CHARACTERS = 1000


def cut(text: str, most: int = MAX_SENTENCE_CHARACTERS) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


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
        if len(self.sentence) > MAX_SENTENCE_CHARACTERS or len(self.column or "") > MAX_SENTENCE_CHARACTERS:
            object.__setattr__(self, "sentence", cut(self.sentence))
            object.__setattr__(self, "column", cut(self.column) if self.column is not None else None)

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
        super().__init__(cut(sentence))
        self.sentence = cut(sentence)
        self.errors = sorted_by_row(errors)


class CellError(ValueError):
    """One cell cannot be understood; the reader of the row knows where it stands."""

    def __init__(self, sentence: str, column: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.column = column

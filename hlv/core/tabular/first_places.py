"""Where in the files something was said first: for sentences on rows that say it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import Final, Generic, Protocol, TypeVar

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

    def seen_before(self, key: Key, record: Placed) -> str | None:
        """Where the key came first, in words; None now that it does."""
        file = self._files.setdefault(record.source, len(self._files))
        here = file * _ROWS_PER_FILE + record.row
        first = self._first.setdefault(key, here)
        if key not in self._n_more:
            self._n_more[key] = 0
            return None
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

"""JSON arrays, objects of objects and JSON lines, one element in memory at a time.

The numbers' literal text matters (`1e5`, `0.10`, 19 digits), which event parsers turn into numbers; so
each element is cut out of a growing buffer by the standard decoder with text in place of numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TextIO

from hlv.core.tabular.cells import DECODER, Json, RepeatedKeyError, Row, cell_text, faulty_cell
from hlv.core.tabular.delimited import MAX_COLUMNS
from hlv.core.tabular.errors import FormatError, RowError

KEY_COLUMN = "__key__"
# Far above MAX_CELL_BYTES: a long cell must be read once to be named.
MAX_ELEMENT_CHARACTERS = 8 * 1024 * 1024
MAX_DEPTH = 100
# Of one row, counted by its commas and brackets: a value of three characters takes 70 bytes of memory.
MAX_VALUES = 200_000
_CHUNK = 1 << 18
# A decoder that runs out of text complains at most this far before the end (the escape \uXXXX, -Infinity).
_TRUNCATION_REACH = 16
_TRAILING_COMMA = re.compile(r",\s*[}\]]")
_BLANK = re.compile(r"[ \t\n\r]*")


def describe_json_fault(error: json.JSONDecodeError, line: int, name: str) -> str:
    """Say what is wrong with the JSON and in which line of the file."""
    before = error.doc[: error.pos + 1].rstrip()
    start = max(0, error.pos - 200)
    trailing = _TRAILING_COMMA.search(error.doc, start, error.pos + 2)
    # Python 3.13 names the trailing comma itself.
    said = error.msg.startswith("Illegal trailing comma")
    if said or before.endswith((",}", ",]")) or (trailing and trailing.end() >= error.pos):
        return f"{name}: line {line} has a comma with nothing after it before a closing bracket: remove that comma."
    if error.msg.startswith("Invalid control character"):
        return f"{name}: line {line} has a raw line break or tab inside a JSON text: write \\n or \\t."
    if error.msg.startswith("Unterminated string"):
        return f"{name}: the text that opens in line {line} is never closed: the file may be cut off."
    return f"{name}: line {line} is not valid JSON ({error.msg}): the file may be cut off or edited by hand."


class _Elements:
    """A text stream from which whole JSON values are taken."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._text = ""
        self._at = 0
        self._line = 1
        self._ended = False

    @property
    def line(self) -> int:
        return self._line + self._text.count("\n", 0, self._at)

    def _more(self) -> bool:
        """Read on; False, and nothing moved, at the end of the file."""
        if self._ended:
            return False
        # Doubling keeps the repeated decoding of one long element linear in its length.
        chunk = self._stream.read(max(_CHUNK, len(self._text) - self._at))
        if not chunk:
            self._ended = True
            return False
        self._line += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :] + chunk, 0
        return True

    def peek(self) -> str:
        """The next character that is not blank, or "" at the end."""
        while True:
            found = _BLANK.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def skip(self) -> None:
        self._at += 1

    def take(self) -> Json:
        while True:
            if _has_too_many_values(self._text, self._at):
                raise FormatError(
                    f"{self._name}: what starts in line {self.line} has more than {MAX_VALUES:,} values: give each a "
                    "row of its own."
                )
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._is_cut_off(error) or not self._more():
                    raise FormatError(self._fault(error)) from None
            except RepeatedKeyError as error:
                raise FormatError(
                    f"{self._name}: the object that starts in line {self.line} has the key “{error.key}” twice: "
                    "one of the two would be lost."
                ) from None
            except RecursionError:
                raise FormatError(f"{self._name}: line {self.line} is nested too deep.") from None
            else:
                # A number at the very end may go on in the next chunk.
                if end < len(self._text) or not self._more():
                    self._at = end
                    parsed: Json = value
                    return parsed
            if len(self._text) > MAX_ELEMENT_CHARACTERS:
                raise FormatError(
                    f"{self._name}: what starts in line {self.line} is longer than {MAX_ELEMENT_CHARACTERS:,} "
                    "characters."
                )

    def _is_cut_off(self, error: json.JSONDecodeError) -> bool:
        return error.msg.startswith("Unterminated string") or error.pos >= len(self._text) - _TRUNCATION_REACH

    def _fault(self, error: json.JSONDecodeError) -> str:
        return describe_json_fault(error, self._line + self._text.count("\n", 0, error.pos), self._name)

    def expect_end(self) -> None:
        if self.peek():
            raise FormatError(
                f"{self._name}: line {self.line} goes on after the JSON has ended: is it JSON lines with line breaks?"
            )

    def separator(self, closing: str) -> bool:
        """Take the comma between two elements; False at the closing bracket."""
        found = self.peek()
        self.skip()
        if found == closing:
            return False
        if found == "":
            raise FormatError(
                f"{self._name}: the file ends in line {self.line} without “{closing}”: it is cut off."
            )
        if found != ",":
            raise FormatError(
                f"{self._name}: line {self.line} is not valid JSON: a comma is missing before it."
            )
        # Lines are counted only when there is something to say: counting for each element would be quadratic.
        text, at, line = self._text, self._at, self._line
        if self.peek() == closing:
            line += text.count("\n", 0, at)
            raise FormatError(
                f"{self._name}: line {line} has a comma with nothing after it before a closing bracket: "
                "remove that comma."
            )
        return True


def read_array(stream: TextIO, name: str) -> Iterator[Row | RowError]:
    """Rows of a JSON array of objects, counted from 1."""
    elements = _Elements(stream, name)
    elements.peek()
    elements.skip()
    if elements.peek() == "]":
        return
    number = 0
    while True:
        number += 1
        elements.peek()
        yield value_row(number, elements.take(), name)
        if not elements.separator("]"):
            elements.expect_end()
            return


def read_object(stream: TextIO, name: str) -> Iterator[Row | RowError]:
    """Rows of a JSON object of objects, counted from 1; the key becomes the cell `KEY_COLUMN`."""
    elements = _Elements(stream, name)
    elements.peek()
    elements.skip()
    if elements.peek() == "}":
        return
    number = 0
    seen: set[int] = set()
    while True:
        number += 1
        if elements.peek() != '"':
            raise FormatError(f"{name}: line {elements.line} is not valid JSON: a key in quotes is missing.")
        key = elements.take()
        if elements.peek() != ":":
            raise FormatError(
                f"{name}: line {elements.line} is not valid JSON: a colon after the key is missing."
            )
        elements.skip()
        elements.peek()
        value = elements.take()
        if hash(key) in seen:
            yield RowError(
                number, KEY_COLUMN, f"the key “{key}” stands twice: one of the two would be lost.", name
            )
        elif isinstance(key, str):
            seen.add(hash(key))
            yield value_row(number, value, name, key=key)
        if not elements.separator("}"):
            elements.expect_end()
            return


def read_lines(stream: TextIO, name: str) -> Iterator[Row | RowError]:
    """Rows of JSON lines; a broken line is an error of that line only."""
    number = 0
    while line := stream.readline(MAX_ELEMENT_CHARACTERS):
        number += 1
        if len(line) >= MAX_ELEMENT_CHARACTERS:
            raise FormatError(f"{name}: line {number} is longer than {MAX_ELEMENT_CHARACTERS:,} characters.")
        text = line.strip(" \t\r\n")
        if text:
            yield _row_of_line(number, text, name)


def _has_too_many_values(text: str, at: int = 0) -> bool:
    """Known before they take memory; only a row that is longer than any buffer is counted."""
    if len(text) - at <= 4 * _CHUNK:
        return False
    return sum(text.count(sign, at) for sign in ",[{") > MAX_VALUES


def _row_of_line(number: int, text: str, name: str) -> Row | RowError:
    if _has_too_many_values(text):
        return RowError(
            number, None, f"the row has more than {MAX_VALUES:,} values: give each a row of its own.", name
        )
    try:
        value = DECODER.decode(text)
    except json.JSONDecodeError as error:
        sentence = describe_json_fault(error, number, name).removeprefix(f"{name}: ")
        return RowError(number, None, sentence, name)
    except RepeatedKeyError as error:
        return RowError(number, error.key, "the key stands twice: one of the two would be lost.", name)
    except RecursionError:
        return RowError(number, None, "the line is nested too deep.", name)
    return value_row(number, value, name)


def value_row(number: int, value: Json, name: str, *, key: str | None = None) -> Row | RowError:
    if isinstance(value, str) and value.lstrip()[:1] in {"{", "["}:
        return RowError(
            number, None, "the row is a text that holds JSON: it was encoded twice, so decode it once.", name
        )
    if not isinstance(value, dict):
        return RowError(
            number, None, f"the row is {_noun(value)} where an object with named values is needed.", name
        )
    if len(value) > MAX_COLUMNS:
        return RowError(
            number,
            None,
            f"the row has {len(value):,} values, and at most {MAX_COLUMNS:,} are read: give each a row of its own.",
            name,
        )
    if _is_deeper(value, MAX_DEPTH):
        return RowError(
            number, None, f"the row is nested too deep: at most {MAX_DEPTH} levels are read.", name
        )
    values: dict[str, Json] = value if key is None else {KEY_COLUMN: key, **value}
    cells = {column: cell_text(member) for column, member in values.items()}
    return faulty_cell(number, cells, name) or Row(number, cells, values)


def _is_deeper(value: Json, depth: int) -> bool:
    """By levels, not by calls, of which there may be too many."""
    level: list[Json] = [value]
    for _ in range(depth):
        level = [
            member
            for nested in level
            for member in (
                nested.values() if isinstance(nested, dict) else nested if isinstance(nested, list) else ()
            )
            if isinstance(member, dict | list)
        ]
        if not level:
            return False
    return True


def _noun(value: Json) -> str:
    if isinstance(value, list):
        return "a list"
    return "blank" if value is None else "a single value"

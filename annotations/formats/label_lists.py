"""Lists of labels: one label per line, or a table with a header."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

COLUMNS = ("key", "name", "description", "group")
_LONGEST = {"key": 200, "name": 200, "description": 2000, "group": 100}
_SEPARATORS = "\t;,"


@dataclass(frozen=True)
class ListedLabel:
    name: str
    key: str = ""
    description: str = ""
    group: str = ""


class LabelListError(ValueError):
    """What is wrong with a list, and in which line."""

    def __init__(
        self, kind: Literal["repeated", "too_long", "unnamed", "column"], line: int, name: str = ""
    ) -> None:
        super().__init__(f"line {line}: {kind} {name}".rstrip())
        self.kind, self.line, self.name = kind, line, name


def read_label_list(text: str) -> list[ListedLabel]:
    """The labels of a list, in its order.

    A first line that names columns makes it a table, with a tab, semicolon or comma between cells. Otherwise each line
    is a name; a tab separates it from its description; a line that begins with "#" names the group of the labels
    below it, and "#" alone ends the group. Blank lines are ignored. Raises LabelListError.
    """
    lines = text.splitlines()
    separator = _separator(lines)
    numbered = _of_table(lines, separator) if separator else _of_lines(lines)
    found: dict[str, ListedLabel] = {}
    for line, label in numbered:
        if not label.name:
            raise LabelListError("unnamed", line)
        if any(len(getattr(label, cell)) > most for cell, most in _LONGEST.items()):
            raise LabelListError("too_long", line)
        if label.name in found:
            raise LabelListError("repeated", line, label.name)
        found[label.name] = label
    return list(found.values())


def _separator(lines: list[str]) -> str:
    """What separates the cells of a table with a header; empty where there is no header."""
    first = lines[0] if lines else ""
    for separator in _SEPARATORS:
        cells = [cell.strip().lower() for cell in next(csv.reader([first], delimiter=separator), [])]
        if len(cells) > 1 and {"key", "name"} & set(cells):
            return separator
    return ""


def _of_table(lines: list[str], separator: str) -> Iterator[tuple[int, ListedLabel]]:
    rows = csv.reader([f"{line}\n" for line in lines], delimiter=separator)
    header = [cell.strip().lower() for cell in next(rows)]
    unknown = next((cell for cell in header if cell not in COLUMNS), None)
    if unknown is not None:
        raise LabelListError("column", 1, unknown)
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
        name = cells.get("name") or cells.get("key", "")
        yield (
            rows.line_num,
            ListedLabel(name, cells.get("key", ""), cells.get("description", ""), cells.get("group", "")),
        )


def _of_lines(lines: list[str]) -> Iterator[tuple[int, ListedLabel]]:
    group = ""
    for number, line in enumerate(lines, start=1):
        words = line.strip()
        if words.startswith("#"):
            group = words.lstrip("#").strip()
        elif words:
            name, _tab, description = line.partition("\t")
            yield number, ListedLabel(name.strip(), "", description.strip(), group)

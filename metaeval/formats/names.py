"""Lists and maps of names: methods that are spelled otherwise elsewhere, the items and labels of an array."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection
from pathlib import Path

from hlv.core.tabular.encoding import detect_encoding
from hlv.core.tabular.errors import FormatError


def _text_of(path: Path, name: str | None = None) -> str:
    name = name or path.name
    if not path.is_file():
        raise FormatError(f"There is no file {name}.")
    text = path.read_text(encoding=detect_encoding(path, name=name))
    if not text.strip():
        raise FormatError(f"{name} is empty.")
    return text


def read_name_map(path: Path | str, *, known: Collection[str] = ()) -> dict[str, str]:
    """Method names as {spelled in the file: spelled in the study}.

    The file is a JSON object or has two columns, with or without a header, in either order where `known` names
    (the study's) tell which side is the study's; otherwise the second column is the study's.

    Raises
    ------
    FormatError
        A line has not two names, or a name is mapped to two others.
    """
    path = Path(path)
    pairs = _json_pairs(path) if _text_of(path).lstrip().startswith("{") else _column_pairs(path)
    names: dict[str, str] = {}
    for line, (elsewhere, own) in pairs:
        if elsewhere in known and own not in known:
            elsewhere, own = own, elsewhere
        if names.setdefault(elsewhere, own) != own:
            raise FormatError(f"{path.name}, line {line}: “{elsewhere}” is mapped to two names.")
    return names


def _json_pairs(path: Path) -> list[tuple[int, tuple[str, str]]]:
    try:
        members = json.loads(_text_of(path))
    except json.JSONDecodeError as error:
        raise FormatError(f"{path.name}: line {error.lineno} is not valid JSON ({error.msg}).") from None
    except RecursionError:
        raise FormatError(f"{path.name} is nested too deep: a map of names is an object of texts.") from None
    if not isinstance(members, dict) or not all(isinstance(own, str) for own in members.values()):
        raise FormatError(f"{path.name}: a map of names is an object of texts.")
    return [(number, pair) for number, pair in enumerate(members.items(), start=1)]


def _column_pairs(path: Path) -> list[tuple[int, tuple[str, str]]]:
    lines = _text_of(path).splitlines()
    delimiter = next((one for one in "\t;,=" if all(one in line for line in lines if line.strip())), ",")
    pairs: list[tuple[int, tuple[str, str]]] = []
    for number, record in enumerate(csv.reader(lines, delimiter=delimiter), start=1):
        cells = [cell.strip() for cell in record]
        if not any(cells):
            continue
        if len(cells) != 2 or not all(cells):
            raise FormatError(f"{path.name}, line {number}: a map of names has two names in each line.")
        pairs.append((number, (cells[0], cells[1])))
    return pairs


def read_names(path: Path | str, *, name: str | None = None) -> tuple[str, ...]:
    """Names in order: a JSON list, or one in each line. `name` is what the file is called to people."""
    path = Path(path)
    name = name or path.name
    text = _text_of(path, name)
    if not text.lstrip().startswith("["):
        return tuple(line for line in text.splitlines() if line.strip())
    try:
        names = json.loads(text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        raise FormatError(f"{name}: line {error.lineno} is not valid JSON ({error.msg}).") from None
    except RecursionError:
        raise FormatError(f"{name} is nested too deep: a list of names holds only texts.") from None
    if not all(isinstance(one, str) for one in names):
        raise FormatError(f"{name}: a list of names holds only texts.")
    return tuple(names)

"""How what is kept is written down and compared: identifiers, times and the version masked, numbers to a tolerance."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

RELATIVE, ABSOLUTE = 1e-9, 1e-12
# Digits that are kept of a number: some more than are compared.
DIGITS = 12

_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w])")
_LONG = re.compile(r"-?\d+\.\d{11,}(?:[eE][+-]?\d+)?|-?\d+(?:\.\d+)?[eE][+-]?\d+")
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_MASKS = (
    (re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"), "<identifier>"),
    (re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])"), "<digest>"),
    (re.compile(r"\bdata [0-9a-f]{12}\b"), "data <digest>"),
    (
        re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?Z\b| ?UTC\b|[+-]\d\d:?\d\d)?"),
        "<time>",
    ),
    (re.compile(r"\b\d{4}-\d\d-\d\d\b"), "<day>"),
    (re.compile(rf"\b\d{{1,2}} (?:{_MONTHS}) \d{{4}}\b"), "<day>"),
)
_TEXT = re.compile(r"<(?:text|title|desc)\b[^>]*>(.*?)</(?:text|title|desc)>|aria-label=\"([^\"]*)\"", re.S)
_TAG = re.compile(r"<[^>]+>")


def masked(text: str, *, version: str) -> str:
    text = text.replace(version, "<version>")
    for pattern, word in _MASKS:
        text = pattern.sub(word, text)
    return _LONG.sub(lambda found: f"{float(found[0]):.{DIGITS}g}", text)


def flattened(value: Any, path: str = "") -> Iterator[str]:
    """A line for each leaf of JSON, with the way to it."""
    if isinstance(value, dict) and value:
        # PostgreSQL keeps no order of keys.
        for key, part in sorted(value.items()):
            yield from flattened(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for place, part in enumerate(value):
            yield from flattened(part, f"{path}[{place}]")
    else:
        yield f"{path} = {value!r}"


def words_of_svg(text: str) -> str:
    """What is to be read in a drawing, in its order; where it stands there is not kept."""
    return "\n".join(_TAG.sub("", found[1] or found[2] or "").strip() for found in _TEXT.finditer(text))


@dataclass(frozen=True)
class Difference:
    line: int
    expected: str
    found: str


def differences(expected: str, found: str) -> list[Difference]:
    """Line by line; a line that one lacks is empty there."""
    ones, others = expected.splitlines(), found.splitlines()
    length = max(len(ones), len(others))
    ones += [""] * (length - len(ones))
    others += [""] * (length - len(others))
    return [
        Difference(number, one, other)
        for number, (one, other) in enumerate(zip(ones, others, strict=True), start=1)
        if one != other and not _same_within_tolerance(one, other)
    ]


def _same_within_tolerance(one: str, other: str) -> bool:
    if _NUMBER.split(one) != _NUMBER.split(other):
        return False
    pairs = zip(_NUMBER.findall(one), _NUMBER.findall(other), strict=True)
    return all(math.isclose(float(a), float(b), rel_tol=RELATIVE, abs_tol=ABSOLUTE) for a, b in pairs)

"""JSON from outside, with what would break later refused at once."""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class PlainJSONParser(JSONParser):
    """JSON that can be kept: not nested beyond measure, no key twice, and without halves of characters."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            text = codecs.getreader("utf-8")(stream).read()
            parsed = json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)
            json.dumps(parsed, ensure_ascii=False).encode()
        except RecursionError as error:
            raise ParseError("This JSON is nested too deep.") from error
        except UnicodeEncodeError as error:
            raise ParseError("This JSON holds half a character (a lone surrogate).") from error
        except ValueError as error:
            raise ParseError(f"This is not valid JSON: {error}") from error
        return parsed


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ParseError(f"The key {key!r} is given twice. Give it once.")
        found[key] = value
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")

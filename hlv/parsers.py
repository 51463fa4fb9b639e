"""JSON from outside, with what would break later refused at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class PlainJSONParser(JSONParser):
    """JSON that can be kept: not nested beyond measure, and without halves of characters."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            parsed = super().parse(stream, media_type, parser_context)
            json.dumps(parsed, ensure_ascii=False).encode()
        except RecursionError as error:
            raise ParseError("This JSON is nested too deep.") from error
        except UnicodeEncodeError as error:
            raise ParseError("This JSON holds half a character (a lone surrogate).") from error
        return parsed

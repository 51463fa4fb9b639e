"""JSON from outside that could not be kept is refused before it is read."""

from __future__ import annotations

from io import BytesIO

import pytest
from rest_framework.exceptions import ParseError

from hlv.parsers import PlainJSONParser


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[" * 100_000, "nested too deep"),
        (b'"\\ud800"', "half a character"),
        (b'[{"a": {"b": 1, "c": 2, "b": 1}}]', "The key 'b' is given twice"),
        (b'{"a": NaN}', "NaN is no JSON number"),
        (b'{"a": "\xff"}', "not valid JSON"),
    ],
)
def test_json_that_cannot_be_kept_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        PlainJSONParser().parse(BytesIO(body))


def test_other_json_is_parsed() -> None:
    assert PlainJSONParser().parse(BytesIO('{"a": "é"}'.encode())) == {"a": "é"}

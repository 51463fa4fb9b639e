"""Stored results: typed, with a version; what is newer is refused, what is older is brought up to date."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from hlv.core.stored_results import (
    MalformedResultError,
    NewerResultError,
    dump,
    load,
    plain,
    read,
    stored_as,
)
from hlv.stats.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class Part:
    values: FloatArray
    counts: IntArray
    interval: tuple[float, float] | None = None


@stored_as(
    "measurement",
    lambda content: content | {"name": content["title"]},
    lambda content: content | {"size": 2 * content.get("size", 0)},
)
@dataclass(frozen=True, kw_only=True)
class Measurement:
    name: str
    size: float | None = None
    parts: list[Part] = field(default_factory=list)


@dataclass
class Row:
    result: Any


def make_measurement() -> Measurement:
    part = Part(np.array([0.5, np.nan]), np.array([3, 4]), (0.1, 0.9))
    return Measurement(name="first", size=float("nan"), parts=[part])


def test_a_result_keeps_its_fields_as_keys_with_null_for_what_is_not_finite() -> None:
    assert json.loads(json.dumps(dump(make_measurement()), allow_nan=False)) == {
        "name": "first",
        "size": None,
        "parts": [{"values": [0.5, None], "counts": [3, 4], "interval": [0.1, 0.9]}],
        "schema_version": 2,
    }


def test_what_was_stored_is_read_as_it_was() -> None:
    found = load(Measurement, json.loads(json.dumps(dump(make_measurement()))))
    assert (found.name, found.size) == ("first", None)
    (part,) = found.parts
    np.testing.assert_array_equal(part.values, [0.5, np.nan])
    assert part.counts.dtype == np.int64
    assert part.interval == (0.1, 0.9)


def test_an_older_result_goes_through_the_upgrades_after_its_version() -> None:
    assert load(Measurement, {"title": "old", "size": 2}) == Measurement(name="old", size=4)
    assert load(Measurement, {"name": "later", "size": 2, "schema_version": 1}).size == 4
    assert load(Measurement, {"name": "new", "size": 2, "schema_version": 2}).size == 2


def test_a_newer_result_is_refused_in_a_sentence_that_says_what_to_do() -> None:
    with pytest.raises(NewerResultError) as refused:
        load(Measurement, {"name": "new", "schema_version": 3})
    assert refused.value.sentence == (
        "This measurement was stored by a newer version of HLV (schema 3; this one reads up to 2). Update HLV to read it."
    )


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ({}, "'title'"),
        ({"title": "a", "size": "large"}, "$.size"),
        ({"title": "a", "parts": [{"values": 3, "counts": []}]}, "$.parts[0].values"),
        ({"title": "a", "parts": [{"values": ["x"], "counts": []}]}, "$.parts[0].values"),
        ({"title": "a", "parts": [{"counts": []}]}, "$.parts[0]"),
    ],
)
def test_a_malformed_result_is_refused_with_the_place(content: dict[str, Any], place: str) -> None:
    with pytest.raises(MalformedResultError, match="This stored measurement cannot be read: ") as refused:
        load(Measurement, content)
    assert place in refused.value.sentence
    assert "Compute it again" in refused.value.sentence


def test_a_snapshot_is_read_once_until_its_content_is_another() -> None:
    row = Row(dump(make_measurement()))
    first = read(Measurement, row)
    assert read(Measurement, row) is first
    row.result = {"title": "other"}
    assert read(Measurement, row).name == "other"


def test_what_has_no_place_in_a_result_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="object has no place"):
        plain(object())

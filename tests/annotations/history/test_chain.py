"""A link's keyed hash covers the link before it and all that the link contains."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from annotations.history.chain import link_mac
from annotations.models import HistoryLink

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def link(**more: Any) -> HistoryLink:
    fields: dict[str, Any] = {
        "study_id": 1, "participant_id": 2, "number": 3, "what": "answer", "row": 4, "digest": "aa", "heads": None,
        "at": NOON,
    }  # fmt: skip
    return HistoryLink(**(fields | more))


@pytest.mark.parametrize(
    "change",
    [
        {"study_id": 9}, {"participant_id": None}, {"number": 9}, {"what": "other"}, {"row": 9}, {"digest": "ab"},
        {"heads": {"2": "aa"}}, {"at": NOON + timedelta(microseconds=1)},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_a_change_of_any_field_is_another_hash(change: dict[str, Any]) -> None:
    assert link_mac(link(**change), before="x") != link_mac(link(), before="x")


def test_a_link_depends_on_the_one_before() -> None:
    assert link_mac(link(), before="x") == link_mac(link(), before="x")
    assert link_mac(link(), before="x") != link_mac(link(), before="")


def test_the_zone_of_a_time_does_not_matter() -> None:
    local = NOON.astimezone(timezone(timedelta(hours=3)))
    assert link_mac(link(at=local), before="") == link_mac(link(), before="")


def test_the_hash_needs_the_key_of_the_history(settings: Any) -> None:
    settings.HISTORY_KEY, settings.SECRET_KEY = "", "one"
    of_secret = link_mac(link(), before="")
    settings.SECRET_KEY = "two"
    assert link_mac(link(), before="") != of_secret
    # A key for the history alone lets the other change.
    settings.HISTORY_KEY = "one"
    assert link_mac(link(), before="") == of_secret
    settings.SECRET_KEY = "three"
    assert link_mac(link(), before="") == of_secret

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from annotations.submissions import outcome_step, payload_hash, within

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_digest_does_not_depend_on_the_order_of_fields() -> None:
    assert payload_hash({"reason": "ü", "skipped": True}) == payload_hash({"skipped": True, "reason": "ü"})
    assert payload_hash({"reason": "ü"}) != payload_hash({"reason": "u"})


@pytest.mark.parametrize(
    ("moment", "kept"),
    [(None, None), (NOON - 2 * HOUR, NOON - HOUR), (NOON, NOON), (NOON + 2 * HOUR, NOON + HOUR)],
)
def test_a_moment_outside_its_range_becomes_the_nearest_end(
    moment: datetime | None, kept: datetime | None
) -> None:
    assert within(moment, earliest=NOON - HOUR, latest=NOON + HOUR) == kept


@pytest.mark.parametrize(("share", "step"), [(0.0, 1), (0.2, 1), (0.55, 3), (1.0, 5)])
def test_a_share_is_the_nearest_step_and_never_below_the_first(share: float, step: int) -> None:
    assert outcome_step(share) == step

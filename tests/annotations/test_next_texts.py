"""What a page asks for with an answer: the texts that it has, and the form that it can repeat."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone, translation

from annotations.models import Assignment
from annotations.next_texts import Wanted, form_key, seconds_left
from annotations.services.assigning import MAX_PREFETCHED

SHOWN = uuid4()


def wanted(have: str = "", **more: str) -> Wanted | None:
    return Wanted.from_query({"shown": str(SHOWN), "have": have, **more})


def test_a_page_names_its_text_those_ahead_and_its_form() -> None:
    assert wanted("a,b,,a", form="en-3") == Wanted(SHOWN, frozenset({"a", "b"}), "en-3")
    assert wanted() == Wanted(SHOWN, frozenset(), "")


@pytest.mark.parametrize("query", [{}, {"shown": ""}, {"shown": "the first"}])
def test_a_page_that_names_no_text_asks_for_nothing(query: dict[str, str]) -> None:
    assert Wanted.from_query(query) is None


def test_nobody_has_more_texts_than_can_be_prefetched() -> None:
    names = [f"text-{place}" for place in range(MAX_PREFETCHED + 1)]
    assert wanted(",".join(names[:-1])) is not None
    assert wanted(",".join(names)) is None


def test_a_reply_adds_three_texts_up_to_the_most_ahead() -> None:
    assert Wanted(SHOWN, frozenset(), "").at_most == 3
    assert Wanted(SHOWN, frozenset({"a", "b"}), "").at_most == 5
    full = frozenset(f"text-{place}" for place in range(MAX_PREFETCHED))
    assert Wanted(SHOWN, full, "").at_most == MAX_PREFETCHED


def test_a_form_is_another_after_a_change_and_in_another_language() -> None:
    with translation.override("en"):
        keys = {form_key(None), form_key(1), form_key(2)}
        assert form_key(1) in keys
    with translation.override("ar"):
        assert form_key(1) not in keys
    assert len(keys) == 3


def test_a_lease_that_is_over_has_no_seconds_left() -> None:
    now = timezone.now()
    assert seconds_left(Assignment(lease_until=now - timedelta(minutes=1))) == 0
    assert 3500 < seconds_left(Assignment(lease_until=now + timedelta(hours=1))) <= 3600

"""Verdicts sent by a script."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from metaeval.forms.judging import LONGEST_REASON, VERDICT_WORDS
from metaeval.models import Judgment
from metaeval.serializers import LONGEST_REASON as LONGEST_REASON_OF_SCRIPTS
from metaeval.services.judging import VERDICTS
from tests.metaeval.judging_pages import client_of, send
from tests.metaeval.making import make_shown

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_a_script_stores_once_repeats_as_stored_and_is_refused_another_verdict() -> None:
    shown = make_shown()
    client, key = client_of(shown), str(uuid4())
    payload = {"client_key": key, "verdict": "right", "confidence": 0.6}
    first, repeat = send(client, shown, payload), send(client, shown, payload)
    changed = send(client, shown, payload | {"verdict": "left"})
    other = send(client, shown, {"verdict": "left"})
    assert [response.status_code for response in (first, repeat, changed, other)] == [201, 200, 409, 409]
    assert first.json()["stored"] == repeat.json()["stored"] == other.json()["stored"]
    assert Judgment.objects.count() == 1


def test_a_script_revises_by_naming_what_stands() -> None:
    shown = make_shown()
    client = client_of(shown)
    stored = send(client, shown, {"verdict": "right"}).json()["stored"]["uuid"]
    assert send(client, shown, {"verdict": "both", "replaces": stored}).status_code == 201
    assert send(client, shown, {"verdict": "both", "replaces": str(uuid4())}).status_code == 404
    assert Judgment.objects.get(replaced_by__isnull=True).verdict == "both"


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"verdict": "tie"},
        {"verdict": "cannot"},
        {"verdict": "left", "confidence": 1.5},
        {"verdict": "left", "client_key": "me"},
        {"verdict": "left", "participant": 1},
        {"verdict": "left", "low_is_left": True},
        {"verdict": "left", "active_ms": -1},
    ],
)
def test_what_a_script_may_not_send_is_400(payload: dict[str, Any]) -> None:
    shown = make_shown()
    response = send(client_of(shown), shown, payload)
    assert response.status_code == 400
    assert response.json()["sentence"]
    assert not Judgment.objects.exists()


def test_a_clock_that_runs_ahead_is_not_believed() -> None:
    shown = make_shown()
    ahead = (timezone.now() + timedelta(days=1)).isoformat()
    assert send(client_of(shown), shown, {"verdict": "left", "submitted_at": ahead}).status_code == 201
    assert Judgment.objects.get().submitted_at <= timezone.now()


def test_form_and_script_take_the_same() -> None:
    assert LONGEST_REASON == LONGEST_REASON_OF_SCRIPTS
    assert set(VERDICT_WORDS) == set(VERDICTS)

"""Responses are compressed only where they have no secret and repeat nothing of a request."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hlv.compression import SAFE
from tests.hlv.api.program import Program
from tests.hlv.world import World, make_world
from tests.making import make_items, make_participant, make_person, make_study

pytestmark = pytest.mark.django_db

ACCEPTING = {"accept-encoding": "gzip, br"}
REPEATED = "words-of-the-address"


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


def body(response: Any) -> bytes:
    content: bytes = response.getvalue()
    return gzip.decompress(content) if response.get("Content-Encoding") == "gzip" else content


@pytest.mark.parametrize("name", sorted(SAFE))
def test_what_is_compressed_has_no_token_and_repeats_nothing(world: World, name: str) -> None:
    client = world.clients[world.people["owner"].pk]
    address = f"{reverse(name, kwargs=world.addresses[name])}?asked={REPEATED}"
    response = client.get(address, headers=ACCEPTING | {"referer": f"http://testserver/{REPEATED}"})
    assert response.status_code == 200
    text = body(response).decode(errors="replace")
    assert REPEATED not in text
    assert "csrfmiddlewaretoken" not in text
    assert client.session.session_key not in text


@pytest.mark.parametrize(
    "name", ["studies", "study", "campaign-report", "account", "people", "texts", "item"]
)
def test_pages_are_never_compressed(world: World, name: str) -> None:
    client = world.clients[world.people["owner"].pk]
    response = client.get(reverse(name, kwargs=world.addresses[name]), headers=ACCEPTING)
    assert response.status_code == 200
    assert "Content-Encoding" not in response
    assert b"csrfmiddlewaretoken" in response.content


def test_a_reply_of_the_api_is_compressed_for_a_token_and_not_for_others() -> None:
    study, owner = make_study(), make_person()
    make_participant(study, "owner", user=owner)
    make_items(study, 50)
    program = Program(owner)
    path = f"studies/{study.uuid}/items/"
    plain = program.get(path).getvalue()
    compressed = program.get(path, **ACCEPTING)
    assert compressed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in compressed["Vary"]
    content = compressed.getvalue()
    assert len(content) < len(plain) / 2
    assert gzip.decompress(content) == plain
    assert "Content-Encoding" not in Client().get(f"/api/v1/{path}", headers=ACCEPTING)


def test_a_reply_with_a_secret_is_not_compressed() -> None:
    study, owner = make_study(), make_person()
    make_participant(study, "owner", user=owner)
    program = Program(owner)
    sent = {"role": "judge", "email": "jo@example.org"}
    response = program.post(f"studies/{study.uuid}/invitations/", sent, **ACCEPTING)
    assert (response.status_code, "Content-Encoding" in response) == (201, False)
    assert "/join/" in response.content.decode()

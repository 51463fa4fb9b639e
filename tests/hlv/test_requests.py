"""What may come in with a request, and what may not come out in a log."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from hlv.middleware import WithoutSignInLinks, client_address
from tests.making import make_items, make_participant, make_person, make_seat, make_study

pytestmark = pytest.mark.django_db


def make_signed_in() -> tuple[Client, str]:
    study, person = make_study(), make_person()
    make_items(study)
    seat = make_seat(make_participant(study, user=person))
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client, f"/api/seats/{seat.uuid}/answers/"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("[" * 100_000, "nested too deep"),
        ('{"verdict": "\\ud800"}', "lone surrogate"),
        ('{"\\ud800": 1}', "lone surrogate"),
        ("{", "JSON parse error"),
    ],
)
def test_json_that_cannot_be_kept_is_refused_in_words(body: str, sentence: str) -> None:
    client, address = make_signed_in()
    response = client.post(address, body, "application/json")
    assert response.status_code == 400
    assert sentence in response.content.decode()


def test_a_parameter_that_spells_a_query_is_refused() -> None:
    assert Client().get("/sign-in/?user__email=x").status_code == 400


def test_behind_a_proxy_only_its_own_word_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="1.2.3.4, 5.6.7.8")
    assert client_address(request) == "10.0.0.1"
    monkeypatch.setattr(settings, "BEHIND_PROXY", True)
    assert client_address(request) == "5.6.7.8"


def test_a_sign_in_link_never_stands_in_a_log() -> None:
    record = logging.LogRecord(
        "django.security", 30, "", 0, "Forbidden: %s", ("/sign-in/secret-token/",), None
    )
    assert WithoutSignInLinks().filter(record)
    assert record.getMessage() == "Forbidden: /sign-in/.../"
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["without_links"]


def test_what_the_program_writes_is_its_owners_alone(tmp_path: Path) -> None:
    written = tmp_path / "answers.csv"
    written.write_text("confidential")
    assert written.stat().st_mode & 0o077 == 0

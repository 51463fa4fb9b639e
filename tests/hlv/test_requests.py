"""What may come in with a request, and what may not come out in a log."""

from __future__ import annotations

import logging
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
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
        ("{", "This is not valid JSON"),
    ],
)
def test_json_that_cannot_be_kept_is_refused_in_words(body: str, sentence: str) -> None:
    client, address = make_signed_in()
    response = client.post(address, body, "application/json")
    assert response.status_code == 400
    assert sentence in response.content.decode()


def test_a_script_that_sends_too_much_is_told_so_in_json() -> None:
    client, address = make_signed_in()
    response = client.post(address, '"' + "a" * 3_000_000 + '"', "application/json")
    assert response.status_code == 413
    assert response.json()["sentence"] == "This is more than is taken at once: send at most 2.5 MB."


def test_a_certainty_is_a_number_and_not_a_word() -> None:
    client, address = make_signed_in()
    body = f'{{"client_key": "{uuid4()}", "chosen": {{"housing": true}}}}'
    response = client.post(address, body, "application/json")
    assert response.status_code == 400
    assert "A valid number is required" in response.content.decode()


@pytest.mark.parametrize("too_much", [b"file", b"form"])
@pytest.mark.parametrize(("address", "status"), [("import", 403), ("nowhere", 404)])
def test_a_page_that_says_no_reads_nothing_of_what_was_sent(
    address: str, status: int, too_much: bytes
) -> None:
    """With the cookie of a browser, without which Django looks for no token."""
    person, study = make_person(), make_study()
    make_participant(study, user=person)
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["csrftoken"] = "c" * 32
    place = {"import": f"/studies/{study.uuid}/import/", "nowhere": "/nowhere/"}[address]
    sent = {"file": SimpleUploadedFile("a.csv", b"item\n")} if too_much == b"file" else {"a": "b" * 2_600_000}
    assert client.post(place, sent).status_code == status


def test_a_page_for_a_missing_file_is_not_kept_by_caches() -> None:
    response = Client().get("/static/nowhere.js")
    assert (response.status_code, response.headers["Cache-Control"]) == (404, "no-store, private")


def test_a_parameter_that_spells_a_query_is_refused() -> None:
    assert Client().get("/sign-in/?user__email=x").status_code == 400


def test_behind_a_proxy_only_its_own_word_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="1.2.3.4, 5.6.7.8")
    assert client_address(request) == "10.0.0.1"
    monkeypatch.setattr(settings, "BEHIND_PROXY", True)
    assert client_address(request) == "5.6.7.8"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1.2.3.4:555", "1.2.3.4"),
        ("[2001:db8::7]:555", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("unknown", "10.0.0.1"),
        ("", "10.0.0.1"),
    ],
)
def test_what_a_proxy_writes_is_an_address_or_nothing(
    monkeypatch: pytest.MonkeyPatch, written: str, read: str
) -> None:
    monkeypatch.setattr(settings, "BEHIND_PROXY", True)
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=f"9.9.9.9, {written}")
    assert client_address(request) == read


def test_a_sign_in_link_never_stands_in_a_log() -> None:
    record = logging.LogRecord(
        "django.security", 30, "", 0, "Forbidden: %s", ("/sign-in/secret-token/",), None
    )
    assert WithoutSignInLinks().filter(record)
    assert record.getMessage() == "Forbidden: /sign-in/.../"
    assert "without_links" in settings.LOGGING["handlers"]["console"]["filters"]


def test_what_the_program_writes_is_its_owners_alone(tmp_path: Path) -> None:
    written = tmp_path / "answers.csv"
    written.write_text("confidential")
    assert written.stat().st_mode & 0o077 == 0

"""The security log: what enters it, who reads it, and when it ends."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from annotations.models import SecurityEvent
from annotations.models.security import CONFIRMED
from annotations.services.people import sign_in_person
from annotations.services.security_log import forget_old_events
from hlv.security_log import EVENTS
from tests.conftest import OwnPlace
from tests.hlv.test_access_matrix import NO_PAGES, routes
from tests.hlv.world import bearer
from tests.making import make_items, make_participant, make_person, make_study
from tests.metaeval.making import signed_in

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"  # of a test
What = SecurityEvent.What


def events(**wanted: Any) -> list[str]:
    return [
        f"{one.what}: {one.subject}".rstrip(": ")
        for one in SecurityEvent.objects.filter(**wanted).order_by("pk")
    ]


def sign_in(email: str, password: str, **more: Any) -> Client:
    client = Client(**more)
    client.post("/sign-in/", {"username": email, "password": password})
    return client


def test_sign_ins_failures_and_sign_outs_are_recorded() -> None:
    person = make_person()
    person.set_password(PASSWORD)
    person.save()
    client = sign_in(person.email, "wrong password")
    client.post("/sign-in/", {"username": person.email, "password": PASSWORD})
    client.post("/sign-out/")
    assert events() == ["sign-in failed", "signed in: sign-in", "signed out"]
    failed = SecurityEvent.objects.get(what=What.SIGN_IN_FAILED)
    assert (failed.by, failed.about, failed.network) == (None, person, "127.0.0.1")


def test_what_was_typed_in_a_failed_sign_in_is_not_recorded() -> None:
    sign_in("my-secret@example.org", "x", REMOTE_ADDR="2001:db8::7")
    (row,) = SecurityEvent.objects.values_list("subject", "about", "network")
    assert row == ("", None, "2001:db8::/64")


def test_a_flood_of_failures_does_not_fill_the_log(settings: Any) -> None:
    settings.FAILURE_LIMIT_OF_ADDRESS = 3
    for _ in range(6):
        sign_in("nobody@example.org", "x")
    assert len(events()) == 3


def test_links_rights_exports_and_opened_texts_are_recorded_with_their_study() -> None:
    study = make_study()
    owner, annotator = make_participant(study, "owner"), make_participant(study)
    item = make_items(study, 1)[0]
    client = signed_in(owner)
    client.post(f"/participants/{annotator.uuid}/link/")
    client.get(f"/items/{item.uuid}/answers/")
    client.post(f"/studies/{study.uuid}/bundle/", {"as_of": ""})
    assert events(study=study, by=owner.user) == [
        f"link made: participant-link {annotator.uuid}",
        f"texts or answers opened: watched-item {item.uuid}",
        f"export: bundle {study.uuid}",
    ]


def test_tokens_and_what_a_program_does_with_people_are_recorded() -> None:
    study = make_study()
    owner = make_participant(study, "owner")
    client = signed_in(owner)
    client.post("/account/tokens/", {"name": "notebook", "scopes": ["people"], "days": 90})
    assert owner.user is not None
    token = owner.user.api_tokens.get()
    program = bearer(owner.user)
    client.get(f"/api/v1/studies/{study.uuid}/participants/", headers=program)
    client.post(
        f"/api/v1/studies/{study.uuid}/invitations/",
        {"role": "judge"},
        content_type="application/json",
        headers=program,
    )
    client.post(f"/account/tokens/{token.uuid}/revoke/")
    assert events(by=owner.user) == [
        "signed in",
        "right changed: api-tokens",
        f"texts or answers opened: v1-participants {study.uuid}",
        f"link made: v1-invitations {study.uuid}",
        f"right changed: api-token-revoke {token.uuid}",
    ]


def test_what_was_refused_is_not_recorded_as_done() -> None:
    study = make_study()
    item = make_items(study, 1)[0]
    signed_in(make_participant(study)).get(f"/items/{item.uuid}/answers/")
    assert events(what=What.READ) == []


def test_what_waits_for_the_password_is_not_recorded_as_done() -> None:
    study = make_study()
    owner, annotator = make_participant(study, "owner"), make_participant(study)
    assert owner.user is not None
    owner.user.set_password(PASSWORD)
    owner.user.save()
    client = sign_in(owner.user.email, PASSWORD)
    session = client.session
    session[CONFIRMED] -= 2 * 3600
    session.save()
    assert client.post(f"/participants/{annotator.uuid}/link/")["Location"].startswith("/account/confirm/")
    assert events(what=What.LINK) == []


def test_no_link_is_in_the_log() -> None:
    study = make_study()
    link = sign_in_person(make_participant(study), by=make_person())
    Client().post(link)
    assert link.split("/")[2] not in json.dumps(list(SecurityEvent.objects.values_list("subject", flat=True)))
    assert events() == ["signed in: sign-in-link"]


def test_every_file_is_a_download() -> None:
    parts = {"next-items", "next-pair", "job-progress", "api-job", "figure", "round-figure"}
    files = {page for page in NO_PAGES - parts if not page.startswith("v1")} | {"analysis-file"}
    downloads = {page for (verb, page), what in EVENTS.items() if what == What.DOWNLOAD}
    assert {page for page in downloads if not page.startswith("v1")} == files
    assert {page for _verb, page in EVENTS} <= set(routes())


def test_owners_read_the_events_of_their_study_and_no_others() -> None:
    study, other = make_study(), make_study()
    owner = make_participant(study, "owner")
    for of in (study, other):
        SecurityEvent.objects.create(what=What.EXPORT, study=of, subject=f"of {of.slug}")
    stranger = make_person("Stranger")
    SecurityEvent.objects.create(what=What.SIGNED_IN, by=stranger)
    page = signed_in(owner).get(f"/studies/{study.uuid}/security/").content.decode()
    assert f"of {study.slug}<" in page
    assert f"of {other.slug}<" not in page
    assert "Stranger" not in page
    assert (
        signed_in(make_participant(study, "researcher")).get(f"/studies/{study.uuid}/security/").status_code
        == 403
    )


def test_operators_export_the_log() -> None:
    study = make_study(slug="intake")
    person = make_person(email="lin@example.org")
    SecurityEvent.objects.create(what=What.EXPORT, study=study, by=person, subject="bundle")
    SecurityEvent.objects.create(what=What.SIGNED_IN, by=person, network="192.0.2.1")
    said = StringIO()
    call_command("security_log", stdout=said)
    rows = list(csv.DictReader(said.getvalue().splitlines()))
    assert [(row["event"], row["by"], row["network"]) for row in rows] == [
        ("signed in", "lin@example.org", "192.0.2.1"),
        ("export", "lin@example.org", ""),
    ]
    said = StringIO()
    call_command("security_log", "intake", "--json", stdout=said)
    assert [row["event"] for row in json.loads(said.getvalue())["events"]] == ["export"]


@pytest.mark.embedded
def test_a_command_is_recorded_with_who_ran_it(own_place: OwnPlace) -> None:
    own_place.environment["LOGNAME"] = "operator"
    assert own_place.hlv("create-person", "lin@example.org", "--name", "Lin").returncode == 0
    said = own_place.hlv("security-log", "--json").stdout
    (event,) = json.loads(said)["events"]
    assert (event["event"], event["by"]) == ("command", "operator (command line)")
    assert event["subject"] == "create-person lin@example.org Lin"


def test_events_are_kept_as_long_as_the_setting_says(settings: Any) -> None:
    settings.SECURITY_LOG_DAYS = 30
    for days in (29, 31):
        made = SecurityEvent.objects.create(what=What.SIGNED_IN)
        SecurityEvent.objects.filter(pk=made.pk).update(at=timezone.now() - timedelta(days=days))
    assert forget_old_events() == 1
    assert SecurityEvent.objects.count() == 1

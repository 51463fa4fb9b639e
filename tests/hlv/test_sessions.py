"""Sessions: limits, a list of one's own, the password again before sensitive actions, and cookies."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from annotations.models import BrowserSession, User
from annotations.services.people import sign_in_person
from annotations.views.people import CONFIRMED
from hlv.sessions import SEEN, SIGNED_IN
from tests.making import make_items, make_participant, make_person, make_seat, make_study

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


def make_owner() -> tuple[User, Any]:
    study = make_study()
    owner = make_participant(study, "owner").user
    assert owner is not None
    owner.set_password(PASSWORD)
    owner.save()
    return owner, study


def signed_in_with_password(person: User, **more: Any) -> Client:
    client = Client(**more)
    assert client.post("/sign-in/", {"username": person.email, "password": PASSWORD}).status_code == 302
    return client


def back_in_time(client: Client, name: str, seconds: float) -> None:
    session = client.session
    session[name] -= seconds
    session.save()


@pytest.mark.parametrize(
    ("name", "limit"), [(SEEN, "SESSION_IDLE_SECONDS"), (SIGNED_IN, "SESSION_COOKIE_AGE")]
)
def test_a_session_ends_when_it_was_idle_or_is_old(name: str, limit: str, settings: Any) -> None:
    client = signed_in_with_password(make_owner()[0])
    back_in_time(client, name, getattr(settings, limit) - 60)
    assert client.get("/studies/").status_code == 200
    back_in_time(client, name, 3600 * 24 * 30)
    assert client.get("/studies/").status_code == 302


def test_a_person_lists_their_sessions_and_ends_the_others() -> None:
    owner, _ = make_owner()
    here = signed_in_with_password(owner, HTTP_USER_AGENT="Firefox at work")
    there = signed_in_with_password(owner, HTTP_USER_AGENT="Chromium at home")
    of_another = signed_in_with_password(make_owner()[0])
    page = here.get("/account/").content.decode()
    assert "Firefox at work" in page
    assert "Chromium at home" in page
    assert page.count("this browser") == 1
    assert here.post("/account/sessions/end/").status_code == 302
    assert [client.get("/account/").status_code for client in (here, there, of_another)] == [200, 302, 200]
    assert BrowserSession.objects.filter(user=owner).count() == 1


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox, Windows",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge, Linux",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
            "Safari, iPhone",
        ),
        ("curl/8.0", "curl/8.0"),
    ],
)
def test_a_session_names_its_browser_as_people_do(sent: str, name: str) -> None:
    assert BrowserSession(browser=sent).browser_name == name


def test_a_link_into_one_study_shows_and_ends_no_session() -> None:
    owner, study = make_owner()
    annotator = make_participant(study)
    own = Client(HTTP_USER_AGENT="Firefox at work")
    assert annotator.user is not None
    own.force_login(annotator.user, backend="django.contrib.auth.backends.ModelBackend")
    client = Client()
    client.post(sign_in_person(annotator, by=owner))
    assert "Firefox" not in client.get("/account/").content.decode()
    assert client.post("/account/sessions/end/").status_code == 403
    assert own.get("/account/").status_code == 200


def test_a_sensitive_action_asks_for_the_password_of_who_signed_in_long_ago(settings: Any) -> None:
    owner, study = make_owner()
    annotator = make_participant(study)
    client = signed_in_with_password(owner)
    address, page = f"/participants/{annotator.uuid}/link/", f"/participants/{annotator.uuid}/"
    assert "Send this link now" in client.post(address).content.decode()
    back_in_time(client, CONFIRMED, settings.SECONDS_UNTIL_CONFIRMED_AGAIN)
    asked = client.post(address)
    assert asked["Location"] == f"/account/confirm/?next={page.replace('/', '%2F')}"
    named = client.post(f"/studies/{study.uuid}/bundle/", {"as_of": "", "names": "on"})
    assert named["Location"].startswith("/account/confirm/")
    assert client.post(f"/studies/{study.uuid}/bundle/", {"as_of": ""})["Location"].startswith("/jobs/")
    assert client.post(asked["Location"], {"password": "wrong"}).status_code == 400
    assert client.post(asked["Location"], {"password": PASSWORD})["Location"] == page
    assert "Send this link now" in client.post(address).content.decode()


def test_confirming_never_leads_to_another_host() -> None:
    client = signed_in_with_password(make_owner()[0])
    response = client.post("/account/confirm/?next=https://elsewhere.example/", {"password": PASSWORD})
    assert response["Location"] == "/account/"


def test_signing_out_clears_what_the_browser_cached() -> None:
    client = signed_in_with_password(make_owner()[0])
    assert client.post("/sign-out/")["Clear-Site-Data"] == '"cache"'


def test_strangers_with_many_addresses_cannot_guess_and_lock_nobody_out(settings: Any) -> None:
    settings.FAILURE_LIMIT_OF_ACCOUNT = 6
    owner, _ = make_owner()
    right = {"username": owner.email, "password": PASSWORD}
    signed_in_with_password(owner, REMOTE_ADDR="192.0.2.1")
    for number in range(6):
        Client(REMOTE_ADDR=f"203.0.113.{number}").post("/sign-in/", {**right, "password": "guess"})
    assert Client(REMOTE_ADDR="198.51.100.1").post("/sign-in/", right).status_code == 429
    assert Client(REMOTE_ADDR="192.0.2.1").post("/sign-in/", right).status_code == 302


def test_all_addresses_of_an_ipv6_network_count_as_one(settings: Any) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    owner = make_owner()[0]
    right = {"username": owner.email, "password": PASSWORD}
    for number in range(3):
        Client(REMOTE_ADDR=f"2001:db8::{number + 1}").post("/sign-in/", {**right, "password": "guess"})
    assert Client(REMOTE_ADDR="2001:db8::99").post("/sign-in/", right).status_code == 429
    assert Client(REMOTE_ADDR="2001:db8:0:1::1").post("/sign-in/", right).status_code == 302


def test_a_key_given_twice_is_refused() -> None:
    study = make_study()
    annotator = make_participant(study)
    make_items(study, 1)
    client = Client()
    assert annotator.user is not None
    client.force_login(annotator.user, backend="django.contrib.auth.backends.ModelBackend")
    body = '{"chosen": {"housing": 1}, "skipped": false, "skipped": true}'
    response = client.post(
        f"/api/seats/{make_seat(annotator).uuid}/answers/", body, content_type="application/json"
    )
    assert response.status_code == 400
    assert "given twice" in response.content.decode()


def test_a_person_is_made_known_by_their_session() -> None:
    person = make_person()
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert BrowserSession.objects.get(user=person).session_key == client.session.session_key

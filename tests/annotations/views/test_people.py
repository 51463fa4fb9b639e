"""Signing in, by password and by link, and the account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone

from annotations.models import SignInLink, User
from annotations.services.people import make_sign_in_link
from annotations.views.people import CAME_BY_LINK, SECONDS_TO_SET_A_PASSWORD
from tests.making import make_person

pytestmark = pytest.mark.django_db

PASSWORD = "two lawyers walk home"
NEW = {"new_password1": "another long sentence", "new_password2": "another long sentence"}


def make_person_with_password() -> User:
    person = make_person(email="amira@example.org")
    person.set_password(PASSWORD)
    person.save()
    return person


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_signing_in_leads_to_the_studies(client: Client) -> None:
    make_person_with_password()
    response = client.post("/sign-in/", {"username": " Amira@Example.org ", "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/studies/")


def test_a_wrong_password_says_so_and_keeps_the_address(client: Client) -> None:
    make_person_with_password()
    response = client.post("/sign-in/", {"username": "amira@example.org", "password": "wrong"})
    page = response.content.decode()
    assert "do not belong together" in page
    assert 'value="amira@example.org"' in page
    assert not signed_in(client)


def test_signing_in_never_leads_to_another_host(client: Client) -> None:
    make_person_with_password()
    given = {"username": "amira@example.org", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert client.post("/sign-in/", given)["Location"] == "/studies/"


def test_after_too_many_wrong_passwords_the_page_asks_to_wait(client: Client) -> None:
    make_person_with_password()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        response = client.post("/sign-in/", {"username": "amira@example.org", "password": "wrong"})
    assert response.status_code == 429
    assert "Please wait" in response.content.decode()
    right = client.post("/sign-in/", {"username": "amira@example.org", "password": PASSWORD})
    assert right.status_code == 429


@override_settings(FAILURE_LIMIT_OF_ADDRESS=3)
def test_an_address_that_tries_many_people_is_asked_to_wait(client: Client) -> None:
    make_person_with_password()
    right = {"username": "amira@example.org", "password": PASSWORD}
    for name in ("a", "b", "c"):
        client.post("/sign-in/", {"username": f"{name}@example.org", "password": "Spring-2026"})
    assert client.post("/sign-in/", right).status_code == 429
    elsewhere = Client(REMOTE_ADDR="203.0.113.7")
    assert elsewhere.post("/sign-in/", right).status_code == 302


def test_looking_at_a_link_shows_the_name_and_does_not_use_it_up(client: Client) -> None:
    link = make_sign_in_link(make_person("Amira Haddad"))
    for _ in range(2):
        response = client.get(link)
        assert response.status_code == 200
        assert "Amira Haddad" in response.content.decode()
    assert not signed_in(client)


def test_a_link_signs_in_once(client: Client) -> None:
    link = make_sign_in_link(make_person())
    assert client.post(link)["Location"] == "/studies/"
    assert signed_in(client)
    second = Client()
    assert second.post(link).status_code == 410
    assert not signed_in(second)
    assert "was already used" in second.get(link).content.decode()


def test_a_link_that_signed_in_ends_the_others(client: Client) -> None:
    person = make_person()
    earlier, later, of_another = (make_sign_in_link(one) for one in (person, person, make_person()))
    assert client.post(later).status_code == 302
    assert Client().post(earlier).status_code == 410
    assert Client().post(of_another).status_code == 302


def test_a_link_past_its_time_is_gone(client: Client) -> None:
    link = make_sign_in_link(make_person())
    SignInLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(link).status_code == 410
    assert client.post(link).status_code == 410


def test_signing_out_wants_a_post(client: Client) -> None:
    client.force_login(make_person(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert not signed_in(client)


def test_who_came_by_a_link_sets_a_password_without_the_old_one(client: Client) -> None:
    person = make_person_with_password()
    client.post(make_sign_in_link(person))
    assert client.post("/account/", NEW).status_code == 302
    person.refresh_from_db()
    assert person.check_password("another long sentence")
    assert client.get("/account/").status_code == 200, "still signed in"


def test_who_came_by_a_password_is_asked_for_it(client: Client) -> None:
    person = make_person_with_password()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/account/", NEW).status_code == 400
    assert client.post("/account/", {**NEW, "old_password": PASSWORD}).status_code == 302


def test_the_right_to_do_without_the_old_password_ends(client: Client) -> None:
    person = make_person_with_password()
    client.post(make_sign_in_link(person))
    session = client.session
    session[CAME_BY_LINK] -= SECONDS_TO_SET_A_PASSWORD
    session.save()
    assert client.post("/account/", NEW).status_code == 400
    assert "old_password" in client.get("/account/").content.decode()


@override_settings(AXES_FAILURE_LIMIT=2)
def test_wrong_old_passwords_are_counted_as_at_signing_in(client: Client) -> None:
    person = make_person_with_password()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        response = client.post("/account/", {**NEW, "old_password": "wrong guess"})
    assert response.status_code == 429
    assert client.post("/account/", {**NEW, "old_password": PASSWORD}).status_code == 429
    kept = str(list(AccessAttempt.objects.values()))
    assert "wrong guess" not in kept
    assert NEW["new_password1"] not in kept


def test_a_new_password_ends_the_links_that_wait(client: Client) -> None:
    person, other = make_person_with_password(), make_person()
    client.post(make_sign_in_link(person))
    waiting, of_another = make_sign_in_link(person), make_sign_in_link(other)
    assert client.post("/account/", NEW).status_code == 302
    assert Client().post(waiting).status_code == 410
    assert Client().post(of_another).status_code == 302


def test_a_short_password_is_refused_in_words(client: Client) -> None:
    client.force_login(make_person(), backend="django.contrib.auth.backends.ModelBackend")
    response = client.post("/account/", {"new_password1": "short", "new_password2": "short"})
    assert response.status_code == 400
    assert "at least 12 characters" in response.content.decode()


def test_the_account_wants_somebody_signed_in(client: Client) -> None:
    assert client.get("/account/")["Location"] == "/sign-in/?next=/account/"

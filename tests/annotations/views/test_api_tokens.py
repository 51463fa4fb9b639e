"""A person's tokens in the browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from annotations.models import ApiToken, User
from annotations.services.people import sign_in_person
from annotations.views.people import CONFIRMED
from tests.hlv.test_sessions import back_in_time
from tests.hlv.world import signed_in_as
from tests.making import make_participant, make_person, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
PAGE = "/account/tokens/"


@pytest.fixture
def lin() -> User:
    return make_person("Lin", email="lin@example.org")


def create(client: Client, **given: Any) -> Any:
    return client.post(PAGE, {"name": "notebook", "scopes": ["read"], "days": 30, **given})


def shown_secret(response: Any) -> str:
    return re.findall(r"hlv_[\w-]{40,}", response.content.decode())[0]


def test_a_token_is_shown_once_and_works(lin: User) -> None:
    study = make_study(slug="intake")
    make_participant(study, "owner", user=lin)
    client = signed_in_as(lin)
    secret = shown_secret(create(client, scopes=["read", "jobs"]))
    headers = {"authorization": f"Bearer {secret}"}
    assert [one["slug"] for one in Client().get("/api/v1/studies/", headers=headers).json()] == ["intake"]
    page = client.get(PAGE).content.decode()
    assert "notebook" in page
    assert secret not in page


def test_a_token_for_one_study_opens_that_study_alone(lin: User) -> None:
    studies = [make_study(slug=slug) for slug in ("one", "two")]
    for study in studies:
        make_participant(study, "owner", user=lin)
    secret = shown_secret(create(signed_in_as(lin), studies=["two"]))
    headers = {"authorization": f"Bearer {secret}"}
    assert [one["slug"] for one in Client().get("/api/v1/studies/", headers=headers).json()] == ["two"]


@pytest.mark.parametrize(
    "given", [{"name": ""}, {"scopes": []}, {"scopes": ["all"]}, {"days": 0}, {"days": 400}]
)
def test_what_cannot_be_is_refused(lin: User, given: dict[str, Any]) -> None:
    assert create(signed_in_as(lin), **given).status_code == 400
    assert not ApiToken.objects.exists()


def test_a_study_of_others_cannot_be_chosen(lin: User) -> None:
    make_study(slug="other")
    make_participant(make_study(slug="mine"), "owner", user=lin)
    assert create(signed_in_as(lin), studies=["other"]).status_code == 400
    assert not ApiToken.objects.exists()


def test_a_revoked_token_opens_nothing(lin: User) -> None:
    client = signed_in_as(lin)
    headers = {"authorization": f"Bearer {shown_secret(create(client))}"}
    uuid = ApiToken.objects.get().uuid
    stranger = signed_in_as(make_person("Jo"))
    assert stranger.post(f"{PAGE}{uuid}/revoke/").status_code == 404
    assert Client().get("/api/v1/", headers=headers).status_code == 200
    assert client.post(f"{PAGE}{uuid}/revoke/").status_code == 302
    assert Client().get("/api/v1/", headers=headers).status_code == 401


def test_who_has_a_password_gives_it_again(lin: User, settings: Any) -> None:
    lin.set_password("correct horse battery")
    lin.save()
    client = signed_in_as(lin)
    back_in_time(client, CONFIRMED, settings.SECONDS_UNTIL_CONFIRMED_AGAIN)
    assert create(client)["Location"].startswith("/account/confirm/")
    assert not ApiToken.objects.exists()


def test_a_link_into_one_study_makes_no_tokens(lin: User) -> None:
    annotator = make_participant(make_study(slug="one"), user=lin)
    client = Client()
    client.post(sign_in_person(annotator, by=make_person("Owner")))
    assert create(client).status_code == 403

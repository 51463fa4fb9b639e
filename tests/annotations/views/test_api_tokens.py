"""A person's tokens in the browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from annotations.models import ApiToken, SecurityEvent, Study, User
from annotations.services.api_tokens import create_api_token, revoke_api_token
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
    assert [one["slug"] for one in Client().get("/api/v1/studies/", headers=headers).json()["results"]] == [
        "intake"
    ]
    page = client.get(PAGE).content.decode()
    assert "notebook" in page
    assert secret not in page


def test_a_token_for_one_study_opens_that_study_alone(lin: User) -> None:
    studies = [make_study(slug=slug) for slug in ("one", "two")]
    for study in studies:
        make_participant(study, "owner", user=lin)
    secret = shown_secret(create(signed_in_as(lin), studies=["two"]))
    headers = {"authorization": f"Bearer {secret}"}
    assert [one["slug"] for one in Client().get("/api/v1/studies/", headers=headers).json()["results"]] == [
        "two"
    ]


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


class TestTokensOfAStudy:
    @pytest.fixture
    def jo(self) -> User:
        return make_person("Jo Rao", email="jo@example.org")

    @pytest.fixture
    def study(self, lin: User, jo: User) -> Study:
        study = make_study(slug="intake")
        make_participant(study, "owner", user=lin)
        make_participant(study, "researcher", user=jo)
        return study

    def test_an_owner_sees_the_tokens_that_open_the_study_and_no_others(
        self, study: Study, lin: User, jo: User
    ) -> None:
        other, past = make_study(slug="other"), make_person("Past")
        make_participant(other, "researcher", user=jo)
        make_participant(study, "researcher", user=past)
        study.participants.filter(user=past).update(is_active=False)
        for person, name, studies in (
            (jo, "everywhere", []),
            (jo, "only here", [study]),
            (jo, "only there", [other]),
            (past, "of who left", []),
            (make_person("Stranger"), "of a stranger", []),
        ):
            create_api_token(person, name=name, scopes=["read"], days=1, studies=studies)
        ended, _secret = create_api_token(jo, name="revoked", scopes=["read"], days=1)
        revoke_api_token(ended.uuid)
        page = signed_in_as(lin).get(f"/studies/{study.uuid}/tokens/")
        assert {token.name for token in page.context["page"]} == {"everywhere", "only here"}
        assert "Jo Rao" in page.content.decode()
        Study.objects.filter(pk=study.pk).update(personal_removed_at=timezone.now())
        assert "Jo Rao" not in signed_in_as(lin).get(f"/studies/{study.uuid}/tokens/").content.decode()

    def test_ending_access_closes_this_study_alone(self, study: Study, lin: User, jo: User) -> None:
        other = make_study(slug="other")
        make_participant(other, "researcher", user=jo)
        token, secret = create_api_token(jo, name="notebook", scopes=["read"], days=1)
        headers = {"authorization": f"Bearer {secret}"}
        items = f"/api/v1/studies/{study.uuid}/items/"
        assert Client().get(items, headers=headers).status_code == 200
        owner = signed_in_as(lin)
        assert owner.post(f"/studies/{study.uuid}/tokens/{token.uuid}/end/").status_code == 302
        refused = Client().get(items, headers=headers)
        assert (refused.status_code, refused.json()["detail"]) == (404, "No such study.")
        assert Client().get(f"/api/v1/studies/{other.uuid}/items/", headers=headers).status_code == 200
        listed = Client().get("/api/v1/studies/", headers=headers).content.decode()
        assert "other" in listed
        assert "intake" not in listed
        assert not owner.get(f"/studies/{study.uuid}/tokens/").context["page"].object_list
        assert "Closed by an owner" in signed_in_as(jo).get(PAGE).content.decode()
        assert SecurityEvent.objects.filter(what="right changed", study=study, by=lin).exists()

    def test_an_owner_ends_no_token_of_another_study(self, study: Study, lin: User) -> None:
        stranger = make_person("Stranger")
        make_participant(make_study(slug="other"), "owner", user=stranger)
        token, _secret = create_api_token(stranger, name="x", scopes=["read"], days=1)
        assert signed_in_as(lin).post(f"/studies/{study.uuid}/tokens/{token.uuid}/end/").status_code == 404
        assert not token.closed_studies.exists()


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

"""Sign-in by OpenID Connect, tried against a provider that runs on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import httpx
import pytest
from django.test import Client

from annotations.models import Participant, User
from annotations.services.identity_provider import Identity, RoleOfGroup, person_of_identity
from annotations.services.invitations import Terms, invite, join_as_new_person
from annotations.services.people import PersonRefusedError
from metaeval.models import ResultsSeen
from tests.hlv.test_second_factor import make_protected
from tests.making import make_participant, make_person, make_study
from tests.metaeval.making import make_board, make_ranking_snapshot
from tests.servers import free_port

pytestmark = pytest.mark.django_db

SECONDS_TO_START = 60
LIN = {"sub": "lin-1", "email": "Lin@Example.org", "email_verified": True, "name": "Lin Okafor"}
PEOPLE = (
    {**LIN, "groups": ["judges", "staff"]},
    {**LIN, "sub": "noor-1", "email": "noor@example.org", "email_verified": False},
    {**LIN, "sub": "protected-1", "email": "protected@example.org"},
)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    port = free_port()
    people = [word for one in PEOPLE for word in ("--user-claims", json.dumps(one))]
    program = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--require-nonce", "true"]
    server = subprocess.Popen(
        [*program, "--port", str(port), *people], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/.well-known/openid-configuration", server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            with urlopen(address, timeout=10):
                return
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail("the identity provider does not answer")
            time.sleep(0.1)


@pytest.fixture
def provider(issuer: str, settings: Any) -> Any:
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = issuer, "hlv", "secret"
    return settings


def answer_of_provider(client: Client, subject: str, *, then: str = "") -> str:
    """The path by which the provider leads back, once this person has signed in there."""
    asked = client.get("/sign-in/oidc/", {"next": then})["Location"]
    back = httpx.post(asked, data={"sub": subject}).headers["location"]
    assert back.startswith("http://127.0.0.1:8000/sign-in/oidc/callback/")
    return f"{urlsplit(back).path}?{urlsplit(back).query}"


def come(client: Client, subject: str, *, then: str = "") -> Any:
    return client.get(answer_of_provider(client, subject, then=then))


def test_a_person_comes_by_the_provider_with_a_proven_address(provider: Any) -> None:
    provider.OIDC_ROLES = [("judges", make_study(slug="intake").slug, "judge"), ("boss", "intake", "owner")]
    client = Client()
    assert "/sign-in/oidc/" in client.get("/sign-in/").content.decode()
    assert come(client, "lin-1", then="/account/")["Location"] == "/account/"
    person = User.objects.get(email="lin@example.org")
    assert (person.name, person.has_usable_password()) == ("Lin Okafor", False)
    assert person.address_proven_at is not None
    assert list(person.participations.values_list("role", flat=True)) == ["judge"]
    assert client.get("/account/").status_code == 200


def test_an_address_that_the_provider_has_not_verified_opens_nothing(provider: Any) -> None:
    client = Client()
    assert come(client, "noor-1")["Location"] == "/sign-in/"
    assert "has not verified" in client.get("/sign-in/").content.decode()
    assert not User.objects.filter(email="noor@example.org").exists()


def test_an_answer_that_was_not_asked_for_opens_nothing(provider: Any) -> None:
    theirs = answer_of_provider(Client(), "lin-1")
    for client, path in (
        (Client(), theirs),
        (Client(), "/sign-in/oidc/callback/?code=a&state=b"),
        (Client(), "/sign-in/oidc/callback/?error=access_denied"),
    ):
        assert client.get(path)["Location"] == "/sign-in/"
        assert client.get("/account/").status_code == 302
    assert not User.objects.exists()


def test_an_answer_works_once(provider: Any) -> None:
    client = Client()
    path = answer_of_provider(client, "lin-1")
    assert client.get(path)["Location"] == "/studies/"
    client.post("/sign-out/")
    assert client.get(path)["Location"] == "/sign-in/"


def test_the_provider_never_leads_to_another_host(provider: Any) -> None:
    assert come(Client(), "lin-1", then="https://elsewhere.example/")["Location"] == "/studies/"


def test_a_second_factor_of_this_program_is_asked_for_all_the_same(provider: Any) -> None:
    person, _ = make_protected()
    User.objects.filter(pk=person.pk).update(email="protected@example.org")
    client = Client()
    assert come(client, "protected-1")["Location"] == "/sign-in/code/"
    assert client.get("/studies/").status_code == 302


def test_a_provider_that_does_not_answer_is_told_in_a_sentence(settings: Any) -> None:
    settings.OIDC_ISSUER = f"http://127.0.0.1:{free_port()}"
    settings.OIDC_CLIENT_ID = settings.OIDC_CLIENT_SECRET = "x"
    client = Client()
    assert client.get("/sign-in/oidc/")["Location"] == "/sign-in/"
    assert "did not succeed" in client.get("/sign-in/").content.decode()


def test_without_a_provider_there_is_no_button(settings: Any) -> None:
    assert "oidc" not in Client().get("/sign-in/").content.decode()


IDENTITY = Identity(
    subject="https://id.example lin-1", email="lin@example.org", is_verified=True, name="Lin", groups=()
)


def test_an_account_follows_the_subject_and_not_the_address() -> None:
    known = make_person("Lin Okafor", email="lin@example.org")
    assert person_of_identity(IDENTITY) == known
    assert person_of_identity(replace(IDENTITY, email="new@example.org")) == known
    with pytest.raises(PersonRefusedError, match="belongs to another person"):
        person_of_identity(replace(IDENTITY, subject="https://id.example other"))


def test_an_account_that_somebody_made_under_an_unproven_address_is_not_opened() -> None:
    invitation, _link = invite(make_study(), terms=Terms("annotator"), by=make_person())
    join_as_new_person(invitation, email="lin@example.org", name="Mallory", password="quiet-harbour-41")
    with pytest.raises(PersonRefusedError, match="may have registered your address"):
        person_of_identity(IDENTITY)


def test_a_closed_account_stays_closed() -> None:
    person = person_of_identity(IDENTITY)
    User.objects.filter(pk=person.pk).update(is_active=False)
    with pytest.raises(PersonRefusedError, match="closed"):
        person_of_identity(IDENTITY)


def test_roles_follow_the_groups_and_the_only_owner_stays() -> None:
    study = make_study(slug="intake")
    roles = [RoleOfGroup("owners", "intake", "owner"), RoleOfGroup("readers", "intake", "annotator")]
    given = make_participant(study, "researcher", user=person_of_identity(IDENTITY))
    person = person_of_identity(replace(IDENTITY, groups=["owners", "readers"]), roles)
    assert active_roles(person) == ["annotator", "owner", "researcher"]
    person_of_identity(IDENTITY, roles)
    assert active_roles(person) == ["owner", "researcher"]
    make_participant(study, "owner")
    person_of_identity(IDENTITY, roles)
    assert active_roles(person) == ["researcher"], "what people gave here stays"
    assert given.is_active


def active_roles(person: User) -> list[str]:
    held = Participant.objects.filter(user=person, is_active=True)
    return sorted(held.values_list("role", flat=True))


def test_a_group_makes_nobody_judge_after_seeing_results() -> None:
    campaign = make_board()
    make_ranking_snapshot(campaign)
    slug = campaign.study.slug
    roles = [RoleOfGroup("researchers", slug, "researcher"), RoleOfGroup("judges", slug, "judge")]
    person = person_of_identity(replace(IDENTITY, groups=["researchers"]), roles)
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/campaigns/{campaign.uuid}/results/").status_code == 200
    assert ResultsSeen.objects.filter(user=person, campaign=campaign).exists()
    person_of_identity(replace(IDENTITY, groups=["judges"]), roles)
    assert "You have seen results" in client.get(f"/campaigns/{campaign.uuid}/judge/").content.decode()

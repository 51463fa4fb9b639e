"""An attacker who registers the address of another person, for tests."""

from __future__ import annotations

from django.test import Client

from annotations.models import Participant, Study, User
from annotations.services.invitations import Terms, invite
from tests.making import make_participant, make_study
from tests.metaeval.making import signed_in

VICTIM = "victim@example.org"
PASSWORD = "quiet-harbour-41"
NEW = {"new_password1": "another long sentence", "new_password2": "another long sentence"}


def owner_of(study: Study) -> User:
    found = study.participants.filter(role="owner").first()
    user = (found or make_participant(study, "owner")).user
    assert user is not None
    return user


def open_invitation(study: Study, *, role: str = "annotator", email: str = "") -> str:
    return invite(study, terms=Terms(role=role), by=owner_of(study), email=email)[1]


def register(link: str, email: str = VICTIM) -> Client:
    """Somebody without an account opens the link and writes this address."""
    client = Client()
    form = {"name": "Vera Victim", "email": email, "password": PASSWORD, "again": PASSWORD}
    assert client.post(link, form).status_code == 302
    return client


def squat(email: str = VICTIM) -> tuple[Client, Study]:
    study = make_study(name="The squatter's study")
    return register(open_invitation(study), email), study


def squatter_of(study: Study) -> Participant:
    return study.participants.get(role="annotator", number=1)


def link_in(said: str) -> str:
    return "/" + said.split()[-1].split("/", 3)[3]


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def gains_nothing(client: Client, study: Study) -> bool:
    """The study is no more than a stranger's to them, and no study can be made."""
    return (
        client.get(f"/studies/{study.uuid}/").status_code in (302, 404)
        and client.get(f"/studies/{study.uuid}/people/").status_code in (302, 404)
        and client.get("/studies/new/").status_code in (302, 403)
    )


def may_sign_in(password: str) -> bool:
    return Client().post("/sign-in/", {"username": VICTIM, "password": password}).status_code == 302


def link_of_owner(study: Study) -> str:
    page = signed_in(owner_of(study)).post(f"/participants/{squatter_of(study).uuid}/link/")
    assert page.status_code == 200
    return "/sign-in/" + page.content.decode().split("/sign-in/")[1].split("<")[0]

"""Somebody registers another's address by an invitation that names none: no role or right comes to them by it."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client, override_settings

from annotations.models import Participant, SignInLink, Study, User
from annotations.selectors.answers import current_answers
from annotations.services.annotating import Answer, record_annotation
from annotations.services.people import make_sign_in_link
from annotations.services.studies import deactivate_participant
from tests.hlv.commands import refusal, run
from tests.hlv.takeover import (
    NEW,
    PASSWORD,
    VICTIM,
    gains_nothing,
    is_signed_in,
    link_in,
    link_of_owner,
    may_sign_in,
    open_invitation,
    owner_of,
    register,
    squat,
    squatter_of,
)
from tests.hlv.world import bearer
from tests.making import make_items, make_person, make_seat, make_study
from tests.metaeval.making import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_no_study_is_made_with_an_owner_whose_address_is_not_proven() -> None:
    attacker, _ = squat()
    assert "hlv create-person victim@example.org" in refusal("create-study", "secret", "--owner", VICTIM)
    assert not Study.objects.filter(slug="secret").exists()
    assert attacker.get("/studies/new/").status_code == 403


@pytest.mark.parametrize("role", list(Participant.Role))
def test_no_role_is_added_to_an_address_that_is_not_proven(role: str) -> None:
    attacker, _ = squat()
    study = make_study(slug="secret", owner=make_person())
    assert "is not proven" in refusal("add-participant", "secret", "Victim@Example.org", "--role", role)
    assert gains_nothing(attacker, study)


@pytest.mark.parametrize("words", [("--may-create-studies",), ("--name", "Vera V.")])
def test_no_right_and_no_name_is_given_to_an_address_that_is_not_proven(words: tuple[str, ...]) -> None:
    attacker, study = squat()
    assert "is not proven" in refusal("create-person", VICTIM, *words)
    assert gains_nothing(attacker, make_study())
    assert str(squatter_of(study).user) == "Vera Victim"
    assert not SignInLink.objects.exists()


def test_an_owner_does_not_reactivate_who_has_not_proven_the_address() -> None:
    attacker, study = squat()
    squatter, owner = squatter_of(study), owner_of(study)
    assert squatter.user is not None
    deactivate_participant(study, user=squatter.user)
    client = signed_in(owner)
    address = f"/participants/{squatter.uuid}/"
    page = client.get(address).content.decode()
    assert 'value="reactivate"' not in page
    assert "Invite this person again" in page
    refused = client.post(address, {"do": "reactivate", "group": "", "quota": ""})
    assert refused.status_code == 400
    assert "is not proven" in refused.content.decode()
    assert attacker.get(f"/studies/{study.uuid}/").status_code == 404
    # As the page says.
    assert attacker.post(open_invitation(study)).status_code == 302
    assert attacker.get(f"/studies/{study.uuid}/").status_code == 200


def test_who_may_create_studies_since_before_makes_none_until_the_address_is_proven() -> None:
    attacker, study = squat()
    user = squatter_of(study).user
    User.objects.filter(email=VICTIM).update(may_create_studies=True)
    form = {
        "name": "Secret", "slug": "secret", "task": "none", "time_zone": "UTC", "answers_wanted": 3, "order": "fixed",
        "assignment": "breadth", "labels-TOTAL_FORMS": 0, "labels-INITIAL_FORMS": 0,
    }  # fmt: skip
    page = attacker.post("/studies/new/", form)
    assert page.status_code == 400
    assert "is not proven" in page.content.decode()
    assert user is not None
    assert not Study.objects.filter(slug="secret").exists()


def test_what_a_person_has_already_is_changed_without_proof() -> None:
    _, study = squat()
    said = run("add-participant", study.slug, VICTIM, "--role", "annotator", "--quota", "20", "--json")
    assert json.loads(said)["quota"] == 20


def answer_as_squatter(study: Study) -> None:
    make_items(study, 2)
    record_annotation(
        assignment=make_seat(squatter_of(study)), client_key=uuid4(), answer=Answer(chosen={"housing": 0.8})
    )


def test_a_proven_address_is_reclaimed_and_the_attacker_has_nothing_of_what_comes_after() -> None:
    attacker, theirs = squat()
    answer_as_squatter(theirs)
    squatter = squatter_of(theirs)
    waiting = make_sign_in_link(User.objects.get(email=VICTIM))
    lets_in = link_of_owner(theirs)
    said = run("create-person", VICTIM)
    assert "Give roles after that" in said
    victim = Client()
    page = victim.get(link_in(said)).content.decode()
    assert "Proof of your address" in page
    assert not any(secret in page for secret in ("Vera Victim", theirs.name, "Annotator"))
    # A button of another page, or a program that follows links, settles nothing.
    assert victim.post(link_in(said)).status_code == 200
    assert is_signed_in(attacker)
    assert victim.post(link_in(said), {"do": "new"})["Location"] == "/account/"

    assert not is_signed_in(attacker)
    assert not may_sign_in(PASSWORD)
    assert [Client().post(link).status_code for link in (waiting, lets_in, link_in(said))] == [410] * 3
    assert victim.post("/account/", NEW).status_code == 302
    assert may_sign_in(NEW["new_password1"])

    run("create-study", "secret", "--owner", VICTIM)
    run("add-participant", "secret", VICTIM, "--role", "researcher")
    run("create-person", VICTIM, "--may-create-studies", "--name", "Vera V.")
    secret = Study.objects.get(slug="secret")
    assert victim.get(f"/studies/{secret.uuid}/people/").status_code == 200
    assert victim.get("/studies/new/").status_code == 200
    assert gains_nothing(attacker, secret)
    assert gains_nothing(attacker, theirs)

    # What the other answered stays theirs, counts, and is closed to who has the address now.
    squatter.refresh_from_db()
    assert current_answers(theirs).get().participant == squatter
    assert str(squatter.user) == "Vera Victim"
    assert victim.get(f"/studies/{theirs.uuid}/answers/").status_code == 404
    assert [line["study"] for line in victim.get("/studies/").context["lines"]] == [secret]


def test_a_reclaimed_address_is_told_to_those_who_run_the_other_study_and_not_to_whom_it_belongs() -> None:
    _, study = squat()
    link = link_in(run("create-person", VICTIM))
    Client().post(link, {"do": "new"})
    kept = study.changes.filter(subject="Annotator 1").first()
    assert kept is not None
    assert kept.after == "address released; signed out everywhere, password ended"
    assert kept.by is None
    client = signed_in(owner_of(study))
    people = client.get(f"/studies/{study.uuid}/people/").content.decode()
    shown = client.get(f"/participants/{squatter_of(study).uuid}/").content.decode()
    assert "no address" in people
    assert "somebody else has proven" in shown
    listed = json.loads(run("participants", study.slug, "--json"))["participants"]
    assert [row["email"] for row in listed if row["role"] == "annotator"] == [""]
    assert not any("released.invalid" in page for page in (people, shown, run("participants", study.slug)))


def test_who_lost_a_mistaken_address_is_let_in_again_by_the_owner_of_their_study_alone() -> None:
    _, study = squat()
    Client().post(link_in(run("create-person", VICTIM)), {"do": "new"})
    client = Client()
    assert client.post(link_of_owner(study)).status_code == 302
    assert client.get(f"/studies/{study.uuid}/answers/").status_code == 200
    assert client.post("/account/", NEW).status_code == 403
    assert "released.invalid" not in client.get("/account/").content.decode()
    squatter = squatter_of(study)
    assert squatter.user is not None
    deactivate_participant(study, user=squatter.user)
    page = signed_in(owner_of(study)).post(
        f"/participants/{squatter.uuid}/", {"do": "reactivate", "group": "", "quota": ""}
    )
    assert "no longer has an address" in page.content.decode()


def test_who_knows_the_password_keeps_the_account_with_its_answers() -> None:
    earlier, study = squat()
    answer_as_squatter(study)
    link, client = link_in(run("create-person", VICTIM)), Client()
    wrong = client.post(link, {"do": "keep", "old_password": "a wrong guess"})
    assert wrong.status_code == 400
    assert not is_signed_in(client)
    assert client.post(link, {"do": "keep", "old_password": PASSWORD})["Location"] == "/account/"
    assert not is_signed_in(earlier)
    assert not may_sign_in(PASSWORD)
    assert client.post("/account/", NEW).status_code == 302
    assert client.get(f"/studies/{study.uuid}/answers/").status_code == 200
    run("create-study", "theirs", "--owner", VICTIM)
    assert client.get(f"/studies/{Study.objects.get(slug='theirs').uuid}/people/").status_code == 200
    kept = study.changes.filter(subject="Annotator 1").first()
    assert kept is not None
    assert (kept.after, kept.by) == (
        "address proven; signed out everywhere, password ended",
        squatter_of(study).user,
    )


@override_settings(AXES_FAILURE_LIMIT=2)
def test_guesses_at_the_password_of_the_account_are_counted() -> None:
    squat()
    link, client = link_in(run("create-person", VICTIM)), Client()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        page = client.post(link, {"do": "keep", "old_password": "a wrong guess"})
    assert page.status_code == 429
    assert client.post(link, {"do": "keep", "old_password": PASSWORD}).status_code == 429


def test_an_operator_who_knows_the_person_keeps_their_account_and_nobody_stays_in_it() -> None:
    attacker, study = squat()
    waiting = make_sign_in_link(User.objects.get(email=VICTIM))
    link = link_in(run("create-person", VICTIM, "--same-person", "--name", "Vera V.", "--may-create-studies"))
    run("create-study", "secret", "--owner", VICTIM)
    assert not is_signed_in(attacker)
    assert not may_sign_in(PASSWORD)
    assert Client().post(waiting).status_code == 410
    client = Client()
    assert client.post(link)["Location"] == "/studies/"
    assert client.get(f"/studies/{study.uuid}/answers/").status_code == 200
    kept = study.changes.filter(subject="Annotator 1").first()
    assert kept is not None
    assert kept.after == "account kept; signed out everywhere, password ended"


def test_same_person_changes_nothing_where_the_address_is_proven() -> None:
    client = Client()
    client.post(link_in(run("create-person", VICTIM)))
    client.post("/account/", NEW)
    assert "keeps the account" not in run("create-person", VICTIM, "--same-person")
    assert is_signed_in(client)
    assert may_sign_in(NEW["new_password1"])


def test_roles_wait_for_no_link_where_nobody_else_made_the_account() -> None:
    link = link_in(run("create-person", VICTIM))
    run("create-study", "theirs", "--owner", VICTIM)
    # Nor does anybody make it in the meantime.
    page = Client().post(
        open_invitation(make_study()),
        {"name": "Vera Victim", "email": VICTIM, "password": PASSWORD, "again": PASSWORD},
    )
    assert page.status_code == 400
    assert "ask the operator" in page.content.decode()
    client = Client()
    assert client.post(link)["Location"] == "/studies/"
    assert User.objects.get(email=VICTIM).address_proven_at is not None
    assert client.get(f"/studies/{Study.objects.get(slug='theirs').uuid}/people/").status_code == 200


def test_an_address_of_an_invitation_counts_in_its_own_study_alone() -> None:
    """Its owner could have opened the link, and would hold whatever is given to the address elsewhere."""
    study, other = make_study(slug="theirs"), make_study(slug="secret", owner=make_person())
    client = register(open_invitation(study, email=VICTIM))
    run("add-participant", "theirs", VICTIM, "--role", "judge")
    assert "is not proven" in refusal("add-participant", "secret", VICTIM, "--role", "judge")
    assert "is not proven" in refusal("create-person", VICTIM, "--may-create-studies")
    assert gains_nothing(client, other)
    assert (
        "address not proven"
        not in signed_in(owner_of(study)).get(f"/studies/{study.uuid}/people/").content.decode()
    )


def test_a_link_of_an_owner_proves_nothing() -> None:
    client, study = squat()
    assert Client().post(link_of_owner(study)).status_code == 302
    assert "is not proven" in refusal("create-study", "secret", "--owner", VICTIM)
    assert is_signed_in(client)


@pytest.mark.parametrize("how", ["new", "keep", "--same-person"])
def test_no_api_token_from_before_the_proof_opens_anything(how: str) -> None:
    squat()
    token = bearer(User.objects.get(email=VICTIM))
    assert Client().get("/api/v1/studies/", headers=token).status_code == 200
    if how == "--same-person":
        run("create-person", VICTIM, how)
    else:
        Client().post(link_in(run("create-person", VICTIM)), {"do": how, "old_password": PASSWORD})
    assert Client().get("/api/v1/studies/", headers=token).status_code == 401

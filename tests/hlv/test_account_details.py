"""A person changes their own name and address."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from annotations.models import SecurityEvent, StudyChange, User
from annotations.models.people import visible_name
from annotations.policy import needs_proof
from annotations.services.people import make_sign_in_link, sign_in_person
from annotations.services.studies import StudyRefusedError, add_participant
from annotations.views.people import CONFIRMED
from tests.hlv.commands import run
from tests.hlv.test_sessions import PASSWORD, back_in_time, make_owner, signed_in_with_password
from tests.making import make_participant, make_person, make_study

PAGE = "/account/details/"

pytestmark = pytest.mark.django_db


def changed(client: Client, *, name: str = "Lin Wei", email: str = "lin@example.org") -> Any:
    return client.post(PAGE, {"name": name, "email": email})


@pytest.mark.both_databases
def test_who_changes_name_and_address_signs_in_with_them_and_keeps_every_role() -> None:
    owner, study = make_owner()
    old = owner.email
    client = signed_in_with_password(owner)
    assert client.get(PAGE).context["form"].initial == {"name": owner.name, "email": old}
    assert changed(client, email=" Lin@Example.org ")["Location"] == "/account/"
    owner.refresh_from_db()
    assert (owner.name, owner.email) == ("Lin Wei", "lin@example.org")
    assert client.get(f"/studies/{study.uuid}/").status_code == 200
    assert Client().post("/sign-in/", {"username": old, "password": PASSWORD}).status_code == 200
    signed_in_with_password(owner)


def test_another_name_alone_leaves_the_address_proven_and_its_links_open() -> None:
    owner, _ = make_owner()
    Client().post(make_sign_in_link(owner))
    link = make_sign_in_link(owner)
    changed(signed_in_with_password(owner), email=owner.email)
    owner.refresh_from_db()
    assert owner.name == "Lin Wei"
    assert owner.address_proven_at is not None
    assert Client().get(link).status_code == 200


def test_a_new_address_gets_no_right_until_its_person_proves_it() -> None:
    owner, _ = make_owner()
    elsewhere = make_study()
    changed(signed_in_with_password(owner))
    owner.refresh_from_db()
    assert needs_proof(owner)
    with pytest.raises(StudyRefusedError, match="is not proven"):
        add_participant(elsewhere, user=owner, role="annotator")
    page = Client().get(make_sign_in_link(owner))
    assert "people/confirm_address.html" in [template.name for template in page.templates]
    # Who has the new address and knows nothing of this account gets one of their own.
    Client().post(make_sign_in_link(owner), {"do": "new"})
    owner.refresh_from_db()
    assert owner.address_released_at is not None
    add_participant(elsewhere, user=User.objects.get(email="lin@example.org"), role="annotator")


def test_who_proves_a_new_address_with_the_password_keeps_the_account() -> None:
    owner, _ = make_owner()
    changed(signed_in_with_password(owner))
    Client().post(make_sign_in_link(owner), {"do": "keep", "old_password": PASSWORD})
    owner.refresh_from_db()
    assert not needs_proof(owner)


def test_operators_keep_an_account_whose_address_changed() -> None:
    owner, _ = make_owner()
    changed(signed_in_with_password(owner))
    run("create-person", "lin@example.org", "--same-person")
    owner.refresh_from_db()
    assert not needs_proof(owner)


def test_links_for_the_earlier_address_end() -> None:
    owner, _ = make_owner()
    link = make_sign_in_link(owner)
    changed(signed_in_with_password(owner))
    assert Client().get(link).status_code == 410


def test_the_address_of_another_account_is_refused_and_nothing_changes() -> None:
    owner, _ = make_owner()
    other = make_person()
    page = changed(signed_in_with_password(owner), email=other.email.upper())
    assert page.status_code == 400
    assert "Another account has this address." in page.content.decode()
    assert User.objects.get(pk=owner.pk).name == owner.name


def test_the_change_is_in_the_logs_without_the_addresses() -> None:
    owner, study = make_owner()
    changed(signed_in_with_password(owner))
    change = StudyChange.objects.filter(study=study).latest("pk")
    assert (change.after, change.by) == ("address changed", owner)
    assert SecurityEvent.objects.filter(what="name or address changed", by=owner).count() == 1
    assert not StudyChange.objects.filter(after__icontains="lin@example.org").exists()


def test_the_password_is_asked_for_again_after_a_while(settings: Any) -> None:
    owner, _ = make_owner()
    client = signed_in_with_password(owner)
    back_in_time(client, CONFIRMED, settings.SECONDS_UNTIL_CONFIRMED_AGAIN)
    assert changed(client)["Location"].startswith("/account/confirm/")
    assert User.objects.get(pk=owner.pk).email == owner.email


def test_a_link_into_one_study_changes_neither() -> None:
    owner, study = make_owner()
    annotator = make_participant(study)
    assert annotator.user is not None
    client = Client()
    client.post(sign_in_person(annotator, by=owner))
    assert client.get(PAGE).status_code == 403
    assert changed(client).status_code == 403
    assert PAGE not in client.get("/account/").content.decode()


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("  Lin \t Wei\n", "Lin Wei"),
        ("\u202eLin\u200b Wei\u2069", "Lin Wei"),
        ("مه\u200cسا", "مه\u200cسا"),
        ("\u200dLin\u200c", "Lin"),
        ("\u200d\u200c", ""),
        ("\u3164\u2800", ""),
        ("\u0301\u0302", ""),
        ("e\u0301", "é"),
        ("李", "李"),
    ],
)
def test_a_name_is_what_can_be_seen_of_it(written: str, seen: str) -> None:
    assert visible_name(written) == seen


def test_a_name_that_nobody_can_see_is_refused() -> None:
    owner, _ = make_owner()
    page = changed(signed_in_with_password(owner), name="\u200d\u3164")
    assert page.status_code == 400
    assert "only characters that nobody can see" in page.content.decode()
    assert not make_person("\u200d\u3164").name

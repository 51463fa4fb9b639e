"""Spellings of an address, and attackers at the same moment as its owner."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from annotations.models import Invitation, Participant, User
from annotations.models.people import normal_email
from annotations.services.invitations import InvitationRefusedError, Terms, invite, join_as_new_person
from annotations.services.people import keep_account
from tests.at_once import at_once
from tests.hlv.commands import refusal, run
from tests.hlv.takeover import (
    NEW,
    PASSWORD,
    VICTIM,
    is_signed_in,
    link_in,
    open_invitation,
    owner_of,
    squat,
    squatter_of,
)
from tests.making import make_participant, make_person, make_study
from tests.metaeval.making import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.mark.parametrize(
    "written", ["  Victim@Example.ORG ", "victim@exam\u200bple.org", "victim@ｅｘａｍｐｌｅ.org"]
)
def test_an_address_in_another_spelling_is_the_same_address(written: str) -> None:
    squat(written)
    assert "is not proven" in refusal("create-study", "secret", "--owner", VICTIM)
    again = {"name": "Vera Victim", "email": VICTIM, "password": PASSWORD, "again": PASSWORD}
    assert "Sign in first" in Client().post(open_invitation(make_study()), again).content.decode()


def test_forms_of_one_letter_and_both_spellings_of_a_domain_are_one_address() -> None:
    spelled = ["v@ex\u00e4mple.org", "V@EXA\u0308MPLE.org", "v@xn--exmple-cua.org"]
    assert {normal_email(one) for one in spelled} == {spelled[0]}
    assert {make_person(email=one).pk for one in spelled} == {User.objects.get(email=spelled[0]).pk}


@given(st.text() | st.tuples(st.text(max_size=6), st.text(max_size=8)).map("@".join))
def test_an_address_in_its_one_spelling_stays_as_it_is(written: str) -> None:
    assert normal_email(normal_email(written)) == normal_email(written)


def test_only_who_sees_names_sees_whose_address_is_not_proven() -> None:
    _, study = squat()
    proven = make_participant(study)
    researcher = make_participant(study, "researcher")
    address = f"/studies/{study.uuid}/people/"
    page = signed_in(owner_of(study)).get(address).content.decode()
    assert page.count("address not proven") == 1
    assert "address not proven" not in signed_in(researcher).get(address).content.decode()
    shown = signed_in(owner_of(study)).get(f"/participants/{squatter_of(study).uuid}/").content.decode()
    assert "The address is not proven" in shown
    assert f"{VICTIM} (not proven)" in " ".join(run("participants", study.slug).split())
    listed = json.loads(run("participants", study.slug, "--json"))["participants"]
    assert {row["pseudonym"]: row["address_proven"] for row in listed if row["role"] == "annotator"} == {
        "Annotator 1": False,
        proven.pseudonym: True,
    }


class EndsAccessMeanwhile:
    """A validator of passwords: the operator keeps the account while a new password is looked at."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None:
            raise ValidationError("Nobody asks.")
        keep_account(VICTIM)

    def get_help_text(self) -> str:
        return ""


def test_a_password_that_was_on_its_way_is_not_set_after_access_ended() -> None:
    attacker, _ = squat()
    validators = [{"NAME": f"{__name__}.{EndsAccessMeanwhile.__name__}"}]
    with override_settings(AUTH_PASSWORD_VALIDATORS=validators):
        attacker.post("/account/", {"old_password": PASSWORD, **NEW})
    assert not is_signed_in(attacker)
    assert not User.objects.get(email=VICTIM).has_usable_password()
    assert User.objects.get(email=VICTIM).joined_by is None


def test_a_released_address_is_never_called_proven() -> None:
    person = make_person()
    refused = transaction.atomic()
    with pytest.raises(Exception, match="user_released_address_is_not_proven"), refused:
        User.objects.filter(pk=person.pk).update(
            address_proven_at=timezone.now(), address_released_at=timezone.now()
        )


@pytest.mark.django_db(transaction=True)
def test_of_an_operator_and_an_attacker_at_the_same_moment_no_role_comes_to_the_attacker() -> None:
    invitations = [
        invite(study, terms=Terms("annotator"), by=owner_of(study))[0]
        for study in (make_study() for _ in range(4))
    ]

    def act(index: int) -> str:
        try:
            if index % 2:
                run("create-study", f"secret-{index}", "--owner", VICTIM)
            else:
                join_as_new_person(
                    Invitation.objects.get(pk=invitations[index // 2].pk),
                    email=VICTIM,
                    name="Vera Victim",
                    password=PASSWORD,
                )
        except (InvitationRefusedError, CommandError) as refused:
            return str(refused)
        return "done"

    said = at_once(8, act)
    person = User.objects.get(email=VICTIM)
    n_owned = Participant.objects.filter(user=person, role="owner").count()
    assert (n_owned, person.joined_by is None) in ((0, False), (4, True)), said


@pytest.mark.django_db(transaction=True)
def test_of_many_who_open_a_proof_at_once_one_gets_an_account() -> None:
    _, study = squat()
    link = link_in(run("create-person", VICTIM))

    def open_link(_: int) -> int:
        return Client().post(link, {"do": "new"}).status_code

    assert sorted(at_once(6, open_link)) == [302, *[410] * 5]
    assert User.objects.filter(email=VICTIM).count() == 1
    assert User.objects.filter(address_released_at__isnull=False).count() == 1
    assert not Participant.objects.filter(study=study, user__email=VICTIM).exists()

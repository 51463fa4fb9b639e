"""One link, many hands at the same moment: one person gets in."""

from __future__ import annotations

import pytest

from annotations.models import Invitation, User
from annotations.services.invitations import (
    InvitationRefusedError,
    Terms,
    accept_invitation,
    invite,
    join_as_new_person,
)
from tests.at_once import at_once
from tests.making import make_participant, make_person, make_study

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

N_THREADS = 8


def make_invitation() -> Invitation:
    study = make_study()
    owner = make_participant(study, "owner").user
    assert owner is not None
    return invite(study, terms=Terms("annotator"), by=owner)[0]


def test_of_many_who_accept_at_once_one_takes_part() -> None:
    invitation = make_invitation()
    people = [make_person() for _ in range(N_THREADS)]

    def accept(index: int) -> str:
        try:
            accept_invitation(Invitation.objects.get(pk=invitation.pk), person=people[index])
        except InvitationRefusedError as refused:
            return str(refused)
        return "in"

    said = at_once(N_THREADS, accept)
    assert said.count("in") == 1
    assert all("already accepted" in one for one in said if one != "in")
    assert invitation.study.participants.filter(role="annotator").count() == 1


def test_a_form_of_somebody_new_sent_many_times_at_once_makes_one_account() -> None:
    invitation = make_invitation()

    def join(_: int) -> str:
        try:
            join_as_new_person(
                Invitation.objects.get(pk=invitation.pk),
                email="salma@example.org",
                name="Salma Idris",
                password="quiet-harbour-41",
            )
        except InvitationRefusedError as refused:
            return str(refused)
        return "in"

    said = at_once(N_THREADS, join)
    assert said.count("in") == 1
    assert User.objects.filter(email="salma@example.org").count() == 1
    assert invitation.study.participants.filter(role="annotator").count() == 1

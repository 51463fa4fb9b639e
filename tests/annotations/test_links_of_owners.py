"""A sign-in link that an owner makes for somebody of the study: it leads there, once, and nowhere else."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from annotations.models import Participant, SignInLink, StudyChange, User
from annotations.services.invitations import Terms, invite
from annotations.services.people import PersonRefusedError, make_sign_in_link, sign_in_person
from annotations.services.studies import deactivate_participant
from tests.annotations.views.test_people import NEW, make_person_with_password
from tests.making import make_participant, make_person, make_study

pytestmark = pytest.mark.django_db


def make_lawyer(*, user: User | None = None) -> tuple[User, Participant]:
    """The owner of a study, and a lawyer in it."""
    study = make_study()
    owner = make_participant(study, "owner").user
    assert owner is not None
    return owner, make_participant(study, user=user)


def ask_for_link(owner: User, lawyer: Participant) -> str:
    client = Client()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    page = client.post(f"/participants/{lawyer.uuid}/link/").content.decode()
    found = re.search(r"<code dir=.ltr.>https?://[^/]+(/sign-in/[^<]+)</code>", page)
    assert found is not None
    return found[1]


def come_in(link: str, client: Client | None = None) -> Client:
    client = client or Client()
    assert client.post(link).status_code == 302
    return client


def test_an_owner_makes_a_link_that_works_once_and_is_written_down() -> None:
    owner, lawyer = make_lawyer()
    link = ask_for_link(owner, lawyer)
    client = come_in(link)
    assert client.get(f"/studies/{lawyer.study.uuid}/").status_code == 200
    assert Client().post(link).status_code == 410
    kept = StudyChange.objects.filter(study=lawyer.study, subject=lawyer.pseudonym).order_by("pk")
    assert [(change.after, change.by) for change in kept][-2:] == [
        ("sign-in link made, for 24 hours", owner),
        ("signed in by a link", lawyer.user),
    ]


def test_a_new_link_ends_the_one_before_and_none_that_leads_further() -> None:
    owner, lawyer = make_lawyer()
    assert lawyer.user is not None
    first, whole = ask_for_link(owner, lawyer), make_sign_in_link(lawyer.user)
    second = ask_for_link(owner, lawyer)
    assert Client().post(first).status_code == 410
    come_in(second)
    come_in(whole)


@pytest.mark.parametrize("role", ["owner", "researcher"])
def test_nobody_is_let_in_with_the_powers_of_those_who_run_the_study(role: str) -> None:
    owner, lawyer = make_lawyer()
    link = ask_for_link(owner, lawyer)
    make_participant(lawyer.study, role, user=lawyer.user)
    with pytest.raises(PersonRefusedError, match="annotators and judges"):
        sign_in_person(lawyer, by=owner)
    # Nor by a link of before.
    assert Client().post(link).status_code == 410


def test_a_link_ends_with_the_role() -> None:
    owner, lawyer = make_lawyer()
    link = ask_for_link(owner, lawyer)
    assert lawyer.user is not None
    deactivate_participant(lawyer.study, user=lawyer.user)
    assert Client().post(link).status_code == 410


def test_a_link_sets_no_first_password() -> None:
    owner, lawyer = make_lawyer()
    client = come_in(ask_for_link(owner, lawyer))
    assert client.post("/account/", NEW).status_code == 403
    lawyer.user = User.objects.get(pk=lawyer.user_id)
    assert not lawyer.user.has_usable_password()


def test_a_link_does_not_change_a_password_that_is_not_known() -> None:
    person = make_person_with_password()
    owner, lawyer = make_lawyer(user=person)
    client = come_in(ask_for_link(owner, lawyer))
    assert client.post("/account/", NEW).status_code == 400
    assert User.objects.get(pk=person.pk).password == person.password


def test_a_link_takes_up_no_invitation_elsewhere() -> None:
    owner, lawyer = make_lawyer()
    _invitation, invited = invite(make_study(), terms=Terms(role="annotator"), by=make_person())
    client = come_in(ask_for_link(owner, lawyer))
    assert client.post(invited).status_code == 409
    assert lawyer.user is not None
    assert lawyer.user.participations.count() == 1


def test_who_was_signed_in_keeps_what_they_had_and_a_link_of_their_own_gives_all() -> None:
    owner, lawyer = make_lawyer()
    assert lawyer.user is not None
    other = make_participant(make_study(), user=lawyer.user).study
    client = come_in(make_sign_in_link(lawyer.user))
    come_in(ask_for_link(owner, lawyer), client)
    assert client.get(f"/studies/{other.uuid}/").status_code == 200
    bound = come_in(ask_for_link(owner, lawyer))
    assert bound.get(f"/studies/{other.uuid}/").status_code == 404
    come_in(make_sign_in_link(lawyer.user), bound)
    assert bound.get(f"/studies/{other.uuid}/").status_code == 200


def test_the_page_says_why_there_is_no_link() -> None:
    owner, _lawyer = make_lawyer()
    client = Client()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    mine = Participant.objects.get(user=owner)
    page = client.get(f"/participants/{mine.uuid}/").content.decode()
    assert "Ask the operator for their sign-in link" in page
    assert client.post(f"/participants/{mine.uuid}/link/", follow=True).status_code == 200
    assert not SignInLink.objects.exists()

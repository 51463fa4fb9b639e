"""Links by which people come to a study: for one person, once, for a time."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from annotations.models import Invitation, Participant, Study, User
from annotations.services.invitations import (
    InvitationRefusedError,
    Terms,
    accept_invitation,
    invitation_with_token,
    invite,
    renew_invitation,
    withdraw_invitation,
)
from annotations.services.studies import deactivate_participant
from tests.making import make_participant, make_person, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

PASSWORD = "quiet-harbour-41"
NEWCOMER = {"name": "Salma Idris", "email": "salma@example.org", "password": PASSWORD, "again": PASSWORD}


def owner_of(study: Study) -> User:
    user = make_participant(study, Participant.Role.OWNER).user
    assert user is not None
    return user


def make_invitation(*, role: str = "annotator", email: str = "") -> tuple[Invitation, str]:
    study = make_study(name="Areas of law")
    terms = Terms(role=role, group="bar", quota=20)
    return invite(study, terms=terms, by=owner_of(study), email=email, note="the colleague from Aden")


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_only_a_fingerprint_of_the_link_is_kept() -> None:
    invitation, link = make_invitation()
    token = link.split("/")[2]
    row = {str(value) for value in Invitation.objects.values().get(pk=invitation.pk).values()}
    assert not any(token in value for value in row)
    assert invitation_with_token(token) == invitation


def test_somebody_new_gets_an_account_the_role_and_a_password() -> None:
    invitation, link = make_invitation()
    client = Client()
    assert "You are invited to take part as annotator" in client.get(link).content.decode()
    response = client.post(link, NEWCOMER, follow=True)
    assert "Welcome. You take part as annotator." in response.content.decode()
    joined = invitation.study.participants.get(role="annotator")
    assert joined.user is not None
    assert (joined.user.email, joined.user.name, joined.group, joined.quota) == (
        "salma@example.org",
        "Salma Idris",
        "bar",
        20,
    )
    signing_in = {"username": "salma@example.org", "password": PASSWORD}
    assert Client().post("/sign-in/", signing_in)["Location"] == "/studies/"
    invitation.refresh_from_db()
    assert (invitation.state, invitation.participant) == ("used", joined)


def test_who_is_signed_in_gets_the_role_beside_those_held() -> None:
    invitation, link = make_invitation(role="judge")
    person = make_participant(make_study(), "annotator").user
    assert person is not None
    assert signed_in(person).post(link).status_code == 302
    assert invitation.study.participants.get(role="judge").user == person


@pytest.mark.parametrize(
    ("role", "closed"),
    [("annotator", "its progress, and its export"), ("judge", "its progress, its results")],
)
def test_who_runs_the_study_is_told_what_the_role_closes_before_taking_it(role: str, closed: str) -> None:
    invitation, link = make_invitation(role=role)
    owner = invitation.created_by
    assert owner is not None
    assert closed in signed_in(owner).get(link).content.decode()
    assert "You run this study" not in signed_in(make_person()).get(link).content.decode()


def test_a_link_never_opens_an_account_that_is_there() -> None:
    person = make_person(email="salma@example.org")
    invitation, link = make_invitation(email="salma@example.org")
    client = Client()
    page = client.post(link, NEWCOMER)
    assert page.status_code == 400
    assert "Sign in first" in page.content.decode()
    assert "_auth_user_id" not in client.session
    person.refresh_from_db()
    assert not person.has_usable_password()
    invitation.refresh_from_db()
    assert invitation.state == "open"


def test_an_invitation_to_an_address_is_for_nobody_else() -> None:
    invitation, link = make_invitation(email="salma@example.org")
    page = signed_in(make_person(email="other@example.org")).post(link)
    assert page.status_code == 409
    assert "This invitation is for salma@example.org" in page.content.decode()
    # Another address in the form is not taken.
    Client().post(link, {**NEWCOMER, "email": "other2@example.org"})
    joined = invitation.study.participants.get(role="annotator").user
    assert joined is not None
    assert joined.email == "salma@example.org"


def test_a_link_that_works_no_more_says_why() -> None:
    used, used_link = make_invitation()
    accept_invitation(used, person=make_person())
    withdrawn, withdrawn_link = make_invitation()
    withdraw_invitation(withdrawn, by=make_person())
    late, late_link = make_invitation()
    past = timezone.now() - timedelta(days=3)
    Invitation.objects.filter(pk=late.pk).update(created_at=past, expires_at=past + timedelta(days=1))
    for link, sentence in (
        (used_link, "was already accepted"),
        (withdrawn_link, "withdrew this invitation"),
        (late_link, "invitation has expired"),
        ("/join/nobody-knows-this/", "No invitation has this link"),
    ):
        for page in (Client().get(link), Client().post(link, NEWCOMER), signed_in(make_person()).post(link)):
            assert page.status_code == 410
            assert sentence in page.content.decode()
    assert User.objects.filter(email="salma@example.org").count() == 0


def test_a_new_link_ends_the_one_before() -> None:
    invitation, link = make_invitation()
    newer = renew_invitation(invitation, by=make_person())
    assert Client().get(link).status_code == 410
    assert Client().get(newer).status_code == 200


def test_who_has_the_role_does_not_use_the_link_up() -> None:
    invitation, link = make_invitation()
    held = make_participant(invitation.study)
    assert held.user is not None
    page = signed_in(held.user).post(link)
    assert f"in this study as {held.pseudonym}" in page.content.decode()
    assert invitation_with_token(link.split("/")[2]).state == "open"  # type: ignore[union-attr]


def test_who_had_left_comes_back_under_the_same_pseudonym() -> None:
    invitation, link = make_invitation()
    held = make_participant(invitation.study)
    assert held.user is not None
    deactivate_participant(invitation.study, user=held.user)
    signed_in(held.user).post(link)
    held.refresh_from_db()
    assert (held.is_active, held.group) == (True, "bar")


def test_one_of_two_that_accept_gets_the_role() -> None:
    invitation, _link = make_invitation()
    accept_invitation(invitation, person=make_person())
    with pytest.raises(InvitationRefusedError, match="already accepted"):
        accept_invitation(invitation, person=make_person())
    assert invitation.study.participants.filter(role="annotator").count() == 1


def form_of(client: Client, address: str, **given: object) -> dict[str, object]:
    key = re.search(r'name="key" value="([^"]+)"', client.get(address).content.decode())
    assert key is not None
    return {"key": key[1], "role": "annotator", "days": 14, "group": "", "quota": "", "whom": "x"} | given


def test_a_form_sent_twice_invites_once_and_its_last_links_work() -> None:
    study = make_study()
    client, address = signed_in(owner_of(study)), f"/studies/{study.uuid}/invitations/"
    form = form_of(client, address, whom="salma@example.org\nthe colleague from Aden\n")
    pages = [client.post(address, form).content.decode() for _ in range(2)]
    assert study.invitations.count() == 2
    first, second = (re.findall(r"<code>http[^<]*?(/join/[^<]+/)</code>", page) for page in pages)
    assert [Client().get(link).status_code for link in first] == [410, 410]
    assert [Client().get(link).status_code for link in second] == [200, 200]
    # The same form with other words in it is another invitation.
    client.post(address, form | {"whom": "somebody else"})
    assert study.invitations.count() == 3


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"whom": "salma@example"}, "is not an e-mail address"),
        ({"whom": "a@example.org\nA@example.org"}, "stands there twice"),
        ({"whom": "x\n" * 101}, "100 lines at most"),
        ({"quota": "0"}, "greater than or equal to 1"),
        ({"days": "91"}, "less than or equal to 90"),
        ({"role": "guest"}, "guest is not one of the available choices"),
    ],
)
def test_what_cannot_be_offered_is_said_and_nobody_is_invited(given: dict[str, str], sentence: str) -> None:
    study = make_study()
    client, address = signed_in(owner_of(study)), f"/studies/{study.uuid}/invitations/"
    page = client.post(address, form_of(client, address, **given))
    assert page.status_code == 400
    assert sentence in page.content.decode()
    assert study.invitations.count() == 0


def test_the_list_of_invitations_costs_the_same_however_many(django_assert_num_queries: object) -> None:
    study = make_study()
    owner = owner_of(study)
    client = signed_in(owner)
    counts = []
    for _ in range(2):
        for _ in range(15):
            invitation, _link = invite(study, terms=Terms(role="annotator"), by=owner, uuid=uuid4())
        accept_invitation(invitation, person=make_person())
        with django_assert_num_queries(counts[0] if counts else 7) as counted:  # type: ignore[operator]
            assert client.get(f"/studies/{study.uuid}/invitations/").status_code == 200
        counts.append(len(counted))


def test_an_invitation_is_never_deleted_and_never_leads_elsewhere() -> None:
    invitation, _link = make_invitation()
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        invitation.delete()
    stranger = make_participant(make_study())
    with pytest.raises(IntegrityError, match="belong to one study"), transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk).update(participant=stranger, used_at=timezone.now())
    with pytest.raises(IntegrityError, match="invitation_is_used_by_somebody"), transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk).update(used_at=timezone.now())


def test_the_change_log_keeps_no_address_and_no_note() -> None:
    """It is never erased, and addresses and notes of invitations are."""
    study = make_study()
    made, _link = invite(
        study, terms=Terms(role="judge"), by=owner_of(study), email="vera@example.org", note="Vera V."
    )
    change = study.changes.get(subject__startswith="judge")
    assert change.subject == f"judge · {str(made.uuid)[:8]}"

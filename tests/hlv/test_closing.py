"""Closing an account, erasure of a person, and retention per study."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from annotations.migrations import _erasure
from annotations.models import (
    Annotation,
    Draft,
    Invitation,
    Participant,
    SecurityEvent,
    Study,
    User,
)
from annotations.services.annotating import Answer, record_annotation
from annotations.services.closing import (
    ClosingRefusedError,
    close_account,
    erase_closed_accounts,
    reopen_account,
)
from annotations.services.invitations import Terms, invite
from annotations.services.people import make_sign_in_link
from annotations.services.retention import remove_due_personal_content, schedule_removal
from annotations.tasks import tidy_up
from metaeval.models import Judgment
from tests.hlv.commands import refusal, run
from tests.hlv.logged_study import make_logged_study, past_the_guards
from tests.hlv.test_check_log_command import checked
from tests.hlv.test_sessions import PASSWORD, make_owner, signed_in_with_password
from tests.making import make_items, make_participant, make_person, make_seat, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def days_pass(person: User, days: int) -> None:
    User.objects.filter(pk=person.pk).update(closed_at=timezone.now() - timedelta(days=days))


def make_annotator_with_password() -> Participant:
    annotator = make_participant(make_study())
    assert annotator.user is not None
    annotator.user.set_password(PASSWORD)
    annotator.user.save()
    return annotator


def person_of(participant: Participant) -> User:
    assert participant.user is not None
    return participant.user


def test_a_person_closes_their_account_with_their_password_and_is_out() -> None:
    annotator = make_annotator_with_password()
    person = person_of(annotator)
    here, there = signed_in_with_password(person), signed_in_with_password(person)
    link = make_sign_in_link(person)
    assert here.post("/account/close/", {"password": "wrong"}).status_code == 400
    assert here.get("/studies/").status_code == 200
    assert here.post("/account/close/", {"password": PASSWORD})["Location"] == "/sign-in/"
    assert [client.get("/studies/").status_code for client in (here, there)] == [302, 302]
    assert Client().post("/sign-in/", {"username": person.email, "password": PASSWORD}).status_code == 200
    assert Client().post(link).status_code == 410
    annotator.refresh_from_db()
    assert not annotator.is_active
    assert SecurityEvent.objects.filter(what="account closed", by=person).count() == 1


def test_a_link_into_one_study_closes_no_account() -> None:
    annotator = make_annotator_with_password()
    client = signed_in_with_password(person_of(annotator))
    session = client.session
    session["only_study"] = annotator.study_id
    session.save()
    assert client.post("/account/close/", {"password": PASSWORD}).status_code == 403


def test_the_only_owner_of_a_study_is_told_which_needs_another() -> None:
    owner, study = make_owner()
    client = signed_in_with_password(owner)
    refused = client.post("/account/close/", {"password": PASSWORD})
    assert refused.status_code == 400
    assert study.name in refused.content.decode()
    make_participant(study, "owner")
    assert client.post("/account/close/", {"password": PASSWORD}).status_code == 302


def test_within_30_days_an_account_comes_back_as_it_was() -> None:
    annotator = make_annotator_with_password()
    person = person_of(annotator)
    left = make_participant(make_study(), user=person)
    Participant.objects.filter(pk=left.pk).update(is_active=False)
    run("close-account", person.email)
    days_pass(person, 29)
    assert erase_closed_accounts() == 0
    assert "closed: hlv reopen-account" in refusal("create-person", person.email)
    assert "is open again" in run("reopen-account", person.email)
    signed_in_with_password(person)
    active = Participant.objects.filter(user=person, is_active=True)
    assert list(active) == [annotator], "a role that had ended before stays so"


def make_written(study: Study, comment: str) -> Annotation:
    make_items(study, 1)
    row = record_annotation(
        assignment=make_seat(make_participant(study)),
        client_key=uuid4(),
        answer=Answer(chosen={"housing": 0.8}, comment=comment),
    ).row
    assert row is not None
    return row


def test_after_30_days_what_is_personal_is_gone_and_the_log_shows_a_gap() -> None:
    study = make_logged_study().study
    answer = make_written(study, "I am Lin from Melbourne.")
    call_command("anchor", study.slug, stdout=(anchor := StringIO()))
    person = person_of(answer.participant)
    email = person.email
    invitation, _ = invite(study, terms=Terms(role="judge"), by=make_person(), email=email, note="Lin")
    SecurityEvent.objects.create(what="signed in", by=person, network="192.0.2.7")
    SecurityEvent.objects.create(what="command", operator="root", subject=f"create-person {email} Lin")
    close_account(person)
    days_pass(person, 31)
    tidy_up()
    person.refresh_from_db()
    invitation.refresh_from_db()
    answer.refresh_from_db()
    assert (person.name, str(person), person.known_email) == ("", "erased account", "")
    assert (invitation.email, invitation.note) == ("", "")
    assert (answer.comment, answer.payload_hash) == ("", "")
    assert [one.chosen for one in answer.labels.all()] == [True], "the label stays"
    assert not SecurityEvent.objects.filter(network="192.0.2.7").exists()
    assert not SecurityEvent.objects.filter(subject__contains=email).exists()
    code, found = checked(study.slug, "--anchor", anchor.getvalue().split()[0])
    assert code == 0, found
    assert found["log of participants"]["n_erased"] == 1


def test_what_is_left_of_an_erased_answer_is_covered() -> None:
    study = make_study()
    answer = make_written(study, "I am Lin from Melbourne.")
    person = person_of(answer.participant)
    close_account(person)
    days_pass(person, 31)
    erase_closed_accounts()
    assert checked()[0] == 0
    with past_the_guards():
        answer.labels.update(certainty=0.1)
    code, found = checked()
    assert code == 1
    (fault,) = found["log of studies"]["faults"]
    assert f"answer {answer.pk}" in fault
    assert fault.endswith("the content was changed.")


def test_an_erased_account_does_not_come_back_and_its_address_is_free() -> None:
    person = make_person("Lin Okafor", email="lin@example.org")
    said = run("close-account", "lin@example.org", "--erase-now")
    assert "erased" in said
    person.refresh_from_db()
    with pytest.raises(ClosingRefusedError, match="cannot be reopened"):
        reopen_account(person)
    assert make_person("Lin", email="lin@example.org").pk != person.pk


def test_the_triggers_know_every_column_of_answers_and_judgments() -> None:
    of_judgments = import_module("metaeval.migrations.0007_erasure")
    for model, stay, may_go in (
        (Annotation, _erasure.ANSWER_COLUMNS, _erasure.TEXTS_OF_ANSWER),
        (Judgment, of_judgments.COLUMNS, ("reason", "payload_hash")),
    ):
        # Marked words have a trigger of their own.
        columns = {field.column for field in model._meta.concrete_fields} - {"spans"}
        assert columns == {*stay, *may_go}


@pytest.mark.parametrize(
    "change", ["reason = 'another'", "comment = 'another'", "skipped = NOT skipped", "payload_hash = 'x'"]
)
def test_free_text_is_removed_and_never_rewritten(change: str) -> None:
    make_written(make_study(), "here")
    with (
        pytest.raises(IntegrityError, match="only their free text can be removed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE annotations_annotation SET {change}")


def test_an_invitation_that_can_be_accepted_keeps_its_address() -> None:
    invitation, _ = invite(make_study(), terms=Terms(role="judge"), by=make_person(), email="lin@example.org")
    with pytest.raises(IntegrityError, match="can be accepted stays"), transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk).update(email="")


def test_a_study_loses_what_is_personal_on_its_day_and_not_before() -> None:
    study = make_logged_study().study
    answer = make_written(study, "I am Lin from Melbourne.")
    Draft.objects.create(assignment=make_seat(make_participant(study)), reason="perhaps")
    call_command("anchor", study.slug, stdout=StringIO())
    schedule_removal(study, on=timezone.now().date() + timedelta(days=2), by=None)
    assert remove_due_personal_content() == 0
    Study.objects.filter(pk=study.pk).update(remove_personal_on=timezone.now().date())
    assert remove_due_personal_content() == 1
    assert remove_due_personal_content() == 0
    answer.refresh_from_db()
    assert answer.comment == ""
    assert not Judgment.objects.filter(comparison__campaign__study=study).exclude(reason="").exists()
    assert not Draft.objects.exists()
    code, found = checked(study.slug)
    assert code == 0, found
    assert found["log of participants"]["n_erased"] == 5


def test_an_owner_sees_what_goes_before_they_choose_the_day() -> None:
    owner, study = make_owner()
    make_written(study, "I am Lin from Melbourne.")
    client = signed_in_with_password(owner)
    address = f"/studies/{study.uuid}/retention/"
    assert client.post(address, {"do": "preview"}).status_code == 400
    assert client.post(address, {"do": "preview", "on": "2020-01-01"}).status_code == 400
    page = client.post(address, {"do": "preview", "days": "365"})
    assert "Reasons and comments of 1 answer." in page.content.decode()
    day = page.context["day"]
    assert day == timezone.now().date() + timedelta(days=365)
    study.refresh_from_db()
    assert study.remove_personal_on is None, "a preview chooses nothing"
    assert client.post(address, {"do": "schedule", "on": day.isoformat()}).status_code == 302
    study.refresh_from_db()
    assert study.remove_personal_on == day
    assert client.post(address, {"do": "cancel"}).status_code == 302
    study.refresh_from_db()
    assert study.remove_personal_on is None
    assert study.changes.filter(subject="removal of personal content").count() == 2


def test_nobody_sees_names_in_a_study_that_lost_them() -> None:
    owner, study = make_owner()
    annotator = make_participant(study)
    client = signed_in_with_password(owner)
    pages = (f"/studies/{study.uuid}/people/", f"/participants/{annotator.uuid}/")
    assert all("Amira Haddad" in client.get(page).content.decode().split("<main")[1] for page in pages)
    Study.objects.filter(pk=study.pk).update(personal_removed_at=timezone.now())
    assert not any("Amira Haddad" in client.get(page).content.decode().split("<main")[1] for page in pages)

"""What may be changed of a study, what stays, and that each change is written down."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import get_commands
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.utils import timezone

from annotations import jobs
from annotations.assignment_leases import Waiting, give_back
from annotations.models import Assignment, Item, Job, Label, Participant, Study, StudyChange, User
from annotations.services.annotating import Answer, record_annotation
from annotations.services.assigning import next_assignment, show_assignment
from annotations.services.imports import withdraw_import
from annotations.services.studies import (
    RESERVED_KEYS,
    SHORTCUTS,
    NewLabel,
    StudyRefusedError,
    publish_guideline,
)
from annotations.services.study_settings import (
    LabelSpec,
    change_labels,
    change_settings,
    clone_study,
    set_state,
)
from tests.making import make_items, make_participant, make_person, make_seat, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def owner_of(study: Study) -> User:
    user = make_participant(study, Participant.Role.OWNER).user
    assert user is not None
    return user


def as_it_is(label: Label, **changes: Any) -> LabelSpec:
    names = ("key", "name", "description", "shortcut", "colour", "is_active")
    return LabelSpec(**{name: getattr(label, name) for name in names} | changes)


def answered(study: Study) -> Participant:
    """Somebody who has answered for the first text."""
    lawyer = make_participant(study)
    record_annotation(
        assignment=make_seat(lawyer), client_key=uuid4(), answer=Answer(chosen={"housing": 0.8})
    )
    return lawyer


def test_each_setting_that_differs_is_changed_and_written_down() -> None:
    study = make_study(name="Areas", answers_wanted=3)
    owner = owner_of(study)
    changed = change_settings(study, by=owner, name="Areas of law", answers_wanted=3, asks_certainty=False)
    assert changed == ["name", "asks_certainty"]
    rows = study.changes.filter(what="setting").values_list("subject", "before", "after", "by")
    assert set(rows) == {
        ("name", "Areas", "Areas of law", owner.pk),
        ("asks_certainty", "True", "False", owner.pk),
    }


def test_what_was_changed_is_neither_edited_nor_deleted() -> None:
    row = make_study().changes.get()
    for forbidden in (lambda: StudyChange.objects.update(after="else"), row.delete):
        with pytest.raises(IntegrityError, match="never edited or deleted"), transaction.atomic():
            forbidden()


def test_fewer_answers_than_some_text_has_cannot_be_wanted() -> None:
    study = make_study(answers_wanted=3)
    make_items(study, 1)
    for _ in range(2):
        make_seat(make_participant(study))
    with pytest.raises(StudyRefusedError, match="already has 2 answers"):
        change_settings(study, by=owner_of(study), answers_wanted=1)
    assert Study.objects.get(pk=study.pk).answers_wanted == 3
    assert change_settings(study, by=owner_of(study), answers_wanted=2) == ["answers_wanted"]


def test_a_study_that_is_extended_gives_its_finished_texts_out_again() -> None:
    study = make_study(answers_wanted=1)
    make_items(study, 1)
    answered(study)
    newcomer = make_participant(study)
    assert isinstance(next_assignment(newcomer), Waiting)
    change_settings(study, by=owner_of(study), answers_wanted=2)
    assert make_seat(Participant.objects.get(pk=newcomer.pk)).item == study.items.get()


def test_a_study_is_paused_closed_and_reopened() -> None:
    study = make_study()
    make_items(study, 1)
    owner, lawyer = owner_of(study), make_participant(study)
    for state, kind in (("paused", "paused"), ("closed", "closed")):
        assert set_state(study, state=state, by=owner)
        assert not set_state(study, state=state, by=owner)
        assert next_assignment(Participant.objects.get(pk=lawyer.pk)) == Waiting(kind)  # type: ignore[arg-type]
    set_state(study, state="open", by=owner)
    assert make_seat(Participant.objects.get(pk=lawyer.pk))
    assert list(study.changes.filter(what="state").order_by("pk").values_list("before", "after")) == [
        ("open", "paused"),
        ("paused", "closed"),
        ("closed", "open"),
    ]


def test_the_name_of_a_label_stays_once_somebody_has_answered() -> None:
    study = make_study()
    make_items(study, 1)
    housing = study.labels.get(key="housing")
    owner = owner_of(study)
    assert change_labels(study, wanted=[as_it_is(housing, name="Homes")], by=owner) == 1
    answered(study)
    with pytest.raises(StudyRefusedError, match="cannot be renamed"):
        change_labels(study, wanted=[as_it_is(housing, name="Housing")], by=owner)
    described = as_it_is(housing, name="Homes", description="Rent and repairs", colour="#0072b2")
    assert change_labels(study, wanted=[described], by=owner) == 1


def test_a_label_that_is_deactivated_gives_up_its_key_and_new_ones_come_last() -> None:
    study = make_study()
    housing, contract, family = study.labels.all()
    owner = owner_of(study)
    new = [NewLabel("debt", "Debt", shortcut=housing.shortcut)]
    change_labels(study, wanted=[as_it_is(housing, is_active=False)], new=new, by=owner)
    labels = [(label.key, label.position, label.is_active, label.shortcut) for label in study.labels.all()]
    assert labels == [
        ("housing", 0, False, ""),
        ("contract", 1, True, contract.shortcut),
        ("family", 2, True, family.shortcut),
        ("debt", 3, True, housing.shortcut),
    ]


def test_two_labels_may_swap_keys_but_not_share_one() -> None:
    study = make_study()
    one, other, _third = study.labels.all()
    owner = owner_of(study)
    swapped = [as_it_is(one, shortcut=other.shortcut), as_it_is(other, shortcut=one.shortcut)]
    assert change_labels(study, wanted=swapped, by=owner) == 2
    with pytest.raises(StudyRefusedError, match="use the same key"):
        change_labels(study, wanted=[as_it_is(one, shortcut="KeyE")], by=owner)


@pytest.mark.parametrize("key", ["KeyT", "KeyU", "KeyP", "Digit3", "Slash", "Enter"])
def test_no_label_takes_a_key_of_the_page_itself(key: str) -> None:
    study = make_study()
    owner = owner_of(study)
    with pytest.raises(StudyRefusedError, match="cannot choose a label"), transaction.atomic():
        change_labels(study, wanted=[as_it_is(study.labels.all()[0], shortcut=key)], by=owner)
    with pytest.raises(StudyRefusedError, match="cannot choose a label"):
        change_labels(study, wanted=[], new=[NewLabel("debt", shortcut=key)], by=owner)


def test_keys_of_labels_and_of_pages_are_not_the_same() -> None:
    assert not {key.removeprefix("Key") for key in SHORTCUTS} & RESERVED_KEYS


def test_a_number_that_was_lowered_meanwhile_holds_for_who_asks_now() -> None:
    study = make_study(answers_wanted=2)
    make_items(study, 1)
    # Read before the change, as by a request that is under way.
    late = Participant.objects.select_related("study").get(pk=make_participant(study).pk)
    left = make_seat(late)
    make_seat(make_participant(study))
    give_back(Assignment.objects.filter(pk=left.pk), Item.objects.all(), place="item_id", now=timezone.now())
    assert change_settings(study, by=owner_of(study), answers_wanted=1) == ["answers_wanted"]
    assert isinstance(next_assignment(late), Waiting)
    stale = Assignment.objects.select_related("participant__study").get(pk=left.pk)
    stale.participant.study.answers_wanted = 2
    show_assignment(stale)
    assert study.items.get().seats_taken == 1


def test_two_labels_at_least_stay_in_use() -> None:
    study = make_study(labels=("yes", "no"))
    label = study.labels.all()[0]
    with pytest.raises(StudyRefusedError, match="at least two"), transaction.atomic():
        change_labels(study, wanted=[as_it_is(label, is_active=False)], by=owner_of(study))
    assert study.labels.filter(is_active=True).count() == 2


def test_a_clone_has_labels_in_use_settings_guideline_and_texts_but_no_answers() -> None:
    source = make_study(answers_wanted=5, question="Which?", assignment="groups")
    make_items(source, 3, text="دعوى إخلاء")
    answered(source)
    publish_guideline(source, text="Read.")
    change_labels(
        source, wanted=[as_it_is(source.labels.get(key="contract"), is_active=False)], by=owner_of(source)
    )
    person = make_person()
    study, job = clone_study(source, slug="again", name="Again", with_items=True, by=person)
    assert job is not None
    assert jobs.run_now(job).state == Job.State.DONE
    assert (study.answers_wanted, study.question, study.assignment) == (5, "Which?", "groups")
    assert list(study.labels.values_list("key", "position")) == [("housing", 0), ("family", 1)]
    assert study.guidelines.get().text == "Read."
    texts = [(item.key, item.seats_taken, item.texts.get().text) for item in study.items.all()]
    assert texts == [(f"item-{n}", 0, "دعوى إخلاء") for n in range(3)]
    assert list(study.participants.values_list("user", "role")) == [(person.pk, "owner")]


def test_texts_that_were_copied_can_be_withdrawn_and_copying_again_adds_none() -> None:
    source = make_study()
    make_items(source, 2)
    study, job = clone_study(source, slug="again", name="Again", with_items=True, by=make_person())
    assert job is not None
    jobs.run_now(job)
    again = jobs.create(kind="copy_items", study=study, params=job.params)
    assert "0 texts" in jobs.run_now(again).result["sentence"]  # type: ignore[index]
    assert study.items.count() == 2
    withdraw_import(study.imports.get(), by=owner_of(study), reason="not these")
    assert isinstance(next_assignment(make_participant(study)), Waiting)


def test_no_study_is_deleted_by_accident() -> None:
    """No page and no command deletes one, and whoever tries it by hand is refused, even while it is empty."""
    study = make_study()
    for delete in (study.delete, Study.objects.filter(pk=study.pk).delete):
        with pytest.raises(ProtectedError):
            delete()

    def delete_by_hand() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM annotations_study WHERE id = %s", [study.pk])
            connection.check_constraints()

    with pytest.raises(IntegrityError):
        delete_by_hand()
    assert Study.objects.filter(pk=study.pk).exists()
    ours = [name for name, app in get_commands().items() if app == "hlv"]
    assert not [name for name in ours if re.search("delete|remove|drop", name)]
    for address in ("", "settings/", "state/", "labels/"):
        assert Client().delete(f"/studies/{study.uuid}/{address}").status_code in (302, 405)

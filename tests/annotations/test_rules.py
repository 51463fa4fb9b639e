"""What the databases themselves refuse, whoever writes."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from annotations.models import (
    Annotation,
    ImportReversal,
    Item,
    LabelAgreement,
    LabelCount,
    Participant,
    RoundFigure,
    RoundReport,
    Settlement,
    SignInLink,
)
from annotations.services.annotating import Answer, record_annotation
from annotations.services.studies import publish_guideline
from tests.making import (
    make_import,
    make_items,
    make_participant,
    make_person,
    make_seat,
    make_study,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def answered() -> Annotation:
    study = make_study()
    make_items(study, 1)
    seat = make_seat(make_participant(study))
    answer = Answer(chosen={"housing": 0.8}, comment="Is a caravan a home?")
    outcome = record_annotation(assignment=seat, client_key=uuid4(), answer=answer)
    assert outcome.row is not None
    return outcome.row


def change(sql: str, *values: object) -> None:
    """As somebody at the database's own prompt."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def make_history() -> None:
    """A row in each table of history."""
    annotation = answered()
    study = annotation.item.study
    Settlement.objects.create(annotation=annotation, settled=True)
    (counted,) = make_items(study, 1)
    batch = make_import(study)
    LabelCount.objects.create(
        item=counted, label=study.labels.all()[0], n_chosen=3, n_annotators=5, import_batch=batch
    )
    ImportReversal.objects.create(batch=batch, withdrawn=True)
    made: dict[str, Any] = {"study": study, "seed": 36, "code_version": "hlv 0.1.0", "result": {}}
    made |= {"data_fingerprint": "0" * 64, "as_of": timezone.now()}
    report = RoundReport.objects.create(agreement=LabelAgreement.objects.create(**made), **made)
    RoundFigure.objects.create(report=report, name="entropy", media_type="image/png", content=b"", sha256="")


@pytest.mark.parametrize(
    "table",
    [
        "annotation",
        "annotationlabel",
        "importreversal",
        "labelagreement",
        "labelcount",
        "remark",
        "roundfigure",
        "roundreport",
        "settlement",
    ],
)
def test_history_is_neither_edited_nor_deleted(table: str) -> None:
    make_history()
    for sql in ("UPDATE annotations_{} SET id = id + 1000", "DELETE FROM annotations_{}"):
        with pytest.raises(IntegrityError, match="never edited"):
            change(sql.format(table))


def test_an_answer_is_never_deleted() -> None:
    annotation = answered()
    with pytest.raises(ProtectedError), transaction.atomic():
        annotation.delete()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("reset_sequences", [False, True])
def test_clearing_up_after_a_test_leaves_the_rules_in_place(reset_sequences: bool) -> None:
    make_history()
    call_command("flush", interactive=False, verbosity=0, reset_sequences=reset_sequences)
    assert not Annotation.objects.exists()
    make_history()
    with pytest.raises(IntegrityError, match="never edited or deleted"):
        change("DELETE FROM annotations_labelcount")


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("study", "task"),
        ("label", "study_id"),
        ("label", "key"),
        ("item", "study_id"),
        ("item", "key"),
        ("participant", "study_id"),
        ("participant", "user_id"),
        ("participant", "role"),
        ("participant", "source"),
        ("import", "study_id"),
        ("assignment", "item_id"),
        ("assignment", "participant_id"),
        ("guideline", "study_id"),
        ("guideline", "version"),
        ("guideline", "text"),
    ],
)
def test_what_answers_rest_on_stays_as_it_was(table: str, column: str) -> None:
    annotation = answered()
    publish_guideline(annotation.item.study, text="Read the whole request.")
    make_import(annotation.item.study)
    other = {
        "study_id": make_study().pk,
        "item_id": make_items(annotation.item.study, 1)[0].pk,
        "participant_id": make_participant(annotation.item.study).pk,
        "user_id": make_person().pk,
        "role": "judge",
        "version": 9,
        "task": "single",
    }
    with pytest.raises(IntegrityError, match="never changes"):
        change(f"UPDATE annotations_{table} SET {column} = %s", other.get(column, "other"))


def test_a_participant_can_be_deactivated_renumbered_and_given_a_quota() -> None:
    participant = answered().participant
    participant.is_active, participant.number, participant.quota = False, 7, 3
    participant.save()
    participant.refresh_from_db()
    assert (participant.is_active, participant.number, participant.quota) == (False, 7, 3)


def test_a_published_guideline_is_never_deleted() -> None:
    publish_guideline(make_study(), text="Read the whole request.")
    with pytest.raises(IntegrityError, match="never deleted"):
        change("DELETE FROM annotations_guideline")


@pytest.mark.parametrize(
    "sql", ["UPDATE annotations_itemtext SET text = 'other'", "DELETE FROM annotations_itemtext"]
)
def test_a_text_stays_once_its_item_is_labelled(sql: str) -> None:
    study = make_study()
    make_items(study, 1)
    change("UPDATE annotations_itemtext SET text = 'still free'")
    seat = make_seat(make_participant(study))
    record_annotation(assignment=seat, client_key=uuid4(), answer=Answer(skipped=True, reason="torn page"))
    with pytest.raises(IntegrityError, match="labelled never changes"):
        change(sql)


@pytest.mark.parametrize("what", ["study", "item", "participant", "person", "label"])
def test_nothing_that_an_answer_rests_on_can_be_deleted(what: str) -> None:
    annotation = answered()
    rows = {
        "study": annotation.item.study,
        "item": annotation.item,
        "participant": annotation.participant,
        "person": annotation.participant.user,
        "label": annotation.labels.get().label,
    }
    row = rows[what]
    assert row is not None
    with pytest.raises(ProtectedError), transaction.atomic():
        row.delete()
    assert Annotation.objects.filter(pk=annotation.pk).exists()


def test_the_slug_of_a_study_never_changes() -> None:
    study = make_study(slug="first-name")
    study.slug = "second-name"
    with pytest.raises(DatabaseError, match="slug of a study never changes"), transaction.atomic():
        study.save()
    study.refresh_from_db()
    study.name = "A better name"
    study.save()
    assert study.slug == "first-name"


def test_a_column_of_the_distributions_never_moves() -> None:
    label = make_study().labels.get(key="family")
    label.name = "Family law"
    label.save()
    label.position = 7
    with pytest.raises(DatabaseError, match="position of a label never changes"), transaction.atomic():
        label.save()


def test_counts_and_answers_never_meet_within_an_item() -> None:
    annotation = answered()
    label = annotation.item.study.labels.get(key="housing")
    batch = make_import(annotation.item.study)
    with pytest.raises(DatabaseError, match="never both"), transaction.atomic():
        LabelCount.objects.create(
            item=annotation.item, label=label, n_chosen=3, n_annotators=5, import_batch=batch
        )
    (item,) = make_items(annotation.item.study, 1)
    LabelCount.objects.create(item=item, label=label, n_chosen=3, n_annotators=5, import_batch=batch)
    with pytest.raises(DatabaseError, match="never both"), transaction.atomic():
        Annotation.objects.create(
            item=item, participant=annotation.participant, gives_labels=True, submitted_at=timezone.now()
        )


def test_a_person_and_an_item_have_one_chain_of_answers() -> None:
    annotation = answered()
    with pytest.raises(IntegrityError), transaction.atomic():
        Annotation.objects.create(
            item=annotation.item,
            participant=annotation.participant,
            gives_labels=True,
            submitted_at=timezone.now(),
        )


def test_two_revisions_cannot_replace_the_same_answer() -> None:
    annotation = answered()
    revision = {
        "item": annotation.item,
        "participant": annotation.participant,
        "gives_labels": True,
        "submitted_at": timezone.now(),
        "replaces": annotation,
    }
    Annotation.objects.create(**revision)
    with pytest.raises(IntegrityError), transaction.atomic():
        Annotation.objects.create(**revision)


def test_a_participant_is_a_person_or_a_source() -> None:
    study = make_study()
    with pytest.raises(IntegrityError), transaction.atomic():
        Participant.objects.create(study=study, role="annotator", number=90)
    with pytest.raises(IntegrityError), transaction.atomic():
        Participant.objects.create(
            study=study, role="annotator", number=91, user=make_person(), source="Ann1"
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Participant.objects.create(study=study, role="owner", number=92, source="Ann1")


def test_more_chosen_than_asked_is_refused() -> None:
    study = make_study()
    (item,) = make_items(study, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        LabelCount.objects.create(
            item=item,
            label=study.labels.get(key="family"),
            n_chosen=6,
            n_annotators=5,
            import_batch=make_import(study),
        )


def test_an_item_without_answers_can_go_with_its_texts() -> None:
    (item,) = make_items(make_study(), 1)
    item.delete()
    assert not Item.objects.exists()


def test_a_sign_in_link_keeps_no_token() -> None:
    assert {field.name for field in SignInLink._meta.get_fields()} == {
        "id",
        "user",
        "token_hash",
        "created_at",
        "expires_at",
        "used_at",
        "participant",
    }


@pytest.mark.parametrize("table", ["label", "item", "participant", "assignment", "study"])
def test_keys_are_never_exchanged(table: str) -> None:
    answered()
    for key in ("id", "rowid") if connection.vendor == "sqlite" else ("id",):
        with pytest.raises(DatabaseError, match=f"A key of annotations_{table} never changes"):
            change(f"UPDATE annotations_{table} SET {key} = -1")


def test_a_text_neither_joins_nor_is_moved_to_a_labelled_item() -> None:
    labelled = answered().item
    (other,) = make_items(labelled.study, 1)
    with pytest.raises(DatabaseError, match="The text of an item that is labelled never changes"):
        change(
            "INSERT INTO annotations_itemtext (item_id, position, name, text) VALUES (%s, 9, 'more', 'words')",
            labelled.pk,
        )
    with pytest.raises(DatabaseError, match="The text of an item that is labelled never changes"):
        change(
            "UPDATE annotations_itemtext SET item_id = %s, position = 9 WHERE item_id = %s",
            labelled.pk,
            other.pk,
        )

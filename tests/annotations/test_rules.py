"""What the databases themselves refuse, whoever writes."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from annotations.models import Annotation, AnnotationLabel, Item, LabelCount, Participant, SignInLink
from annotations.services.annotating import Answer, record_annotation
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
    outcome = record_annotation(assignment=seat, client_key=uuid4(), answer=Answer(chosen={"housing": 0.8}))
    assert outcome.row is not None
    return outcome.row


def test_an_answer_is_never_edited() -> None:
    annotation = answered()
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        Annotation.objects.filter(pk=annotation.pk).update(reason="changed my mind")


def test_a_label_of_an_answer_is_never_edited() -> None:
    annotation = answered()
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        AnnotationLabel.objects.filter(annotation=annotation).update(certainty=0.1)


def test_an_answer_is_never_deleted() -> None:
    annotation = answered()
    with pytest.raises((ProtectedError, DatabaseError)), transaction.atomic():
        annotation.delete()
    if connection.vendor == "postgresql":
        with (
            pytest.raises(DatabaseError, match="never edited or deleted"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("DELETE FROM annotations_annotationlabel")


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
    }

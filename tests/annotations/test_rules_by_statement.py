"""PostgreSQL checks the rules on answers once for each statement, so that an import does not pay for each row."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from annotations.models import Annotation, AnnotationLabel, Import, Item, Study
from tests.making import make_items, make_participant, make_study

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has triggers for rows only"),
]

N_ANSWERS = 40
CHECKS = (
    "annotations_annotation_belongs",
    "annotations_annotation_evidence",
    "annotations_annotationlabel_belongs",
)


def add_answers(study: Study, items: list[Item]) -> list[Annotation]:
    batch = Import.objects.create(
        study=study, kind="annotations", source="a.csv", format="long", sha256="0" * 64
    )
    participant, now = make_participant(study), timezone.now()
    return Annotation.objects.bulk_create(
        Annotation(
            item=item, participant=participant, gives_labels=True, submitted_at=now, import_batch=batch
        )
        for item in items
    )


def calls() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT funcname, calls FROM pg_stat_xact_user_functions WHERE funcname = ANY(%s)", [list(CHECKS)]
        )
        return dict(cursor.fetchall())


def test_each_rule_is_asked_once_for_each_statement() -> None:
    study = make_study(task=Study.Task.SINGLE)
    items = make_items(study, N_ANSWERS)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL track_functions = 'pl'")
    before = calls()
    answers = add_answers(study, items)
    label = study.labels.first()
    AnnotationLabel.objects.bulk_create(
        AnnotationLabel(annotation=answer, label=label, chosen=True) for answer in answers
    )
    assert {name: n - before.get(name, 0) for name, n in calls().items()} == dict.fromkeys(CHECKS, 1)
    assert set(study.items.values_list("evidence", flat=True)) == {"annotations"}


def test_one_wrong_row_among_many_refuses_the_statement() -> None:
    study, other = make_study(task=Study.Task.SINGLE), make_study()
    items = make_items(study, N_ANSWERS)
    with pytest.raises(DatabaseError, match="belong to one study"), transaction.atomic():
        add_answers(study, [*items, *make_items(other, 1)])
    answers = add_answers(study, items)
    first, second = study.labels.all()[:2]
    labels = [AnnotationLabel(annotation=answer, label=first, chosen=True) for answer in answers]
    labels.append(AnnotationLabel(annotation=answers[-1], label=second, chosen=True))
    with pytest.raises(DatabaseError, match="one label at most"), transaction.atomic():
        AnnotationLabel.objects.bulk_create(labels)
    assert not AnnotationLabel.objects.filter(annotation__item__study=study).exists()


def rows_fetched() -> int:
    """Rows of answers and their labels that this transaction read, by an index or without."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(coalesce(idx_tup_fetch, 0) + coalesce(seq_tup_read, 0)) FROM pg_stat_xact_user_tables "
            "WHERE relname IN ('annotations_annotation', 'annotations_annotationlabel')"
        )
        return int(cursor.fetchone()[0])


def test_a_rule_that_was_planned_on_empty_tables_reads_by_key_once_they_are_full() -> None:
    study = make_study(task=Study.Task.SINGLE)
    label = study.labels.first()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE annotations_annotation, annotations_annotationlabel")
        cursor.execute("DISCARD PLANS")
    (first,) = add_answers(study, make_items(study, 1))
    AnnotationLabel.objects.create(annotation=first, label=label, chosen=True)
    answers = add_answers(study, make_items(study, 1000))
    before = rows_fetched()
    AnnotationLabel.objects.bulk_create(
        AnnotationLabel(annotation=answer, label=label, chosen=True) for answer in answers[:N_ANSWERS]
    )
    assert rows_fetched() - before <= 12 * N_ANSWERS

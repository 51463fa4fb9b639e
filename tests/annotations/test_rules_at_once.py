"""Rules that two transactions could break together, neither seeing the other: the database makes one wait.

On PostgreSQL: SQLite has one writer at a time.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from annotations.models import AnnotationLabel
from tests.annotations.making import make_answer, make_count, make_place
from tests.at_once import at_once
from tests.making import make_participant

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer at a time"),
]


def told_beside(write: Callable[[], object]) -> str:
    """What another connection hears that writes now, and does not wait for long."""

    def try_it(_: int) -> str:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        try:
            with transaction.atomic():
                write()
        except DatabaseError as error:
            return str(error)
        return "stored"

    (told,) = at_once(1, try_it)
    return str(told)


@pytest.mark.parametrize(
    ("first", "second"), [("answer", "count"), ("skip", "count"), ("count", "answer"), ("count", "skip")]
)
def test_counts_and_answers_that_come_together_wait_for_each_other(first: str, second: str) -> None:
    place = make_place()
    batch = place.batch
    writes: dict[str, Callable[[], object]] = {
        "answer": lambda: make_answer(place),
        "skip": lambda: make_answer(place, gives_labels=False, skipped=True),
        "count": lambda: make_count(place, import_batch=batch),
    }
    with transaction.atomic():
        writes[first]()
        assert "lock timeout" in told_beside(writes[second])
    assert "never both" in told_beside(writes[second])


def test_later_answers_to_an_item_do_not_wait_for_each_other() -> None:
    place = make_place()
    make_answer(place)
    third = make_participant(place.study)
    with transaction.atomic():
        make_answer(place, participant=place.people[1])
        assert told_beside(lambda: make_answer(place, participant=third)) == "stored"


def test_two_labels_of_one_answer_that_come_together_wait_for_each_other() -> None:
    place = make_place(task="single")
    row = make_answer(place)
    first, second, _ = place.study.labels.all()
    with transaction.atomic():
        AnnotationLabel.objects.create(annotation=row, label=first)
        told = told_beside(lambda: AnnotationLabel.objects.create(annotation=row, label=second))
    assert "lock timeout" in told


def test_no_trigger_reads_a_whole_table_for_a_row() -> None:
    """Its plans are made when tables may be empty, and kept: a large import after that took minutes, not seconds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT p.proname, p.prosrc, p.proconfig FROM pg_proc p JOIN pg_trigger t ON t.tgfoid = p.oid "
            "WHERE p.prosrc ~ 'FROM (annotations|metaeval)_'"
        )
        functions = cursor.fetchall()
    assert len(functions) >= 10
    for name, source, settings in functions:
        assert settings == ["enable_seqscan=off"], name
        assert "JOIN" not in source, name

"""Many who ask, answer and import at the same moment: exactly the wanted number, and nothing twice."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from annotations import assignment_leases, jobs
from annotations.assignment_leases import Waiting
from annotations.formats.import_options import ImportRefusedError
from annotations.models import (
    Annotation,
    Assignment,
    Import,
    Item,
    Job,
    JobResult,
    LabelCount,
    Participant,
    Study,
)
from annotations.services.annotating import Answer, InvalidAnswerError, record_annotation
from annotations.services.assigning import next_assignment, prefetched_assignments, show_assignment
from annotations.services.imports import import_annotations
from annotations.services.studies import StudyRefusedError
from annotations.services.study_settings import change_settings
from tests.at_once import at_once
from tests.files import write_jsonl, write_rows
from tests.making import make_items, make_participant, make_seat, make_study

pytestmark = pytest.mark.django_db(transaction=True)

WITH_ROW_LOCKS = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
HOUSING = Answer(chosen={"housing": 0.8})


def make_wanting(
    *, wanted: int, n_items: int, n_people: int, **fields: str
) -> tuple[Study, list[Participant]]:
    study = make_study(answers_wanted=wanted, **fields)
    make_items(study, n_items)
    return study, [make_participant(study) for _ in range(n_people)]


def until_somebody_waits_for_a_lock() -> None:
    with connection.cursor() as cursor:
        waits = (
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        deadline, waiting = time.monotonic() + 20, None
        while waiting is None and time.monotonic() < deadline:
            # What is seen of others is kept for the length of a transaction, unless asked anew.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waits)
            waiting = cursor.fetchone()


N_AT_ONCE = 50


@pytest.mark.both_databases
def test_the_same_answer_sent_many_times_at_once_is_one_row() -> None:
    study = make_study()
    make_items(study)
    seat, key = make_seat(make_participant(study)), uuid4()
    statuses = at_once(
        N_AT_ONCE, lambda _: record_annotation(assignment=seat, client_key=key, answer=HOUSING).status
    )
    assert Counter(statuses) == {201: 1, 200: N_AT_ONCE - 1}
    assert Annotation.objects.count() == 1


def over_assigned(study: Study) -> int:
    """Seats beyond the wanted number, counted row by row."""
    open_or_done = Counter(
        Assignment.objects.filter(item__study=study, returned_at__isnull=True).values_list("item", flat=True)
    )
    return sum(max(0, n - study.answers_wanted) for n in open_or_done.values())


@pytest.mark.both_databases
@pytest.mark.parametrize("order", Study.Order.values)
def test_people_asking_at_once_are_given_exactly_the_wanted_number(order: str) -> None:
    study, lawyers = make_wanting(wanted=2, n_items=5, n_people=N_AT_ONCE, order=order)
    given = at_once(N_AT_ONCE, lambda index: next_assignment(lawyers[index]))
    seats = Counter(seat.item_id for seat in given if isinstance(seat, Assignment))
    assert list(seats.values()) == [2] * 5
    assert over_assigned(study) == 0
    assert all(item.seats_taken == 2 for item in Item.objects.all())
    assert {found.kind for found in given if isinstance(found, Waiting)} == {"nothing_now"}, "nobody is done"


@pytest.mark.both_databases
def test_people_asking_at_once_by_group_and_ahead_keep_to_the_wanted_number() -> None:
    study, lawyers = make_wanting(wanted=3, n_items=8, n_people=12, assignment="groups")
    Participant.objects.filter(pk__in=[lawyer.pk for lawyer in lawyers[::2]]).update(group="bench")
    held = [Participant.objects.select_related("study").get(pk=lawyer.pk) for lawyer in lawyers]

    def ask(index: int) -> int:
        seat = next_assignment(held[index])
        return len(prefetched_assignments(seat, at_most=2)) if isinstance(seat, Assignment) else 0

    at_once(12, ask)
    assert over_assigned(study) == 0
    for item in study.items.all():
        groups = Counter(item.assignments.values_list("participant__group", flat=True))
        assert item.seats_taken == item.assignments.count()
        assert max(groups.values(), default=0) <= 2


@pytest.mark.both_databases
def test_a_number_that_is_lowered_while_people_ask_is_exceeded_by_no_text() -> None:
    study, lawyers = make_wanting(wanted=3, n_items=2, n_people=8)
    owner = make_participant(study, "owner").user
    assert owner is not None
    held = [Participant.objects.select_related("study").get(pk=lawyer.pk) for lawyer in lawyers]

    def do(index: int) -> None:
        if index < len(held):
            next_assignment(held[index])
        else:
            with suppress(StudyRefusedError):
                change_settings(study, by=owner, answers_wanted=2)

    at_once(len(held) + 1, do)
    study.refresh_from_db()
    assert over_assigned(study) == 0
    assert max(study.items.values_list("seats_taken", flat=True)) <= study.answers_wanted


@pytest.mark.both_databases
def test_reading_before_writing_without_a_lock_gives_seats_too_many() -> None:
    """The control: what the tests above would miss, if threads did not meet."""
    study, lawyers = make_wanting(wanted=1, n_items=1, n_people=N_AT_ONCE)
    all_have_read = threading.Barrier(N_AT_ONCE)

    def ask(index: int) -> None:
        free = study.items.filter(seats_taken__lt=1).first()
        all_have_read.wait()
        assert free is not None
        Item.objects.filter(pk=free.pk).update(seats_taken=F("seats_taken") + 1)
        Assignment.objects.create(item=free, participant=lawyers[index], lease_until=timezone.now())

    at_once(N_AT_ONCE, ask)
    assert over_assigned(study) == N_AT_ONCE - 1


@WITH_ROW_LOCKS
def test_an_item_that_somebody_holds_for_a_moment_is_never_called_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(assignment_leases, "PAUSES", (0.01, 0.01))
    _study, (lawyer,) = make_wanting(wanted=1, n_items=1, n_people=1)
    with transaction.atomic():
        Item.objects.select_for_update().get()
        (said,) = at_once(1, lambda _: next_assignment(lawyer))
    assert said == Waiting("nothing_now")
    assert isinstance(next_assignment(lawyer), Assignment)


@WITH_ROW_LOCKS
def test_giving_seats_back_passes_over_a_seat_that_is_being_answered() -> None:
    _study, (saving, asking) = make_wanting(wanted=1, n_items=1, n_people=2)
    seat = make_seat(saving)
    Assignment.objects.update(lease_until=timezone.now() - timedelta(minutes=1))
    with transaction.atomic():
        # As an answer does: first its seat, and only then, below, the item.
        Assignment.objects.select_for_update(no_key=True).get(pk=seat.pk)
        (said,) = at_once(1, lambda _: next_assignment(asking))
        Item.objects.filter(pk=seat.item_id).update(evidence=Item.Evidence.ANNOTATIONS)
    assert isinstance(said, Waiting)
    assert said.kind == "nothing_now"


@WITH_ROW_LOCKS
@pytest.mark.parametrize("does", ["answers", "looks again"])
def test_the_next_text_and_a_late_answer_of_one_person_come_one_after_the_other(does: str) -> None:
    _study, (lawyer,) = make_wanting(wanted=1, n_items=1, n_people=1)
    seat = make_seat(lawyer)
    Assignment.objects.update(returned_at=timezone.now())
    Item.objects.update(seats_taken=0)
    late = Assignment.objects.select_related("participant__study", "item__study").get(pk=seat.pk)

    def come_late() -> None:
        if does == "answers":
            record_annotation(assignment=late, client_key=uuid4(), answer=HOUSING)
        else:
            show_assignment(late)
        connection.close()

    coming = threading.Thread(target=come_late)
    with transaction.atomic():
        # As the next text does: first the person, then an item, and only then this person's own seat on it.
        assignment_leases.one_request_at_a_time(lawyer)
        Item.objects.select_for_update(no_key=True).get()
        coming.start()
        until_somebody_waits_for_a_lock()
        assert next_assignment(lawyer) == seat
    coming.join()
    seat.refresh_from_db()
    assert (seat.done_at is not None, seat.returned_at) == (does == "answers", None)
    assert Item.objects.get().seats_taken == 1


@pytest.mark.both_databases
def test_answers_and_requests_at_once_after_leases_ran_out_lose_nothing() -> None:
    study, lawyers = make_wanting(wanted=3, n_items=4, n_people=18)
    seats = [make_seat(lawyer) for lawyer in lawyers[:12]]
    Assignment.objects.update(lease_until=timezone.now() - timedelta(minutes=1))

    def save_or_ask(index: int) -> int:
        if index < 6:
            return record_annotation(assignment=seats[index], client_key=uuid4(), answer=HOUSING).status
        next_assignment(lawyers[6 + index])
        return 0

    assert Counter(at_once(12, save_or_ask)) == {201: 6, 0: 6}
    for item in study.items.all():
        assert item.seats_taken == item.assignments.filter(returned_at__isnull=True).count() <= 3


@pytest.mark.both_databases
def test_skippers_who_answer_after_all_at_once_fill_the_last_seat_once() -> None:
    _study, lawyers = make_wanting(wanted=1, n_items=1, n_people=4)
    skip = Answer(skipped=True, reason="I know the family.")
    skips = []
    for lawyer in lawyers:
        seat = make_seat(lawyer)
        skips.append(record_annotation(assignment=seat, client_key=uuid4(), answer=skip).row)

    def answer(index: int) -> bool:
        skipped = skips[index]
        assert skipped is not None
        assert skipped.assignment is not None
        row = record_annotation(
            assignment=skipped.assignment, client_key=uuid4(), answer=HOUSING, replaces=skipped
        ).row
        return row is not None and row.surplus

    assert Counter(at_once(4, answer)) == {True: 3, False: 1}
    assert Item.objects.get().seats_taken == 1


@pytest.mark.both_databases
def test_of_workers_who_claim_one_job_at_once_one_runs_it() -> None:
    jobs.register("counting", lambda job, progress: JobResult(), title="Counting")
    try:
        job = jobs.create(kind="counting", study=make_study(), params={})
        claims = at_once(8, lambda _: jobs.claim(job.pk))
        assert sum(claim is not None for claim in claims) == 1
        assert Job.objects.get().attempts == 1
        asked = at_once(
            4, lambda _: jobs.request_job(study=job.study, kind="counting", params={"n": 1}, by=None).pk
        )
        assert len(set(asked)) == 1, "of people who ask for one job at once each is led to it"
    finally:
        jobs._KINDS.pop("counting")


@pytest.mark.both_databases
def test_of_two_imports_of_one_file_at_once_the_second_finds_it_there(tmp_path: Path) -> None:
    study = make_study(task=Study.Task.SINGLE)
    items = make_items(study, 30)
    rows = [(item.key, f"w{item.position % 3}", "housing") for item in items]
    path = write_rows(tmp_path / "a.csv", ("item", "annotator", "label"), *rows)
    reports = at_once(2, lambda _: import_annotations(study, [path]))
    assert sorted((report.n_added, report.n_known) for report in reports) == [(0, 30), (30, 0)]
    assert (Annotation.objects.count(), Import.objects.count()) == (30, 1)


def import_in_words(study: Study, path: Path) -> str:
    try:
        return import_annotations(study, [path]).sentence
    except ImportRefusedError as refused:
        return str(refused)


def make_counts_of_all(study: Study, folder: Path) -> Path:
    rows = [{"item": item.key, "counts": {"housing": 2}} for item in study.items.all()]
    return write_jsonl(folder / "counts.jsonl", rows)


@pytest.mark.both_databases
def test_of_counts_and_answers_imported_at_once_one_is_refused_in_words(tmp_path: Path) -> None:
    study = make_study(task=Study.Task.SINGLE)
    items = make_items(study, 20)
    answers = write_rows(
        tmp_path / "a.csv", ("item", "annotator", "label"), *((item.key, "w1", "housing") for item in items)
    )
    files = (make_counts_of_all(study, tmp_path), answers)
    told = at_once(2, lambda index: import_in_words(study, files[index]))
    assert sorted("never mix" in one for one in told) == [False, True]
    assert {Annotation.objects.count(), LabelCount.objects.count()} == {0, 20}


@pytest.mark.both_databases
def test_people_who_answer_while_counts_are_imported_hear_words_and_lose_no_seat(tmp_path: Path) -> None:
    study = make_study(task=Study.Task.SINGLE, answers_wanted=1)
    make_items(study, 6)
    people = [make_participant(study) for _ in range(6)]
    seats = [make_seat(person) for person in people]
    path = make_counts_of_all(study, tmp_path)

    def answer_or_import(index: int) -> str:
        if index == 6:
            return import_in_words(study, path)
        try:
            record_annotation(assignment=seats[index], client_key=uuid4(), answer=HOUSING)
        except InvalidAnswerError as refused:
            return str(refused)
        return "stored"

    *answered, imported = at_once(7, answer_or_import)
    if "never mix" in imported:
        assert answered == ["stored"] * 6
    else:
        assert all("accepts no more answers" in told for told in answered)
        assert {item.seats_taken for item in study.items.all()} == {0}


@WITH_ROW_LOCKS
def test_counts_wait_for_an_answer_that_is_being_saved_and_are_refused_in_words(tmp_path: Path) -> None:
    study = make_study(task=Study.Task.SINGLE)
    make_items(study, 1)
    seat = make_seat(make_participant(study))
    path = make_counts_of_all(study, tmp_path)
    told: list[str] = []

    def import_beside() -> None:
        told.append(import_in_words(study, path))
        connection.close()

    importing = threading.Thread(target=import_beside)
    with transaction.atomic():
        record_annotation(assignment=seat, client_key=uuid4(), answer=HOUSING)
        importing.start()
        until_somebody_waits_for_a_lock()
    importing.join()
    assert "never mix" in told[0]

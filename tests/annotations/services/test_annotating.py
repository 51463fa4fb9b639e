"""Seats and answers: nobody gets a text twice, no answer is lost, none is stored twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from annotations.assignment_leases import Waiting
from annotations.models import Annotation, Assignment, Item, Study
from annotations.selectors.answers import current_answers
from annotations.selectors.participation import coverage, participant_share
from annotations.services.annotating import (
    Answer,
    InvalidAnswerError,
    record_annotation,
)
from annotations.services.assigning import next_assignment
from annotations.services.studies import publish_guideline
from tests.making import make_items, make_participant, make_seat, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HOUSING = Answer(chosen={"housing": 0.8})


def test_the_same_text_comes_back_until_it_is_answered() -> None:
    study = make_study()
    make_items(study)
    lawyer = make_participant(study)
    first = make_seat(lawyer)
    assert make_seat(lawyer) == first
    record_annotation(assignment=first, client_key=uuid4(), answer=HOUSING)
    assert make_seat(lawyer) != first


def test_texts_with_fewest_answers_come_first() -> None:
    study = make_study()
    make_items(study, 2)
    one, two = make_participant(study), make_participant(study)
    assert make_seat(one).item.position == 0
    assert make_seat(two).item.position == 1


def test_done_waiting_and_paused_are_three_different_answers() -> None:
    study = make_study(answers_wanted=1)
    make_items(study, 1)
    one, two = make_participant(study), make_participant(study)
    seat = make_seat(one)
    assert next_assignment(two) == Waiting("nothing_now", seat.lease_until)
    record_annotation(assignment=seat, client_key=uuid4(), answer=HOUSING)
    assert next_assignment(two) == Waiting("done")
    study.state = Study.State.PAUSED
    study.save()
    two.study.refresh_from_db()
    assert next_assignment(two) == Waiting("paused")


def test_an_abandoned_seat_comes_back_and_a_late_answer_is_kept_as_surplus() -> None:
    study = make_study(answers_wanted=1)
    make_items(study, 1)
    one, two = make_participant(study), make_participant(study)
    left = make_seat(one)
    Assignment.objects.update(lease_until=timezone.now() - timedelta(minutes=1))
    second = make_seat(two)
    assert second.item == left.item
    left.refresh_from_db()
    late = record_annotation(assignment=left, client_key=uuid4(), answer=HOUSING)
    assert (late.status, late.row and late.row.surplus) == (201, True)
    assert Item.objects.get().seats_taken == 1


def test_a_quota_ends_the_work() -> None:
    study = make_study()
    make_items(study, 3)
    lawyer = make_participant(study)
    lawyer.quota = 1
    lawyer.save()
    record_annotation(assignment=make_seat(lawyer), client_key=uuid4(), answer=HOUSING)
    assert next_assignment(lawyer) == Waiting("quota")
    assert participant_share(lawyer) == (1, 1)


def test_a_repeated_request_is_answered_as_the_first_was() -> None:
    study = make_study()
    make_items(study)
    seat, key = make_seat(make_participant(study)), uuid4()
    first = record_annotation(assignment=seat, client_key=key, answer=HOUSING)
    repeat = record_annotation(assignment=seat, client_key=key, answer=HOUSING)
    assert (first.status, repeat.status, repeat.row) == (201, 200, first.row)
    assert Annotation.objects.count() == 1


def test_the_same_key_with_another_answer_is_refused() -> None:
    study = make_study()
    make_items(study)
    seat, key = make_seat(make_participant(study)), uuid4()
    record_annotation(assignment=seat, client_key=key, answer=HOUSING)
    other = record_annotation(assignment=seat, client_key=key, answer=Answer(chosen={"family": 1.0}))
    assert (other.status, Annotation.objects.count()) == (409, 1)


def test_another_key_for_an_answered_text_shows_the_stored_answer() -> None:
    study = make_study()
    make_items(study)
    seat = make_seat(make_participant(study))
    first = record_annotation(assignment=seat, client_key=uuid4(), answer=HOUSING)
    second = record_annotation(assignment=seat, client_key=uuid4(), answer=HOUSING)
    assert (second.status, second.row) == (409, first.row)


def test_a_key_of_another_person_tells_nothing() -> None:
    study = make_study()
    make_items(study)
    key = uuid4()
    record_annotation(assignment=make_seat(make_participant(study)), client_key=key, answer=HOUSING)
    stolen = record_annotation(assignment=make_seat(make_participant(study)), client_key=key, answer=HOUSING)
    assert (stolen.status, stolen.row) == (409, None)


def test_second_thoughts_replace_the_answer_and_keep_the_first() -> None:
    study = make_study()
    make_items(study)
    seat = make_seat(make_participant(study))
    first = record_annotation(assignment=seat, client_key=uuid4(), answer=HOUSING).row
    second = record_annotation(
        assignment=seat, client_key=uuid4(), answer=Answer(no_label_applies=True), replaces=first
    )
    assert second.status == 201
    assert list(current_answers(study)) == [second.row]
    assert Annotation.objects.count() == 2
    late = record_annotation(assignment=seat, client_key=uuid4(), answer=HOUSING, replaces=first)
    assert (late.status, late.row) == (409, second.row)


def test_the_empty_set_is_an_answer_and_a_skip_is_not() -> None:
    study = make_study(answers_wanted=1)
    make_items(study, 2)
    lawyer = make_participant(study)
    empty = record_annotation(
        assignment=make_seat(lawyer), client_key=uuid4(), answer=Answer(no_label_applies=True)
    )
    skip = record_annotation(
        assignment=make_seat(lawyer),
        client_key=uuid4(),
        answer=Answer(skipped=True, reason="I know the family."),
    )
    assert empty.row is not None
    assert skip.row is not None
    assert (empty.row.gives_labels, skip.row.gives_labels) == (True, False)
    assert sorted(study.items.values_list("seats_taken", flat=True)) == [0, 1], (
        "a skip gives the seat to somebody else"
    )


def test_certainty_is_kept_for_chosen_and_for_rejected_labels() -> None:
    study = make_study()
    make_items(study)
    answer = Answer(
        chosen={"housing": 0.8, "contract": None}, rejected={"family": 1.0}, guideline_unclear=True
    )
    row = record_annotation(
        assignment=make_seat(make_participant(study)), client_key=uuid4(), answer=answer
    ).row
    assert row is not None
    assert set(row.labels.values_list("label__key", "chosen", "certainty")) == {
        ("housing", True, 0.8),
        ("contract", True, None),
        ("family", False, 1.0),
    }
    assert row.guideline_unclear


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer(), "Choose at least one label"),
        (Answer(rejected={"housing": 1.0}), "only excluded labels"),
        (Answer(chosen={"housing": 1.0}, no_label_applies=True), "Keep one of the two"),
        (Answer(chosen={"housing": 1.0}, rejected={"housing": 1.0}), "both chosen and excluded"),
        (Answer(chosen={"tax": 1.0}), "no label tax"),
        (Answer(chosen={"housing": 1.5}), "between 0 and 1"),
        (Answer(chosen={"housing": 1.0}, skipped=True, reason="x"), "either skip it or answer it"),
        (Answer(skipped=True), "why you skip"),
    ],
)
def test_an_answer_that_contradicts_itself_is_refused_in_words(answer: Answer, sentence: str) -> None:
    study = make_study()
    make_items(study)
    seat = make_seat(make_participant(study))
    with pytest.raises(InvalidAnswerError, match=sentence):
        record_annotation(assignment=seat, client_key=uuid4(), answer=answer)
    assert not Annotation.objects.exists()


def test_a_study_of_one_label_takes_one() -> None:
    study = make_study(task=Study.Task.SINGLE)
    make_items(study)
    with pytest.raises(InvalidAnswerError, match="one label"):
        record_annotation(
            assignment=make_seat(make_participant(study)),
            client_key=uuid4(),
            answer=Answer(chosen={"housing": None, "family": None}),
        )


def test_progress_agrees_with_the_rows() -> None:
    study = make_study(answers_wanted=2)
    make_items(study, 3)
    one, two = make_participant(study), make_participant(study)
    for lawyer, n in ((one, 3), (two, 1)):
        for _ in range(n):
            record_annotation(assignment=make_seat(lawyer), client_key=uuid4(), answer=HOUSING)
    found = coverage(study)
    assert (found.n_items, found.n_wanted, found.n_answers, found.percent) == (3, 6, 4, 66)
    assert participant_share(one) == (3, 3)
    assert participant_share(two) == (1, 3)


def test_a_skip_is_no_answer_and_an_open_seat_is_none_yet() -> None:
    study = make_study(answers_wanted=1)
    make_items(study, 2)
    one, two = make_participant(study), make_participant(study)
    skip = Answer(skipped=True, reason="I know the family.")
    seat = make_seat(one)
    make_seat(two)
    skipped = record_annotation(assignment=seat, client_key=uuid4(), answer=skip).row
    assert coverage(study).n_answers == 0
    assert skipped is not None
    assert skipped.assignment is not None
    record_annotation(assignment=skipped.assignment, client_key=uuid4(), answer=HOUSING, replaces=skipped)
    assert coverage(study).n_answers == 1


def test_a_skip_answered_after_all_is_surplus_when_somebody_else_filled_the_seat() -> None:
    study = make_study(answers_wanted=1)
    make_items(study, 1)
    one, two = make_participant(study), make_participant(study)
    seat = make_seat(one)
    skip = Answer(skipped=True, reason="I know the family.")
    skipped = record_annotation(assignment=seat, client_key=uuid4(), answer=skip).row
    record_annotation(assignment=make_seat(two), client_key=uuid4(), answer=HOUSING)
    late = record_annotation(assignment=seat, client_key=uuid4(), answer=HOUSING, replaces=skipped)
    assert (late.status, late.row and late.row.surplus) == (201, True)
    # Whatever is said after that, the seat is another's.
    again = record_annotation(assignment=seat, client_key=uuid4(), answer=skip, replaces=late.row)
    assert (again.status, Item.objects.get().seats_taken) == (201, 1)


def test_an_answer_names_a_version_of_the_guideline_that_there_is() -> None:
    study = make_study()
    make_items(study)
    publish_guideline(make_study(), text="Another study's.")
    seat = make_seat(make_participant(study))
    answer = Answer(chosen={"housing": 0.8}, guideline_version=1)
    with pytest.raises(InvalidAnswerError, match="no version 1 of its guideline"):
        record_annotation(assignment=seat, client_key=uuid4(), answer=answer)
    assert not Annotation.objects.exists()
    assert make_seat(seat.participant).done_at is None
    publish_guideline(study, text="Read all of it.")
    assert record_annotation(assignment=seat, client_key=uuid4(), answer=answer).status == 201


def test_after_closing_second_thoughts_come_too_late() -> None:
    study = make_study()
    make_items(study)
    seat = make_seat(make_participant(study))
    first = record_annotation(assignment=seat, client_key=uuid4(), answer=HOUSING).row
    Study.objects.filter(pk=study.pk).update(state="closed")
    seat = Assignment.objects.get(pk=seat.pk)
    late = record_annotation(
        assignment=seat, client_key=uuid4(), answer=Answer(no_label_applies=True), replaces=first
    )
    assert (late.status, late.row) == (409, first)


def test_a_clock_is_believed_only_within_the_time_of_the_seat() -> None:
    study = make_study()
    make_items(study)
    seat = make_seat(make_participant(study))
    absurd = datetime(1, 1, 1, tzinfo=UTC)
    answer = Answer(chosen={"housing": 0.8}, shown_at=absurd, submitted_at=absurd)
    row = record_annotation(assignment=seat, client_key=uuid4(), answer=answer).row
    assert row is not None
    assert (row.shown_at, row.submitted_at) == (seat.reserved_at, seat.reserved_at)

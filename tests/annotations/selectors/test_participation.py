"""Two numbers of progress, yours and the study's: both are what the rows say, whatever people do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.models import Annotation, AnswerTally, Assignment, Participant, Remark, Study
from annotations.selectors.groups import taken_group_slots
from annotations.selectors.participation import coverage, participant_share, people_in
from annotations.selectors.progress import item_coverage, participant_shares
from annotations.services.annotating import Answer, record_annotation
from annotations.services.assigning import next_assignment
from tests.annotations.making import make_answer, make_place
from tests.making import make_items, make_participant, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ANSWER = Answer(chosen={"housing": 0.8})
SKIP = Answer(skipped=True, reason="I know the family.")
STEPS = st.tuples(st.integers(0, 2), st.sampled_from(["look", "answer", "skip", "think again"]))


def step(person: Participant, does: str, **more: Any) -> None:
    """One thing that a person does; nothing where nothing comes to them."""
    if does == "think again":
        last = Annotation.objects.filter(participant=person, replaced_by__isnull=True).last()
        if last is not None and last.assignment is not None:
            other = ANSWER if last.skipped else SKIP
            again = replace(other, **more)
            record_annotation(assignment=last.assignment, client_key=uuid4(), answer=again, replaces=last)
        return
    seat = next_assignment(person)
    if isinstance(seat, Assignment) and does != "look":
        said = replace(ANSWER if does == "answer" else SKIP, **more)
        record_annotation(assignment=seat, client_key=uuid4(), answer=said)


def counted_by_hand(study: Study) -> tuple[int, dict[int, tuple[int, int]]]:
    """The study's answers, and (done, of how many) of each person, row by row."""
    standing = list(Annotation.objects.filter(item__study=study, replaced_by__isnull=True))
    given_in_time = [row for row in standing if not row.skipped and not row.surplus]
    held = list(Assignment.objects.filter(item__study=study, done_at__isnull=True))
    taken = [row.item_id for row in given_in_time] + [seat.item_id for seat in held]
    places = {item: taken.count(item) for item in study.items.values_list("pk", flat=True)}
    shares = {}
    for person in study.participants.all():
        met = {row.item_id for row in standing if row.participant_id == person.pk}
        met |= {seat.item_id for seat in held if seat.participant_id == person.pk}
        done = {row.item_id for row in standing if row.participant_id == person.pk}
        to_come = [item for item, n in places.items() if item not in met and n < study.answers_wanted]
        shares[person.pk] = (len(done), len(met) + len(to_come))
    return len(given_in_time), shares


@settings(max_examples=15, deadline=None)
@given(steps=st.lists(STEPS, max_size=14))
def test_both_numbers_are_what_the_rows_say(steps: list[tuple[int, str]]) -> None:
    study = make_study(answers_wanted=2)
    make_items(study, 3)
    people = [make_participant(study) for _ in range(3)]
    for who, does in steps:
        step(people[who], does)
    n_answers, shares = counted_by_hand(study)
    found = coverage(study)
    assert (found.n_answers, found.n_wanted) == (n_answers, 6)
    assert {person.pk: participant_share(person) for person in people} == shares
    # What watching shows comes from seats and tallies, and says the same.
    covered = item_coverage(study)
    assert (covered.n_answers, covered.n_wanted) == (n_answers, 6)
    given = participant_shares(study)
    assert {pk: share.n_done for pk, share in given.items()} == {
        pk: done for pk, (done, _of) in shares.items() if done
    }
    # The list of people counts in one query what a person's own page counts by itself.
    counts = attrgetter("n_done", "n_of")
    assert {person.pk: counts(person) for person in people_in(study)} == shares
    taken = sum(study.items.values_list("seats_taken", flat=True))
    assert sum(taken_group_slots([study.pk]).values()) == taken


def tallied_by_hand(study: Study) -> dict[tuple[int, datetime], tuple[int, int, int, int]]:
    tallies: dict[tuple[int, datetime], list[int]] = {}
    for row in Annotation.objects.filter(item__study=study, import_batch=None):
        hour = row.submitted_at.replace(minute=0, second=0, microsecond=0)
        tally = tallies.setdefault((row.participant_id, hour), [0, 0, 0, 0])
        tally[2 if row.replaces_id else 1 if row.skipped else 0] += 1
        tally[3] += row.active_ms or 0
    return {key: (n, skips, revisions, ms) for key, (n, skips, revisions, ms) in tallies.items()}


@settings(max_examples=15, deadline=None)
@given(
    steps=st.lists(st.tuples(STEPS, st.none() | st.integers(0, 90_000), st.integers(0, 200)), max_size=14),
)
def test_the_tallies_of_each_person_and_hour_are_what_the_rows_say(
    steps: list[tuple[tuple[int, str], int | None, int]],
) -> None:
    study = make_study(answers_wanted=2)
    make_items(study, 3)
    people = [make_participant(study) for _ in range(3)]
    monday = timezone.now()
    for (who, does), active_ms, minutes in steps:
        # Seats were reserved long ago, so that answers may come from different hours.
        Assignment.objects.filter(item__study=study).update(reserved_at=monday - timedelta(days=3))
        step(people[who], does, active_ms=active_ms, submitted_at=monday - timedelta(minutes=minutes))
    found = {
        (row.participant_id, row.hour): (row.n_answers, row.n_skips, row.n_revisions, row.active_ms)
        for row in AnswerTally.objects.filter(participant__study=study)
    }
    assert found == tallied_by_hand(study)
    # Skips are remarks, and these people say nothing else to those who run the study.
    said = Annotation.objects.filter(item__study=study, skipped=True).order_by("pk")
    assert list(
        Remark.objects.filter(study=study).order_by("pk").values_list("annotation", flat=True)
    ) == list(said.values_list("pk", flat=True))


def test_an_answer_that_is_refused_or_imported_is_not_tallied() -> None:
    place = make_place()
    make_answer(place, import_batch=place.batch)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_answer(place, participant=place.people[1], gives_labels=False)
    assert not AnswerTally.objects.exists()

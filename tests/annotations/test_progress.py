"""Two numbers of progress, yours and the study's: both are what the rows say, whatever people do."""

from __future__ import annotations

from operator import attrgetter
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.models import Annotation, Assignment, Participant, Study
from annotations.selectors.participation import people_in
from annotations.selectors.studies import coverage, share_of
from annotations.services.annotating import Answer, next_assignment, record_annotation
from tests.making import make_items, make_participant, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ANSWER = Answer(chosen={"housing": 0.8})
SKIP = Answer(skipped=True, reason="I know the family.")
STEPS = st.tuples(st.integers(0, 2), st.sampled_from(["look", "answer", "skip", "think again"]))


def step(person: Participant, does: str) -> None:
    """One thing that a person does; nothing where nothing comes to them."""
    if does == "think again":
        last = Annotation.objects.filter(participant=person, replaced_by__isnull=True).last()
        if last is not None and last.assignment is not None:
            other = ANSWER if last.skipped else SKIP
            record_annotation(assignment=last.assignment, client_key=uuid4(), answer=other, replaces=last)
        return
    seat = next_assignment(person)
    if isinstance(seat, Assignment) and does != "look":
        record_annotation(assignment=seat, client_key=uuid4(), answer=ANSWER if does == "answer" else SKIP)


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
    assert {person.pk: share_of(person) for person in people} == shares
    # The list of people counts in one query what a person's own page counts by itself.
    counts = attrgetter("n_done", "n_of")
    assert {person.pk: counts(person) for person in people_in(study)} == shares

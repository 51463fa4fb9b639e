"""Who gets which text: breadth first, by group, ahead of time, and again after a lapse."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.assignment_leases import Waiting
from annotations.models import Assignment, Item, Participant, Study
from annotations.selectors.participation import coverage, participant_share, people_in
from annotations.services.annotating import Answer, record_annotation
from annotations.services.assigning import (
    MAX_PREFETCHED,
    OFFLINE_DEPTH,
    next_assignment,
    prefetched_assignments,
    show_assignment,
)
from annotations.services.studies import add_participant
from tests.making import make_items, make_participant, make_person, make_seat, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HOUSING = Answer(chosen={"housing": 0.8})
SKIP = Answer(skipped=True, reason="I know the family.")


def make_ready(n_items: int, **fields: Any) -> tuple[Study, Participant]:
    study = make_study(**fields)
    make_items(study, n_items)
    return study, make_participant(study)


def answer(seat: Assignment, said: Answer = HOUSING) -> bool:
    """Whether the answer is beyond the wanted number."""
    row = record_annotation(assignment=seat, client_key=uuid4(), answer=said).row
    assert row is not None
    return row.surplus


def work(person: Participant, n_texts: int = 1000) -> int:
    """Answer what comes, up to so many texts; how many came."""
    for n_done in range(n_texts):
        seat = next_assignment(person)
        if isinstance(seat, Waiting):
            return n_done
        answer(seat)
    return n_texts


def let_leases_lapse() -> None:
    Assignment.objects.update(lease_until=timezone.now() - timedelta(minutes=1))


# ---- left and taken again ---------------------------------------------------------------------


def test_a_text_that_was_left_comes_to_the_same_person_again() -> None:
    study, lawyer = make_ready(1, answers_wanted=2)
    left = make_seat(lawyer)
    show_assignment(left)
    let_leases_lapse()
    colleague = make_participant(study)
    make_seat(colleague)
    left.refresh_from_db()
    assert left.returned_at is not None
    again = make_seat(lawyer)
    assert again == left
    assert (again.returned_at, answer(again)) == (None, False)
    assert Item.objects.get().seats_taken == 2


def test_a_late_answer_counts_while_its_text_still_wants_one() -> None:
    study, lawyer = make_ready(2, answers_wanted=1)
    left = make_seat(lawyer)
    let_leases_lapse()
    # Whoever asks next gives the lapsed seat back, and may get another text.
    Item.objects.filter(pk=left.item_id).update(position=9)
    make_seat(make_participant(study))
    left.refresh_from_db()
    assert left.returned_at is not None
    assert answer(left) is False
    left.refresh_from_db()
    assert left.returned_at is None
    assert set(study.items.values_list("seats_taken", flat=True)) == {1}


def test_a_page_that_is_looked_at_again_takes_its_place_back_unless_somebody_has_it() -> None:
    study, lawyer = make_ready(1, answers_wanted=1)
    seat = make_seat(lawyer)
    colleague = make_participant(study)
    let_leases_lapse()
    theirs = make_seat(colleague)
    seat.refresh_from_db()
    show_assignment(seat)
    assert Item.objects.get().seats_taken == 1
    Assignment.objects.filter(pk=theirs.pk).update(lease_until=timezone.now() - timedelta(minutes=1))
    make_participant(study)
    assert make_seat(lawyer) == seat
    seat.refresh_from_db()
    assert (seat.returned_at, Item.objects.get().seats_taken) == (None, 1)


# ---- ahead ------------------------------------------------------------------------------------


def test_texts_are_reserved_ahead_in_order_and_are_not_shown() -> None:
    study, lawyer = make_ready(30)
    seat = make_seat(lawyer)
    ahead = prefetched_assignments(seat)
    assert [one.item.position for one in ahead] == list(range(1, 1 + MAX_PREFETCHED))
    assert {one.shown_at for one in ahead} == {None}
    assert prefetched_assignments(seat) == ahead
    # What is in hand stays in hand, here and in a second tab, until it is answered.
    assert make_seat(lawyer) == seat
    answer(seat)
    assert make_seat(lawyer) == ahead[0]
    assert participant_share(lawyer) == (1, 30)
    assert coverage(study).n_answers == 1


def test_nobody_hoards_what_others_wait_for() -> None:
    study, lawyer = make_ready(MAX_PREFETCHED, answers_wanted=1)
    colleague = make_participant(study)
    seat = make_seat(lawyer)
    # The colleague could hold five, too.
    assert len(prefetched_assignments(seat)) == MAX_PREFETCHED - 1 - OFFLINE_DEPTH
    assert isinstance(next_assignment(colleague), Assignment)
    make_participant(study)
    assert len(prefetched_assignments(make_seat(colleague))) == 1


def test_five_texts_are_held_ahead_also_in_a_small_study() -> None:
    study, lawyer = make_ready(2 * OFFLINE_DEPTH + 2)
    make_participant(study)
    assert len(prefetched_assignments(make_seat(lawyer))) >= OFFLINE_DEPTH


def test_who_annotates_alone_holds_all_texts_that_are_left() -> None:
    _study, lawyer = make_ready(7, answers_wanted=1)
    assert len(prefetched_assignments(make_seat(lawyer))) == 6


def test_a_quota_counts_what_is_reserved_ahead() -> None:
    _study, lawyer = make_ready(30)
    lawyer.quota = 3
    lawyer.save()
    seat = make_seat(lawyer)
    assert len(prefetched_assignments(seat)) == 2
    assert work(lawyer) == 3
    assert next_assignment(lawyer) == Waiting("quota")


def test_what_a_closed_page_had_reserved_comes_free_again() -> None:
    study, lawyer = make_ready(2, answers_wanted=1)
    (reserved,) = prefetched_assignments(make_seat(lawyer))
    colleague = make_participant(study)
    assert isinstance(next_assignment(colleague), Waiting)
    assert make_seat_later(colleague, reserved.lease_until + timedelta(seconds=1)).item == reserved.item


def make_seat_later(person: Participant, now: Any) -> Assignment:
    seat = next_assignment(person, now=now)
    assert isinstance(seat, Assignment)
    return seat


@pytest.mark.parametrize("state", [Study.State.PAUSED, Study.State.CLOSED])
def test_nothing_is_reserved_in_a_study_that_stands_still(state: str) -> None:
    _study, lawyer = make_ready(5)
    seat = make_seat(lawyer)
    lawyer.study.state = state
    assert prefetched_assignments(Assignment(pk=seat.pk, participant=lawyer, item=seat.item)) == []


def test_an_answer_to_a_text_that_was_reserved_says_when_it_was_shown() -> None:
    _study, lawyer = make_ready(5)
    reserved = prefetched_assignments(make_seat(lawyer))[0]
    shown_at = timezone.now()
    answer(reserved, Answer(chosen={"housing": 0.2}, shown_at=shown_at))
    reserved.refresh_from_db()
    assert reserved.shown_at == shown_at


# ---- orders -----------------------------------------------------------------------------------


def test_a_random_order_is_each_persons_own_and_still_breadth_first() -> None:
    study, one = make_ready(40, order=Study.Order.RANDOM, seed=7, answers_wanted=2)
    two = make_participant(study)
    work(one, 20)
    work(two, 20)
    assert set(study.items.values_list("seats_taken", flat=True)) == {1}
    orders = [
        list(person.assignments.order_by("pk").values_list("item__position", flat=True))
        for person in (one, two)
    ]
    for order in orders:
        assert order != sorted(order)
        apart = [abs(here - there) for here, there in pairwise(order)]
        assert sum(apart) / len(apart) > 5, "neighbours in the file are no neighbours on the desk"
    assert (work(one), work(two)) == (20, 20)
    assert set(study.items.values_list("seats_taken", flat=True)) == {2}


@pytest.mark.parametrize("order", Study.Order.values)
@pytest.mark.parametrize("rule", Study.AssignmentRule.values)
@pytest.mark.parametrize("quota", [None, 50])
def test_the_next_text_costs_six_queries_however_it_is_chosen(
    order: str, rule: str, quota: int | None
) -> None:
    _study, lawyer = make_ready(12, order=order, assignment=rule)
    lawyer.quota = quota
    lawyer.save()
    answer(make_seat(lawyer))
    with CaptureQueriesContext(connection) as asked:
        make_seat(lawyer)
    # Within a test a transaction is a savepoint.
    queries = [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]
    assert len(queries) <= 6, queries


# ---- by group ---------------------------------------------------------------------------------


def make_groups(study: Study, *groups: str) -> list[Participant]:
    return [add_participant(study, user=make_person(), role="annotator", group=group) for group in groups]


def given_by_group(study: Study) -> set[tuple[tuple[str, int], ...]]:
    """For each text how many answers each group gave it."""
    rows = Counter(
        Assignment.objects.filter(item__study=study, done_at__isnull=False).values_list(
            "item", "participant__group"
        )
    )
    texts: dict[int, dict[str, int]] = {pk: {} for pk in study.items.values_list("pk", flat=True)}
    for (item, group), n in rows.items():
        texts[item][group] = n
    return {tuple(sorted(groups.items())) for groups in texts.values()}


def test_answers_are_spread_over_the_groups_of_annotators() -> None:
    study = make_study(answers_wanted=3, assignment="groups")
    make_items(study, 4)
    bar, bar_two, bar_three, bench, bench_two = make_groups(study, "bar", "bar", "bar", "bench", "bench")
    # However fast one group is, the other gets its share of every text.
    assert [work(person) for person in (bar, bar_two, bar_three)] == [4, 2, 0]
    assert participant_share(bar_three) == (0, 0)
    assert [work(person) for person in (bench, bench_two)] == [4, 2]
    assert given_by_group(study) == {(("bar", 2), ("bench", 1)), (("bar", 1), ("bench", 2))}
    assert set(study.items.values_list("seats_taken", flat=True)) == {3}


def test_a_group_of_which_all_left_keeps_nothing_open() -> None:
    study = make_study(answers_wanted=2, assignment="groups")
    make_items(study, 2)
    bar, bench, other = make_groups(study, "bar", "bench", "bar")
    assert work(bar) == 2
    assert work(other) == 0
    Participant.objects.filter(pk=bench.pk).update(is_active=False)
    assert work(other) == 2


def test_a_skip_leaves_the_share_of_the_group_open() -> None:
    study = make_study(answers_wanted=2, assignment="groups")
    make_items(study, 1)
    one, two, _bench = make_groups(study, "bar", "bar", "bench")
    seat = make_seat(one)
    skipped = record_annotation(assignment=seat, client_key=uuid4(), answer=SKIP).row
    assert work(two) == 1
    late = record_annotation(assignment=seat, client_key=uuid4(), answer=HOUSING, replaces=skipped).row
    assert late is not None
    assert late.surplus, "the place that is left belongs to the other group"
    assert Item.objects.get().seats_taken == 1


def test_a_list_of_people_counts_what_may_come_by_group() -> None:
    study = make_study(answers_wanted=3, assignment="groups")
    make_items(study, 4)
    people = make_groups(study, "bar", "bench", "bench", "")
    work(people[0], 2)
    counted = {person.pk: (person.n_done, person.n_of) for person in people_in(study)}  # type: ignore[attr-defined]
    assert counted == {person.pk: participant_share(person) for person in people}

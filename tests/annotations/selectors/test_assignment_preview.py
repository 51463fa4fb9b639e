"""The preview of the assignment agrees with what seating then does, and stores nothing."""

from __future__ import annotations

from uuid import uuid4

import pytest

from annotations.models import Assignment, Participant, Study
from annotations.selectors.assignment_preview import assignment_preview
from annotations.services.annotating import Answer, record_annotation
from annotations.services.assigning import next_assignment
from annotations.services.invitations import Terms, invite
from annotations.services.studies import add_participant
from tests.making import make_items, make_participant, make_person, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def make_crowd(study: Study, *groups: str, quota: int | None = None) -> list[Participant]:
    return [
        add_participant(study, user=make_person(), role="annotator", group=group, quota=quota)
        for group in groups
    ]


def work_on(people: list[Participant], *, rounds: int | None = None) -> None:
    """In turns, each one answer, until nobody gets a text."""
    going_on = list(people)
    while going_on and rounds != 0:
        rounds = None if rounds is None else rounds - 1
        still = []
        for person in going_on:
            seat = next_assignment(person)
            if isinstance(seat, Assignment):
                record_annotation(assignment=seat, client_key=uuid4(), answer=Answer(no_label_applies=True))
                still.append(person)
        going_on = still


@pytest.mark.parametrize("order", ["fixed", "random"])
@pytest.mark.parametrize("assignment", ["breadth", "groups"])
def test_what_was_foreseen_is_what_comes_when_people_work_in_turns(order: str, assignment: str) -> None:
    study = make_study(answers_wanted=3, order=order, assignment=assignment, seed=5)
    make_items(study, 7)
    people = make_crowd(study, "academia", "bar", "bar", "bar")
    Participant.objects.filter(pk=people[3].pk).update(quota=2)
    people = list(Participant.objects.filter(study=study).order_by("number"))
    work_on(people, rounds=1)
    preview = assignment_preview(study, with_invited=False, sees_names=True)
    work_on(people)
    had: dict[int, list[str]] = {person.pk: [] for person in people}
    for seat in Assignment.objects.order_by("reserved_at", "pk").select_related("item"):
        had[seat.participant_id].append(seat.item.key)
    assert [person.n_done + person.n_more for person in preview.people] == [len(had[p.pk]) for p in people]
    assert [person.first for person in preview.people] == [had[p.pk][1:6] for p in people]
    taken = list(study.items.values_list("seats_taken", flat=True))
    assert preview.n_answers == sum(taken)
    assert preview.n_missing == sum(3 - n for n in taken)


def test_groups_share_the_answers_where_the_study_says_so() -> None:
    study = make_study(answers_wanted=3, assignment="groups")
    make_items(study, 4)
    make_crowd(study, "academia", "academia", "bar", "bar", "bar")
    preview = assignment_preview(study, with_invited=False, sees_names=True)
    assert [(group.name, group.n_people, group.n_answers) for group in preview.groups] == [
        ("academia", 2, 6),
        ("bar", 3, 6),
    ]
    assert preview.n_missing == 0


def test_texts_that_stay_short_are_named_with_what_they_would_have() -> None:
    study = make_study(answers_wanted=3)
    make_items(study, 3)
    make_crowd(study, "", "", quota=2)
    preview = assignment_preview(study, with_invited=False, sees_names=True)
    # Four answers over three texts, breadth first.
    assert preview.short == [("item-0", 2), ("item-1", 1), ("item-2", 1)]
    assert preview.by_answers == [(1, 2), (2, 1)]
    assert (preview.n_short, preview.n_answers, preview.n_missing) == (3, 4, 5)


def test_the_invited_count_if_asked_and_have_no_name_for_those_who_see_none() -> None:
    study = make_study(answers_wanted=1)
    make_items(study, 2)
    invite(study, terms=Terms(role="annotator"), by=make_person(), email="salma@example.org")
    assert assignment_preview(study, with_invited=False, sees_names=True).n_missing == 2
    preview = assignment_preview(study, with_invited=True, sees_names=False)
    assert preview.n_missing == 0
    assert [person.name for person in preview.people] == ["Invitation 1"]
    assert not Assignment.objects.exists()


def test_a_large_study_is_looked_at_in_part_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotations.selectors.assignment_preview.MOST_TEXTS", 2)
    study = make_study()
    make_items(study, 5)
    make_participant(study)
    preview = assignment_preview(study, with_invited=False, sees_names=True)
    assert (preview.n_seen, preview.n_texts, preview.n_answers) == (2, 5, 2)

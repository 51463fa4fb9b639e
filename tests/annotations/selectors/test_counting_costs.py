"""What counting costs: a fixed number of queries, no work anew for each person or text, and no text read."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.models import Assignment, ItemText, Participant, Study
from annotations.selectors.distributions import label_table
from annotations.selectors.participation import coverage, participant_share, participations, people_in
from annotations.selectors.progress import item_coverage, participant_shares
from tests.costs import cost
from tests.making import make_items, make_participant, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

RULES = list(Study.AssignmentRule.values)


def make_work(*, n_texts: int, n_people: int, n_done: int = 3, **fields: str) -> Study:
    """So many people, each of whom has done the first few texts."""
    study = make_study(answers_wanted=n_people + 1, **fields)
    items = make_items(study, n_texts)[:n_done]
    people = [make_participant(study) for _ in range(n_people)]
    now = timezone.now()
    Assignment.objects.bulk_create(
        Assignment(item=item, participant=person, lease_until=now, done_at=now)
        for item in items
        for person in people
    )
    return study


@pytest.mark.parametrize("rule", RULES)
def test_a_list_of_people_counts_the_texts_once_and_not_for_each(rule: str) -> None:
    costs = {
        (n_texts, n_people): cost(lambda study=study: list(people_in(study)))  # type: ignore[misc]
        for n_texts in (10, 400)
        for n_people in (2, 12)
        for study in [make_work(n_texts=n_texts, n_people=n_people, assignment=rule)]
    }
    assert len({n_queries for n_queries, _steps in costs.values()}) == 1
    steps = {size: made for size, (_queries, made) in costs.items()}
    # More texts cost the same whether two people or twelve stand on the list: they are counted once.
    for_two, for_twelve = (steps[400, n] - steps[10, n] for n in (2, 12))
    assert for_twelve <= for_two * 1.2 + 5


def test_progress_is_counted_without_reading_a_text() -> None:
    study = make_work(n_texts=10, n_people=2)
    person = study.participants.filter(role=Participant.Role.ANNOTATOR)[0]
    assert person.user is not None
    table = ItemText._meta.db_table
    with CaptureQueriesContext(connection) as asked:
        coverage(study)
        item_coverage(study)
        participant_shares(study)
        participant_share(person)
        list(people_in(study))
        list(participations(person.user))
        label_table(study)
    assert [query["sql"] for query in asked if table in query["sql"]] == []

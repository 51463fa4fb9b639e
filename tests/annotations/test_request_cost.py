"""What a whole request of an annotator's page asks of the database: middleware, session and policy included."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.annotations.annotating_pages import make_annotator, send, signed_in
from tests.making import make_items, make_seat

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

# The bounds of a transaction ask nothing of a table.
BOUNDS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def n_statements(asked: CaptureQueriesContext) -> int:
    return sum(not one["sql"].startswith(BOUNDS) for one in asked)


def test_storing_an_answer_takes_few_statements() -> None:
    lawyer = make_annotator()
    seat = make_seat(lawyer)
    client = signed_in(lawyer)
    with CaptureQueriesContext(connection) as asked:
        assert send(client, seat, {"chosen": {"housing": 0.6}}).status_code == 201
    # Session, user, assignment, labels; person, assignment, answer, labels of the answer.
    assert n_statements(asked) == 8


def test_one_more_text_ahead_is_reserved_in_five_statements() -> None:
    lawyer = make_annotator()
    make_items(lawyer.study, 40)
    seat = make_seat(lawyer)
    client = signed_in(lawyer)
    address = f"/seats/{seat.uuid}/following/"
    sent = {"content_type": "application/json"}
    ahead = [one["place"] for one in client.post(address, {"have": []}, **sent).json()["order"]]
    with CaptureQueriesContext(connection) as asked:
        client.post(address, {"have": ahead}, **sent)
    begun = next(place for place, one in enumerate(asked) if "UPDATE annotations_assignment" in one["sql"])
    ended = next(
        place for place, one in enumerate(asked) if 'INSERT INTO "annotations_assignment"' in one["sql"]
    )
    assert sum(not one["sql"].startswith(BOUNDS) for one in list(asked)[begun : ended + 1]) == 5

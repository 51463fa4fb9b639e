"""What a whole request of an annotator's page asks of the database: middleware, session and policy included."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Annotation, Assignment, Participant, Study
from annotations.services.studies import publish_guideline
from tests.annotations.annotating_pages import make_annotator, send, signed_in
from tests.making import make_items, make_seat

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

# The bounds of a transaction ask nothing of a table.
BOUNDS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def n_statements(asked: CaptureQueriesContext) -> int:
    return sum(not one["sql"].startswith(BOUNDS) for one in asked)


class Page:
    """A page with ten texts ahead, as static/js/prefetch.js keeps them."""

    def __init__(self, lawyer: Participant) -> None:
        make_items(lawyer.study, 40)
        self.client: Client = signed_in(lawyer)
        self.seat = make_seat(lawyer)
        self.ahead: list[str] = []
        self.texts: dict[str, Any] = {}
        more = True
        while more:
            body = json.dumps({"have": self.ahead})
            reply = self.client.post(
                f"/seats/{self.seat.uuid}/following/", body, content_type="application/json"
            ).json()
            self.ahead, more = [one["place"] for one in reply["order"]], reply["more"]
            self.texts |= {text["place"]: text for text in reply["texts"]}
        self.form = self.texts[self.ahead[0]]["form"]

    def answer(self, payload: dict[str, Any] | None = None, **other: str) -> Any:
        shown, *have = self.ahead
        query = urlencode({"shown": shown, "form": self.form, "have": ",".join(have)} | other)
        body = json.dumps({"client_key": str(uuid4()), **(payload or {"chosen": {"housing": 0.6}})})
        return self.client.post(
            f"/api/seats/{self.seat.uuid}/answers/?{query}", body, content_type="application/json"
        )


def test_storing_an_answer_takes_few_statements() -> None:
    lawyer = make_annotator()
    seat = make_seat(lawyer)
    client = signed_in(lawyer)
    with CaptureQueriesContext(connection) as asked:
        assert send(client, seat, {"chosen": {"housing": 0.6}}).status_code == 201
    # Session, user, assignment, labels; person, assignment, answer, labels of the answer.
    assert n_statements(asked) == 9


def test_an_answer_and_the_next_text_are_one_request_of_15_statements() -> None:
    lawyer = make_annotator()
    publish_guideline(lawyer.study, text="Read all of it.")
    page = Page(lawyer)
    page.answer()
    page.seat = Assignment.objects.get(uuid=page.ahead.pop(0))
    page.ahead.append(str(lawyer.assignments.order_by("-pk")[0].uuid))
    with CaptureQueriesContext(connection) as asked:
        response = page.answer({"chosen": {"housing": 0.6}, "guideline_version": 1})
    assert response.status_code == 201
    # Those of an answer; leases, counts, a free text, its place, its assignment, its words.
    assert n_statements(asked) == 15
    (text,) = response.json()["next_texts"]["texts"]
    assert text["place"] == str(lawyer.assignments.order_by("-pk")[0].uuid)


def test_a_reply_to_an_answer_brings_the_next_text_without_its_form() -> None:
    lawyer = make_annotator()
    page = Page(lawyer)
    reply = page.answer().json()["next_texts"]
    (text,) = reply["texts"]
    assert [one["place"] for one in reply["order"]] == [*page.ahead[1:], text["place"]]
    seat = Assignment.objects.get(uuid=text["place"])
    assert "The landlord keeps my deposit." in text["html"]
    assert text["address"] == f"/seats/{seat.uuid}/"
    assert text["before"] == f"/seats/{page.ahead[-1]}/"
    whole = page.client.get(text["address"]).content.decode()
    assert text["html"].strip() in whole
    assert text["number"] in whole
    settings = json.loads(re.search(r'<script id="page" type="application/json">(.*?)</script>', whole)[1])  # type: ignore[index]
    assert {name: settings[name] for name in text["page"]} == text["page"]
    assert "My answers <b>1</b>" in reply["head"]
    assert Assignment.objects.get(uuid=page.ahead[0]).shown_at is not None


def test_a_text_by_itself_is_smaller_than_6_kb_beside_its_words() -> None:
    page = Page(make_annotator())
    assert len(page.answer().content) < 6_000


@pytest.mark.parametrize(
    "other", [{"form": "en-0"}, {"shown": str(uuid4())}, {"shown": "none"}, {"have": ",".join("x" * 11)}]
)
def test_a_page_that_cannot_repeat_the_form_asks_for_whole_texts(other: dict[str, str]) -> None:
    page = Page(make_annotator())
    response = page.answer(**other)
    assert (response.status_code, response.json()["next_texts"]) == (201, None)


def test_after_a_change_of_the_study_forms_are_not_repeated() -> None:
    lawyer = make_annotator()
    page = Page(lawyer)
    publish_guideline(lawyer.study, text="Read all of it.")
    assert page.answer().json()["next_texts"] is None


def test_a_paused_study_brings_no_next_text() -> None:
    lawyer = make_annotator()
    page = Page(lawyer)
    n_held = lawyer.assignments.count()
    Study.objects.update(state="paused")
    reply = page.answer().json()
    assert (reply["state"], reply["next_texts"]) == ("paused", None)
    assert lawyer.assignments.count() == n_held


def test_an_answer_that_is_refused_reserves_nothing() -> None:
    lawyer = make_annotator()
    page = Page(lawyer)
    n_held = lawyer.assignments.count()
    assert "next_texts" not in page.answer({"chosen": {"no such label": 1}}).json()
    assert lawyer.assignments.count() == n_held
    assert not Annotation.objects.exists()


def test_an_answer_sent_again_brings_the_next_text_again() -> None:
    page = Page(make_annotator())
    payload = {"client_key": str(uuid4()), "chosen": {"housing": 0.6}}
    assert page.answer(payload).status_code == 201
    again = page.answer(payload)
    assert again.status_code == 200
    # It is held already and may have a draft by now: the page asks for it with its form.
    assert again.json()["next_texts"] is None
    assert Annotation.objects.count() == 1

"""A study that is paused or closed while people work: begun work is finished, and no further text is shown."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Annotation, Assignment, Draft, Study
from annotations.services.assigning import prefetched_assignments, show_assignment
from tests.annotations.annotating_pages import filled, make_annotator, send, signed_in
from tests.making import make_items, make_seat

pytestmark = pytest.mark.django_db
STOPPED = pytest.mark.parametrize("state", [Study.State.PAUSED, Study.State.CLOSED])
THE_TEXT = "The landlord keeps my deposit."


def make_begun(state: str) -> tuple[Client, Assignment, Assignment]:
    """Somebody with one text on the screen and one fetched ahead, when the study is stopped."""
    lawyer = make_annotator()
    make_items(lawyer.study, 30)
    seat = make_seat(lawyer)
    show_assignment(seat)
    ahead = prefetched_assignments(seat)[0]
    Study.objects.update(state=state)
    return signed_in(lawyer), seat, ahead


def page_of(client: Client, seat: Assignment, **more: Any) -> str:
    return str(client.get(f"/seats/{seat.uuid}/", **more).content.decode())


@STOPPED
def test_no_further_text_is_shown(state: str) -> None:
    client, seat, ahead = make_begun(state)
    page = page_of(client, ahead)
    assert f"Annotating is {state}" in page
    assert THE_TEXT not in page
    # The page may have shown it a moment before it heard: it takes it away, and nothing counts as shown.
    for shown in (seat, ahead):
        told = client.post(
            f"/seats/{shown.uuid}/following/", json.dumps({"have": []}), "application/json"
        ).json()
        assert (told["state"], told["order"], told["texts"]) == (state, [], [])
    assert client.get(f"/seats/{seat.uuid}/following/").json() == {"state": state}
    ahead.refresh_from_db()
    assert ahead.shown_at is None


@STOPPED
def test_a_text_that_was_shown_is_still_answered(state: str) -> None:
    client, seat, _ahead = make_begun(state)
    assert "You can still answer this text. No other text follows" in page_of(client, seat)
    # A mistake is told on the page, and what was entered is still there.
    assert (
        "Choose at least one label"
        in client.post(f"/seats/{seat.uuid}/", filled(), follow=True).content.decode()
    )
    given = client.post(f"/seats/{seat.uuid}/", filled(**{"label-0": "4"}), follow=True)
    assert f"Annotating is {state}" in given.content.decode()
    assert Annotation.objects.get().assignment == seat


@STOPPED
def test_a_script_hears_that_nothing_follows_and_stores_nothing_of_what_was_never_shown(state: str) -> None:
    client, seat, ahead = make_begun(state)
    taken = send(client, seat, {"no_label_applies": True})
    assert (taken.status_code, taken.json()["state"]) == (201, state)
    refused = send(client, ahead, {"no_label_applies": True})
    assert refused.status_code == 400
    assert "was not shown to you before" in refused.json()["sentence"]
    # Without a network a page cannot hear of it: what was read and answered there is finished work.
    late = {"no_label_applies": True, "shown_at": ahead.reserved_at.isoformat()}
    assert send(client, ahead, late).status_code == 201


def test_after_closing_an_answer_is_read_and_not_revised() -> None:
    lawyer = make_annotator()
    client, seat = signed_in(lawyer), make_seat(lawyer)
    client.post(f"/seats/{seat.uuid}/", filled(**{"label-0": "4", "reason": "para. 1"}))
    Study.objects.update(state=Study.State.CLOSED)
    page = page_of(client, seat)
    for said in (THE_TEXT, "This answer can no longer be changed", "4 of 5, confident", "para. 1"):
        assert said in page
    assert 'id="answers"' not in page
    second = filled(**{"label-1": "2", "replaces": str(Annotation.objects.get().uuid)})
    told = client.post(f"/seats/{seat.uuid}/", second, follow=True).content.decode()
    assert "This study is closed. Your stored answers are kept." in told
    assert "Save as a revision" not in told
    assert Annotation.objects.count() == 1
    assert "Revise" not in client.get(f"/studies/{lawyer.study.uuid}/answers/").content.decode()


# ---- back through one's own texts ---------------------------------------------------------------


def way(page: str, name: str) -> str:
    found = re.search(rf'id="{name}" href="([^"]+)"', page)
    return found.group(1) if found else ""


def test_one_walks_back_through_all_of_ones_own_texts_and_forward_again() -> None:
    lawyer = make_annotator()
    make_items(lawyer.study, 5)
    client, walked = signed_in(lawyer), []
    for _ in range(4):
        seat = make_seat(lawyer)
        client.post(f"/seats/{seat.uuid}/", filled(**{"label-0": "4"}))
        walked.append(f"/seats/{seat.uuid}/")
    begin = f"/studies/{lawyer.study.uuid}/annotate/"
    page = client.get(begin, follow=True).content.decode()
    assert way(page, "next-text") == "", "nothing comes after the text in hand"
    for address in reversed(walked):
        assert way(page, "previous-text") == address
        page = client.get(address).content.decode()
    assert way(page, "previous-text") == ""
    for address in [*walked[1:], begin]:
        assert way(page, "next-text") == address
        page = client.get(address).content.decode()


def test_why_a_text_was_skipped_is_said_when_it_is_revised_and_is_no_reason_of_the_answer() -> None:
    lawyer = make_annotator()
    client = signed_in(lawyer)
    for entered, shown in (
        ({"skip": "other", "reason": "I wrote it."}, ("Skipped ", ": <bdi>I wrote it.</bdi>", '"skip_reason": "I wrote it."')),
        ({"skip": "conflict", "reason": "My firm."}, ("<bdi>I know the people or the case</bdi> · <bdi>My firm.</bdi>",)),
    ):  # fmt: skip
        seat = make_seat(lawyer)
        client.post(f"/seats/{seat.uuid}/", filled(**entered))
        page = page_of(client, seat)
        assert [words for words in shown if words not in page] == []
        assert ".</textarea>" not in page
        assert "Answered " not in page


def test_my_answers_keep_what_was_said_before() -> None:
    lawyer = make_annotator()
    client, seat = signed_in(lawyer), make_seat(lawyer)
    client.post(f"/seats/{seat.uuid}/", filled(**{"label-0": "4", "reason": "at first"}))
    second = filled(**{"label-1": "2", "replaces": str(Annotation.objects.get().uuid)})
    client.post(f"/seats/{seat.uuid}/", second)
    address = f"/studies/{lawyer.study.uuid}/answers/"
    page = client.get(address).content.decode()
    now, _, before = page.partition("1 earlier answer")
    assert "contract" in now
    assert "at first" not in now
    assert "housing" in before
    assert "at first" in before
    assert "Your change to this answer is not saved yet" in page.partition("hidden><strong>")[2], (
        "kept out of sight"
    )
    number = seat.item.position + 1
    for asked, is_there in (
        (f"text={number}", True),
        (f"text={number + 1}", False),
        ("kind=answered", True),
        ("kind=skipped", False),
        ("kind=labels__label", True),
    ):
        assert ("1 earlier answer" in client.get(f"{address}?{asked}").content.decode()) is is_there, asked
    for wrong in ("x", "-1", "9" * 19):
        assert f"“{wrong}” is no number of a text" in client.get(f"{address}?text={wrong}").content.decode()
    revised = Annotation.objects.get(replaces__isnull=False)
    Draft.objects.create(assignment=seat, replaces=revised, reason="on third thought")
    assert "hidden><strong>" not in client.get(address).content.decode()


# ---- what a text costs ----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_showing_a_text_and_reserving_one_more_is_one_transaction() -> None:
    lawyer = make_annotator()
    make_items(lawyer.study, 40)
    seat = make_seat(lawyer)
    had = len(prefetched_assignments(seat))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        ahead = prefetched_assignments(seat, at_most=had + 1)
    assert len(ahead) == had + 1
    assert [query["sql"] for query in asked].count("COMMIT") == 1
    assert Assignment.objects.get(pk=seat.pk).shown_at is not None

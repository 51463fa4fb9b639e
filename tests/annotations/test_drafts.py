"""Words that are not given yet: kept on the server, and never over an answer or over another page's words."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from annotations.models import Annotation, Assignment, Draft, Participant
from annotations.services.annotating import Answer, record_annotation
from tests.annotations.annotating_pages import filled, send, signed_in
from tests.making import make_items, make_participant, make_seat, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def make_ready() -> tuple[Participant, Assignment, Client]:
    study = make_study()
    make_items(study)
    lawyer = make_participant(study)
    return lawyer, make_seat(lawyer), signed_in(lawyer)


def write(
    client: Client, seat: Assignment, reason: str, *, seen: int = 0, **more: Any
) -> tuple[int, dict[str, Any]]:
    body = json.dumps({"reason": reason, "comment": "", "seen": seen, **more})
    reply = client.put(f"/api/seats/{seat.uuid}/draft/", body, content_type="application/json")
    return reply.status_code, reply.json()


def page_of(client: Client, seat: Assignment) -> str:
    return client.get(f"/seats/{seat.uuid}/").content.decode()


def test_words_are_kept_and_stand_there_when_the_page_opens_again() -> None:
    _lawyer, seat, client = make_ready()
    status, said = write(client, seat, "para. 1")
    assert (status, said["sentence"]) == (200, "")
    first = said["version"]
    again = {"version": first + 1, "sentence": ""}
    assert write(client, seat, "para. 1 and 2", seen=first) == (200, again)
    assert "para. 1 and 2</textarea>" in page_of(client, seat)
    assert not Annotation.objects.exists()
    assert write(client, seat, "", seen=first + 1) == (200, {"version": 0, "sentence": ""})
    assert not Draft.objects.exists()


def test_of_two_pages_the_second_does_not_overwrite_what_it_has_not_seen() -> None:
    _lawyer, seat, client = make_ready()
    _status, first = write(client, seat, "the first page")
    status, said = write(client, seat, "the second page", seen=0)
    assert (status, said["version"]) == (409, first["version"])
    assert "Another page changed this answer" in said["sentence"]
    assert Draft.objects.get().reason == "the first page"


def test_the_last_words_of_a_page_are_kept_over_its_own_that_are_still_under_way() -> None:
    _lawyer, seat, client = make_ready()
    _status, first = write(client, seat, "para. 1", key="one")
    seen = first["version"]
    # The page is closed before it hears of its second save.
    assert write(client, seat, "para. 1 and", seen=seen, key="two")[0] == 200
    assert write(client, seat, "para. 1 and 2", seen=seen, key="three", mine=["two"])[0] == 200
    assert Draft.objects.get().reason == "para. 1 and 2"


def test_words_that_arrive_after_later_ones_of_their_page_do_not_replace_them() -> None:
    _lawyer, seat, client = make_ready()
    assert write(client, seat, "all of it", key="two", mine=["one"])[0] == 200
    assert write(client, seat, "a part", key="one")[0] == 409
    assert Draft.objects.get().reason == "all of it"


def test_naming_ones_own_saves_overwrites_no_other_page() -> None:
    _lawyer, seat, client = make_ready()
    _status, first = write(client, seat, "both saw this", key="one")
    seen = first["version"]
    assert write(client, seat, "the other page", seen=seen, key="theirs")[0] == 200
    status, said = write(client, seat, "the last words here", seen=seen, key="three", mine=["one", "two"])
    assert (status, "Another page changed this answer" in said["sentence"]) == (409, True)
    assert Draft.objects.get().reason == "the other page"


def test_a_draft_that_was_emptied_and_written_anew_is_not_taken_for_the_one_before() -> None:
    _lawyer, seat, client = make_ready()
    _status, first = write(client, seat, "both saw this")
    write(client, seat, "", seen=first["version"])
    write(client, seat, "the other page, anew")
    assert write(client, seat, "this page", seen=first["version"])[0] == 409


def test_words_go_with_the_answer_and_never_come_after_it() -> None:
    _lawyer, seat, client = make_ready()
    write(client, seat, "para. 1")
    client.post(f"/seats/{seat.uuid}/", filled(**{"label-0": "4", "reason": "para. 3"}))
    assert not Draft.objects.exists()
    status, said = write(client, seat, "late")
    assert (status, "answered in the meantime" in said["sentence"]) == (409, True)
    assert "para. 3</textarea>" in page_of(client, seat)


def test_words_of_a_revision_are_laid_over_the_answer_that_they_revise_alone() -> None:
    _lawyer, seat, client = make_ready()
    first = record_annotation(assignment=seat, client_key=uuid4(), answer=Answer(no_label_applies=True)).row
    assert first is not None
    assert write(client, seat, "second thoughts", replaces=str(first.uuid))[0] == 200
    assert "second thoughts</textarea>" in page_of(client, seat)
    other = Answer(chosen={"housing": 0.2})
    Draft.objects.update(version=9)
    record_annotation(assignment=seat, client_key=uuid4(), answer=other, replaces=first)
    assert write(client, seat, "third", replaces=str(first.uuid), seen=9)[0] == 409
    assert not Draft.objects.exists()


def test_a_draft_belongs_to_whoever_holds_the_seat() -> None:
    lawyer, seat, client = make_ready()
    write(client, seat, "mine alone")
    colleague = make_participant(lawyer.study)
    assert write(signed_in(colleague), seat, "theirs")[0] == 404
    theirs = make_seat(colleague)
    assert "mine alone" not in page_of(signed_in(colleague), theirs)


@pytest.mark.parametrize(
    "more", [{"seen": -1}, {"reason": "x" * 10_001}, {"chosen": {}}, {"comment": None}, {"mine": "x"}]
)
def test_what_is_no_draft_is_refused_in_a_sentence(more: dict[str, Any]) -> None:
    _lawyer, seat, client = make_ready()
    status, said = write(client, seat, **{"reason": "x", **more})
    assert (status, bool(said["sentence"])) == (400, True)
    assert not Draft.objects.exists()


def test_choices_are_kept_and_are_chosen_when_the_page_opens_again() -> None:
    _lawyer, seat, client = make_ready()
    choices = {"label-0": "4", "label-1": "n2", "guideline_unclear": "on"}
    _status, first = write(client, seat, "", choices=choices)
    page = page_of(client, seat)
    assert 'name="label-0" value="4" aria-label="4, confident" checked' in page
    assert 'name="label-1" value="n2"' in page
    assert page.count(" checked") >= 3
    # A page that sends words alone leaves the choices.
    write(client, seat, "para. 1", seen=first["version"])
    assert Draft.objects.get().choices == choices
    assert not Annotation.objects.exists()
    send(client, seat, {"chosen": {"housing": 0.8}})
    assert not Draft.objects.exists()


def test_a_draft_without_choices_and_words_is_deleted() -> None:
    _lawyer, seat, client = make_ready()
    _status, first = write(client, seat, "", choices={"label-0": "4"})
    assert write(client, seat, "", seen=first["version"], choices={})[1]["version"] == 0
    assert not Draft.objects.exists()


def test_a_draft_of_a_revision_may_take_every_choice_back() -> None:
    _lawyer, seat, client = make_ready()
    stored = send(client, seat, {"chosen": {"housing": 0.8}, "guideline_unclear": True}).json()["stored"]
    assert write(client, seat, "", choices={}, replaces=stored["uuid"])[0] == 200
    page = page_of(client, seat)
    assert 'aria-label="4, confident" checked' not in page
    assert f'name="replaces" value="{stored["uuid"]}"' in page


@pytest.mark.parametrize(
    "choices", [{"x" * 41: "1"}, {"label-0": "x" * 21}, {f"label-{n}": "1" for n in range(1005)}, ["label-0"]]
)
def test_choices_that_no_form_has_are_refused(choices: Any) -> None:
    _lawyer, seat, client = make_ready()
    assert write(client, seat, "", choices=choices)[0] == 400
    assert not Draft.objects.exists()

"""Answers sent by a script."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from annotations.forms import LONGEST_REMARK
from annotations.models import Annotation
from annotations.serializers import LONGEST_REMARK as LONGEST_REMARK_OF_SCRIPTS
from tests.annotations.annotating_pages import filled, make_annotator, send, signed_in
from tests.making import make_person, make_seat

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_a_script_sends_an_answer_and_learns_where_to_go() -> None:
    lawyer = make_annotator()
    seat = make_seat(lawyer)
    response = send(
        signed_in(lawyer),
        seat,
        {"chosen": {"housing": 0.6}, "rejected": {"family": 1.0}, "reason": "", "active_ms": 4100},
    )
    assert response.status_code == 201
    assert response.json()["next"] == f"/studies/{lawyer.study.uuid}/annotate/"
    assert response.json()["stored"]["chosen"] == {"housing": 0.6}
    assert Annotation.objects.get().active_ms == 4100


def test_the_same_answer_sent_again_is_answered_as_at_first() -> None:
    lawyer = make_annotator()
    client, seat = signed_in(lawyer), make_seat(lawyer)
    payload = {"client_key": str(uuid4()), "chosen": {"housing": 1}}
    first, again = send(client, seat, payload), send(client, seat, payload)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["stored"] == again.json()["stored"]


def test_another_answer_to_the_seat_gets_the_stored_one() -> None:
    lawyer = make_annotator()
    client, seat = signed_in(lawyer), make_seat(lawyer)
    send(client, seat, {"chosen": {"housing": 1}})
    clash = send(client, seat, {"chosen": {"family": 1}})
    assert clash.status_code == 409
    assert clash.json()["stored"]["chosen"] == {"housing": 1.0}
    revision = {"chosen": {"family": 1}, "replaces": clash.json()["stored"]["uuid"]}
    assert send(client, seat, revision).status_code == 201


def test_an_author_in_the_body_is_refused() -> None:
    lawyer = make_annotator()
    response = send(
        signed_in(lawyer), make_seat(lawyer), {"no_label_applies": True, "participant": str(uuid4())}
    )
    assert response.status_code == 400
    assert response.json()["sentence"] == "These fields are not taken here: participant."


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"chosen": {"no such label": 1}},
        {"chosen": {"housing": 1.5}},
        {"chosen": {"housing": "nan"}},
        {"chosen": ["housing"]},
        {"chosen": {"housing": 1}, "rejected": {"housing": 1}},
        {"no_label_applies": True, "client_key": "not a key"},
        {"no_label_applies": True, "active_ms": -1},
        {"no_label_applies": True, "reason": "x" * (LONGEST_REMARK + 1)},
        {"skipped": True},
        {"no_label_applies": True, "guideline_version": 7},
    ],
)
def test_what_cannot_be_an_answer_is_refused_in_a_sentence(payload: dict[str, Any]) -> None:
    lawyer = make_annotator()
    response = send(signed_in(lawyer), make_seat(lawyer), payload)
    assert response.status_code == 400
    assert response.json()["sentence"]
    assert not Annotation.objects.exists()


def test_a_body_that_is_no_object_is_refused() -> None:
    lawyer = make_annotator()
    address = f"/api/seats/{make_seat(lawyer).uuid}/answers/"
    for body in ("[]", "3", "{", '"text"'):
        response = signed_in(lawyer).post(address, body, content_type="application/json")
        assert response.status_code == 400


def test_a_clock_that_runs_ahead_is_not_believed() -> None:
    lawyer = make_annotator()
    send(signed_in(lawyer), make_seat(lawyer), {"no_label_applies": True, "shown_at": "2999-01-01T00:00:00Z"})
    stored = Annotation.objects.get()
    assert stored.shown_at is None or stored.shown_at <= stored.received_at


def test_who_is_signed_out_is_not_let_in() -> None:
    lawyer = make_annotator()
    seat = make_seat(lawyer)
    assert send(Client(), seat, {"no_label_applies": True}).status_code == 403
    assert Client().get(f"/seats/{seat.uuid}/")["Location"].startswith("/sign-in/")


def test_a_request_from_another_page_is_refused() -> None:
    lawyer = make_annotator()
    client = Client(enforce_csrf_checks=True)
    client.force_login(lawyer.user or make_person(), backend="django.contrib.auth.backends.ModelBackend")
    assert send(client, make_seat(lawyer), {"no_label_applies": True}).status_code == 403
    assert client.post(f"/seats/{make_seat(lawyer).uuid}/", filled(**{"label-0": "5"})).status_code == 403


def test_form_and_script_take_remarks_of_the_same_length() -> None:
    assert LONGEST_REMARK == LONGEST_REMARK_OF_SCRIPTS

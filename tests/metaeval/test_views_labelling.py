"""The step before a pair, as a page and as JSON: a judge labels the text while no output is to be seen."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from metaeval.models import Exposure, Labelling, Protocol
from tests.metaeval.making import make_board, make_shown, signed_in

pytestmark = pytest.mark.django_db


def make_asked() -> Exposure:
    campaign = make_board(n_items=1)
    Protocol.objects.create(campaign=campaign, labels_first="each-pair")
    return make_shown(campaign)


def filled(**entered: Any) -> dict[str, Any]:
    return {"client_key": uuid4(), "replaces": "", **entered}


def chosen() -> list[str]:
    return [one.label.key for one in Labelling.objects.get().chosen.all()]


def test_the_text_is_labelled_before_any_output_is_on_the_page_or_recorded_as_shown() -> None:
    shown = make_asked()
    client, address = signed_in(shown.participant), f"/exposures/{shown.uuid}/"
    before = client.get(address).content.decode()
    assert "Which labels fit this text?" in before
    assert "checked" not in before.split('id="labels"')[1]
    assert 'class="output"' not in before
    assert Exposure.objects.get().shown_at is None
    response = client.post(f"{address}labels/", filled(labels=["housing", "family"]))
    assert response["Location"] == address
    assert chosen() == ["housing", "family"]
    assert 'class="output"' in client.get(address).content.decode()
    labelling, seen = Labelling.objects.get(), Exposure.objects.get()
    assert seen.shown_at is not None
    assert labelling.received_at <= seen.shown_at


def test_that_no_label_applies_is_said_and_not_left_open() -> None:
    shown = make_asked()
    client, address = signed_in(shown.participant), f"/exposures/{shown.uuid}/"
    for entered, sentence in (
        ({}, "or “No label applies”"),
        ({"labels": ["housing"], "none": "on"}, "Keep one of the two"),
        ({"labels": ["tax"]}, "no label of this study"),
    ):
        page = client.post(f"{address}labels/", filled(**entered), follow=True).content.decode()
        assert sentence in page
    assert not Labelling.objects.exists()
    client.post(f"{address}labels/", filled(none="on"))
    assert chosen() == []


def test_labels_sent_again_lead_on_and_change_nothing() -> None:
    shown = make_asked()
    client, address = signed_in(shown.participant), f"/exposures/{shown.uuid}/"
    for keys in (["housing"], ["family"]):
        assert client.post(f"{address}labels/", filled(labels=keys))["Location"] == address
    assert chosen() == ["housing"]
    assert 'class="output"' in client.get(address).content.decode()


def test_scripts_send_labels_under_the_submit_contract() -> None:
    shown = make_asked()
    client, key = signed_in(shown.participant), str(uuid4())

    def send(**payload: Any) -> Any:
        return client.post(
            f"/api/exposures/{shown.uuid}/labels/", json.dumps(payload), content_type="application/json"
        )

    first = send(client_key=key, labels=["family"], active_ms=900)
    assert (first.status_code, first.json()["next"]) == (201, f"/exposures/{shown.uuid}/")
    assert first.json()["stored"]["labels"] == ["family"]
    assert send(client_key=key, labels=["family"]).status_code == 200
    assert send(client_key=str(uuid4()), labels=[]).status_code == 409
    assert send(client_key=str(uuid4()), labels=["family"], participant=1).status_code == 400
    assert Labelling.objects.get().active_ms == 900


def test_no_labels_are_taken_where_none_are_asked_for() -> None:
    shown = make_shown()
    page = signed_in(shown.participant).post(
        f"/exposures/{shown.uuid}/labels/", filled(labels=["housing"]), follow=True
    )
    assert "No labels are asked for before this pair." in page.content.decode()
    assert not Labelling.objects.exists()

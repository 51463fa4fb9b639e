"""Pages of pairs, opened and answered as a browser or a script does."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from django.test import Client

from metaeval.models import Campaign, Exposure
from metaeval.services.judging import SubmittedVerdict, record_judgment
from tests.making import (
    make_exposure,
)
from tests.metaeval.making import signed_in


def client_of(shown: Exposure) -> Client:
    return signed_in(shown.participant)


def address(shown: Exposure) -> str:
    return f"/exposures/{shown.uuid}/"


def filled(**entered: str) -> dict[str, str]:
    return {"client_key": str(uuid4()), **entered}


def send(client: Client, shown: Exposure, payload: dict[str, Any]) -> Any:
    body = json.dumps({"client_key": str(uuid4()), **payload})
    return client.post(f"/api/exposures/{shown.uuid}/judgments/", body, content_type="application/json")


def judge_all(shown: Exposure, campaign: Campaign) -> None:
    while True:
        record_judgment(exposure=shown, client_key=uuid4(), submitted=SubmittedVerdict("left"))
        try:
            shown = make_exposure(shown.participant, campaign)
        except LookupError:
            return

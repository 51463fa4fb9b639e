"""The annotating page, opened and answered as a browser or a script does."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from django.test import Client

from annotations.models import Assignment, Participant
from tests.making import make_items, make_participant, make_study


def signed_in(participant: Participant) -> Client:
    client = Client()
    assert participant.user is not None
    client.force_login(participant.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def make_annotator(**fields: Any) -> Participant:
    study = make_study(**fields)
    make_items(study)
    return make_participant(study)


def filled(**entered: str) -> dict[str, str]:
    return {"client_key": str(uuid4()), **entered}


def send(client: Client, seat: Assignment, payload: dict[str, Any]) -> Any:
    body = json.dumps({"client_key": str(uuid4()), **payload})
    return client.post(f"/api/seats/{seat.uuid}/answers/", body, content_type="application/json")

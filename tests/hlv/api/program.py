"""A program with a token, and what it reads of a response."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from django.test import Client

from annotations.models import User
from tests.hlv.world import bearer

V1 = "/api/v1/"


class Program:
    """A client with a token."""

    def __init__(self, person: User, **token: Any) -> None:
        self.headers = bearer(person, **token)

    def get(self, path: str, **headers: str) -> Any:
        return Client().get(V1 + path, headers={**self.headers, **headers})

    def post(self, path: str, body: object = None, **headers: str) -> Any:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        media_type = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        return Client().generic("POST", V1 + path, content, media_type, headers={**self.headers, **headers})


def lines(response: Any) -> list[Any]:
    return [json.loads(line) for line in response.getvalue().decode().splitlines()]


def rows(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.getvalue().decode())))


def is_problem(response: Any, status: int, sentence: str) -> None:
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    found = response.json()
    assert found.keys() == {"type", "title", "status", "detail"}
    assert found["status"] == status
    assert sentence in found["detail"]

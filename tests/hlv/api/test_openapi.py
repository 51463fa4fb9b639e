"""The schema that is checked in is the one that the program serves."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import get_resolver

CHECKOUT = Path(__file__).resolve().parents[3]
STORED = CHECKOUT / "docs" / "openapi.json"


@pytest.mark.django_db
def test_the_schema_in_the_docs_is_served() -> None:
    served = Client().get("/api/v1/openapi.json").json()
    # If it differs as intended: python -m tests.golden.openapi rewrites it.
    assert served == json.loads(STORED.read_text(encoding="utf-8"))


def test_every_resource_is_in_it() -> None:
    paths = json.loads(STORED.read_text(encoding="utf-8"))["paths"]
    (resolver,) = [one for one in get_resolver().url_patterns if str(one.pattern) == "api/v1/"]
    names = {str(one.pattern) for one in resolver.url_patterns} - {"openapi.json"}
    assert len(names) == len(paths)
    for path, operations in paths.items():
        for verb, operation in operations.items():
            assert operation.get("description"), (path, verb)
            assert {"200", "201", "202"} & operation["responses"].keys(), (path, verb)
            assert "401" in operation["responses"], (path, verb)


def test_every_resource_has_a_row_in_the_docs() -> None:
    page = (CHECKOUT / "docs" / "api.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(/api/v1/[^`]*)` \| ([A-Z, ]+) \|", page, re.MULTILINE))
    paths = json.loads(STORED.read_text(encoding="utf-8"))["paths"]
    assert rows == {path: ", ".join(verb.upper() for verb in verbs) for path, verbs in paths.items()}

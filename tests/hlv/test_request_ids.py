"""Every request has an id, in its response, its log lines and the jobs that it starts."""

from __future__ import annotations

import logging
import re

import pytest
from django.test import Client

from annotations.models import Job
from hlv.core import log_context
from tests.making import make_items, make_participant, make_person, make_study

pytestmark = pytest.mark.django_db


def test_a_response_has_the_id_of_its_request() -> None:
    given = "7f1c0c5e-5e5c-4f0a-9d3e-2a3b4c5d6e7f"
    assert Client().get("/sign-in/", headers={"x-request-id": given})["X-Request-ID"] == given
    assert Client().get("/nowhere/", headers={"x-request-id": given})["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given", ["", "short", "amira@example.org", "a b c d e f g h", "x" * 65, "abcdefgh\nlevel", "مطلب-مطلب"]
)
def test_an_id_that_is_not_well_formed_is_replaced(given: str) -> None:
    response = Client().get("/sign-in/", HTTP_X_REQUEST_ID=given)
    assert re.fullmatch("[0-9a-f]{32}", response["X-Request-ID"])


def test_requests_have_different_ids_and_leave_none_behind() -> None:
    ids = {Client().get("/sign-in/")["X-Request-ID"] for _ in range(3)}
    assert len(ids) == 3
    assert log_context.request_id.get() == ""


def test_a_health_check_has_no_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "hlv.requests"):
        Client().get("/healthz")
    assert caplog.records == []


def test_a_line_has_page_status_and_time_and_never_the_path(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "hlv.requests"):
        Client().get("/sign-in/")
        Client().get("/nowhere/amira@example.org/")
    known, unknown = (record for record in caplog.records if record.name == "hlv.requests")
    assert known.getMessage() == "GET sign-in 200"
    assert known.__dict__["milliseconds"] > 0
    assert unknown.getMessage() == "GET none 404"


def test_a_job_has_the_id_of_the_request_that_asked_for_it() -> None:
    study, person = make_study(), make_person()
    make_items(study)
    make_participant(study, "owner", user=person)
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/studies/{study.uuid}/texts/compute/"
    assert client.post(address, headers={"x-request-id": "asked-by-amira"}).status_code == 302
    assert Job.objects.get().request_id == "asked-by-amira"

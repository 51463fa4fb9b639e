"""Log lines are text or JSON, name their request and job, and never have confidential text."""

from __future__ import annotations

import io
import json
import logging
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from annotations import jobs
from annotations.models import Job, Study, User
from annotations.tasks import run_job
from hlv import serving
from hlv.core import log_context
from hlv.logs import JsonLines, PlainLines
from tests.annotations.views.test_people import PASSWORD, make_person_with_password
from tests.conftest import url_of_test_database
from tests.hlv.test_settings import settings_with
from tests.making import make_items, make_participant, make_seat, make_study

TEXT = "The landlord keeps my deposit since my divorce."
LABEL = "evicted-from-the-flat"
ADDRESS = "amira@example.org"
CONFIDENTIAL = (TEXT, "landlord", LABEL, ADDRESS, PASSWORD)


def fail(request: HttpRequest, said: str) -> HttpResponse:
    raise ValueError(said)


urlpatterns = [path("fail/<str:said>/", fail), path("", include("hlv.urls"))]


@pytest.fixture(params=[PlainLines("%(levelname)s %(name)s %(message)s"), JsonLines()], ids=["plain", "json"])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """Everything that this process logs, at any level."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(request.param)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.setLevel(before)
    root.removeHandler(handler)
    log_context.leave()


def make_annotator() -> tuple[Client, Study, User]:
    person = make_person_with_password()
    study = make_study(labels=(LABEL, "other"))
    make_items(study, text=TEXT)
    make_participant(study, "owner", user=person)
    client = Client(raise_request_exception=False)
    client.post("/sign-in/", {"username": ADDRESS, "password": "wrong"})
    client.post("/sign-in/", {"username": ADDRESS, "password": PASSWORD})
    return client, study, person


def assert_nothing_confidential(log: io.StringIO) -> str:
    written = log.getvalue()
    assert [word for word in CONFIDENTIAL if word in written] == []
    return written


@pytest.mark.django_db
def test_requests_log_no_text_no_label_and_no_address(log: io.StringIO) -> None:
    client, study, _person = make_annotator()
    seat = make_seat(make_participant(study))
    item = study.items.earliest("pk")
    assert client.get(f"/studies/{study.uuid}/").status_code == 200
    assert client.get(f"/items/{item.uuid}/").status_code == 200
    assert client.get(f"/studies/{study.uuid}/?q={TEXT}").status_code == 200
    assert client.get(f"/nowhere/{ADDRESS}/{TEXT}").status_code == 404
    assert client.get(f"/studies/?{LABEL}__email={ADDRESS}").status_code == 400
    answer = f"/api/seats/{seat.uuid}/answers/"
    assert client.post(answer, {"chosen": {LABEL: 9}, "comment": TEXT}, "application/json").status_code >= 400
    written = assert_nothing_confidential(log)
    assert "an unknown address" in written
    assert "GET study 200" in written


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.django_db
@pytest.mark.parametrize("said", [TEXT, LABEL, ADDRESS])
def test_a_fault_in_a_page_is_logged_by_type_and_place(log: io.StringIO, said: str) -> None:
    client = Client(raise_request_exception=False)
    assert client.get(f"/fail/{said}/").status_code == 500
    written = assert_nothing_confidential(log)
    assert "ValueError" in written
    assert "test_logs.py:" in written
    assert "/fail/<str:said>/" in written


@pytest.mark.django_db
def test_a_refusal_of_the_database_is_logged_by_its_constraint_and_not_by_its_row(log: io.StringIO) -> None:
    make_person_with_password()
    try:
        with transaction.atomic():
            User.objects.create_user(ADDRESS, name=TEXT)
    except IntegrityError as refusal:
        logging.getLogger("hlv").exception("could not store: %s", refusal)
    written = assert_nothing_confidential(log)
    assert "IntegrityError (23505, " in written or "IntegrityError (SQLITE_CONSTRAINT_UNIQUE)" in written


@pytest.mark.django_db
def test_a_fault_in_a_job_is_logged_without_its_message(
    log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(job: Job, progress: jobs.Progress) -> jobs.JobResult:
        try:
            raise KeyError(LABEL)
        except KeyError as fault:
            raise RuntimeError(TEXT) from fault

    monkeypatch.setattr(jobs, "_KINDS", dict(jobs._KINDS))
    monkeypatch.setattr(Job, "TITLES", dict(Job.TITLES))
    jobs.register("fails", fails, title="Fails")
    job = jobs.create(kind="fails", study=make_study(labels=(LABEL, "other")), params={"text": TEXT})
    run_job.apply(args=[job.pk])
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    written = assert_nothing_confidential(log)
    assert "Task annotations.tasks.run_job" in written
    assert "KeyError" in written
    assert "RuntimeError" in written


@pytest.mark.django_db
def test_a_json_line_is_one_object_with_the_facts_of_a_request() -> None:
    record = logging.LogRecord("hlv.requests", logging.INFO, "", 0, "GET %s\n%s", ("home", 200), None)
    record.view, record.status, record.text = "home", 200, TEXT
    log_context.enter(request="a-request")
    line: dict[str, Any] = json.loads(JsonLines().format(record))
    log_context.leave()
    assert line.pop("time").endswith("+00:00")
    assert line.pop("process") > 0
    assert line == {
        "level": "INFO",
        "logger": "hlv.requests",
        "message": "GET home\n200",
        "request_id": "a-request",
        "view": "home",
        "status": 200,
    }


def test_the_console_writes_what_the_setting_names(tmp_path: Path) -> None:
    def formatter(**variables: str) -> object:
        found: Any = settings_with(tmp_path, "LOGGING", **variables)["LOGGING"]
        return found["handlers"]["console"]["formatter"]

    assert (formatter(), formatter(HLV_LOG_FORMAT="json")) == ("plain", "json")
    with pytest.raises(AssertionError, match="HLV_LOG_FORMAT is 'xml': give plain or json"):
        formatter(HLV_LOG_FORMAT="xml")


def test_debugging_on_this_machine_shows_messages() -> None:
    try:
        raise ValueError("why")
    except ValueError as fault:
        shown = (type(fault), fault, fault.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", (), shown)
    assert "why" not in PlainLines().format(record)
    with override_settings(DEBUG=True):
        assert "ValueError: why" in PlainLines().format(record)


@pytest.mark.django_db(transaction=True)
def test_a_worker_logs_in_json_with_the_request_of_its_job(
    tmp_path: Path, wait_until: Callable[[Callable[[], bool], float], None]
) -> None:
    log_context.enter(request="asked-by-amira")
    known = jobs.create(kind="texts", study=make_study(labels=(LABEL, "other")), params={})
    log_context.leave()
    lost = Job.objects.create(kind="gone", study=known.study, params={"text": TEXT}, request_id="asked-again")
    worker = serving.make_worker()
    given = {"DATABASE_URL": url_of_test_database(), "HLV_LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG"}
    written = tmp_path / "worker.log"
    with written.open("wb") as stream:
        process = subprocess.Popen(
            worker.command, env=dict(worker.environment) | given, stderr=stream, stdout=subprocess.DEVNULL
        )
    try:
        for job in (known, lost):
            jobs.wake(job)
        wait_until(lambda: all(job.is_over for job in Job.objects.all()), 60)
    finally:
        process.terminate()
        process.wait(timeout=20)
    text = written.read_text(encoding="utf-8")
    assert [word for word in CONFIDENTIAL if word in text] == []
    lines: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
    of_known = [line["message"] for line in lines if line.get("request_id") == "asked-by-amira"]
    assert of_known[0] == "job of kind texts began, attempt 1"
    assert any(message.startswith("job of kind texts ended: ") for message in of_known)
    (fault,) = [line for line in lines if line.get("fault")]
    assert (fault["request_id"], fault["job_id"], fault["fault"]) == (
        "asked-again",
        str(lost.uuid),
        "KeyError",
    )

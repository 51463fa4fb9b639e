"""`/metrics` for Prometheus."""

from __future__ import annotations

import urllib.request
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from annotations.models import Job, WorkerBeat
from tests.conftest import OwnPlace
from tests.hlv.test_serve import Wait, serving
from tests.making import make_study

TOKEN = "a-token-of-the-tests"

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def _token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def read(content: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(content)
        for sample in family.samples
    }


def scraped() -> Samples:
    response = Client().get("/metrics", headers={"host": "10.0.0.7", "authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200
    assert not response.cookies
    assert response["Cache-Control"] == "no-store"
    return read(response.content.decode())


def labels(**given: str) -> frozenset[tuple[str, str]]:
    return frozenset(given.items())


@pytest.mark.django_db
def test_there_is_no_such_page_without_a_token_in_the_settings() -> None:
    assert Client().get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


@pytest.mark.django_db
@pytest.mark.usefixtures("_token")
@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", TOKEN, "Bearer größer"])
def test_nobody_without_the_token_sees_anything(given: str) -> None:
    response = Client().get("/metrics", headers={"authorization": given})
    assert (response.status_code, response.content) == (401, b"")


@pytest.mark.both_databases
@pytest.mark.django_db
@pytest.mark.usefixtures("_token")
def test_jobs_and_workers_are_counted() -> None:
    study = make_study()
    for state in ("queued", "queued", "failed"):
        Job.objects.create(kind="ranking", study=study, state=state)
    Job.objects.filter(state="queued").update(created_at=timezone.now() - timedelta(minutes=2))
    WorkerBeat.objects.create(name="elsewhere:1", beat_at=timezone.now())
    found = scraped()
    assert found["hlv_jobs", labels(kind="ranking", state="queued")] == 2
    assert found["hlv_jobs", labels(kind="ranking", state="failed")] == 1
    assert 120 <= found["hlv_longest_wait_seconds", labels()] < 130
    assert found["hlv_workers", labels()] == 1
    assert found["hlv_database_up", labels()] == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("_token")
def test_requests_are_counted_by_the_name_of_their_page_and_tell_no_address() -> None:
    of_page = labels(method="GET", view="sign-in", status="200")
    before = scraped().get(("hlv_requests_total", of_page), 0)
    study = make_study(name="Secret study")
    Client().get("/sign-in/")
    Client().get(f"/studies/{study.uuid}/")
    Client().generic("SECRETWORD", "/secret-path/")
    found = scraped()
    assert found["hlv_requests_total", of_page] == before + 1
    assert found["hlv_request_seconds_count", labels(view="sign-in")] >= 1
    assert ("hlv_requests_total", labels(method="other", view="none", status="404")) in found
    told = str(found).lower()
    assert not [word for word in ("secret", str(study.uuid), study.slug) if word in told]


@pytest.mark.django_db
@pytest.mark.usefixtures("_token")
def test_only_reading_is_answered() -> None:
    assert Client().post("/metrics").status_code == 405


@pytest.mark.django_db(transaction=True)
def test_processes_of_one_server_are_added_up(own_place: OwnPlace, wait_until: Wait) -> None:
    own_place.environment["HLV_METRICS_TOKEN"] = TOKEN
    with serving(own_place, wait_until, "--processes", "2", "--no-worker") as served:
        for _ in range(40):
            assert served.get("/sign-in/")[0] == 200
        asked = urllib.request.Request(
            f"http://127.0.0.1:{served.port}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        with urllib.request.urlopen(asked) as response:
            found = read(response.read().decode())
    assert found["hlv_requests_total", labels(method="GET", view="sign-in", status="200")] == 40

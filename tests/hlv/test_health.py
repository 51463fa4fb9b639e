"""`/healthz`, `/readyz` and `hlv readiness`."""

from __future__ import annotations

import json
import socket
from datetime import timedelta

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from annotations.models import WorkerBeat
from tests.conftest import OwnPlace
from tests.servers import free_port


def beat(seconds_ago: float, name: str = "elsewhere:1") -> None:
    when = timezone.now() - timedelta(seconds=seconds_ago)
    WorkerBeat.objects.create(name=name, beat_at=when)


@pytest.fixture(autouse=True)
def _broker_folder() -> None:
    from hlv.celery import make_broker_folders

    make_broker_folders()


def test_a_living_process_is_healthy_without_a_database() -> None:
    # No django_db mark: a query would fail the test.
    response = Client().get("/healthz", headers={"host": "10.0.0.7"})
    assert (response.status_code, response.json()) == (200, {"process": "ok"})
    assert not response.cookies


@pytest.mark.both_databases
@pytest.mark.django_db
def test_it_is_ready_with_a_database_a_broker_and_a_fresh_heartbeat() -> None:
    beat(3600, "old:1")
    beat(1)
    response = Client().get("/readyz", headers={"host": "10.0.0.7"})
    found = response.json()
    assert response.status_code == 200
    assert {found["database"], found["broker"], found["worker"]} == {"ok"}
    assert 1 <= found["worker_age_seconds"] < 10
    assert not response.cookies
    assert response["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_it_is_not_ready_without_a_worker_or_with_a_silent_one() -> None:
    response = Client().get("/readyz")
    assert (response.status_code, response.json()["worker"]) == (503, "no worker is running")
    beat(60)
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.json()["worker"].startswith("no heartbeat for 60")


@pytest.mark.django_db
def test_it_names_a_broker_that_is_away_and_not_its_address() -> None:
    beat(1)
    with override_settings(REDIS_URL=f"redis://:topsecret@127.0.0.1:{free_port()}/0"):
        response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.json()["broker"] == "does not answer"
    assert response.json()["database"] == "ok"
    assert "topsecret" not in response.content.decode()
    assert "127.0.0.1" not in response.content.decode()


def test_it_names_a_database_that_is_away_and_not_its_address(own_place: OwnPlace) -> None:
    address = f"postgres://hlv:topsecret@127.0.0.1:{free_port()}/hlv"
    shown = own_place.hlv("readiness", DATABASE_URL=address, SECRET_KEY="k" * 40)
    assert shown.returncode == 1
    assert json.loads(shown.stdout)["database"] == "does not answer"
    assert "topsecret" not in shown.stdout + shown.stderr
    assert "Traceback" not in shown.stderr


def test_a_health_check_changes_nothing() -> None:
    assert Client().post("/healthz").status_code == 405


@pytest.mark.django_db
def test_a_container_may_ask_about_its_own_worker_alone() -> None:
    from hlv.health import check_readiness

    beat(1)
    assert check_readiness(on_this_machine=True).worker == "no worker is running"
    beat(1, f"{socket.gethostname()}:7")
    assert check_readiness(on_this_machine=True).is_ready

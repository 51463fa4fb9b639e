"""docker-compose.yml: each service is locked down, limited and watched."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.conftest import CHECKOUT

COMPOSE = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONCE = {"migrate"}


@pytest.fixture(params=sorted(SERVICES))
def service(request: pytest.FixtureRequest) -> dict[str, Any]:
    return SERVICES[request.param] | {"name": request.param}


def test_the_root_is_read_only_and_no_process_gains_rights(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_no_service_runs_as_root(service: dict[str, Any]) -> None:
    if service["image"] == "hlv":
        dockerfile = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")
        assert re.findall(r"^USER (\S+)$", dockerfile, flags=re.MULTILINE) == ["hlv"]
    else:
        assert service["user"] in ("postgres", "redis")


def test_memory_processes_and_logs_are_limited(service: dict[str, Any]) -> None:
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert service["pids_limit"] <= 500
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}


def test_only_the_pages_are_reachable_and_only_from_this_machine(service: dict[str, Any]) -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    if service["name"] == "web":
        assert service["networks"] == ["inside", "outside"]
        assert service["ports"] == ["${LISTEN:-127.0.0.1:8000}:8000"]
    else:
        assert service["networks"] == ["inside"]
        assert "ports" not in service


def test_every_service_that_stays_is_checked_by_asking_it(service: dict[str, Any]) -> None:
    if service["name"] in ONCE:
        assert service["restart"] == "no"
        return
    assert service["restart"] == "unless-stopped"
    check = " ".join(service["healthcheck"]["test"])
    asked = {
        "database": "pg_isready",
        "broker": "redis-cli ping",
        "web": "/healthz",
        "worker": "hlv readiness --on-this-machine",
        "beat": "-mmin -10",
        "backup": "hlv-*.tar",
    }
    assert asked[service["name"]] in check
    assert service["healthcheck"]["timeout"]


def test_secrets_are_files_and_nowhere_else(service: dict[str, Any]) -> None:
    environment: dict[str, str] = service.get("environment", {})
    carrying = {name for name in environment if re.search("PASSWORD|SECRET", name)}
    assert all(name.endswith("_FILE") for name in carrying)
    for name in carrying:
        assert environment[name].removeprefix("/run/secrets/") in service["secrets"]
    assert not re.search(r"://[^/@]*:[^/@]*@", " ".join(map(str, environment.values())))
    assert set(service["secrets"]) <= set(COMPOSE["secrets"])
    ignored = (CHECKOUT / ".gitignore").read_text(encoding="utf-8").split()
    assert "/secrets/" in ignored
    assert "secrets" in (CHECKOUT / ".dockerignore").read_text(encoding="utf-8").split()


def test_redis_asks_for_a_password_that_is_no_argument() -> None:
    command = SERVICES["broker"]["command"][-1]
    assert "requirepass" in command
    assert "--requirepass" not in command


def test_the_migration_is_tried_again_and_everybody_waits_for_it() -> None:
    assert re.search(
        r"for pause in (\d+ ){3,}.*hlv migrate --noinput && exit 0", SERVICES["migrate"]["command"][-1]
    )
    for name in ("web", "worker", "beat", "backup"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_there_are_several_web_processes_and_workers_and_a_daily_backup() -> None:
    web = SERVICES["web"]["command"]
    assert web[web.index("--processes") + 1] == "${HLV_WEB_PROCESSES:-2}"
    assert SERVICES["worker"]["deploy"]["replicas"] >= 2
    assert "hlv backup /backups/" in SERVICES["backup"]["command"][-1]
    assert "-mtime +14 -delete" in SERVICES["backup"]["command"][-1]
    assert "backups:/backups" in SERVICES["backup"]["volumes"]


def test_the_image_brings_what_a_backup_needs() -> None:
    assert "postgresql-client" in (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")

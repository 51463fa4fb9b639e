"""Health checks: `/healthz`, `/readyz`, and what `hlv readiness` prints."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from redis import Redis
from redis.exceptions import RedisError

from annotations.models import WorkerBeat
from annotations.workers import DATABASE_FAULTS, SECONDS_UNTIL_A_WORKER_IS_MISSED, own_name
from hlv.middleware import view_type

OK = "ok"
UNKNOWN = "unknown"
NO_ANSWER = "does not answer"
SECONDS_FOR_THE_BROKER = 2.0


@dataclass(frozen=True)
class Readiness:
    """What each part answers: "ok", or what fails. It names no address and no password."""

    database: str
    broker: str
    worker: str
    worker_age_seconds: float | None = None

    @property
    def is_ready(self) -> bool:
        return self.database == self.broker == self.worker == OK


def check_readiness(*, on_this_machine: bool = False) -> Readiness:
    """Ask database, broker and the newest heartbeat; `on_this_machine` counts the workers of this machine only."""
    broker = _broker()
    beats = WorkerBeat.objects.all()
    if on_this_machine:
        beats = beats.filter(name__startswith=f"{own_name().rpartition(':')[0]}:")
    try:
        newest = beats.aggregate(newest=Max("beat_at"))["newest"]
    except DATABASE_FAULTS:
        connection.close()
        return Readiness(NO_ANSWER, broker, UNKNOWN)
    if newest is None:
        return Readiness(OK, broker, "no worker is running")
    age = round(max(0.0, (timezone.now() - newest).total_seconds()), 1)
    worker = OK if age <= SECONDS_UNTIL_A_WORKER_IS_MISSED else f"no heartbeat for {age:g} seconds"
    return Readiness(OK, broker, worker, age)


def _broker() -> str:
    if not settings.REDIS_URL:
        folder = Path(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"])
        return OK if os.access(folder, os.W_OK) else "its folder cannot be written"
    limits = {"socket_connect_timeout": SECONDS_FOR_THE_BROKER, "socket_timeout": SECONDS_FOR_THE_BROKER}
    try:
        with Redis.from_url(settings.REDIS_URL, **limits) as redis:
            redis.ping()
    except RedisError:
        return NO_ANSWER
    return OK


def answer_health_checks(get_response: view_type) -> view_type:
    """Before all else: a check has no session, no cookie, and asks by an address of this machine."""
    answers = {"/healthz": _healthz, "/readyz": _readyz}

    def middleware(request: HttpRequest) -> HttpResponse:
        answer = answers.get(request.path_info)
        if answer is None:
            return get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "GET, HEAD"})
        response = answer()
        response["Cache-Control"] = "no-store"
        return response

    return middleware


def _healthz() -> HttpResponse:
    return JsonResponse({"process": OK})


def _readyz() -> HttpResponse:
    found = check_readiness()
    status = HTTPStatus.OK if found.is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse(asdict(found), status=status)

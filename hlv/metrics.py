"""Metrics for Prometheus at `/metrics`, where HLV_METRICS_TOKEN is set. They name no study, person or text."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.util import find_spec
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from annotations.models import Job
from annotations.workers import DATABASE_FAULTS, living_workers
from hlv import __version__
from hlv.health import OK, check_readiness
from hlv.middleware import view_type

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Histogram, Metric

PATH = "/metrics"
# Where set, prometheus_client counts in files of this folder, so that all web processes are added up.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Upper ends, in seconds. Pages of annotating take some hundredths.
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class _Counted:
    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram


@cache
def _counted() -> _Counted:
    from prometheus_client import CollectorRegistry, Counter, Histogram

    registry = CollectorRegistry()
    return _Counted(
        registry,
        Counter("hlv_requests", "Requests answered.", ("method", "view", "status"), registry=registry),
        Histogram(
            "hlv_request_seconds",
            "Time from request to reply.",
            ("view",),
            registry=registry,
            buckets=BUCKETS,
        ),
    )


def count_request(*, method: str, view: str, status: int, seconds: float) -> None:
    if settings.METRICS_TOKEN:
        counted = _counted()
        # A stranger may send any word as the method.
        counted.requests.labels(method if method in METHODS else "other", view, str(status)).inc()
        counted.seconds.labels(view).observe(seconds)


def answer_scrapes(get_response: view_type) -> view_type:
    """Before all else, as health checks are answered. Without a token in the settings there is no such page."""
    if settings.METRICS_TOKEN and find_spec("prometheus_client") is None:
        raise ImproperlyConfigured("HLV_METRICS_TOKEN is set: metrics need `pip install hlv[metrics]`.")

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info != PATH or not settings.METRICS_TOKEN:
            return get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "GET, HEAD"})
        if not constant_time_compare(
            request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"
        ):
            return HttpResponse(status=HTTPStatus.UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})
        return _scraped()

    return middleware


def _scraped() -> HttpResponse:
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    if FOLDER in os.environ:
        requests = CollectorRegistry()
        MultiProcessCollector(requests)  # type: ignore[no-untyped-call]
    else:
        requests = _counted().registry
    state = CollectorRegistry()
    state.register(_State())
    content = generate_latest(requests) + generate_latest(state)
    return HttpResponse(content, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


class _State:
    """What database, broker and workers say at this moment."""

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily

        version = GaugeMetricFamily("hlv_info", "The version that runs.", labels=["version"])
        version.add_metric([__version__], 1)
        yield version
        found = check_readiness()
        yield GaugeMetricFamily("hlv_database_up", "Whether the database answers.", int(found.database == OK))
        yield GaugeMetricFamily("hlv_broker_up", "Whether the broker answers.", int(found.broker == OK))
        if found.worker_age_seconds is not None:
            yield GaugeMetricFamily(
                "hlv_worker_heartbeat_age_seconds", "Age of the newest heartbeat.", found.worker_age_seconds
            )
        try:
            yield from self._of_jobs()
        except DATABASE_FAULTS:
            connection.close()

    def _of_jobs(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily

        yield GaugeMetricFamily("hlv_workers", "Workers with a recent heartbeat.", living_workers().count())
        jobs = GaugeMetricFamily("hlv_jobs", "Stored jobs.", labels=["kind", "state"])
        for kind, state, n in (
            Job.objects.values_list("kind", "state").annotate(n=Count("pk")).order_by("kind", "state")
        ):
            jobs.add_metric([kind, state], n)
        yield jobs
        oldest = Job.objects.filter(state=Job.State.QUEUED).aggregate(oldest=Min("created_at"))["oldest"]
        waited = 0.0 if oldest is None else (timezone.now() - oldest).total_seconds()
        yield GaugeMetricFamily("hlv_longest_wait_seconds", "Wait of the oldest queued job.", waited)

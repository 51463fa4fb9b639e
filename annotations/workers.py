"""Signs of life of workers: how a page knows, within seconds, that nobody would run a job."""

from __future__ import annotations

import logging
import os
import socket
import threading
from datetime import timedelta

from django.db import OperationalError, close_old_connections, connection
from django.db.models import QuerySet
from django.utils import timezone

from annotations.models import WorkerBeat

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_BEATS = 2.0
SECONDS_UNTIL_A_WORKER_IS_MISSED = 10.0
SECONDS_UNTIL_A_BEAT_IS_FORGOTTEN = 3600.0


def living_workers() -> QuerySet[WorkerBeat]:
    since = timezone.now() - timedelta(seconds=SECONDS_UNTIL_A_WORKER_IS_MISSED)
    return WorkerBeat.objects.filter(beat_at__gte=since)


def no_worker_running() -> bool:
    return not living_workers().exists()


def forget_old_beats() -> None:
    long_ago = timezone.now() - timedelta(seconds=SECONDS_UNTIL_A_BEAT_IS_FORGOTTEN)
    WorkerBeat.objects.filter(beat_at__lt=long_ago).delete()


class WorkerHeart:
    """Writes the sign of life of this worker process until it stops."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker beat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            try:
                close_old_connections()
                WorkerBeat.objects.update_or_create(name=self.name, defaults={"beat_at": timezone.now()})
            except OperationalError:
                logger.warning("worker %s could not beat", self.name)
            if self._stop.wait(SECONDS_BETWEEN_BEATS):
                break
        WorkerBeat.objects.filter(name=self.name).delete()
        connection.close()

"""Workers: their heartbeats, by which a page knows whether any runs, and messages to them."""

from __future__ import annotations

import logging
import os
import socket
import threading
from datetime import timedelta

from celery import current_app
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.db.models import QuerySet
from django.utils import timezone
from kombu import exceptions as broker

from annotations.models import Job, WorkerBeat

logger = logging.getLogger(__name__)

# Celery finds tasks by name: the tasks are in a layer above.
RUN_JOB = "annotations.tasks.run_job"
HELP_JOB = "annotations.tasks.help_job"
# A connection that is closed raises InterfaceError, which is no DatabaseError.
DATABASE_FAULTS = (DatabaseError, InterfaceError)
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


def send_job_message(job_pk: int) -> bool:
    """Tell a worker that this job waits; False where the broker does not take the message.

    The message is only a nudge: the job waits in its row, and the reaper calls it out again.
    """
    return _sent(
        RUN_JOB,
        job_pk,
        "the message broker does not answer, so job %s waits until it is called out again: %s",
    )


def send_help_message(job_pk: int) -> bool:
    """Ask an idle worker to compute parts of a running job; the job ends without it, too."""
    return _sent(HELP_JOB, job_pk, "the message broker does not answer, so job %s goes on alone: %s")


def _sent(task: str, job_pk: int, otherwise: str) -> bool:
    try:
        current_app.send_task(task, args=[job_pk])
    except _broker_faults() as fault:
        logger.warning(otherwise, job_pk, fault)
        return False
    return True


def n_other_idle(job: Job) -> int:
    """Living workers that run no job, without this process: about as many as would hear a call now."""
    others = living_workers().exclude(name=own_name()).count()
    busy = Job.objects.filter(state=Job.State.RUNNING).exclude(pk=job.pk).count()
    return max(0, others - busy)


def own_name() -> str:
    """What a worker in this process is called; no row has it where this is none."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _broker_faults() -> tuple[type[BaseException], ...]:
    """What a broker that is away, full or read-only raises: partly celery's own words, partly its driver's."""
    asked = current_app.connection_for_write()
    return (broker.KombuError, *asked.connection_errors, *asked.channel_errors)


class WorkerHeart:
    """Writes the sign of life of this worker process until it stops."""

    def __init__(self) -> None:
        self.name = own_name()
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
            except DATABASE_FAULTS as fault:
                # A thread that ended here would make a living worker look dead for good.
                logger.warning("worker %s could not beat: %s", self.name, fault)
            if self._stop.wait(SECONDS_BETWEEN_BEATS):
                break
        try:
            WorkerBeat.objects.filter(name=self.name).delete()
        except DATABASE_FAULTS as fault:
            logger.warning("worker %s could not say that it stops: %s", self.name, fault)
        finally:
            connection.close()

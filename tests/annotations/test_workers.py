"""Signs of life go on after the database was away, whichever of its errors said so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.backends.signals import connection_created

from annotations import jobs, workers
from annotations.models import Job, JobResult, WorkerBeat
from tests.making import make_study

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

FAULTS = [OperationalError, InterfaceError, DatabaseError]


class Faults:
    """Raises each fault once, at the statements that come first, and says when they were survived."""

    def __init__(self) -> None:
        self._left = [fault("the connection is closed") for fault in FAULTS]
        self.survived = threading.Event()

    def __call__(self, execute: Any, sql: str, *rest: Any) -> Any:
        if self._left:
            raise self._left.pop(0)
        done = execute(sql, *rest)
        if sql.startswith(("UPDATE", "INSERT")):
            self.survived.set()
        return done


@contextmanager
def faults_in_other_threads() -> Iterator[Faults]:
    faults, here = Faults(), threading.current_thread()

    def in_the_way(connection: Any, **_: Any) -> None:
        if threading.current_thread() is not here and faults not in connection.execute_wrappers:
            connection.execute_wrappers.append(faults)

    connection_created.connect(in_the_way)
    try:
        yield faults
    finally:
        connection_created.disconnect(in_the_way)


def test_a_worker_beats_on_after_every_fault_of_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "SECONDS_BETWEEN_BEATS", 0.01)
    heart = workers.WorkerHeart()
    with faults_in_other_threads() as faults:
        heart.start()
        try:
            assert faults.survived.wait(20)
        finally:
            heart.stop()
    assert not WorkerBeat.objects.exists(), "who stops says so"


def test_a_job_beats_on_after_every_fault_of_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "SECONDS_BETWEEN_BEATS", 0.01)

    def handler(job: Job, progress: jobs.Progress) -> JobResult:
        assert faults.survived.wait(20)
        return JobResult()

    jobs.register("waiting", handler, title="Waiting")
    try:
        with faults_in_other_threads() as faults:
            job = jobs.run_now(jobs.create(kind="waiting", study=make_study(), params={}))
    finally:
        jobs._KINDS.pop("waiting")
    assert job.state == Job.State.DONE
    assert connection.is_usable()

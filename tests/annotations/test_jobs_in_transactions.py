"""A job that stores much in one transaction still shows how far it is, and can be stopped.

On PostgreSQL: SQLite has one writer at a time, so nobody can ask meanwhile.
"""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, transaction

from annotations import jobs
from annotations.models import Job, JobResult, Study
from tests.making import make_study

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer at a time"),
]


def test_a_job_is_asked_to_stop_from_within_its_own_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "SECONDS_BETWEEN_BEATS", 0.05)
    deadline = time.monotonic() + 20

    def handler(job: Job, progress: jobs.Progress) -> JobResult:
        with transaction.atomic():
            Study.objects.update(name="half done")
            threading.Thread(target=ask).start()
            while time.monotonic() < deadline:
                progress(1, 2, "storing")
        return JobResult()

    def ask() -> None:
        while Job.objects.get(kind="storing").progress_note != "storing":
            if time.monotonic() > deadline:
                break
        jobs.request_cancel(Job.objects.get(kind="storing"))
        connection.close()

    jobs.register("storing", handler, title="Storing")
    try:
        job = jobs.run_now(jobs.create(kind="storing", study=make_study(), params={}))
    finally:
        jobs._KINDS.pop("storing")
    assert (job.state, job.progress_note) == (Job.State.CANCELLED, "storing")
    assert not Study.objects.filter(name="half done").exists()

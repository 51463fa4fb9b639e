"""Waking a worker. The task itself is the other app's; its name is all that is known of it here."""

from __future__ import annotations

from celery import current_app
from django.db import transaction

from annotations.models import Job

RUN_JOB = "annotations.tasks.run_job"


def wake(job: Job) -> None:
    """Call a worker once the row can be seen by it."""
    transaction.on_commit(lambda: current_app.send_task(RUN_JOB, args=[job.pk]))

"""Thin Celery tasks: a key in, one call, nothing out. The Job row says the rest."""

from __future__ import annotations

from celery import shared_task

from annotations import jobs
from annotations.services.uploads import forget_old_uploads


@shared_task
def run_job(job_pk: int) -> None:
    job = jobs.claim(job_pk)
    if job is not None:
        jobs.run(job)


@shared_task
def reap_jobs() -> None:
    for job_pk in jobs.reap():
        run_job.delay(job_pk)
    forget_old_uploads()

"""Celery tasks: each takes a key and makes one call. The Job row has the rest."""

from __future__ import annotations

from importlib import import_module

from celery import shared_task
from django.conf import settings

from annotations import jobs
from annotations.history.sealing import seal_studies
from annotations.job_queues import claim, reap
from annotations.services.api_tokens import forget_answered_requests
from annotations.services.closing import erase_closed_accounts
from annotations.services.retention import remove_due_personal_content
from annotations.services.security_log import forget_old_events
from annotations.services.uploads import forget_old_uploads
from annotations.work_sharing import delete_finished_work, work_on
from annotations.workers import send_job_message


@shared_task
def run_job(job_pk: int) -> None:
    job = claim(job_pk)
    if job is not None:
        jobs.run(job)


@shared_task
def help_job(job_pk: int) -> None:
    work_on(job_pk)


@shared_task
def reap_jobs() -> None:
    for job_pk in reap():
        if not send_job_message(job_pk):
            # The broker is away: the next round asks again.
            break
    delete_finished_work()
    forget_old_uploads()
    forget_answered_requests()


@shared_task
def seal_history() -> None:
    seal_studies()


@shared_task
def tidy_up() -> None:
    erase_closed_accounts()
    remove_due_personal_content()
    forget_old_events()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()

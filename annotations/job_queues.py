"""Which worker runs which job: claims, and jobs of workers that fell silent."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from annotations.models import Job
from annotations.workers import forget_old_beats, living_workers


def claim(job_pk: int) -> Job | None:
    """Take a waiting job for this process; None when it is taken, over or gone."""
    now = timezone.now()
    taken = Job.objects.filter(pk=job_pk, state=Job.State.QUEUED).update(
        state=Job.State.RUNNING,
        token=(token := uuid4()),
        attempts=F("attempts") + 1,
        heartbeat_at=now,
        started_at=now,
        progress_done=0,
        progress_total=0,
        progress_note="",
        reason="",
    )
    return Job.objects.filter(pk=job_pk, token=token).first() if taken else None


def reap() -> list[int]:
    """Take jobs from workers that fell silent, and return the keys of jobs that idle workers should hear of again."""
    now = timezone.now()
    silent = Q(
        state=Job.State.RUNNING, heartbeat_at__lt=now - timedelta(seconds=settings.JOB_SILENCE_SECONDS)
    )
    Job.objects.filter(silent, cancel_requested=True).update(
        state=Job.State.CANCELLED, token=None, finished_at=now, reason="Cancelled; its worker had stopped."
    )
    Job.objects.filter(silent, attempts__gte=Job.MAX_ATTEMPTS).update(
        state=Job.State.FAILED,
        token=None,
        finished_at=now,
        reason=f"Its worker stopped {Job.MAX_ATTEMPTS} times before the end. See the log of the worker, then retry.",
    )
    # Who was asked to stop since the first statement is cancelled in the next round.
    Job.objects.filter(silent, cancel_requested=False).update(state=Job.State.QUEUED, token=None)
    forget_old_beats()
    # A message can be lost with the broker: a job that has waited for seconds is sent again, but only to idle workers.
    n_idle = living_workers().count() - Job.objects.filter(state=Job.State.RUNNING).count()
    waiting = Job.objects.filter(state=Job.State.QUEUED, created_at__lt=now - timedelta(seconds=4))
    return list(waiting.order_by("pk").values_list("pk", flat=True)[: max(0, n_idle)])

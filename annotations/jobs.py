"""Jobs: create, claim, report progress, finish, and queue again when a worker died.

A claim writes a new token. A worker with an older token can neither report progress nor store a result. So a job
that ran twice has one result.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, cast

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from annotations.job_queues import claim
from annotations.models import Job, JobParams, JobResult, Missing, Study, User
from annotations.workers import DATABASE_FAULTS, send_job_message
from hlv.core import log_context
from hlv.core.stored_results import StoredResultError

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_BEATS = 2.0


class JobRefusedError(Exception):
    """The data do not allow an answer; the sentence is for the person who asked.

    `details`, such as the rows at fault, become the result of the failed job.
    """

    def __init__(self, sentence: str, *, details: Mapping[str, object] | None = None) -> None:
        super().__init__(sentence)
        self.details = details


@dataclass(frozen=True)
class _Reason(JobResult):
    """Why a job failed, where something is missing that can be supplied."""

    missing: str | None = None


class MissingDataError(JobRefusedError):
    """Data are missing that somebody can supply; pages link to the form that takes them."""

    def __init__(self, missing: Missing) -> None:
        super().__init__(str(missing.label), details=_Reason(str(missing.value)).as_json())
        self.missing = missing


def missing_of(job: Job) -> list[Missing]:
    """What the job found missing, if it did; jobs of before typed reasons have a sentence alone."""
    found = job.read_result(_Reason) if job.is_over and job.result else _Reason()
    return [Missing(found.missing)] if found.missing in Missing.values else []


class JobCancelledError(Exception):
    """Somebody asked the job to stop."""


class JobLostError(Exception):
    """Another worker has claimed the job; this one must write nothing."""


class Progress:
    """Progress reports of a running job, at most two a second; a report raises when the job must stop.

    Within a transaction of the job nobody could see what is written, and its row would stay locked. There the heartbeat
    thread writes, and sets `stopped_by`.
    """

    def __init__(self, job: Job, on_progress: Callable[[Job], None] | None = None) -> None:
        self.job = job
        self._on_progress = on_progress
        self._written_at = float("-inf")
        self.has_heartbeat_thread = False
        self.stopped_by: JobCancelledError | JobLostError | None = None

    def __call__(self, done: int, total: int, note: str = "") -> None:
        self.job.progress_done, self.job.progress_total = done, total
        self.job.progress_note = (note or self.job.progress_note)[:200]
        if self.stopped_by is not None:
            raise self.stopped_by
        now = time.monotonic()
        if done < total and now - self._written_at < 0.5:
            return
        self._written_at = now
        if not (self.has_heartbeat_thread and connection.in_atomic_block):
            beat(self.job)
        if self._on_progress is not None:
            self._on_progress(self.job)


# Dictionaries: options that a command or a form was given, which the job's own schema reads and checks.
Params = JobParams | Mapping[str, object]
Handler = Callable[[Job, Progress], JobResult]
# Raises JobRefusedError for parameters that no job of the kind could run with. It gets what `create` was given.
Check = Callable[[Study, Any], None]

# Whether an unfinished job is the one that somebody asks for now.
Same = Callable[[Job], bool]


@dataclass(frozen=True)
class _Kind:
    handler: Handler | str
    check: Check | str | None


_KINDS: dict[str, _Kind] = {}


def register(
    kind: str, handler: Handler | str, *, title: str | Promise, check: Check | str | None = None
) -> None:
    """Make a kind of job known, by functions or, so that nothing heavy loads before it runs, by dotted names."""
    _KINDS[kind] = _Kind(handler, check)
    Job.TITLES[kind] = title


def _loaded(function: Callable[..., Any] | str) -> Callable[..., Any]:
    return cast(Callable[..., Any], import_string(function)) if isinstance(function, str) else function


def _as_json(params: Params) -> dict[str, object]:
    return params.as_json() if isinstance(params, JobParams) else dict(params)


def create(*, kind: str, study: Study, params: Params, created_by: User | None = None) -> Job:
    """A waiting job; parameters that can never work are refused, and leave no row."""
    if kind not in _KINDS:
        raise ValueError(f"No job is called {kind!r}; known are {', '.join(sorted(_KINDS))}.")
    check = _KINDS[kind].check
    if check is not None:
        _loaded(check)(study, params)
    return Job.objects.create(
        kind=kind,
        study=study,
        params=_as_json(params),
        created_by=created_by,
        request_id=log_context.request_id.get(),
    )


def request_job(
    *,
    study: Study,
    kind: str,
    params: Params,
    by: object,
    same: Same | None = None,
) -> Job:
    """The job that somebody asks for; a second request before its end finds the same job.

    Parameters
    ----------
    by
        Whoever asks, as a request names them.
    same
        Whether an unfinished job of this kind is the one that is asked for; without it, when its parameters are equal.

    Raises
    ------
    JobRefusedError
        No job could run with these parameters.
    """
    with transaction.atomic():
        _lock(study)
        known = _unfinished(study, kind, same or _has(_as_json(params)))
        if known is not None:
            return known
        job = create(kind=kind, study=study, params=params, created_by=by if isinstance(by, User) else None)
        wake(job)
    return job


def retry_once(job: Job) -> Job:
    """Queue a failed or cancelled job again, or find a newer one with the same parameters."""
    with transaction.atomic():
        _lock(job.study)
        known = _unfinished(job.study, job.kind, _has(job.params))
        if known is not None:
            return known
        if retry(job):
            wake(job)
    return job


def _lock(study: Study) -> None:
    """The second of two clicks waits here, and then finds the job of the first."""
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)


def _unfinished(study: Study, kind: str, same: Same) -> Job | None:
    """The newest that will still give a result: none that is being cancelled."""
    waiting = study.jobs.filter(
        kind=kind, state__in=[Job.State.QUEUED, Job.State.RUNNING], cancel_requested=False
    )
    # Compared here, not by the database: looking into JSON differs from one to the other.
    return next((job for job in waiting.order_by("-pk") if same(job)), None)


def _has(params: dict[str, object]) -> Same:
    """Compared as they come back from a row, where a tuple is a list."""
    stored = json.loads(json.dumps(params))
    return lambda job: bool(job.params == stored)


def wake(job: Job) -> None:
    """Call a worker once the row is committed; the job is queued whether or not the call arrives."""
    transaction.on_commit(partial(send_job_message, job.pk))


def check_draws(params: Params) -> None:
    """Refuse a seed or a number of resamples that is no whole number from 0."""
    asked = _as_json(params)
    for name in ("seed", "n_resamples"):
        value = asked.get(name, 0)
        if isinstance(value, int) and value < 0:
            raise JobRefusedError(f"{name.replace('_', '-')} must be a whole number from 0, not {value}.")


def _held(job: Job) -> Q:
    return Q(pk=job.pk, token=job.token, state=Job.State.RUNNING)


def beat(job: Job) -> None:
    """Write progress and a sign of life; learn whether to go on."""
    held = Job.objects.filter(_held(job)).update(
        heartbeat_at=timezone.now(),
        progress_done=job.progress_done,
        progress_total=job.progress_total,
        progress_note=job.progress_note,
    )
    if not held:
        raise JobLostError(job.uuid)
    if Job.objects.filter(pk=job.pk, cancel_requested=True).exists():
        raise JobCancelledError(job.uuid)


def store(job: Job, result: JobResult) -> None:
    """End the job with its result in the transaction that stores its rows, so that no killed worker leaves half."""
    if not _finish(job, state=Job.State.DONE, result=result.as_json()):
        raise JobLostError(job.uuid)
    job.state = Job.State.DONE


def _finish(job: Job, *, state: str, result: Mapping[str, object] | None = None, reason: str = "") -> bool:
    """Write the end in one statement, only by the holder of the token."""
    return bool(
        Job.objects.filter(_held(job)).update(
            state=state, result=result, reason=reason, finished_at=timezone.now(), heartbeat_at=timezone.now()
        )
    )


def _release(job: Job) -> None:
    """Leave the job to the reaper now, instead of when its silence is noticed."""
    long_ago = timezone.now() - timedelta(days=1)
    Job.objects.filter(_held(job)).update(heartbeat_at=long_ago)


@contextmanager
def _heartbeat_thread(job: Job, progress: Progress) -> Iterator[None]:
    """Beat in a thread while a long call or a transaction keeps the main one busy.

    There is no thread within a transaction of the caller: another connection could not see the row.
    """
    if connection.in_atomic_block:
        yield
        return
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(SECONDS_BETWEEN_BEATS):
            try:
                beat(job)
            except JobCancelledError as asked:
                # It goes on beating: the main thread may be far from its next report.
                progress.stopped_by = asked
            except JobLostError as lost:
                progress.stopped_by = lost
                return
            except DATABASE_FAULTS as fault:
                # The database is busy or went away for a moment; the next beat, or the reaper, decides.
                logger.warning("job %s could not beat: %s", job.uuid, fault)
            finally:
                connection.close()

    thread = threading.Thread(
        target=copy_context().run, args=(run,), name=f"beat of job {job.uuid}", daemon=True
    )
    thread.start()
    progress.has_heartbeat_thread = True
    try:
        yield
    finally:
        stop.set()
        thread.join()


def run(job: Job, on_progress: Callable[[Job], None] | None = None) -> Job:
    """Run a claimed job to its end. A fault of ours fails the job with a sentence and is raised again.

    Ctrl-C cancels it; a worker that ends in the middle leaves it to the reaper, who queues it again.
    """
    # Until the worker's next task: Celery logs a fault after this function.
    log_context.enter(request=job.request_id, job=str(job.uuid))
    logger.info("job of kind %s began, attempt %s", job.kind, job.attempts)
    try:
        handler = _loaded(_KINDS[job.kind].handler)
        progress = Progress(job, on_progress)
        # Stored in English for every reader, and translated where it is shown.
        with _heartbeat_thread(job, progress), translation.override(settings.LANGUAGE_CODE):
            result = handler(job, progress)
    except JobCancelledError:
        _finish(job, state=Job.State.CANCELLED, reason="Cancelled on request; nothing was stored.")
    except JobRefusedError as refusal:
        _finish(job, state=Job.State.FAILED, reason=str(refusal), result=refusal.details)
    except StoredResultError as unreadable:
        _finish(job, state=Job.State.FAILED, reason=unreadable.sentence)
    except JobLostError:
        logger.warning("job %s is held by another worker now", job.uuid)
    except KeyboardInterrupt:
        # Somebody at a terminal stopped their command, and will ask again if they want to.
        _finish(job, state=Job.State.CANCELLED, reason="Interrupted before its end; nothing was stored.")
        raise
    except SystemExit:
        # The worker must stop, not the job.
        _release(job)
        raise
    except BaseException as fault:
        _finish(
            job,
            state=Job.State.FAILED,
            reason=f"A fault in the program ended it ({type(fault).__name__}); the log of the worker has the details.",
        )
        raise
    else:
        if job.state != Job.State.DONE and not _finish(job, state=Job.State.DONE, result=result.as_json()):
            logger.warning("job %s finished after another worker took it; its result was dropped", job.uuid)
    job.refresh_from_db()
    logger.info("job of kind %s ended: %s", job.kind, job.state)
    return job


def run_now(job: Job, on_progress: Callable[[Job], None] | None = None) -> Job:
    """Claim and run here, as the commands do: the same code as the worker's."""
    claimed = claim(job.pk)
    if claimed is None:
        job.refresh_from_db()
        return job
    return run(claimed, on_progress)


def request_cancel(job: Job) -> None:
    """A waiting job ends at once, a running one at its next report."""
    asked = Job.objects.filter(pk=job.pk)
    with transaction.atomic():
        # Of both states in one statement: the reaper may move the job from one to the other at this moment.
        asked.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).update(cancel_requested=True)
        asked.filter(state=Job.State.QUEUED).update(
            state=Job.State.CANCELLED, finished_at=timezone.now(), reason="Cancelled before it began."
        )


def retry(job: Job) -> bool:
    """Queue a failed or cancelled job again, with its attempts counted from nothing."""
    return bool(
        Job.objects.filter(pk=job.pk, state__in=[Job.State.FAILED, Job.State.CANCELLED]).update(
            state=Job.State.QUEUED,
            attempts=0,
            cancel_requested=False,
            result=None,
            reason="",
            finished_at=None,
            token=None,
        )
    )

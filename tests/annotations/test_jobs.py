"""The Job row is the truth: one claim, one result, whatever happens to workers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from celery import Celery
from django.db import connection
from django.utils import timezone

from annotations import job_queues, jobs
from annotations.models import Job, JobResult, WorkerBeat
from annotations.tasks import reap_jobs
from annotations.workers import no_worker_running
from hlv.celery import app as ours
from tests.making import make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@dataclass(frozen=True)
class Counted(JobResult):
    counted: int


@pytest.fixture
def kind() -> Iterator[str]:
    """A job kind of this test's own: counts to ten, or does as its parameters say."""

    def handler(job: Job, progress: jobs.Progress) -> Counted:
        if job.params.get("refuse"):
            raise jobs.JobRefusedError("There are no judgments yet.", details=job.params.get("details"))
        if job.params.get("break"):
            raise ZeroDivisionError("a fault of ours")
        if job.params.get("interrupt"):
            raise KeyboardInterrupt
        if job.params.get("end"):
            raise SystemExit
        if job.params.get("steal"):
            Job.objects.filter(pk=job.pk).update(token="00000000-0000-0000-0000-000000000001")
        if job.params.get("cancel"):
            jobs.request_cancel(job)
        progress(10, 10, "counting")
        return Counted(10)

    jobs.register("counting", handler, title="Counting")
    yield "counting"
    jobs._KINDS.pop("counting")


def make_job(kind: str, **params: Any) -> Job:
    return jobs.create(kind=kind, study=make_study(), params=params)


def test_a_job_runs_once_and_keeps_its_result(kind: str) -> None:
    job = make_job(kind)
    assert jobs.run_now(job).result == {"counted": 10}
    again = jobs.run_now(job)
    assert (again.state, again.attempts, again.progress_note) == (Job.State.DONE, 1, "counting")


def test_only_one_of_two_claims_gets_the_job(kind: str) -> None:
    job = make_job(kind)
    assert jobs.claim(job.pk) is not None
    assert jobs.claim(job.pk) is None


def test_a_refusal_is_a_sentence_for_the_person_who_asked(kind: str) -> None:
    job = jobs.run_now(make_job(kind, refuse=True))
    assert (job.state, job.reason) == (Job.State.FAILED, "There are no judgments yet.")


def test_our_own_fault_fails_the_job_and_is_raised(kind: str) -> None:
    job = make_job(kind, **{"break": True})
    with pytest.raises(ZeroDivisionError):
        jobs.run_now(job)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "a fault in the program" in job.reason.lower()
    assert "a fault of ours" not in job.reason


def test_a_job_that_somebody_interrupts_is_cancelled_and_no_fault_of_ours(kind: str) -> None:
    job = make_job(kind, interrupt=True)
    with pytest.raises(KeyboardInterrupt):
        jobs.run_now(job)
    job.refresh_from_db()
    assert (job.state, job.reason) == (
        Job.State.CANCELLED,
        "Interrupted before its end; nothing was stored.",
    )


def test_a_job_whose_worker_is_told_to_end_waits_for_the_next(kind: str) -> None:
    job = make_job(kind, end=True)
    for attempt in (1, 2, 3):
        with pytest.raises(SystemExit):
            jobs.run_now(job)
        job_queues.reap()
        job.refresh_from_db()
        assert job.attempts == attempt
        assert job.state == (Job.State.FAILED if attempt == 3 else Job.State.QUEUED)
    assert "stopped 3 times" in job.reason


def test_a_worker_that_lost_its_claim_writes_nothing(kind: str) -> None:
    job = jobs.run_now(make_job(kind, steal=True))
    assert (job.state, job.result) == (Job.State.RUNNING, None)


def test_a_running_job_stops_when_asked(kind: str) -> None:
    job = jobs.run_now(make_job(kind, cancel=True))
    assert (job.state, job.result) == (Job.State.CANCELLED, None)


def test_a_waiting_job_is_cancelled_at_once(kind: str) -> None:
    job = make_job(kind)
    jobs.request_cancel(job)
    assert jobs.run_now(job).state == Job.State.CANCELLED


def test_a_failed_job_can_be_queued_again(kind: str) -> None:
    job = jobs.run_now(make_job(kind, refuse=True))
    assert jobs.retry(job)
    Job.objects.filter(pk=job.pk).update(params={})
    assert jobs.run_now(job).state == Job.State.DONE
    assert not jobs.retry(job)


def test_who_asks_twice_has_one_job_and_who_asks_for_something_else_another(
    kind: str, django_capture_on_commit_callbacks: Any
) -> None:
    study = make_study()

    def ask(**params: Any) -> Job:
        return jobs.request_job(study=study, kind=kind, params=params, by=None)

    with django_capture_on_commit_callbacks() as called:
        first, again, other = ask(names=("a", "b")), ask(names=["a", "b"]), ask(names=["b", "a"])
    assert first == again != other
    assert len(called) == 2, "each job calls a worker once"
    jobs.run_now(first)
    assert ask(names=["a", "b"]) not in (first, other), "it is over"
    assert jobs.claim(other.pk) is not None
    assert ask(names=["b", "a"]) == other
    jobs.request_cancel(other)
    assert ask(names=["b", "a"]) != other, "it will bring no result"
    assert jobs.request_job(study=make_study(), kind=kind, params={}, by=None).study != study


def test_a_job_that_was_asked_for_anew_is_not_queued_a_second_time(kind: str) -> None:
    job = make_job(kind, n=1)
    jobs.request_cancel(job)
    anew = jobs.request_job(study=job.study, kind=kind, params={"n": 1}, by=None)
    assert jobs.retry_once(job) == anew
    assert Job.objects.filter(state=Job.State.QUEUED).get() == anew
    jobs.run_now(anew)
    assert jobs.retry_once(job) == job
    assert Job.objects.filter(state=Job.State.QUEUED).get() == job


def silent(job: Job, *, attempts: int, cancel_requested: bool = False) -> Job:
    claimed = jobs.claim(job.pk)
    assert claimed is not None
    Job.objects.filter(pk=job.pk).update(
        heartbeat_at=timezone.now() - timedelta(minutes=5),
        attempts=attempts,
        cancel_requested=cancel_requested,
    )
    return claimed


def test_a_job_whose_worker_fell_silent_is_queued_again(kind: str) -> None:
    job = make_job(kind)
    first = silent(job, attempts=1)
    job_queues.reap()
    second = jobs.claim(job.pk)
    assert second is not None
    assert second.attempts == 2
    with pytest.raises(jobs.JobLostError):
        jobs.beat(first)


def test_after_three_silent_workers_a_job_fails_with_a_reason(kind: str) -> None:
    job = make_job(kind)
    silent(job, attempts=3)
    job_queues.reap()
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "stopped 3 times" in job.reason


def test_a_silent_job_that_was_to_stop_is_cancelled(kind: str) -> None:
    job = make_job(kind)
    silent(job, attempts=1, cancel_requested=True)
    job_queues.reap()
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED


def test_a_job_whose_message_was_lost_is_called_out_again(kind: str) -> None:
    job = make_job(kind)
    assert job_queues.reap() == []
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    assert job_queues.reap() == [], "without a worker the calls would only pile up"
    WorkerBeat.objects.create(name="a worker", beat_at=timezone.now())
    assert job_queues.reap() == [job.pk]


def test_a_busy_worker_is_not_called_and_an_idle_one_hears_of_one_job(kind: str) -> None:
    running, *waiting = [make_job(kind) for _ in range(4)]
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert jobs.claim(running.pk) is not None
    WorkerBeat.objects.create(name="a worker", beat_at=timezone.now())
    assert job_queues.reap() == [], "the calls would pile up for as long as it works"
    WorkerBeat.objects.create(name="another", beat_at=timezone.now())
    assert job_queues.reap() == [waiting[0].pk]


@pytest.fixture
def broker_away() -> Iterator[None]:
    """Messages go where nobody listens."""
    Celery("away", broker="redis://127.0.0.1:1/0", set_as_current=True)
    yield
    ours.set_current()


def test_a_broker_that_is_away_neither_refuses_a_job_nor_stops_who_looks_after_them(
    kind: str,
    broker_away: None,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    job = make_job(kind)
    with django_capture_on_commit_callbacks(execute=True) as called:
        jobs.wake(job)
    assert len(called) == 1
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    WorkerBeat.objects.create(name="a worker", beat_at=timezone.now())
    reap_jobs()
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2
    assert all(f"broker does not answer, so job {job.pk} waits" in line for line in told)
    assert job_queues.reap() == [job.pk], "it is called out again until a worker takes it"


def test_a_reaper_between_its_statements_does_not_lose_a_request_to_stop(kind: str) -> None:
    job = make_job(kind)
    silent(job, attempts=1)
    statements: list[str] = []

    def reap_before_the_second(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE"):
            statements.append(sql)
            if len(statements) == 2:
                job_queues.reap()
        return execute(sql, *rest)

    with connection.execute_wrapper(reap_before_the_second):
        jobs.request_cancel(job)
    job.refresh_from_db()
    assert (job.state, job.cancel_requested) == (Job.State.CANCELLED, True)


def test_no_worker_is_known_within_ten_seconds() -> None:
    assert no_worker_running()
    beat = WorkerBeat.objects.create(name="a worker", beat_at=timezone.now())
    assert not no_worker_running()
    beat.beat_at = timezone.now() - timedelta(seconds=11)
    beat.save()
    assert no_worker_running()


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="No job is called 'knitting'"):
        jobs.create(kind="knitting", study=make_study(), params={})


def test_a_refusal_keeps_its_details_until_it_is_tried_again(kind: str) -> None:
    job = jobs.run_now(make_job(kind, refuse=True, details={"errors": [2]}))
    assert (job.state, job.result) == (Job.State.FAILED, {"errors": [2]})
    jobs.retry(job)
    job.refresh_from_db()
    assert job.result is None


def test_a_result_stored_beside_the_rows_ends_the_job(kind: str) -> None:
    job = make_job(kind)
    first = jobs.claim(job.pk)
    assert first is not None
    jobs.store(first, Counted(10))
    Job.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    assert job_queues.reap() == []
    assert jobs.claim(job.pk) is None
    job.refresh_from_db()
    assert (job.state, job.result) == (Job.State.DONE, {"counted": 10})


def test_whoever_lost_the_job_stores_nothing(kind: str) -> None:
    job = make_job(kind)
    first = silent(job, attempts=1)
    job_queues.reap()
    assert jobs.claim(job.pk) is not None
    with pytest.raises(jobs.JobLostError):
        jobs.store(first, Counted(11))
    job.refresh_from_db()
    assert job.result is None

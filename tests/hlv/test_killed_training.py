"""A training whose worker is killed goes on elsewhere, to the same bits and one set of outputs."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from annotations import jobs
from annotations.models import Import, Job, Study, WorkerBeat, WorkPart
from annotations.tasks import reap_jobs
from hlv.serving import Child
from metaeval.models import Training
from metaeval.results.training import read_training
from metaeval.selectors.outputs import current_outputs
from tests.conftest import worker_processes
from tests.metaeval.making_training import make_split_study

pytestmark = pytest.mark.django_db(transaction=True)

Wait = Callable[[Callable[[], bool], float], None]
PARAMS = {"split": "split", "methods": ["SL", "MV", "JSD", "AE"], "learning_rates": [0.03]}


def make_job(study: Study, *, runs: int) -> Job:
    return jobs.create(kind="training", study=study, params={**PARAMS, "runs": runs})


def outputs_of(study: Study) -> dict[tuple[str, str, str], bytes]:
    rows = current_outputs().filter(run__method__study=study)
    names = ("run__method__name", "run__name", "item__key", "probabilities")
    found = {(method, run, item): bytes(stored) for method, run, item, stored in rows.values_list(*names)}
    assert len(found) == rows.count(), "one set of outputs"
    return found


def worker_of(job: Job) -> str:
    """Who runs the job begins with the first part; helpers begin with the last. Empty before that."""
    first = WorkPart.objects.filter(work__job=job).order_by("first").first()
    return first.brought_by if first is not None else ""


def kill(workers: list[Child], *, name: str) -> None:
    (process,) = (one.process for one in workers if one.process and name.endswith(f":{one.process.pid}"))
    process.send_signal(signal.SIGKILL)
    process.wait()
    WorkerBeat.objects.filter(name=name).delete()


def fall_silent(job: Job) -> None:
    """As minutes after its worker was killed."""
    long_ago = timezone.now() - timedelta(minutes=5)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=long_ago, created_at=long_ago)
    reap_jobs()


def test_another_worker_resumes_a_training_to_the_same_bits(wait_until: Wait) -> None:
    alone, other = make_split_study(), make_split_study()
    assert jobs.run_now(make_job(alone, runs=20)).state == Job.State.DONE
    with worker_processes(2, HLV_JOB_SECONDS_WORTH_HELP="0") as workers:
        job = make_job(other, runs=20)
        jobs.wake(job)
        wait_until(lambda: bool(worker_of(job)), 60)
        kill(workers, name=worker_of(job))
        job.refresh_from_db()
        assert job.state == Job.State.RUNNING
        assert not Training.objects.filter(study=other).exists()
        fall_silent(job)

        def is_over() -> bool:
            job.refresh_from_db()
            return job.is_over

        wait_until(is_over, 90)
    assert (job.state, job.attempts) == (Job.State.DONE, 2), job.reason
    assert outputs_of(other) == outputs_of(alone)
    assert Import.objects.filter(study=other).count() == 1


@pytest.mark.both_databases
def test_a_training_without_its_worker_begins_again_to_the_same_result() -> None:
    alone, other = make_split_study(), make_split_study()
    assert jobs.run_now(make_job(alone, runs=1)).state == Job.State.DONE
    job = make_job(other, runs=1)
    assert jobs.claim(job.pk) is not None
    fall_silent(job)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.QUEUED, 1)
    assert jobs.run_now(job).state == Job.State.DONE
    assert outputs_of(other) == outputs_of(alone)
    first, second = (read_training(Training.objects.get(study=study)) for study in (alone, other))
    assert (first.runs, first.table) == (second.runs, second.table)

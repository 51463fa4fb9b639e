"""Idle workers help with long work, and no job depends on any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import uuid4

import numpy as np
import pytest
from django.utils import timezone
from django.utils.module_loading import import_string

from annotations import jobs, work_sharing
from annotations.models import DividedWork, Job, JobResult, WorkerBeat, WorkPart
from annotations.tasks import reap_jobs
from annotations.work_sharing import SharedRun, work_on
from hlv import __version__
from hlv.stats.arrays import FloatArray
from hlv.stats.resampling.chunks import Arrays, run_in_sequence
from tests.making import make_study

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


class Dice:
    """Three throws a chunk; notes which chunks were computed in this process, and lets things happen meanwhile."""

    kind: ClassVar[str] = "dice"
    computed: ClassVar[list[int]] = []
    meanwhile: ClassVar[Callable[[], None]] = staticmethod(lambda: None)

    def __init__(self, seed: int = 1, n_chunks: int = 40) -> None:
        self.seed, self.n_chunks = seed, n_chunks

    def compute(self, first: int, stop: int) -> FloatArray:
        self.computed.extend(range(first, stop))
        Dice.meanwhile()
        throws = [np.random.default_rng([self.seed, chunk]).random(3) for chunk in range(first, stop)]
        return np.concatenate([np.empty(0), *throws])

    def packed(self) -> Arrays:
        return {"seed": np.array(self.seed), "n_chunks": np.array(self.n_chunks)}

    @classmethod
    def unpacked(cls, arrays: Arrays) -> Dice:
        return cls(int(arrays["seed"]), int(arrays["n_chunks"]))


ALL_OF_IT = run_in_sequence(Dice())


@dataclass(frozen=True)
class Thrown(JobResult):
    rows: list[list[float]]


@pytest.fixture(autouse=True)
def kinds(settings: Any) -> Iterator[None]:
    """Any work is worth help here; and a job whose only work is the dice."""
    settings.JOB_SECONDS_WORTH_HELP = 0.0

    def handler(job: Job, progress: jobs.Progress) -> Thrown:
        rows = SharedRun(progress, name="dice", note="throwing")(Dice(job.params.get("seed", 1)))
        return Thrown(rows.tolist())

    jobs.register("throwing", handler, title="Throwing")
    work_sharing.register_work("dice", f"{__name__}.Dice")
    Dice.computed.clear()
    yield
    Dice.meanwhile = staticmethod(lambda: None)
    jobs._KINDS.pop("throwing")
    work_sharing._KINDS.pop("dice")


def make_job(**params: Any) -> Job:
    return jobs.create(kind="throwing", study=make_study(), params=params)


def make_idle_worker(name: str = "elsewhere") -> None:
    WorkerBeat.objects.create(name=name, beat_at=timezone.now())


def make_divided(job: Job, *, seed: int = 1, size: int = 8) -> DividedWork:
    """What a worker had laid out when it was killed: nothing of it done."""
    work = Dice(seed)
    divided = DividedWork.objects.create(
        job=job,
        name="dice",
        kind="dice",
        packed=work_sharing.to_bytes(work.packed()),
        digest=work_sharing.arrays_digest(work.packed()),
        code_version=work_sharing.code_version(),
    )
    for first in range(0, work.n_chunks, size):
        WorkPart.objects.create(work=divided, first=first, stop=min(first + size, work.n_chunks))
    return divided


def test_the_class_registered_for_a_kind_of_work_has_that_kind() -> None:
    kinds = {kind: import_string(unpack) for kind, unpack in work_sharing._KINDS.items() if kind != "dice"}
    assert "resampled agreement" in kinds
    assert {kind: work.kind for kind, work in kinds.items()} == {kind: kind for kind in kinds}


def test_without_an_idle_worker_nothing_is_laid_out() -> None:
    job = jobs.run_now(make_job())
    assert job.result == {"rows": ALL_OF_IT.tolist()}
    assert not DividedWork.objects.exists()


def test_where_nobody_comes_the_worker_of_the_job_does_it_all() -> None:
    make_idle_worker()
    job = jobs.run_now(make_job())
    assert job.result == {"rows": ALL_OF_IT.tolist()}
    assert (job.progress_done, job.progress_total, job.progress_note) == (40, 40, "throwing")
    assert WorkPart.objects.count() > 1
    reap_jobs()
    assert not DividedWork.objects.exists(), "the reaper clears up after jobs that are over"


def test_a_part_that_was_taken_and_not_brought_is_computed_by_the_worker_of_the_job() -> None:
    make_idle_worker()

    def somebody_takes_the_last_part() -> None:
        last = WorkPart.objects.filter(stop=40)
        if last.update(token=uuid4()):
            Dice.meanwhile = staticmethod(lambda: None)

    Dice.meanwhile = staticmethod(somebody_takes_the_last_part)
    assert jobs.run_now(make_job()).result == {"rows": ALL_OF_IT.tolist()}
    assert Dice.computed == list(range(40))


def test_a_helper_computes_all_parts_that_wait_to_the_same_bits() -> None:
    job = make_job()
    assert jobs.claim(job.pk) is not None
    divided = make_divided(job)
    taken = divided.parts.earliest("first")
    WorkPart.objects.filter(pk=taken.pk).update(token=uuid4())
    assert work_on(job.pk) == 4
    brought = divided.parts.filter(result__isnull=False).values_list("result", flat=True)
    rows = [work_sharing._rows(result) for result in brought if result is not None]
    np.testing.assert_array_equal(np.concatenate(rows), ALL_OF_IT[3 * taken.stop :])


def test_the_next_attempt_goes_on_from_what_is_done() -> None:
    job = make_job()
    assert jobs.claim(job.pk) is not None
    divided = make_divided(job)
    assert work_on(job.pk) == 5
    WorkPart.objects.filter(pk=divided.parts.latest("first").pk).update(result=None)
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, token=None)
    Dice.computed.clear()
    assert jobs.run_now(job).result == {"rows": ALL_OF_IT.tolist()}
    assert Dice.computed == list(range(32, 40)), "only the part that was taken by the killed worker"


def test_what_is_left_of_other_work_is_not_used() -> None:
    job = make_job(seed=2)
    assert jobs.claim(job.pk) is not None
    make_divided(job, seed=1)
    work_on(job.pk)
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, token=None)
    assert jobs.run_now(job).result == {"rows": run_in_sequence(Dice(2)).tolist()}


def test_nobody_helps_while_a_job_waits_for_a_worker() -> None:
    job = make_job()
    assert jobs.claim(job.pk) is not None
    make_divided(job)
    waiting = make_job()
    assert work_on(job.pk) == 0
    jobs.request_cancel(waiting)
    assert work_on(job.pk) == 5


@pytest.mark.parametrize("change", [{"cancel_requested": True}, {"state": Job.State.DONE}])
def test_nobody_helps_with_a_job_that_is_to_stop_or_over(change: dict[str, Any]) -> None:
    job = make_job()
    assert jobs.claim(job.pk) is not None
    make_divided(job)
    Job.objects.filter(pk=job.pk).update(**change)
    assert work_on(job.pk) == 0


def test_another_program_of_the_same_version_does_not_help() -> None:
    job = make_job()
    assert jobs.claim(job.pk) is not None
    make_divided(job)
    DividedWork.objects.update(code_version=f"hlv {__version__}+{'0' * 12}")
    assert work_on(job.pk) == 0


def test_a_helper_that_is_told_to_end_gives_its_part_back() -> None:
    job = make_job()
    assert jobs.claim(job.pk) is not None
    divided = make_divided(job)

    def end() -> None:
        raise SystemExit

    Dice.meanwhile = staticmethod(end)
    with pytest.raises(SystemExit):
        work_on(job.pk)
    assert divided.parts.filter(token__isnull=True).count() == 5

"""Long work of one job, shared with idle workers.

The worker of the job claims parts of the work, as its helpers do. It computes itself the parts that helpers claimed
and did not finish, so one worker alone finishes every job, and a helper that is killed delays only its part. A part
has the same bits on every worker, so it does no harm if two compute it.
"""

from __future__ import annotations

import logging
import time
from math import ceil
from typing import Final
from uuid import uuid4

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet, Sum
from django.utils.module_loading import import_string

from annotations.jobs import Progress
from annotations.models import DividedWork, Job, WorkPart, code_version
from annotations.workers import n_other_idle, own_name, send_help_message
from hlv.stats.arrays import FloatArray
from hlv.stats.resampling.chunks import (
    ChunkedWork,
    Runner,
    arrays_digest,
    chunks_in_a_step,
    from_bytes,
    run_in_sequence,
    to_bytes,
)

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_CALLS: Final = 2.0
PARTS_PER_WORKER: Final = 4
# What has to be stored and read again for every helper; more than this is computed alone.
MOST_BYTES: Final = 200_000_000

_KINDS: dict[str, str] = {}


def register_work(kind: str, dotted_class: str) -> None:
    """Make a kind of work known by the dotted name of its class, so that nothing heavy loads before it runs."""
    _KINDS[kind] = dotted_class


def runner(progress: Progress | None, *, name: str, note: str) -> Runner:
    """What computes the works of a job together with others, and here where there is no job; see `Together`."""
    return run_in_sequence if progress is None else SharedRun(progress, name=name, note=note)


class SharedRun:
    """A runner of the works of one job: alone where they are short, with idle workers where they are long."""

    def __init__(
        self, progress: Progress, *, name: str, note: str, before: int = 0, whole: int | None = None
    ) -> None:
        """`name` tells this work from the others of the job, `note` is what its page says meanwhile.

        Where the work is one of several that are counted together, `before` is how many chunks went before it, and
        `whole` how many there are of all.
        """
        self._job = progress.job
        self._progress = progress
        self._name = name
        self._note = note
        self._before = before
        self._whole = whole
        self._called_at = float("-inf")
        self._longest_part = 0.0

    def __call__(self, work: ChunkedWork) -> FloatArray:
        rows = [work.compute(0, 0)]
        divided = self._resumed(work)
        if divided is not None:
            # The chunks before its first part were computed to learn how long one takes, and not kept.
            first = divided.parts.order_by("first").values_list("first", flat=True)[0]
            rows.append(work.compute(0, first))
        else:
            done, size = self._alone(work, rows)
            if done < work.n_chunks:
                divided = self._divide(work, done, size)
            if done < work.n_chunks and divided is None:
                rows.append(work.compute(done, work.n_chunks))
        if divided is not None:
            rows += self._with_others(work, divided)
        return np.concatenate(rows)

    def _report(self, done: int, total: int) -> None:
        self._progress(self._before + done, total if self._whole is None else self._whole, self._note)

    def _alone(self, work: ChunkedWork, rows: list[FloatArray]) -> tuple[int, int]:
        """Chunks done, all or until others are worth asking, and how many make a step."""
        done, size, begun = 0, 1, time.monotonic()
        while done < work.n_chunks:
            stop = min(done + size, work.n_chunks)
            rows.append(work.compute(done, stop))
            done = stop
            self._report(done, work.n_chunks)
            seconds = (time.monotonic() - begun) / done
            size = chunks_in_a_step(seconds)
            if seconds * (work.n_chunks - done) > settings.JOB_SECONDS_WORTH_HELP and self._others_are_idle():
                break
        return done, size

    def _others_are_idle(self) -> bool:
        # Within a transaction nobody else would see what is laid out.
        return not connection.in_atomic_block and n_other_idle(self._job) > 0

    def _divide(self, work: ChunkedWork, first: int, size: int) -> DividedWork | None:
        arrays = work.packed()
        if sum(array.nbytes for array in arrays.values()) > MOST_BYTES:
            return None
        n_parts = PARTS_PER_WORKER * (1 + n_other_idle(self._job))
        size = max(1, min(size, ceil((work.n_chunks - first) / n_parts)))
        with transaction.atomic():
            _delete(DividedWork.objects.filter(job=self._job, name=self._name))
            divided = DividedWork.objects.create(
                job=self._job,
                name=self._name,
                kind=work.kind,
                packed=to_bytes(arrays),
                digest=arrays_digest(arrays),
                code_version=code_version(),
            )
            WorkPart.objects.bulk_create(
                WorkPart(work=divided, first=start, stop=min(start + size, work.n_chunks))
                for start in range(first, work.n_chunks, size)
            )
        return divided

    def _resumed(self, work: ChunkedWork) -> DividedWork | None:
        if self._job.attempts < 2 or connection.in_atomic_block:
            return None
        left = DividedWork.objects.filter(job=self._job, name=self._name, code_version=code_version())
        divided = left.defer("packed").first()
        if divided is None or divided.digest != arrays_digest(work.packed()):
            return None
        # The worker that claimed it may have been killed.
        divided.parts.filter(result__isnull=True).update(token=None)
        return divided

    def _with_others(self, work: ChunkedWork, divided: DividedWork) -> list[FloatArray]:
        parts = WorkPart.objects.filter(work=divided)
        while (part := _claim_part(parts.order_by("first"))) is not None:
            self._call(parts.filter(token__isnull=True).count())
            self._compute(work, part)
        self._wait_for(divided, work.n_chunks)
        while (part := parts.filter(result__isnull=True).first()) is not None:
            logger.info(
                "chunks %s to %s were claimed and not finished: computed here", part.first, part.stop - 1
            )
            self._compute(work, part)
        self._report(work.n_chunks, work.n_chunks)
        brought = parts.order_by("first").values_list("result", flat=True)
        return [_rows(result) for result in brought if result is not None]

    def _compute(self, work: ChunkedWork, part: WorkPart) -> None:
        begun = time.monotonic()
        rows = work.compute(part.first, part.stop)
        self._longest_part = max(self._longest_part, time.monotonic() - begun)
        _store_rows(part, rows)
        self._report(work.n_chunks - _n_chunks_missing(part.work_id), work.n_chunks)

    def _wait_for(self, divided: DividedWork, n_chunks: int) -> None:
        """Wait for others about as long as a part takes; then it is quicker to compute their parts here."""
        until = time.monotonic() + 2 * self._longest_part + 0.5
        while (n_missing := _n_chunks_missing(divided.pk)) and time.monotonic() < until:
            self._report(n_chunks - n_missing, n_chunks)
            time.sleep(0.05)

    def _call(self, n_waiting: int) -> None:
        """Workers that are idle now; again and again, for who comes free later."""
        if time.monotonic() - self._called_at < SECONDS_BETWEEN_CALLS:
            return
        self._called_at = time.monotonic()
        for _ in range(min(n_waiting, n_other_idle(self._job))):
            if not send_help_message(self._job.pk):
                break


def work_on(job_pk: int) -> int:
    """Compute parts of a running job until none is left or a job waits for a worker; returns how many were stored."""
    n_brought = 0
    divided: DividedWork | None = None
    work: ChunkedWork | None = None
    open_parts = WorkPart.objects.filter(
        work__job=job_pk,
        work__job__state=Job.State.RUNNING,
        work__job__cancel_requested=False,
        work__code_version=code_version(),
    )
    while not Job.objects.filter(state=Job.State.QUEUED).exists():
        # From the end: the worker of the job comes from the beginning.
        part = _claim_part(open_parts.order_by("-work_id", "-first"))
        if part is None:
            break
        try:
            if divided is None or work is None or divided.pk != part.work_id:
                divided = DividedWork.objects.get(pk=part.work_id)
                work_class: type[ChunkedWork] = import_string(_KINDS[divided.kind])
                work = work_class.unpacked(from_bytes(bytes(divided.packed)))
            n_brought += _store_rows(part, work.compute(part.first, part.stop))
        except DividedWork.DoesNotExist:
            # The job ended meanwhile.
            break
        except (SystemExit, KeyboardInterrupt):
            WorkPart.objects.filter(pk=part.pk, token=part.token, result__isnull=True).update(token=None)
            raise
    return n_brought


def delete_finished_work() -> None:
    """What a job left that ended without its worker."""
    over = [Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED]
    _delete(DividedWork.objects.filter(job__state__in=over))


def _delete(works: QuerySet[DividedWork]) -> None:
    # The keys alone: rows that go by a cascade would be read first, with all that is packed in them.
    keys = list(works.values_list("pk", flat=True))
    if keys:
        WorkPart.objects.filter(work__in=keys).delete()
        DividedWork.objects.filter(pk__in=keys).only("pk").delete()


def _claim_part(parts: QuerySet[WorkPart]) -> WorkPart | None:
    """A waiting part, taken by one conditional update."""
    while (part := parts.filter(token__isnull=True).defer("result").first()) is not None:
        token = uuid4()
        if WorkPart.objects.filter(pk=part.pk, token__isnull=True).update(token=token):
            part.token = token
            return part
    return None


def _store_rows(part: WorkPart, rows: FloatArray) -> int:
    """Store a part's rows unless somebody did, or the work is gone."""
    waiting = WorkPart.objects.filter(pk=part.pk, result__isnull=True)
    return waiting.update(result=to_bytes({"rows": rows}), token=part.token or uuid4(), brought_by=own_name())


def _rows(result: bytes | memoryview) -> FloatArray:
    rows: npt.NDArray[np.float64] = from_bytes(bytes(result))["rows"]
    return rows


def _n_chunks_missing(work_pk: int) -> int:
    missing = WorkPart.objects.filter(work=work_pk, result__isnull=True)
    return int(missing.aggregate(n=Sum(F("stop") - F("first")))["n"] or 0)

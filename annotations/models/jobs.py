"""Work for a worker. The row is the truth; a Celery message only wakes somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeVar
from uuid import UUID, uuid4

import msgspec
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.models.studies import Study
from hlv.core.stored_results import MalformedResultError, plain

Content = TypeVar("Content")


@dataclass(frozen=True)
class JobParams:
    """Base of what a kind of job is asked with. None means "not asked": the job uses its default."""

    def as_json(self) -> dict[str, object]:
        """As a row stores it, without what was not asked."""
        stored: dict[str, object] = msgspec.to_builtins(self)
        return {name: value for name, value in stored.items() if value is not None}


@dataclass(frozen=True)
class DrawParams(JobParams):
    """What every job that resamples is asked with."""

    n_resamples: int | None = None
    seed: int | None = None

    def draws(self, *, n_resamples: int, seed: int) -> tuple[int, int]:
        """Resamples and seed; these where none were asked."""
        return (
            n_resamples if self.n_resamples is None else self.n_resamples,
            seed if self.seed is None else self.seed,
        )


@dataclass(frozen=True)
class JobResult:
    """Base of what a kind of job leaves in its row."""

    def as_json(self) -> dict[str, object]:
        stored: dict[str, object] = plain(self)
        return stored


@dataclass(frozen=True)
class SnapshotStored(JobResult):
    """The snapshot that a job stored, and what it lacks.

    Attributes
    ----------
    kind
        The key of its UUID, such as "ranking".
    uuid
        None where nothing could be computed.
    """

    kind: str
    uuid: UUID | None
    undetermined: str | None = None
    missing: str | None = None

    def as_json(self) -> dict[str, object]:
        reasons = {"undetermined": self.undetermined, "missing": self.missing}
        return {
            self.kind: None if self.uuid is None else str(self.uuid),
            **{name: reason for name, reason in reasons.items() if reason is not None},
        }


class Job(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    MAX_ATTEMPTS = 3
    # What people call each kind; filled where the kinds become known.
    TITLES: ClassVar[dict[str, str | Promise]] = {}

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="jobs")
    kind = models.CharField(max_length=40)
    params = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    # A worker with this token may write the result; a new claim changes it.
    token = models.UUIDField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    progress_done = models.PositiveBigIntegerField(default=0)
    progress_total = models.PositiveBigIntegerField(default=0)
    progress_note = models.CharField(max_length=200, blank=True)
    cancel_requested = models.BooleanField(default=False)
    result = models.JSONField(null=True, blank=True)
    # A sentence for the person who asked, when it failed or the data allow no answer.
    reason = models.TextField(blank=True)
    created_by = models.ForeignKey(
        "annotations.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Of the request that asked for it, so that log lines of both are found together.
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="job_state_is_known",
                condition=Q(state__in=["queued", "running", "done", "failed", "cancelled"]),
            ),
            models.CheckConstraint(
                name="job_runs_under_a_token", condition=~Q(state="running") | Q(token__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["state", "heartbeat_at"], name="job_waiting")]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"

    def read_params(self, schema: type[Content]) -> Content:
        """What it was asked with. A parameter that the schema lacks belongs to another reader."""
        return self._read(self.params, schema)

    def read_result(self, schema: type[Content]) -> Content:
        """What it left, once it is done."""
        return self._read(self.result, schema)

    def _read(self, stored: object, schema: type[Content]) -> Content:
        try:
            return msgspec.convert(stored, schema)
        except msgspec.ValidationError as error:
            raise MalformedResultError(
                f"This {self.kind} job cannot be read: {error}. Start the job again."
            ) from error

    @property
    def title(self) -> str:
        return str(self.TITLES.get(self.kind, self.kind))

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED, self.State.CANCELLED)

    @property
    def share_done(self) -> float:
        return min(1.0, self.progress_done / self.progress_total) if self.progress_total else 0.0

    @property
    def percent_done(self) -> int:
        """In whole numbers, rounded down: 100 only when all is done; 100 x .58 as floats is a little less than 58."""
        return min(100, 100 * self.progress_done // self.progress_total) if self.progress_total else 0


class WorkerBeat(models.Model):
    """The last sign of life of each worker: how "no worker is running" is known."""

    name = models.CharField(max_length=200, unique=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class DividedWork(models.Model):
    """Long work of one job, laid out so that idle workers help; gone when the job is over.

    `packed` is all that a helper needs. An attempt after a killed worker finds what is done by the `digest`.
    """

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="divided_work")
    # Which step of the job it is, and which function computes it.
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=40)
    packed = models.BinaryField()
    digest = models.CharField(max_length=64)
    # Another version of the program might compute other bits: it does not help.
    code_version = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(name="work_of_a_job_is_divided_once", fields=["job", "name"])]

    def __str__(self) -> str:
        return f"{self.name} of {self.job}"


class WorkPart(models.Model):
    """Some chunks of a divided work: waiting, taken by whoever holds the token, or done once it has its result."""

    work = models.ForeignKey(DividedWork, on_delete=models.CASCADE, related_name="parts")
    first = models.PositiveIntegerField()
    stop = models.PositiveIntegerField()
    token = models.UUIDField(null=True, blank=True)
    result = models.BinaryField(null=True)
    # The process that brought it, for whoever wonders which workers help.
    brought_by = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["first"]
        constraints = [
            models.UniqueConstraint(name="part_of_a_work_is_laid_out_once", fields=["work", "first"]),
            models.CheckConstraint(name="part_has_a_chunk", condition=Q(stop__gt=F("first"))),
            models.CheckConstraint(
                name="part_is_done_by_whoever_took_it",
                condition=Q(result__isnull=True) | Q(token__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"chunks {self.first} to {self.stop - 1} of {self.work}"


class Missing(models.TextChoices):
    """A reason that a page can lead to the place where it is mended, and a command to the command."""

    LABELS = "labels", _("The study has no labels. Add labels first.")
    ANSWERS = "answers", _("No text has labels from people yet. Import annotations, or invite annotators.")
    OUTPUTS = "outputs", _("No method has outputs yet. Import outputs of the methods.")
    SHARED_TEXTS = (
        "shared-texts",
        _("No text has both labels from people and an output of every method. Import what is missing."),
    )
    SCORES = (
        "scores",
        _("There is no metric yet. Import metric scores, or the judgments of an automatic judge."),
    )
    JUDGMENTS = (
        "judgments",
        _("No pair has been judged yet. Import judgments, or open the campaign and invite judges."),
    )
    RANKING = "ranking", _("There is no ranking yet. Compute the ranking first.")

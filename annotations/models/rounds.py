"""Progress of a round: tallies of answers, reports with figures, remarks and whether they are resolved."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import uuid4

from django.db import models
from django.db.models import Q

from annotations.models.answers import Annotation
from annotations.models.jobs import Job
from annotations.models.people import Participant
from annotations.models.studies import Study
from hlv import __version__

OUR_PACKAGES: Final = ("hlv", "annotations", "metaeval")


@cache
def code_version() -> str:
    """This program, as every snapshot records it: its version and a digest of its sources.

    Read once: what runs stays what it is when its files change. A worker reads it when it starts.
    """
    return f"hlv {__version__}+{sources_digest(Path(__file__).parents[2])[:12]}"


def sources_digest(folder: Path) -> str:
    """SHA-256 of the names and contents of our Python files, wherever they are installed."""
    digest = sha256()
    for path in sorted(path for package in OUR_PACKAGES for path in (folder / package).rglob("*.py")):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


class Snapshot(models.Model):
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="%(class)ss")
    job = models.ForeignKey(Job, on_delete=models.PROTECT, null=True, blank=True, related_name="%(class)ss")
    seed = models.PositiveBigIntegerField()
    parameters = models.JSONField(default=dict)
    code_version = models.CharField(max_length=60)
    data_fingerprint = models.CharField(max_length=64)
    as_of = models.DateTimeField()
    result = models.JSONField()
    # "Undetermined, because ...": an answer too.
    undetermined = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
        ordering = ["-pk"]
        get_latest_by = "pk"
        constraints = [
            models.UniqueConstraint(
                fields=["job"],
                name="%(class)s_of_a_job_once",
                # With a condition SQLite makes an index; without, a new table, which loses its triggers.
                condition=Q(job__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk} of {self.study_id}"


class LabelAgreement(Snapshot):
    """How far annotators agree: alpha, kappa and the rest."""


class AnswerTally(models.Model):
    """What one person gave within one hour, of UTC. A trigger on answers counts; nobody else writes here."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="tallies")
    hour = models.DateTimeField()
    # First answers, skips apart; a second thought is a revision and nothing else.
    n_answers = models.PositiveIntegerField(default=0)
    n_skips = models.PositiveIntegerField(default=0)
    n_revisions = models.PositiveIntegerField(default=0)
    active_ms = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["participant", "hour"], name="answer_tally_once")]

    def __str__(self) -> str:
        return f"{self.participant_id} at {self.hour}"


class Remark(models.Model):
    """That an answer given here says something to those who run the study: a comment, a flag, a skip.

    A trigger on answers adds it, nobody else. So a list of remarks never looks for them among the answers.
    """

    annotation = models.OneToOneField(Annotation, on_delete=models.PROTECT, related_name="remark")
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="remarks", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["study", "-id"], name="remark_of_study")]

    def __str__(self) -> str:
        return f"remark of {self.annotation_id}"


class Settlement(models.Model):
    """A remark dealt with, or open again: the newest row says which; the answer stays as it was said."""

    annotation = models.ForeignKey(Annotation, on_delete=models.PROTECT, related_name="settlements")
    settled = models.BooleanField()
    created_by = models.ForeignKey(
        "annotations.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{'settled' if self.settled else 'open'}: {self.annotation_id}"


class RoundReport(Snapshot):
    """A round of annotating as it stood: groups, annotators, growth, entropy; people under pseudonyms."""

    agreement = models.ForeignKey(LabelAgreement, on_delete=models.PROTECT, related_name="reports")
    # Lists of texts, apart from the result: most pages do without them.
    texts = models.JSONField(default=dict)


class RoundFigure(models.Model):
    """A drawn figure of a report: bytes kept with it."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    report = models.ForeignKey(RoundReport, on_delete=models.PROTECT, related_name="figures")
    name = models.CharField(max_length=60)
    theme = models.CharField(max_length=5, default="light")
    media_type = models.CharField(max_length=40)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "name", "theme", "media_type"], name="round_figure_once"
            ),
            models.CheckConstraint(
                name="round_figure_theme_is_known", condition=Q(theme__in=["light", "dark"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.media_type})"

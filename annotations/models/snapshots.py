"""Computed once, kept as they were: with all that is needed to compute them again."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import uuid4

from django.db import models
from django.db.models import Q

from annotations.models.jobs import Job
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

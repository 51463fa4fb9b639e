"""Computed once, kept as they were: with all that is needed to compute them again."""

from __future__ import annotations

from importlib.metadata import version
from uuid import uuid4

from django.db import models
from django.db.models import Q

from annotations.models.jobs import Job
from annotations.models.studies import Study


def code_version() -> str:
    """The version of this program, as every snapshot records it."""
    return f"hlv {version('hlv')}"


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

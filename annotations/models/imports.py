"""Files that came in: where they wait, what each gave, and whether it was withdrawn."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotations.models.jobs import Job
from annotations.models.studies import Study


class Import(models.Model):
    """One file taken in whole. Rows that came by it name it, so that it can be undone."""

    class Kind(models.TextChoices):
        ITEMS = "items", _("items")
        ANNOTATIONS = "annotations", _("annotations")
        OUTPUTS = "outputs", _("outputs of methods")
        JUDGMENTS = "judgments", _("judgments")
        SCORES = "scores", _("metric scores")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="imports")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    # What the file is called where it comes from; with the kind and the cells it makes a row's key.
    source = models.CharField(max_length=300)
    format = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    options = models.JSONField(default=dict, blank=True)
    report = models.JSONField(default=dict, blank=True)
    n_rows = models.PositiveBigIntegerField(default=0)
    n_added = models.PositiveBigIntegerField(default=0)
    created_by = models.ForeignKey(
        "annotations.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="import_kind_is_known",
                condition=Q(kind__in=["items", "annotations", "outputs", "judgments", "scores"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} from {self.source}"


class ImportReversal(models.Model):
    """An import withdrawn, or brought back: the newest row says which; nothing it gave is deleted.

    A large file on SQLite comes in a few rows at a time, and counts as withdrawn until the last of them.
    """

    COMING = "its rows are coming in"
    CAME = "all of its rows are there"

    batch = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="reversals")
    withdrawn = models.BooleanField()
    reason = models.TextField(blank=True)
    created_by = models.ForeignKey(
        "annotations.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{'withdrawn' if self.withdrawn else 'reinstated'}: {self.batch_id}"


class Upload(models.Model):
    """A file brought in the browser. Its bytes wait in a shared folder for their import and then go."""

    # Also what the bytes are called where they lie; the name a person gave is never part of a path.
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="uploads")
    kind = models.CharField(max_length=12, choices=Import.Kind.choices)
    name = models.CharField(max_length=300)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    # The file whose import this one belongs to; that one alone says how all are read, and has the job.
    beside = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="companions"
    )
    # How it is read: format, mapping and the like, as the form took them.
    options = models.JSONField(default=dict, blank=True)
    # The newest job that reads it.
    job = models.ForeignKey(Job, on_delete=models.PROTECT, null=True, blank=True, related_name="uploads")
    created_by = models.ForeignKey(
        "annotations.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # From then on only this row is left.
    forgotten_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="upload_kind_is_known", condition=Q(kind__in=Import.Kind.values)),
            models.CheckConstraint(name="upload_holds_something", condition=Q(size__gt=0)),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], name="upload_that_waits", condition=Q(forgotten_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def files(self) -> list[Upload]:
        """All files of its import, itself first."""
        return [self, *self.companions.all()]

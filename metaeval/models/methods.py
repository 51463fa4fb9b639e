"""Methods under test, their runs, and the outputs of each run."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import Q

from annotations.models import Import, Item, Study


class Method(models.Model):
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="methods")
    name = models.CharField(max_length=300)
    # Methods are compared within a base model; the paper has a group for each.
    base_model = models.CharField(max_length=200, blank=True)
    position = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["study", "base_model", "name"], name="method_name_once"),
            models.UniqueConstraint(fields=["study", "position"], name="method_position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.base_model})" if self.base_model else self.name


class Run(models.Model):
    method = models.ForeignKey(Method, on_delete=models.PROTECT, related_name="runs")
    name = models.CharField(max_length=100, default="1")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["method", "name"], name="run_name_once")]

    def __str__(self) -> str:
        return f"{self.method_id}: {self.name}"


class Output(models.Model):
    """A distribution over the study's labels, or a text. Never counted among human labels."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="outputs")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="outputs")
    # Little-endian float64, one for each label by position: exact, and read without parsing.
    probabilities = models.BinaryField(null=True, blank=True)
    text = models.TextField(null=True, blank=True)
    import_batch = models.ForeignKey(
        Import, on_delete=models.PROTECT, null=True, blank=True, related_name="outputs"
    )
    row_key = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            # Of one import: after a withdrawn one, a corrected file gives the same cells again.
            models.UniqueConstraint(fields=["run", "item", "import_batch"], name="output_once"),
            models.UniqueConstraint(
                fields=["run", "item"],
                name="output_once_without_import",
                condition=Q(import_batch__isnull=True),
            ),
            models.CheckConstraint(
                name="output_is_a_distribution_or_a_text",
                condition=Q(probabilities__isnull=False, text__isnull=True)
                | Q(probabilities__isnull=True, text__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} on {self.item_id}"

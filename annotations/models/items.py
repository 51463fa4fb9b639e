"""The things that are labelled and judged."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotations.models.imports import Import
from annotations.models.studies import Study


class Item(models.Model):
    """One input. Its texts stand in a table of their own, so that counting never reads them."""

    class Evidence(models.TextChoices):
        NONE = "none", _("nothing yet")
        ANNOTATIONS = "annotations", _("answers of annotators")
        COUNTS = "counts", _("counts without annotators")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="items")
    key = models.CharField(max_length=500)
    position = models.PositiveIntegerField()
    lang = models.CharField(max_length=20, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    # Which of the two kinds of human labels it has; a trigger keeps the other kind out.
    evidence = models.CharField(max_length=12, choices=Evidence.choices, default=Evidence.NONE)
    # Seats given and not returned: what keeps the wanted number from being exceeded.
    seats_taken = models.PositiveIntegerField(default=0)
    import_batch = models.ForeignKey(
        Import, on_delete=models.PROTECT, null=True, blank=True, related_name="items"
    )
    row_key = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["study", "key"], name="item_key_once"),
            models.UniqueConstraint(fields=["study", "position"], name="item_position_once"),
            models.CheckConstraint(
                name="item_evidence_is_known", condition=Q(evidence__in=["none", "annotations", "counts"])
            ),
        ]
        indexes = [
            models.Index(fields=["study", "seats_taken", "position"], name="item_next"),
            # Coverage is counted from this alone.
            models.Index(fields=["study", "evidence", "seats_taken"], name="item_coverage"),
        ]

    def __str__(self) -> str:
        return self.key


class ItemText(models.Model):
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="texts")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    text = models.TextField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["item", "position"], name="item_text_position_once")]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.name}"

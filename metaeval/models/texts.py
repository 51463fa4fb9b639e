"""Orders of a study's texts by disagreement: computed once, and read a page at a time."""

from __future__ import annotations

from django.db import models

from annotations.models import Snapshot


class TextReport(Snapshot):
    """Which texts divide people, groups of people, or a metric and the judges; its result says how it was made."""


class TextOrder(models.Model):
    """One order of the texts, the most divided first."""

    report = models.ForeignKey(TextReport, on_delete=models.PROTECT, related_name="orders")
    name = models.CharField(max_length=40)
    title = models.CharField(max_length=700)
    # How many texts have a value at all; the list holds the first of them.
    n_texts = models.PositiveIntegerField()
    texts = models.JSONField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["report", "name"], name="text_order_once")]

    def __str__(self) -> str:
        return self.title

"""Scores of automatic metrics: computed here, or uploaded."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from annotations.models import Import, Item, Snapshot, Study, User
from metaeval.models.methods import Method, Run


class Scoring(Snapshot):
    """One computation of the built-in metrics."""


class Metric(models.Model):
    """A metric of one study: one of the built-in ones, or one of its own."""

    class Origin(models.TextChoices):
        BUILT_IN = "built-in", _("built in")
        UPLOADED = "uploaded", _("uploaded")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="metrics")
    name = models.CharField(max_length=300)
    higher_is_better = models.BooleanField(default=True)
    origin = models.CharField(max_length=10, choices=Origin.choices)

    class Meta:
        ordering = ["pk"]
        constraints = [
            # A built-in metric of a later version may have the name of one that was uploaded before.
            models.UniqueConstraint(fields=["study", "origin", "name"], name="metric_name_once"),
            models.CheckConstraint(
                name="metric_origin_is_known", condition=Q(origin__in=["built-in", "uploaded"])
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MetricDirection(models.Model):
    """A correction of a metric's direction, never edited and never deleted; the metric has the newest."""

    metric = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="directions")
    higher_is_better = models.BooleanField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.metric_id}: {'higher' if self.higher_is_better else 'lower'} is better"


class MetricScore(models.Model):
    """A value of a metric for a method, whole or for one item; none, with its reason, is one too."""

    metric = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="scores")
    method = models.ForeignKey(Method, on_delete=models.PROTECT, related_name="scores")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, blank=True, related_name="scores")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, blank=True, related_name="scores")
    # Where a table gives many values without naming their items.
    occurrence = models.PositiveIntegerField(default=0)
    value = models.FloatField(null=True, blank=True)
    undefined = models.TextField(blank=True)
    interval_low = models.FloatField(null=True, blank=True)
    interval_high = models.FloatField(null=True, blank=True)
    n_items = models.PositiveIntegerField(null=True, blank=True)
    scoring = models.ForeignKey(
        Scoring, on_delete=models.PROTECT, null=True, blank=True, related_name="scores"
    )
    import_batch = models.ForeignKey(
        Import, on_delete=models.PROTECT, null=True, blank=True, related_name="scores"
    )
    row_key = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="metric_score_has_a_value_or_a_reason",
                condition=Q(value__isnull=False, undefined="") | (Q(value__isnull=True) & ~Q(undefined="")),
            ),
            models.CheckConstraint(
                name="metric_score_is_computed_or_uploaded",
                condition=Q(scoring__isnull=False, import_batch__isnull=True)
                | Q(scoring__isnull=True, import_batch__isnull=False),
            ),
            models.CheckConstraint(
                name="metric_score_interval_has_two_ends_in_order",
                condition=Q(interval_low__isnull=True, interval_high__isnull=True)
                | Q(
                    interval_low__isnull=False,
                    interval_high__isnull=False,
                    interval_low__lte=F("interval_high"),
                ),
            ),
            # NULL would differ from NULL: no key is 0.
            models.UniqueConstraint(
                "metric",
                "method",
                Coalesce("run", 0),
                Coalesce("item", 0),
                "occurrence",
                Coalesce("scoring", 0),
                Coalesce("import_batch", 0),
                name="metric_score_once",
            ),
        ]
        indexes = [models.Index(fields=["import_batch", "row_key"], name="metric_score_row")]

    def __str__(self) -> str:
        return f"{self.metric_id} of {self.method_id}"


class TextReport(Snapshot):
    """Which texts divide people, groups of people, or a metric and the judges; its result describes the method."""


class TextOrder(models.Model):
    """One order of the texts, the most divided first."""

    report = models.ForeignKey(TextReport, on_delete=models.PROTECT, related_name="orders")
    name = models.CharField(max_length=40)
    title = models.CharField(max_length=700)
    # How many texts have a value at all; the list has the first of them.
    n_texts = models.PositiveIntegerField()
    texts = models.JSONField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["report", "name"], name="text_order_once")]

    def __str__(self) -> str:
        return self.title

"""What was to be computed, said before it was known: analysis plans, frozen one version after another."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import Q

from annotations.models import User
from metaeval.models.campaigns import Campaign


class AnalysisPlan(models.Model):
    """How the results of one campaign are to be computed. Never edited: a change is another version."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="analysis_plans")
    version = models.PositiveIntegerField()
    # The settings, in the shape that `services.plans.PlannedAnalysis` gives them.
    content = models.JSONField()
    # Of the content, the moment, the campaign, the version and the digest before it.
    digest = models.CharField(max_length=64)
    # Verdicts of people that stood already when it was frozen: 0 is what a reader hopes for.
    n_judgments_before = models.PositiveIntegerField()
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "version"], name="analysis_plan_version_once"),
            models.CheckConstraint(name="analysis_plan_versions_begin_at_1", condition=Q(version__gte=1)),
        ]

    def __str__(self) -> str:
        return f"plan {self.version} of {self.campaign_id}"

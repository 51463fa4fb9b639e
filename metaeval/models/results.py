"""Rankings, metric agreement and reports on judges as they were computed, with their figures."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotations.models import Snapshot
from metaeval.models.campaigns import Campaign
from metaeval.models.scores import Metric, Scoring


class Ranking(Snapshot):
    """The experts' ranking of the methods of one campaign."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="rankings")
    # What was looked at by itself; empty where nothing was left out.
    base_model = models.CharField(max_length=200, blank=True, default="")
    judge_group = models.CharField(max_length=100, blank=True, default="")

    @property
    def is_of_everything(self) -> bool:
        return not self.base_model and not self.judge_group


class MetricAgreement(Snapshot):
    """Which metrics rank the methods as the experts do, or as an uploaded human score does."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, null=True, blank=True, related_name="metric_agreements"
    )
    ranking = models.ForeignKey(
        Ranking, on_delete=models.PROTECT, null=True, blank=True, related_name="metric_agreements"
    )
    against = models.ForeignKey(Metric, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    scoring = models.ForeignKey(
        Scoring, on_delete=models.PROTECT, null=True, blank=True, related_name="metric_agreements"
    )

    class Meta(Snapshot.Meta):
        constraints = [
            *Snapshot.Meta.constraints,
            models.CheckConstraint(
                name="metric_agreement_has_one_human_side",
                condition=Q(ranking__isnull=False, against__isnull=True)
                | Q(ranking__isnull=True, against__isnull=False),
            ),
        ]


class JudgeReport(Snapshot):
    """The report on the judges of a campaign; its result names judges by pseudonyms."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="judge_reports")


class Sensitivity(Snapshot):
    """What a ranking, and the metric that agrees best with it, would be under other choices."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="sensitivities")
    ranking = models.ForeignKey(Ranking, on_delete=models.PROTECT, related_name="sensitivities")


class SupplementaryAnalysis(Snapshot):
    """Agreement per text, scores against the number of annotators, or a noise ceiling: each kind has its own result."""

    class Kind(models.TextChoices):
        # Also the kind of the job, the name of the command and of the file, and the anchor of the section.
        SEGMENTS = "segment-agreement", _("Agreement per text")
        ANNOTATORS = "annotator-numbers", _("Number of annotators")
        CEILING = "noise-ceiling", _("Noise ceiling")

    kind = models.CharField(max_length=30, choices=Kind.choices)
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, null=True, blank=True, related_name="supplementary_analyses"
    )
    against = models.ForeignKey(Metric, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(Snapshot.Meta):
        constraints = [
            *Snapshot.Meta.constraints,
            models.CheckConstraint(
                name="supplementary_analysis_has_its_subject",
                condition=Q(kind="segment-agreement", campaign__isnull=True, against__isnull=False)
                | Q(kind="annotator-numbers", campaign__isnull=True, against__isnull=True)
                | Q(kind="noise-ceiling", campaign__isnull=False, against__isnull=True),
            ),
        ]


class Figure(models.Model):
    """A drawn figure: bytes kept with the snapshot they show."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    ranking = models.ForeignKey(
        Ranking, on_delete=models.PROTECT, null=True, blank=True, related_name="figures"
    )
    metric_agreement = models.ForeignKey(
        MetricAgreement, on_delete=models.PROTECT, null=True, blank=True, related_name="figures"
    )
    supplementary_analysis = models.ForeignKey(
        SupplementaryAnalysis, on_delete=models.PROTECT, null=True, blank=True, related_name="figures"
    )
    name = models.CharField(max_length=60)
    theme = models.CharField(max_length=5, default="light")
    media_type = models.CharField(max_length=40)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="figure_of_one_snapshot",
                condition=Q(
                    ranking__isnull=False, metric_agreement__isnull=True, supplementary_analysis__isnull=True
                )
                | Q(ranking__isnull=True, metric_agreement__isnull=False, supplementary_analysis__isnull=True)
                | Q(
                    ranking__isnull=True, metric_agreement__isnull=True, supplementary_analysis__isnull=False
                ),
            ),
            models.UniqueConstraint(
                fields=["ranking", "name", "theme", "media_type"],
                name="figure_of_ranking_once",
                condition=Q(ranking__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["metric_agreement", "name", "theme", "media_type"],
                name="figure_of_metric_agreement_once",
                condition=Q(metric_agreement__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["supplementary_analysis", "name", "theme", "media_type"],
                name="figure_of_supplementary_analysis_once",
                condition=Q(supplementary_analysis__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.media_type})"

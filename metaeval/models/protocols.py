"""How a campaign asks: fixed when it is planned, so that every judge is asked in the same way."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotations.models import Label, Participant, User
from metaeval.models.campaigns import Campaign, Comparison, Exposure


class Protocol(models.Model):
    """What judges are asked and shown in one campaign. Never edited: another protocol is another campaign."""

    class Design(models.TextChoices):
        ALL_PAIRS = "all-pairs", _("all pairs")
        BALANCED = "balanced", _("balanced incomplete")
        AGAINST = "against", _("all against one method")

    class LabelsFirst(models.TextChoices):
        NEVER = "never", _("no")
        EACH_TEXT = "each-text", _("yes, once for each text")
        EACH_PAIR = "each-pair", _("yes, before each pair")

    class Identical(models.TextChoices):
        ASK = "ask", _("ask all the same")
        TIE = "tie", _("a tie, without asking")

    class LabelOrder(models.TextChoices):
        MEAN = "mean", _("one order for both, by the mean of both")
        STUDY = "study", _("one order for all, the study’s")
        OWN = "own", _("each output by its own size")

    class OutputsAs(models.TextChoices):
        PLAIN = "plain", _("plain text")
        MARKDOWN = "markdown", _("a small part of Markdown")

    campaign = models.OneToOneField(Campaign, on_delete=models.PROTECT, related_name="protocol")
    design = models.CharField(max_length=10, choices=Design.choices, default=Design.ALL_PAIRS)
    opponents = models.PositiveSmallIntegerField(null=True, blank=True)
    # The name of the one method that all others meet, within each base model. Campaigns planned before it was kept
    # have a balanced design of one opponent.
    against = models.CharField(max_length=300, blank=True)
    # A longer explanation of the criterion, in Markdown.
    explanation = models.TextField(blank=True)
    labels_first = models.CharField(max_length=10, choices=LabelsFirst.choices, default=LabelsFirst.NEVER)
    identical = models.CharField(max_length=5, choices=Identical.choices, default=Identical.ASK)
    label_order = models.CharField(max_length=5, choices=LabelOrder.choices, default=LabelOrder.MEAN)
    outputs_as = models.CharField(max_length=8, choices=OutputsAs.choices, default=OutputsAs.PLAIN)
    offers_marks = models.BooleanField(default=True)
    # Of the pairs that a judge has judged, the share that comes again with sides changed.
    repeat_share = models.FloatField(default=0.0)
    # Verdicts of one judge in this campaign, repeats included; none: as many as there are.
    quota = models.PositiveIntegerField(null=True, blank=True)
    # A break is offered after so many verdicts; 0: never.
    break_every = models.PositiveSmallIntegerField(default=25)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="protocol_repeats_half_at_most", condition=Q(repeat_share__gte=0, repeat_share__lte=0.5)
            ),
            models.CheckConstraint(
                name="protocol_opponents_of_a_balanced_design",
                condition=Q(design="all-pairs", opponents__isnull=True, against="")
                | Q(design="balanced", opponents__gte=1, against="")
                | (Q(design="against", opponents__isnull=True) & ~Q(against="")),
            ),
            models.CheckConstraint(
                name="protocol_labels_first_is_known",
                condition=Q(labels_first__in=["never", "each-text", "each-pair"]),
            ),
            models.CheckConstraint(
                name="protocol_identical_is_known", condition=Q(identical__in=["ask", "tie"])
            ),
            models.CheckConstraint(
                name="protocol_label_order_is_known", condition=Q(label_order__in=["mean", "study", "own"])
            ),
            models.CheckConstraint(
                name="protocol_outputs_as_is_known", condition=Q(outputs_as__in=["plain", "markdown"])
            ),
            models.CheckConstraint(
                name="protocol_quota_asks_for_a_verdict", condition=Q(quota__isnull=True) | Q(quota__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"protocol of {self.campaign_id}"


class Labelling(models.Model):
    """What a judge found in a text before the outputs were shown. Never counted among annotations."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    client_key = models.UUIDField(default=uuid4, unique=True)
    payload_hash = models.CharField(max_length=64)
    # Once: after the outputs were seen, labels would be another thing.
    exposure = models.OneToOneField(Exposure, on_delete=models.PROTECT, related_name="labelling")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="labellings")
    submitted_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    active_ms = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"labels of {self.participant_id} on exposure {self.exposure_id}"


class LabellingLabel(models.Model):
    """One label that a judge chose; none at all is an answer too."""

    labelling = models.ForeignKey(Labelling, on_delete=models.PROTECT, related_name="chosen")
    label = models.ForeignKey(Label, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["labelling", "label"], name="labelling_label_once"),
        ]

    def __str__(self) -> str:
        return f"{self.label_id} of {self.labelling_id}"


class UnaskedTie(models.Model):
    """A comparison that nobody is asked about, and why: its outputs look the same, which leaves nothing to judge."""

    class Reason(models.TextChoices):
        IDENTICAL = "identical outputs", _("identical outputs")

    comparison = models.OneToOneField(Comparison, on_delete=models.PROTECT, related_name="unasked_tie")
    reason = models.CharField(max_length=20, choices=Reason.choices, default=Reason.IDENTICAL)
    low_hash = models.CharField(max_length=64)
    high_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="unasked_tie_reason_is_known", condition=Q(reason__in=["identical outputs"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason}: {self.comparison_id}"


class AnalysisPlan(models.Model):
    """How the results of one campaign are to be computed. Never edited: a change is another version."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="analysis_plans")
    version = models.PositiveIntegerField()
    # The settings, in the shape that `results.planned_analysis.PlannedAnalysis` gives them.
    content = models.JSONField()
    # Of the content, the moment, the campaign, the version and the digest before it.
    digest = models.CharField(max_length=64)
    # Verdicts of people before it was frozen; 0 is best.
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

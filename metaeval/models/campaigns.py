"""Blind judging: comparisons, presentations, judgments."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from annotations.models import Import, Item, Participant, Study
from metaeval.models.methods import Method


class Campaign(models.Model):
    """One criterion by which outputs are compared."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        PAUSED = "paused", _("paused")
        CLOSED = "closed", _("closed")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="campaigns")
    name = models.CharField(max_length=200)
    question = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    seed = models.PositiveBigIntegerField(default=0)
    # Labels under this probability in both outputs are folded away.
    threshold = models.FloatField(default=0.05)
    judges_per_comparison = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["study", "name"], name="campaign_name_once"),
            models.CheckConstraint(
                name="campaign_threshold_is_a_share", condition=Q(threshold__gte=0, threshold__lte=1)
            ),
            models.CheckConstraint(name="campaign_wants_a_judge", condition=Q(judges_per_comparison__gte=1)),
            models.CheckConstraint(
                name="campaign_state_is_known", condition=Q(state__in=["open", "paused", "closed"])
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Comparison(models.Model):
    """Two methods on one item; `low` has the smaller key, so that a pair is one pair."""

    class Mode(models.TextChoices):
        """What brought it about: a design of the campaign, or a file."""

        ALL_PAIRS = "all-pairs", _("all pairs")
        BALANCED = "balanced", _("balanced incomplete")
        AGAINST = "against", _("all against one method")
        IMPORTED = "imported", _("imported")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="comparisons")
    item = models.ForeignKey(
        Item, on_delete=models.PROTECT, null=True, blank=True, related_name="comparisons"
    )
    low = models.ForeignKey(Method, on_delete=models.PROTECT, related_name="+")
    high = models.ForeignKey(Method, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=10, choices=Mode.choices)
    # Whether judges are given it: neither brought by a file nor settled as a tie when it was planned.
    is_asked = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    seats_taken = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(name="comparison_low_before_high", condition=Q(low__lt=F("high"))),
            models.CheckConstraint(
                name="comparison_mode_is_known",
                condition=Q(mode__in=["all-pairs", "balanced", "against", "imported"]),
            ),
            models.CheckConstraint(
                name="comparison_imported_is_not_asked", condition=Q(is_asked=False) | ~Q(mode="imported")
            ),
            models.UniqueConstraint(fields=["campaign", "item", "low", "high"], name="comparison_once"),
            models.UniqueConstraint(
                fields=["campaign", "low", "high"],
                name="comparison_once_without_item",
                condition=Q(item__isnull=True),
            ),
        ]
        indexes = [
            # Of those that are given out alone: ties that nobody is asked about would come before all others.
            models.Index(
                fields=["campaign", "seats_taken", "position"],
                name="comparison_next",
                condition=Q(is_asked=True),
            ),
            models.Index(fields=["campaign", "position"], name="comparison_order"),
        ]

    def __str__(self) -> str:
        return f"{self.low_id} against {self.high_id} on {self.item_id}"


class Exposure(models.Model):
    """A comparison as one judge saw it, answered or not. Its UUID is all that the judge's browser knows."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    comparison = models.ForeignKey(Comparison, on_delete=models.PROTECT, related_name="exposures")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="exposures")
    low_is_left = models.BooleanField()
    # How manieth this judge was shown, and, for a repeat with sides changed, of which exposure.
    sequence = models.PositiveIntegerField()
    # Without an index of those that repeat nothing, which are nearly all: SQLite would take it for a short way.
    repeats = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="repeated_by", db_index=False
    )
    left_hash = models.CharField(max_length=64)
    right_hash = models.CharField(max_length=64)
    shown_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField()
    returned_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["comparison", "participant"], name="exposure_once", condition=Q(repeats__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["repeats"], name="exposure_repeated_once", condition=Q(repeats__isnull=False)
            ),
            models.CheckConstraint(name="exposure_sequence_begins_at_1", condition=Q(sequence__gte=1)),
            models.CheckConstraint(name="exposure_repeats_another", condition=~Q(repeats=F("id"))),
        ]
        indexes = [
            models.Index(fields=["participant", "done_at", "returned_at"], name="exposure_open"),
            models.Index(
                fields=["lease_until"],
                name="exposure_lapsing",
                condition=Q(done_at__isnull=True, returned_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant_id} on {self.comparison_id}"


class AutomaticJudge(models.Model):
    """A program that judges; its ranking is one more metric of the study, never among the experts."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="automatic_judges")
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["study", "name"], name="automatic_judge_once")]

    def __str__(self) -> str:
        return self.name


class Judgment(models.Model):
    """One verdict on one comparison. Never edited, never deleted."""

    class Verdict(models.TextChoices):
        LEFT = "left", _("A better")
        RIGHT = "right", _("B better")
        BOTH = "both", _("both good")
        NEITHER = "neither", _("neither good")
        CANNOT = "cannot", _("cannot judge")
        # Only from files without the type of the tie.
        TIE = "tie", _("tie")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    client_key = models.UUIDField(default=uuid4, unique=True)
    payload_hash = models.CharField(max_length=64, blank=True)
    comparison = models.ForeignKey(Comparison, on_delete=models.PROTECT, related_name="judgments")
    exposure = models.ForeignKey(
        Exposure, on_delete=models.PROTECT, null=True, blank=True, related_name="judgments"
    )
    # Neither of the two: an imported judgment whose judge the file does not name.
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, null=True, blank=True, related_name="judgments"
    )
    # Columns that are mostly empty have indexes of what is there alone, as those of answers have.
    automatic_judge = models.ForeignKey(
        AutomaticJudge,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="judgments",
        db_index=False,
    )
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    low_is_left = models.BooleanField()
    confidence = models.FloatField(null=True, blank=True)
    reason = models.TextField(blank=True)
    replaces = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        db_index=False,
    )
    # The first of its chain of revisions; none for the first itself. Of a chain the newest that is not withdrawn
    # stands, also where one between was withdrawn.
    root = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="revisions", db_index=False
    )
    surplus = models.BooleanField(default=False)
    submitted_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    active_ms = models.PositiveBigIntegerField(null=True, blank=True)
    import_batch = models.ForeignKey(
        Import,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="judgments",
        db_index=False,
    )
    row_key = models.CharField(max_length=64, blank=True)
    metadata = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["exposure"], name="judgment_one_root", condition=Q(replaces__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["replaces"], name="judgment_replaced_once", condition=Q(replaces__isnull=False)
            ),
            models.CheckConstraint(name="judgment_replaces_another", condition=~Q(replaces=F("id"))),
            models.CheckConstraint(
                name="judgment_revision_names_its_root",
                condition=Q(replaces__isnull=True, root__isnull=True)
                | Q(replaces__isnull=False, root__isnull=False),
            ),
            models.CheckConstraint(
                name="judgment_verdict_is_known",
                condition=Q(verdict__in=["left", "right", "both", "neither", "cannot", "tie"]),
            ),
            models.CheckConstraint(
                name="judgment_was_shown_or_imported",
                condition=Q(exposure__isnull=False, import_batch__isnull=True, participant__isnull=False)
                | Q(exposure__isnull=True, import_batch__isnull=False),
            ),
            models.CheckConstraint(
                name="judgment_tie_of_unknown_kind_is_imported",
                condition=~Q(verdict="tie") | Q(import_batch__isnull=False),
            ),
            models.CheckConstraint(
                name="judgment_by_a_person_or_a_program",
                condition=Q(participant__isnull=True) | Q(automatic_judge__isnull=True),
            ),
            models.CheckConstraint(
                name="judgment_confidence_is_a_share",
                condition=Q(confidence__isnull=True) | Q(confidence__gte=0, confidence__lte=1),
            ),
        ]
        indexes = [
            models.Index(fields=["participant", "-submitted_at"], name="judgment_mine"),
            models.Index(fields=["root"], name="judgment_revision", condition=Q(root__isnull=False)),
            models.Index(
                fields=["automatic_judge"],
                name="judgment_of_program",
                condition=Q(automatic_judge__isnull=False),
            ),
            models.Index(
                fields=["import_batch", "row_key"],
                name="judgment_row",
                condition=Q(import_batch__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} on {self.comparison_id}"


class ResultsSeen(models.Model):
    """That somebody has seen results of a campaign: they judge it no more, unless an owner allows it for the record."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="results_seen")
    user = models.ForeignKey("annotations.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    first_at = models.DateTimeField(auto_now_add=True)
    allowed_by = models.ForeignKey(
        "annotations.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    allowed_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "campaign"], name="results_seen_once"),
            models.CheckConstraint(
                name="results_seen_allowed_with_a_reason",
                condition=Q(allowed_at__isnull=True, reason="")
                | (Q(allowed_at__isnull=False) & ~Q(reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} has seen results of {self.campaign_id}"

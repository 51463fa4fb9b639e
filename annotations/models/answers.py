"""What annotators said: append-only, a second thought names the row it replaces."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from annotations.models.imports import Import
from annotations.models.people import Participant
from annotations.models.studies import Guideline, Label, Study


class Item(models.Model):
    """One input. Its texts are in a separate table, so that counting never reads them."""

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
    # Assignments given and not returned: what keeps the wanted number from being exceeded.
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


class Assignment(models.Model):
    """An assignment: this participant answers for this item. Its UUID is the address of the page."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="assignments")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="assignments")
    reserved_at = models.DateTimeField(auto_now_add=True)
    lease_until = models.DateTimeField()
    shown_at = models.DateTimeField(null=True, blank=True)
    # Set by the first answer or skip; the answers themselves are Annotation rows.
    done_at = models.DateTimeField(null=True, blank=True)
    # A lapsed lease gives the assignment back; a late answer to it is kept and marked surplus.
    returned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "participant"], name="assignment_once")]
        indexes = [
            models.Index(fields=["participant", "done_at", "returned_at"], name="assignment_open"),
            models.Index(
                fields=["lease_until"],
                name="assignment_lapsing",
                condition=Q(done_at__isnull=True, returned_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant_id} on {self.item_id}"


class Annotation(models.Model):
    """One answer of one participant to one item. Never edited, never deleted."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    # The submit contract: made by the client before it sends, so a repeat is known as one.
    client_key = models.UUIDField(default=uuid4, unique=True)
    payload_hash = models.CharField(max_length=64, blank=True)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="annotations", db_index=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="annotations")
    assignment = models.ForeignKey(
        Assignment, on_delete=models.PROTECT, null=True, blank=True, related_name="annotations"
    )
    # Columns that are mostly empty have indexes of what is there alone. SQLite takes an index of everything for a short
    # way to the empty ones, which are nearly all, and for no way to any other once it has statistics.
    replaces = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        db_index=False,
    )
    # True where a set of labels was given, the empty set included; only those enter distributions.
    gives_labels = models.BooleanField()
    facts_insufficient = models.BooleanField(default=False)
    guideline_unclear = models.BooleanField(default=False)
    skipped = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    comment = models.TextField(blank=True)
    guideline = models.ForeignKey(
        Guideline, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # What in the text decided the labels: label, text, start and end of each span, as annotations.formats.spans has them.
    # None where nothing was marked, so that older digests stay as they are.
    spans = models.JSONField(null=True, blank=True)
    surplus = models.BooleanField(default=False)
    shown_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    active_ms = models.PositiveBigIntegerField(null=True, blank=True)
    import_batch = models.ForeignKey(
        Import,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="annotations",
        db_index=False,
    )
    row_key = models.CharField(max_length=64, blank=True)
    metadata = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "participant"], name="annotation_one_root", condition=Q(replaces__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["replaces"], name="annotation_replaced_once", condition=Q(replaces__isnull=False)
            ),
            models.CheckConstraint(name="annotation_replaces_another", condition=~Q(replaces=F("id"))),
            models.CheckConstraint(
                name="annotation_says_something",
                condition=Q(gives_labels=True)
                | Q(facts_insufficient=True)
                | Q(guideline_unclear=True)
                | Q(skipped=True),
            ),
            models.CheckConstraint(
                name="annotation_skip_gives_no_labels", condition=Q(skipped=False) | Q(gives_labels=False)
            ),
            models.CheckConstraint(
                name="annotation_came_one_way",
                condition=Q(import_batch__isnull=True) | Q(assignment__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["participant", "-submitted_at"], name="annotation_mine"),
            # Without it, a database that has no statistics looks for a newer answer among all that the person gave.
            models.Index(fields=["item", "participant"], name="annotation_of_item"),
            models.Index(
                fields=["import_batch", "row_key"],
                name="annotation_row",
                condition=Q(import_batch__isnull=False),
            ),
            # The few that take no place are found without reading the others.
            models.Index(
                fields=["participant"],
                name="annotation_takes_no_place",
                condition=Q(skipped=True) | Q(surplus=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant_id} on {self.item_id}"


class Draft(models.Model):
    """What a person chose and wrote for a text and has not submitted yet. It never counts, and goes with the answer."""

    assignment = models.OneToOneField(Assignment, on_delete=models.CASCADE, related_name="draft")
    # The answer that it would revise: words written over another one are not laid over this one.
    replaces = models.ForeignKey(
        Annotation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(blank=True)
    comment = models.TextField(blank=True)
    # Fields of the answer form with their values, and none that is empty. None: the page did not send its choices.
    choices = models.JSONField(null=True, blank=True)
    # Counts the saves: a page that has not seen the newest may not write over it.
    version = models.PositiveIntegerField(default=1)
    # Made by the page for this save, which may not hear of it: so the next one is known for the same page's.
    save_key = models.CharField(max_length=64, blank=True)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="draft_says_something", condition=~Q(reason="", comment="", choices__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"draft of {self.assignment_id}"


class AnnotationLabel(models.Model):
    """One label within an answer: chosen or expressly rejected, each with its certainty where asked."""

    annotation = models.ForeignKey(Annotation, on_delete=models.PROTECT, related_name="labels")
    label = models.ForeignKey(Label, on_delete=models.PROTECT, related_name="annotation_labels")
    chosen = models.BooleanField(default=True)
    certainty = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["annotation", "label"], name="annotation_label_once"),
            models.CheckConstraint(
                name="annotation_certainty_is_a_share",
                condition=Q(certainty__isnull=True) | Q(certainty__gte=0, certainty__lte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.annotation_id}: {self.label_id}"


class LabelCount(models.Model):
    """How many unnamed annotators chose a label; never beside annotations of the same item."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="label_counts")
    label = models.ForeignKey(Label, on_delete=models.PROTECT, related_name="label_counts")
    n_chosen = models.PositiveIntegerField()
    # Several labels each: how many answered at all, which the counts alone do not tell.
    n_annotators = models.PositiveIntegerField()
    import_batch = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="label_counts")
    row_key = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            # Of one import: after a withdrawn one, a corrected file gives the same cells again.
            models.UniqueConstraint(fields=["item", "label", "import_batch"], name="label_count_once"),
            models.CheckConstraint(
                name="label_count_within_annotators", condition=Q(n_chosen__lte=F("n_annotators"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.label_id} x {self.n_chosen}"

"""Studies, their label sets and the versions of their guidelines."""

from __future__ import annotations

from uuid import uuid4

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotations.models.history import Chained


class Study(Chained):
    class Task(models.TextChoices):
        SINGLE = "single", _("one label")
        MULTILABEL = "multilabel", _("several labels")
        ORDINAL = "ordinal", _("one of ordered labels")
        NONE = "none", _("no labels, judgments only")

    class Order(models.TextChoices):
        FIXED = "fixed", _("the same for everyone")
        RANDOM = "random", _("another for each person")

    class AssignmentRule(models.TextChoices):
        BREADTH = "breadth", _("texts with the fewest answers first")
        GROUPS = "groups", _("balanced by group")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        PAUSED = "paused", _("paused")
        CLOSED = "closed", _("closed")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    slug = models.SlugField(
        max_length=80,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9_-]*$", _("Use a-z, 0-9, - and _, beginning with a letter or digit.")
            )
        ],
    )
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    # Said on every page of a study whose people are not real.
    notice = models.TextField(blank=True)
    question = models.CharField(max_length=300, blank=True)
    task = models.CharField(max_length=12, choices=Task.choices, default=Task.NONE)
    asks_certainty = models.BooleanField(default=True)
    asks_spans = models.BooleanField(default=False)
    answers_wanted = models.PositiveSmallIntegerField(
        default=3, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    order = models.CharField(max_length=6, choices=Order.choices, default=Order.FIXED)
    # Whose turn it is on a text: anybody's, or one of a group that has not had its share of it.
    assignment = models.CharField(
        max_length=7, choices=AssignmentRule.choices, default=AssignmentRule.BREADTH
    )
    seed = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    time_zone = models.CharField(max_length=64, default="UTC")
    # Of its pages, for people who chose none; blank: the browser's.
    language = models.CharField(max_length=10, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    # On this day what is personal is removed, as the page on retention lists it.
    remove_personal_on = models.DateField(null=True, blank=True)
    personal_removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "studies"
        constraints = [
            models.CheckConstraint(name="study_wants_an_answer", condition=Q(answers_wanted__gte=1)),
            models.CheckConstraint(name="study_wants_1000_at_most", condition=Q(answers_wanted__lte=1000)),
            models.CheckConstraint(name="study_order_is_known", condition=Q(order__in=["fixed", "random"])),
            models.CheckConstraint(
                name="study_assignment_is_known", condition=Q(assignment__in=["breadth", "groups"])
            ),
            models.CheckConstraint(
                name="study_task_is_known", condition=Q(task__in=["single", "multilabel", "ordinal", "none"])
            ),
            models.CheckConstraint(
                name="study_state_is_known", condition=Q(state__in=["open", "paused", "closed"])
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def one_label_only(self) -> bool:
        return self.task in (self.Task.SINGLE, self.Task.ORDINAL)


class Label(models.Model):
    """One label of a study. Its position is its column in every distribution and never changes."""

    class Colour(models.TextChoices):
        """SentenceValue apart by most eyes (after Okabe and Ito), and never the only sign of a label."""

        BLUE = "#0072b2", _("blue")
        SKY = "#56b4e9", _("sky")
        GREEN = "#009e73", _("green")
        AMBER = "#e69f00", _("amber")
        RED = "#d55e00", _("red")
        ROSE = "#cc79a7", _("rose")
        VIOLET = "#7a5195", _("violet")
        GREY = "#7f7f7f", _("grey")

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="labels")
    key = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField()
    # A physical key by its code, such as KeyQ: an Arabic layout presses the same one.
    shortcut = models.CharField(max_length=20, blank=True)
    colour = models.CharField(max_length=7, blank=True, choices=Colour.choices)
    # Labels of one group are shown together; no statistic reads it.
    group = models.CharField(max_length=100, blank=True, default="")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["study", "key"], name="label_key_once"),
            models.UniqueConstraint(fields=["study", "position"], name="label_position_once"),
            models.CheckConstraint(
                name="label_colour_is_known",
                condition=Q(
                    colour__in=[
                        "",
                        "#0072b2",
                        "#56b4e9",
                        "#009e73",
                        "#e69f00",
                        "#d55e00",
                        "#cc79a7",
                        "#7a5195",
                        "#7f7f7f",
                    ]
                ),
            ),
            models.UniqueConstraint(
                fields=["study", "shortcut"], name="label_shortcut_once", condition=~Q(shortcut="")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key_cap(self) -> str:
        """What is printed on the key of its shortcut on a Latin keyboard."""
        return self.shortcut.removeprefix("Key").removeprefix("Digit")


class Guideline(models.Model):
    """One version of the guideline; an edit makes the next version."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="guidelines")
    version = models.PositiveIntegerField()
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        "annotations.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["study", "version"], name="guideline_version_once"),
            models.CheckConstraint(name="guideline_versions_begin_at_1", condition=Q(version__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.study} {self.version}"

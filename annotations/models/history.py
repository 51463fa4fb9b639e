"""The log of answers and verdicts: links, each bound to the one before by a keyed hash."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import Q


class HistoryLink(models.Model):
    """One link of a participant's chain, or of a study's. Only its salt may go, when a person is erased.

    A trigger accepts a participant's link only if it follows the newest one, and moves the head on the participant.
    """

    study = models.ForeignKey("annotations.Study", on_delete=models.PROTECT, related_name="+", db_index=False)
    # None: a link of the study's own chain.
    participant = models.ForeignKey(
        "annotations.Participant",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    number = models.PositiveBigIntegerField()
    # A kind of `annotations.history.kinds`, and the key of the row that the link covers.
    what = models.CharField(max_length=30)
    row = models.PositiveBigIntegerField(null=True, blank=True)
    salt = models.UUIDField(null=True, blank=True, default=uuid4)
    digest = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)
    # Of a seal: each participant whose chain grew, with its number and its newest link.
    heads = models.JSONField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "number"],
                name="history_link_of_participant_once",
                condition=Q(participant__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["study", "number"],
                name="history_link_of_study_once",
                condition=Q(participant__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["what", "row"], name="history_link_of_row")]

    def __str__(self) -> str:
        return f"link {self.number}: {self.what} {self.row or ''}".rstrip()


class Chained(models.Model):
    """The newest link of a chain, on the row that it belongs to."""

    chain_length = models.PositiveBigIntegerField(default=0)
    chain_head = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        abstract = True

"""Links by which people come to a study, each for one person and for a limited time."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.models.people import Participant, User
from annotations.models.studies import Study


class Invitation(models.Model):
    """A role offered to one person; only the hash of the link's token is kept."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        USED = "used", _("accepted")
        WITHDRAWN = "withdrawn", _("withdrawn")
        EXPIRED = "expired", _("expired")

    # Made with the form, so that the same form sent twice invites once.
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="invitations")
    role = models.CharField(max_length=12, choices=Participant.Role.choices)
    group = models.CharField(max_length=100, blank=True)
    quota = models.PositiveIntegerField(null=True, blank=True)
    # Whom it is meant for, in words, so that open ones can be told apart.
    note = models.CharField(max_length=200, blank=True)
    # Where given, nobody else may accept it.
    email = models.EmailField(blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, null=True, blank=True, related_name="invitations"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="invitation_role_is_known",
                condition=Q(role__in=["owner", "researcher", "annotator", "judge"]),
            ),
            models.CheckConstraint(
                name="invitation_quota_wants_an_answer", condition=Q(quota__isnull=True) | Q(quota__gte=1)
            ),
            models.CheckConstraint(
                name="invitation_is_used_by_somebody",
                condition=Q(used_at__isnull=True, participant__isnull=True)
                | Q(used_at__isnull=False, participant__isnull=False),
            ),
            models.CheckConstraint(
                name="invitation_ends_once", condition=Q(used_at__isnull=True) | Q(withdrawn_at__isnull=True)
            ),
            models.CheckConstraint(
                name="invitation_expires_later", condition=Q(expires_at__gt=F("created_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"invitation of {self.note or self.email or self.uuid}"

    @property
    def state(self) -> str:
        if self.used_at is not None:
            return self.State.USED
        if self.withdrawn_at is not None:
            return self.State.WITHDRAWN
        return self.State.OPEN if self.expires_at > timezone.now() else self.State.EXPIRED

    @property
    def state_words(self) -> str:
        return str(self.State(self.state).label)

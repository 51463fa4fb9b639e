"""Tokens of the HTTP API, and what was already answered to a request that is sent again."""

from __future__ import annotations

from typing import Final
from uuid import UUID, uuid4

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.models.people import User
from annotations.models.studies import Study

SCOPES: Final = ("read", "write", "jobs", "people", "answer")


class ApiToken(models.Model):
    """A person's key for programs; only its hash is kept, and it never may more than the person."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=100)
    token_hash = models.CharField(max_length=64, unique=True)
    # Names out of SCOPES.
    scopes = models.JSONField(default=list)
    # Every study of the person where it is False, and else those named.
    is_limited = models.BooleanField(default=False)
    studies = models.ManyToManyField(Study, related_name="+", blank=True)
    # An owner of these studies ended the access of this token to them.
    closed_studies = models.ManyToManyField(Study, related_name="+", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="api_token_expires_later", condition=Q(expires_at__gt=F("created_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"API token {self.name} of {self.user}"

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now() and self.user.is_active

    def opens(self, study_uuid: UUID) -> bool:
        """Whether the token is for this study; what its person may do there is another question."""
        if self.is_limited and not self.studies.filter(uuid=study_uuid).exists():
            return False
        return not self.closed_studies.filter(uuid=study_uuid).exists()

    @property
    def state_words(self) -> str:
        if self.revoked_at is not None:
            return str(_("revoked"))
        return str(_("valid") if self.is_valid else _("expired"))


class AnsweredRequest(models.Model):
    """The reply to a writing request with an idempotency key: the same request gets it again."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="answered_requests")
    key = models.CharField(max_length=100)
    # Of method, address and content: another request with the same key is refused.
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    location = models.CharField(max_length=200, blank=True)
    body = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="answered_request_once_per_key", fields=["token", "key"]),
        ]

    def __str__(self) -> str:
        return f"reply to {self.key}"

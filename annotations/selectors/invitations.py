"""Invitations of a study that can still be accepted."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from annotations.models import Invitation, Study


def open_invitations(study: Study) -> QuerySet[Invitation]:
    return study.invitations.filter(
        used_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=timezone.now()
    )

"""Methods that were trained here."""

from __future__ import annotations

from django.db import models

from annotations.models import Import, Snapshot


class Training(Snapshot):
    """One training of methods: what was trained on what, and the import of its outputs."""

    # None where all of its outputs were there already.
    batch = models.ForeignKey(
        Import, on_delete=models.PROTECT, null=True, blank=True, related_name="trainings"
    )

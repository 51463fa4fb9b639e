"""Dealing with remarks: a row of its own, so that what was said stays as it was said."""

from __future__ import annotations

from django.db import transaction

from annotations.models import Annotation, Settlement, User


@transaction.atomic
def settle_remark(annotation: Annotation, *, settled: bool, by: User | None) -> Settlement | None:
    """Say that a remark was dealt with, or is open again; None where that is what stands already."""
    # The lock makes the second of two clicks see the first.
    Annotation.objects.select_for_update(no_key=True).get(pk=annotation.pk)
    newest = annotation.settlements.order_by("-pk").first()
    if (newest is not None and newest.settled) == settled:
        return None
    return Settlement.objects.create(annotation=annotation, settled=settled, created_by=by)

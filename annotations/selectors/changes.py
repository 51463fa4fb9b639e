"""Changes of a study, as its services record them."""

from __future__ import annotations

from django.db.models import QuerySet

from annotations.models import Study, StudyChange


def newest_change(study: Study) -> QuerySet[StudyChange, int]:
    """The key of the newest change, in a queryset of one: labels, guideline and settings are the same until the next."""
    return StudyChange.objects.filter(study=study).order_by("-pk").values_list("pk", flat=True)[:1]

"""Analysis plans as pages and files read them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from metaeval.models import AnalysisPlan, Campaign


def preregistrations(campaign: Campaign, *, as_of: datetime | None = None) -> QuerySet[AnalysisPlan]:
    """All versions, the first one first."""
    plans = AnalysisPlan.objects.filter(campaign=campaign).select_related("frozen_by").order_by("version")
    return plans if as_of is None else plans.filter(frozen_at__lte=as_of)


def newest_preregistration(campaign: Campaign, *, as_of: datetime | None = None) -> AnalysisPlan | None:
    """The version in force, at a time or now."""
    return preregistrations(campaign, as_of=as_of).last()

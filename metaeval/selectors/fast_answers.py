"""Judgments that were given too fast to have been read, by a rule that looks at each judge's own pace."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Final

from django.db.models import Case, Count, F, PositiveBigIntegerField, Q, Value, When

from metaeval.models import Campaign
from metaeval.selectors.judgments import FIRST_VERDICTS, standing_judgments

# Judges read at very different paces: one limit for all would only find the quick readers.
FAST_SHARE: Final = "a third"
_DIVISOR: Final = 3
_TENTH_MS: Final = 100


def answers_in_time(campaign: Campaign, *, as_of: datetime | None = None) -> Q | None:
    """Which judgments were not fast; those without a time stay. None where no time was kept at all."""
    timed = standing_judgments(campaign, as_of=as_of).filter(
        FIRST_VERDICTS, participant__isnull=False, active_ms__isnull=False
    )
    # Grouped in the database by tenths of a second: the rows never travel.
    grouped = (
        timed.annotate(tenths=F("active_ms") / _TENTH_MS)
        .order_by("participant_id", "tenths")
        .values_list("participant_id", "tenths")
        .annotate(n=Count("pk"))
    )
    times: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for judge, tenths, n in grouped:
        times[judge].append((tenths, n))
    if not times:
        return None
    limits = [
        When(participant_id=judge, then=Value(_median(counted) * _TENTH_MS // _DIVISOR))
        for judge, counted in sorted(times.items())
    ]
    limit = Case(*limits, default=Value(0), output_field=PositiveBigIntegerField())
    return Q(active_ms__isnull=True) | Q(active_ms__gte=limit)


def _median(counted: list[tuple[int, int]]) -> int:
    """The lower median in tenths of a second."""
    left = (sum(n for _, n in counted) + 1) // 2
    for tenths, n in counted:
        left -= n
        if left <= 0:
            return tenths
    return 0

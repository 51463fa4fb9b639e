"""Judgments that were given too fast to have been read, by a rule that looks at each judge's own pace."""

from __future__ import annotations

from datetime import datetime
from math import ceil
from typing import Final

from django.db.models import Case, PositiveBigIntegerField, Q, Value, When

from annotations.models import Participant
from annotations.selectors.participation import first_participant_of_source
from metaeval.models import Campaign
from metaeval.selectors.judgment_times import median_times
from metaeval.selectors.judgments import current_judgments

# Judges read at very different paces: one limit for all would only find the quick readers.
FAST_SHARE: Final = "a third"
_DIVISOR: Final = 3


def answers_in_time(campaign: Campaign, *, as_of: datetime | None = None) -> Q | None:
    """Which judgments were not fast; those without a time stay. None where no time was kept at all."""
    first = first_participant_of_source(campaign.study, Participant.Role.JUDGE)
    medians = median_times(current_judgments(campaign, as_of=as_of), one_and_the_same=first)
    if not medians:
        return None
    seats = {judge: judge for judge in medians} | {
        seat: judge for seat, judge in first.items() if judge in medians
    }
    limits = [
        # Times are whole milliseconds: the least that is not under a third.
        When(participant_id=seat, then=Value(ceil(medians[judge] / _DIVISOR)))
        for seat, judge in sorted(seats.items())
    ]
    limit = Case(*limits, default=Value(0), output_field=PositiveBigIntegerField())
    return Q(active_ms__isnull=True) | Q(active_ms__gte=limit)

"""How long each judge takes: one median for pages, files and the rule of fast answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from math import ceil
from typing import Final

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    PositiveBigIntegerField,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.functions import RowNumber

from annotations.models import Participant
from annotations.selectors.participation import first_participant_of_source
from metaeval.models import Campaign, Judgment
from metaeval.selectors.judgments import current_judgments


def median_times(
    given: QuerySet[Judgment], *, one_and_the_same: Mapping[int, int] | None = None
) -> dict[int, float]:
    """The median active time of each judge in milliseconds; who has no time is not in it.

    Of an even number it is the mean of the two in the middle, as everywhere. The database finds those in the middle:
    of each judge one row or two travel. `one_and_the_same` names the first row of a judge for each further one.
    """
    same = [When(participant_id=seat, then=Value(first)) for seat, first in (one_and_the_same or {}).items()]
    judge = (
        Case(*same, default=F("participant_id"), output_field=IntegerField()) if same else F("participant_id")
    )
    timed = given.filter(participant__isnull=False, active_ms__isnull=False).order_by()
    # Twice a row's place less the number of rows: 0 and 2 in the middle of an even number, 1 of an odd one.
    off_middle = 2 * Window(RowNumber(), partition_by=[judge], order_by=["active_ms", "pk"]) - Window(
        Count("pk"), partition_by=[judge]
    )
    middle = (
        timed.annotate(judge=judge, off_middle=off_middle)
        .filter(off_middle__gte=0, off_middle__lte=2)
        .values_list("judge", "active_ms")
    )
    found: defaultdict[int, list[int]] = defaultdict(list)
    for pk, active_ms in middle:
        if active_ms is not None:
            found[pk].append(active_ms)
    return {pk: sum(times) / len(times) for pk, times in sorted(found.items())}


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

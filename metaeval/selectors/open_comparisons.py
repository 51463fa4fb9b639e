"""Which pairs a judge has had: one rule for giving them out and for the number that may come."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations.models import Participant
from annotations.selectors.open_items import LAPSED
from metaeval.models import Exposure
from metaeval.selectors.outputs import changed_exposures

# Given back without a verdict. Repeats take no seat, so none of theirs lapses.
LAPSED_FIRST = LAPSED & Q(repeats__isnull=True)


def keys_coming_again(lapsed: QuerySet[Exposure]) -> frozenset[int]:
    """Exposures given back unanswered that may be given out again: their outputs still look as they did.

    A pair may be shown to a judge first only once, so one whose outputs changed meanwhile is lost to that judge.
    """
    left = list(lapsed.filter(LAPSED_FIRST).select_related("comparison"))
    return frozenset(one.pk for one in left) - changed_exposures(left)


def not_had(judges: Sequence[Participant], *, again: Collection[int]) -> Q:
    """Comparisons that none of these judges was shown, or whose exposure is among those that come `again`."""
    # Whoever was shown a repeat was shown its first: by the index that keeps those unique.
    had = Exposure.objects.filter(comparison=OuterRef("pk"), participant__in=judges, repeats__isnull=True)
    return ~Q(Exists(had.exclude(pk__in=again) if again else had))

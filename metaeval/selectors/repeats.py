"""Which judged pair comes to a judge again, with its sides changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from annotations.models import Participant
from annotations.selectors.open_items import LAPSED
from hlv.stats.power.comparison_design import is_repeated
from metaeval.models import Campaign, Exposure, Judgment, Protocol
from metaeval.selectors.outputs import changed_exposures
from metaeval.selectors.protocols import FEWEST_AT_THE_END, repeat_offset

# Pairs between a pair and its repeat, so that it is judged anew and not remembered.
FEWEST_BETWEEN = 10


def due_repeat(
    participant: Participant, campaign: Campaign, protocol: Protocol, *, at_the_end: bool = False
) -> Exposure | None:
    """The exposure that comes again now, if one does.

    Of the pairs in the order in which this judge answered them, every so manieth is chosen, counted from a place that
    a hash decides: the share is kept within one, and nobody can tell which will come. A pair that the judge could
    not judge, or whose outputs have changed, does not come again. However many of those were chosen, the number of
    queries is the same.
    """
    if not protocol.repeat_share:
        return None
    standing = Judgment.objects.filter(exposure=OuterRef("pk"), replaced_by__isnull=True)
    judged = list(
        Exposure.objects.filter(
            participant=participant,
            comparison__campaign=campaign,
            repeats__isnull=True,
            done_at__isnull=False,
        )
        .order_by("done_at", "pk")
        .values_list("pk", "repeated_by", Subquery(standing.values("verdict")[:1]))
    )
    between = FEWEST_AT_THE_END if at_the_end else FEWEST_BETWEEN
    start = repeat_offset(participant, campaign)
    chosen = [
        pk
        for place, (pk, repeat, verdict) in enumerate(judged[: max(0, len(judged) - between)], start=1)
        if repeat is None
        and verdict not in (None, Judgment.Verdict.CANNOT)
        and is_repeated(place, share=protocol.repeat_share, start=start)
    ]
    return _first_unchanged(chosen)


def _first_unchanged(chosen: list[int]) -> Exposure | None:
    """Of exposures in their order the first whose outputs look as they did."""
    if not chosen:
        return None
    found = Exposure.objects.select_related("comparison", "participant").in_bulk(chosen)
    changed = changed_exposures(list(found.values()))
    return next((found[pk] for pk in chosen if pk not in changed), None)


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

"""How a campaign asks."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from annotations.models import Label, Participant
from annotations.selectors.open_items import LAPSED
from hlv.stats.power.comparison_design import is_repeated, n_repeated
from metaeval.models import Campaign, Exposure, Judgment, Labelling, Protocol
from metaeval.selectors.outputs import changed_exposures

# Pairs between a pair and its repeat where all else is judged.
FEWEST_AT_THE_END = 2


def campaign_protocol(campaign: Campaign) -> Protocol:
    """What is stored; of a campaign that was not planned here, what goes without saying."""
    return getattr(campaign, "protocol", None) or Protocol()


def repeat_offset(participant: Participant, campaign: Campaign) -> float:
    """In [0, 1): where the counting of a judge's repeats begins."""
    digest = hashlib.sha256(f"{campaign.seed}/{campaign.uuid}/{participant.uuid}/repeats".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def n_repeats_due(participant: Participant, campaign: Campaign, *, n_pairs: int) -> int:
    """How many of so many pairs of a judge come again."""
    share = campaign_protocol(campaign).repeat_share
    if not share:
        return 0
    return n_repeated(n_pairs - FEWEST_AT_THE_END, share=share, start=repeat_offset(participant, campaign))


def lesser_quota(one: int | None, other: int | None) -> int | None:
    """None is no limit."""
    return min((quota for quota in (one, other) if quota is not None), default=None)


def asks_labels(exposure: Exposure, protocol: Protocol) -> bool:
    """Whether the judge is to label the text before the outputs of this exposure may be shown."""
    if protocol.labels_first == Protocol.LabelsFirst.NEVER or exposure.comparison.item_id is None:
        return False
    if exposure.shown_at is not None or exposure.done_at is not None:
        return False
    given = Labelling.objects.filter(participant=exposure.participant_id)
    if protocol.labels_first == Protocol.LabelsFirst.EACH_PAIR:
        return not given.filter(exposure=exposure).exists()
    comparison = exposure.comparison
    return not given.filter(
        exposure__comparison__campaign=comparison.campaign_id, exposure__comparison__item=comparison.item_id
    ).exists()


def labels_to_choose(campaign: Campaign) -> list[Label]:
    """The study's labels as a judge may choose them now."""
    return list(campaign.study.labels.filter(is_active=True).order_by("position"))


def is_low_left(campaign: Campaign, participant: Participant, *, low: int, high: int, n_shown: int) -> bool:
    """Whether the method with the smaller key stands left, the pair having been shown so often to this judge.

    Counterbalanced in twos: of a judge's first, third, ... showing of a pair, a hash decides the side; the next
    showing of that pair has the other side. So the shares differ by one at most, and nobody can tell a side from
    the one before.
    """
    pair = f"{campaign.seed}/{campaign.uuid}/{participant.uuid}/{low}/{high}"
    first_of_two = hashlib.sha256(f"{pair}/{n_shown // 2}".encode()).digest()[0] % 2
    return (first_of_two + n_shown) % 2 == 0


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
    existing = Judgment.objects.filter(exposure=OuterRef("pk"), replaced_by__isnull=True)
    judged = list(
        Exposure.objects.filter(
            participant=participant,
            comparison__campaign=campaign,
            repeats__isnull=True,
            done_at__isnull=False,
        )
        .order_by("done_at", "pk")
        .values_list("pk", "repeated_by", Subquery(existing.values("verdict")[:1]))
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


def returned_keys(lapsed: QuerySet[Exposure]) -> frozenset[int]:
    """Exposures given back unanswered that may be given out again: their outputs still look as they did.

    A pair may be shown to a judge first only once, so one whose outputs changed meanwhile is lost to that judge.
    """
    left = list(lapsed.filter(LAPSED_FIRST).select_related("comparison"))
    return frozenset(one.pk for one in left) - changed_exposures(left)


def is_new_to(judges: Sequence[Participant], *, again: Collection[int]) -> Q:
    """Comparisons that none of these judges was shown, or whose exposure is among those that come `again`."""
    # Whoever was shown a repeat was shown its first: by the index that keeps those unique.
    had = Exposure.objects.filter(comparison=OuterRef("pk"), participant__in=judges, repeats__isnull=True)
    return ~Q(Exists(had.exclude(pk__in=again) if again else had))

"""Who is shown which pair on which side: reserved before it is shown, and stored as shown when a page reports it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import BigIntegerField, Count, F, Max, Q, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from annotations.assignment_leases import (
    LEASE,
    PREFETCH_LEASE,
    LeaseCounts,
    Waiting,
    exclude_leased_by_others,
    keep_lease,
    lease_counts,
    one_request_at_a_time,
    return_lapsed,
    until_settled,
    why_nothing,
)
from annotations.models import Participant, Study
from annotations.selectors.open_items import IS_OPEN, RANDOM_STARTS, random_start
from metaeval.models import Campaign, Comparison, Exposure
from metaeval.selectors.outputs import has_both_outputs, is_unchanged, output_pair
from metaeval.selectors.protocols import (
    campaign_protocol,
    due_repeat,
    is_low_left,
    is_new_to,
    lesser_quota,
    returned_keys,
)

# What is on the screen is held for longest.
SHOWN_FIRST = ("-lease_until", "pk")


def next_exposure(
    participant: Participant,
    campaign: Campaign,
    *,
    now: datetime | None = None,
    on_taken_back: Callable[[], None] = lambda: None,
) -> Exposure | Waiting:
    """The comparison this judge has open, or the next one; the same on refresh and in a second tab.

    `on_taken_back` is called where the one in hand no longer shows what it did, and another comes instead.
    """
    now = now or timezone.now()
    state = judging_state(campaign)
    if state != Study.State.OPEN:
        return Waiting("paused" if state == Study.State.PAUSED else "closed")
    mine = Exposure.objects.filter(participant=participant, comparison__campaign=campaign)
    if any(one.shown_at is not None for one in return_changed(mine, now=now)):
        on_taken_back()
    return until_settled(lambda: _next_or_waiting(participant, campaign, now=now))


def reserve_after(shown: Exposure, *, now: datetime | None = None) -> Exposure | None:
    """The pair that comes after `shown`, which is on the screen: reserved with its sides, not shown yet.

    It comes to the same judge unchanged if it is never shown. None where another page comes first, or nothing is free
    at this moment.
    """
    now = now or timezone.now()
    campaign = shown.comparison.campaign
    # One that was given back may be what comes next.
    if judging_state(campaign) != Study.State.OPEN or shown.returned_at is not None:
        return None
    mine = Exposure.objects.filter(participant=shown.participant_id, comparison__campaign=campaign)
    return_changed(mine.exclude(pk=shown.pk), now=now)
    return _reserve_after(shown, mine, now=now)


@transaction.atomic
def _reserve_after(shown: Exposure, mine: QuerySet[Exposure], *, now: datetime) -> Exposure | None:
    participant, campaign = shown.participant, shown.comparison.campaign
    one_request_at_a_time(participant)
    ahead = mine.filter(IS_OPEN).exclude(pk=shown.pk).order_by(*SHOWN_FIRST).first()
    if ahead is not None:
        return keep_lease(mine, ahead.pk, now=now, lease=PREFETCH_LEASE)
    found = _next(participant, campaign, lease_counts(mine, participant), now=now, lease=PREFETCH_LEASE)
    return found if isinstance(found, Exposure) else None


def judging_state(campaign: Campaign) -> str:
    """Of the study where that is not open, else of the campaign."""
    return campaign.state if campaign.study.state == Study.State.OPEN else campaign.study.state


@transaction.atomic
def return_changed(exposures: QuerySet[Exposure], *, now: datetime | None = None) -> list[Exposure]:
    """Give back those in hand whose outputs were withdrawn or joined by others.

    A verdict on other outputs than were recorded would be of nobody knows what. The rows stay as they were.
    In a transaction of its own: it would keep a place while others are requested.
    """
    open_exposures = exposures.filter(IS_OPEN).select_related("comparison").order_by("comparison_id", "pk")
    changed = [
        one for one in open_exposures.select_for_update(no_key=True, of=("self",)) if not is_unchanged(one)
    ]
    for one in changed:
        Exposure.objects.filter(pk=one.pk).update(returned_at=now or timezone.now())
        if one.repeats_id is not None:
            # It took no seat: nobody else waits for it.
            continue
        Comparison.objects.filter(pk=one.comparison_id, seats_taken__gte=1).update(
            seats_taken=F("seats_taken") - 1
        )
    return changed


@transaction.atomic
def _next_or_waiting(
    participant: Participant, campaign: Campaign, *, now: datetime
) -> Exposure | Waiting | None:
    """A comparison to judge or why there is none; None where others have locked what is free."""
    mine = Exposure.objects.filter(participant=participant, comparison__campaign=campaign)
    one_request_at_a_time(participant)
    had = lease_counts(mine, participant, order_by=SHOWN_FIRST)
    if had.in_hand is not None:
        # None where it was answered a moment ago: then all is counted again.
        return keep_lease(mine, had.in_hand, now=now)
    return _next(participant, campaign, had, now=now, lease=LEASE)


def _next(
    participant: Participant, campaign: Campaign, had: LeaseCounts, *, now: datetime, lease: timedelta
) -> Exposure | Waiting | None:
    """One that this judge does not hold yet. Called after `one_request_at_a_time`."""
    protocol = campaign_protocol(campaign)
    seats = Exposure.objects.filter(comparison__campaign=campaign)
    until = now + lease
    if had.reaches(lesser_quota(participant.quota, protocol.quota)):
        return Waiting("quota")
    repeat = due_repeat(participant, campaign, protocol)
    if repeat is not None:
        return _expose_again(repeat, until=until)
    # Repeats take no seat, so they give none back.
    firsts = seats.filter(repeats__isnull=True)
    # Of every campaign: an index of open exposures finds them, and none of them is anybody's any more.
    return_lapsed(
        Exposure.objects.filter(repeats__isnull=True),
        Comparison.objects.all(),
        place="comparison_id",
        now=now,
    )
    again = _held_lapsed(firsts.filter(participant=participant))
    free = _free_comparisons(participant, campaign, again=again)
    comparison = _first_free(free, participant, campaign, had)
    if comparison is not None:
        return _give(comparison, participant, again=again, until=until)
    if free.exists():
        return None
    repeat = due_repeat(participant, campaign, protocol, at_the_end=True)
    if repeat is not None:
        return _expose_again(repeat, until=until)
    return why_nothing(firsts, participant, place="comparison_id", comes_again=Q(pk__in=again))


def _held_lapsed(mine: QuerySet[Exposure]) -> frozenset[int]:
    """Keys of this judge's lapsed exposures that come again, each locked before its comparison.

    One that is being answered late at this moment is passed over: its transaction has locked the row and waits for its place.
    """
    return returned_keys(mine.select_for_update(skip_locked=True, no_key=True, of=("self",)))


def _free_comparisons(
    participant: Participant, campaign: Campaign, *, again: Collection[int]
) -> QuerySet[Comparison]:
    return campaign.comparisons.filter(
        has_both_outputs(),
        is_new_to([participant], again=again),
        seats_taken__lt=campaign.judges_per_comparison,
        is_asked=True,
    ).order_by("seats_taken", "position")


def _first_free(
    free: QuerySet[Comparison], participant: Participant, campaign: Campaign, had: LeaseCounts
) -> Comparison | None:
    """One of those with fewest seats taken that nobody else has, in a random order for each judge.

    The same two methods in a row would let a judge learn to know them. From a place of each judge's and each pair's
    own, an index leads to the next one however many there are.
    """
    level = free.filter(seats_taken=Subquery(free.values("seats_taken")[:1])).order_by("position")
    last = Subquery(campaign.comparisons.order_by("-position").values("position")[:1])
    away = random_start(seed=campaign.seed, number=participant.number, step=had.n_had)
    start = (Cast(last, BigIntegerField()) + 1) * away / RANDOM_STARTS
    return (
        exclude_leased_by_others(level.filter(position__gte=start))
        or exclude_leased_by_others(level)
        or exclude_leased_by_others(free)
    )


def take_place(exposure: Exposure) -> bool:
    """Whether one more verdict on its comparison counts; then its place is taken. The exposure is locked before."""
    comparison = exposure.comparison
    n_judges = comparison.campaign.judges_per_comparison
    # One statement: the last place may be taken by somebody else at this moment.
    room = Comparison.objects.filter(pk=comparison.pk, seats_taken__lt=n_judges)
    return bool(room.update(seats_taken=F("seats_taken") + 1))


def _give(
    comparison: Comparison, participant: Participant, *, again: Collection[int], until: datetime
) -> Exposure:
    """A comparison new to this judge, or the exposure of it that lapsed, with its sides as they were."""
    lapsed = Exposure.objects.filter(pk__in=again, comparison=comparison)
    if not lapsed.update(returned_at=None, lease_until=until):
        return _expose(comparison, participant, until=until)
    Comparison.objects.filter(pk=comparison.pk).update(seats_taken=F("seats_taken") + 1)
    return Exposure.objects.get(comparison=comparison, participant=participant, repeats__isnull=True)


def _expose(comparison: Comparison, participant: Participant, *, until: datetime) -> Exposure:
    low_is_left = lower_key_left(comparison, participant)
    low, high = output_pair(comparison)
    left, right = (low, high) if low_is_left else (high, low)
    Comparison.objects.filter(pk=comparison.pk).update(seats_taken=F("seats_taken") + 1)
    return Exposure.objects.create(
        comparison=comparison,
        participant=participant,
        low_is_left=low_is_left,
        sequence=_next_sequence(participant),
        left_hash=left.digest,
        right_hash=right.digest,
        lease_until=until,
    )


def _expose_again(first: Exposure, *, until: datetime) -> Exposure:
    """The same outputs with sides changed, beside the comparisons that wait for judges."""
    return Exposure.objects.create(
        comparison_id=first.comparison_id,
        participant_id=first.participant_id,
        repeats=first,
        low_is_left=not first.low_is_left,
        sequence=_next_sequence(first.participant),
        left_hash=first.right_hash,
        right_hash=first.left_hash,
        lease_until=until,
    )


def _next_sequence(participant: Participant) -> int:
    last: int | None = Exposure.objects.filter(participant=participant).aggregate(last=Max("sequence"))[
        "last"
    ]
    return (last or 0) + 1


def lower_key_left(comparison: Comparison, participant: Participant) -> bool:
    """By the rule, as often as the pair was shown; repeats do not count, each has the other side of its first."""
    of_pair = Q(
        comparison__campaign=comparison.campaign_id,
        comparison__low=comparison.low_id,
        comparison__high=comparison.high_id,
        repeats__isnull=True,
    )
    # As a filter of the count, so that the judge's own exposures are read and not all comparisons of the pair.
    shown = Exposure.objects.filter(participant=participant).aggregate(n=Count("pk", filter=of_pair))
    return is_low_left(
        comparison.campaign, participant, low=comparison.low_id, high=comparison.high_id, n_shown=shown["n"]
    )


def show_exposure(exposure: Exposure, *, now: datetime | None = None) -> None:
    """Remember when the pair was first shown; it is its judge's for longer now."""
    now = now or timezone.now()
    shown = Exposure.objects.filter(pk=exposure.pk, done_at__isnull=True)
    shown.update(shown_at=Coalesce(F("shown_at"), now), lease_until=now + LEASE)

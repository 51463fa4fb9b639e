"""Comparisons and verdicts: who is shown which pair on which side, and how a verdict is stored once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.models import Participant, Study
from annotations.seating import (
    IS_OPEN,
    LEASE,
    Waiting,
    held_against_others,
    return_lapsed,
    seat_in_hand,
    until_settled,
    why_nothing,
)
from annotations.selectors.orders import shuffled_position
from annotations.submissions import InvalidSubmissionError, Outcome, payload_hash, submit, within
from metaeval.models import Campaign, Comparison, Exposure, Judgment
from metaeval.selectors.judgments import standing_judgment
from metaeval.selectors.outputs import both_give_outputs, shown_output, shows_the_same

# A tie of unspecified kind comes from files only: a judge says which kind it is.
VERDICTS = frozenset(Judgment.Verdict.values) - {Judgment.Verdict.TIE}


class OutputsChangedError(InvalidSubmissionError):
    """The verdict is on outputs that are no longer those of its pair."""


class InvalidVerdictError(InvalidSubmissionError):
    """The verdict contradicts itself; the sentence says how."""


@dataclass(frozen=True)
class VerdictGiven:
    verdict: str
    confidence: float | None = None
    reason: str = ""
    submitted_at: datetime | None = None
    active_ms: int | None = None

    def payload(self) -> dict[str, Any]:
        return {"verdict": self.verdict, "confidence": self.confidence, "reason": self.reason}


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
    study_state = campaign.study.state
    for state in (study_state, campaign.state):
        if state != Study.State.OPEN:
            return Waiting("paused" if state == Study.State.PAUSED else "closed")
    mine = Exposure.objects.filter(participant=participant, comparison__campaign=campaign)
    if take_back_changed(mine, now=now):
        on_taken_back()
    return until_settled(lambda: _seat(participant, campaign, now=now))


@transaction.atomic
def take_back_changed(exposures: QuerySet[Exposure], *, now: datetime | None = None) -> int:
    """Give back those in hand whose outputs were withdrawn or joined by others; how many there were.

    A verdict on other outputs than were recorded would be of nobody knows what. The rows stay as they were.
    In a transaction of its own: it would hold a place while others are asked for.
    """
    held = exposures.filter(IS_OPEN).select_related("comparison").order_by("comparison_id", "pk")
    changed = [one for one in held.select_for_update(no_key=True, of=("self",)) if not shows_the_same(one)]
    for one in changed:
        Exposure.objects.filter(pk=one.pk).update(returned_at=now or timezone.now())
        Comparison.objects.filter(pk=one.comparison_id, seats_taken__gte=1).update(
            seats_taken=F("seats_taken") - 1
        )
    return len(changed)


@transaction.atomic
def _seat(participant: Participant, campaign: Campaign, *, now: datetime) -> Exposure | Waiting | None:
    """A comparison to judge or why there is none; None where others hold at this moment what is free."""
    seats = Exposure.objects.filter(comparison__campaign=campaign)
    held = seat_in_hand(seats.filter(participant=participant), participant, now=now)
    if held is not None:
        return held
    return_lapsed(seats, campaign.comparisons.all(), place="comparison_id", now=now)
    free = _free_comparisons(participant, campaign)
    comparison = held_against_others(free)
    if comparison is None:
        return None if free.exists() else why_nothing(seats, participant, place="comparison_id")
    return _expose(comparison, participant, now=now)


def _free_comparisons(participant: Participant, campaign: Campaign) -> QuerySet[Comparison]:
    had = Exposure.objects.filter(comparison=OuterRef("pk"), participant=participant)
    free = campaign.comparisons.filter(
        both_give_outputs(),
        seats_taken__lt=campaign.judges_per_comparison,
        mode=Comparison.Mode.DESIGNED,
    ).filter(~Exists(had))
    # Each judge in an order of his own: the same two methods in a row would let him learn to know them.
    shuffled = shuffled_position(seed=campaign.seed, number=participant.number)
    return free.annotate(shuffled=shuffled).order_by("seats_taken", "shuffled", "position")


def _expose(comparison: Comparison, participant: Participant, *, now: datetime) -> Exposure:
    low_is_left = low_goes_left(comparison, participant)
    low, high = (
        shown_output(method_id=method_id, item_id=comparison.item_id)
        for method_id in (comparison.low_id, comparison.high_id)
    )
    left, right = (low, high) if low_is_left else (high, low)
    last = Exposure.objects.filter(participant=participant).aggregate(last=Max("sequence"))["last"] or 0
    Comparison.objects.filter(pk=comparison.pk).update(seats_taken=F("seats_taken") + 1)
    return Exposure.objects.create(
        comparison=comparison,
        participant=participant,
        low_is_left=low_is_left,
        sequence=last + 1,
        left_hash=left.digest,
        right_hash=right.digest,
        lease_until=now + LEASE,
    )


def low_goes_left(comparison: Comparison, participant: Participant) -> bool:
    """Counterbalanced in twos: of a judge's first, third, ... showing of a pair, a hash decides the side.

    The next showing of that pair has the other side, so the shares differ by one at most; and nobody can
    tell a side from the one before.
    """
    campaign = comparison.campaign
    shown = Exposure.objects.filter(
        participant=participant,
        comparison__campaign=campaign,
        comparison__low=comparison.low_id,
        comparison__high=comparison.high_id,
    ).count()
    pair = f"{campaign.seed}/{campaign.uuid}/{participant.uuid}/{comparison.low_id}/{comparison.high_id}"
    first_of_two = hashlib.sha256(f"{pair}/{shown // 2}".encode()).digest()[0] % 2
    return (first_of_two + shown) % 2 == 0


def show_exposure(exposure: Exposure, *, now: datetime | None = None) -> None:
    """Remember when the pair was first shown."""
    Exposure.objects.filter(pk=exposure.pk, shown_at__isnull=True).update(shown_at=now or timezone.now())


def check_verdict(given: VerdictGiven) -> None:
    if given.verdict not in VERDICTS:
        raise InvalidVerdictError(
            _("Say which output is better: A, B, both, neither, or that you cannot judge.")
        )
    if given.verdict == Judgment.Verdict.CANNOT and not given.reason.strip():
        raise InvalidVerdictError(_("Say in a few words why you cannot judge this pair."))
    if given.confidence is not None and not 0 <= given.confidence <= 1:
        raise InvalidVerdictError(_("The confidence lies outside 0 to 1."))


def record_judgment(
    *, exposure: Exposure, client_key: UUID, given: VerdictGiven, replaces: Judgment | None = None
) -> Outcome[Judgment]:
    """Store a verdict under the submit contract; a revision names the verdict that stands now.

    Raises
    ------
    OutputsChangedError
        The outputs are no longer those that were shown; the exposure is given back.
    """
    check_verdict(given)
    campaign = exposure.comparison.campaign
    if replaces is not None and Study.State.CLOSED in (campaign.state, campaign.study.state):
        return Outcome(409, replaces, _("Judging is closed: the verdicts that are stored stand."))
    digest = payload_hash(
        {**given.payload(), "exposure": exposure.uuid, "replaces": replaces and replaces.uuid}
    )

    def standing() -> Judgment | None:
        locked = Exposure.objects.select_for_update(no_key=True).get(pk=exposure.pk)
        exposure.returned_at, exposure.done_at = locked.returned_at, locked.done_at
        held = standing_judgment(exposure)
        if held != replaces:
            return held
        if not shows_the_same(exposure):
            raise OutputsChangedError(
                _("The outputs of this pair have changed since you saw them, so this verdict is not stored.")
            )
        return None

    try:
        return submit(
            model=Judgment,
            client_key=client_key,
            digest=digest,
            same_author=lambda row: row.participant_id == exposure.participant_id,
            standing=standing,
            create=lambda: _write(exposure, client_key, digest, given, replaces),
        )
    except OutputsChangedError:
        take_back_changed(Exposure.objects.filter(pk=exposure.pk))
        raise


def _write(
    exposure: Exposure, client_key: UUID, digest: str, given: VerdictGiven, replaces: Judgment | None
) -> Judgment:
    now = timezone.now()
    judgment = Judgment.objects.create(
        client_key=client_key,
        payload_hash=digest,
        comparison_id=exposure.comparison_id,
        exposure=exposure,
        participant_id=exposure.participant_id,
        verdict=given.verdict,
        low_is_left=exposure.low_is_left,
        confidence=given.confidence,
        reason=given.reason.strip(),
        replaces=replaces,
        root_id=(replaces.root_id or replaces.pk) if replaces else None,
        surplus=exposure.returned_at is not None,
        submitted_at=within(given.submitted_at, earliest=exposure.created_at, latest=now) or now,
        active_ms=given.active_ms,
    )
    Exposure.objects.filter(pk=exposure.pk, done_at__isnull=True).update(done_at=now)
    return judgment

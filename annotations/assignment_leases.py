"""Leases: who may answer where, for how long, and what happens to a lease that nobody used.

Both apps lease places: items here, comparisons in metaeval. One rule avoids deadlocks between people who ask at the
same time, and a wrong "done" while somebody else locks the row. A lease has `participant`, `lease_until`, `done_at`
and `returned_at`. A place counts `seats_taken`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar
from uuid import UUID

from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable

from annotations.models import Assignment, Participant
from annotations.selectors.open_items import IS_OPEN, count_subquery

LEASE = timedelta(hours=2)
# Of what is reserved and not shown yet: what a closed page leaves comes free again soon.
PREFETCH_LEASE = timedelta(minutes=30)
# Seconds between attempts while others lock every free place: a second and a half in all, then the
# person is asked to return later. Transactions that lock a place last milliseconds.
PAUSES = tuple(0.02 * number for number in range(1, 13))

Lease = TypeVar("Lease", bound=models.Model)
LeasableRow = TypeVar("LeasableRow", bound=models.Model)
LeaseResult = TypeVar("LeaseResult")


@dataclass(frozen=True)
class Waiting:
    """Why there is no item (or comparison) to show."""

    kind: Literal["done", "quota", "nothing_now", "paused", "closed"]
    until: datetime | None = None


def until_settled(ask: Callable[[], LeaseResult | None]) -> LeaseResult | Waiting:
    """Call `ask`, which opens its own transaction, until it finds an answer; None means that others lock what is free.

    Waiting for their rows within one transaction, beside the rows it holds itself, could end in a circle.
    """
    for pause in PAUSES:
        found = ask()
        if found is not None:
            return found
        time.sleep(pause)
    return Waiting("nothing_now")


def one_request_at_a_time(participant: Participant) -> Participant:
    """Two tabs of a person get the same lease: the second waits here for the first. Returns the row as it is now.

    no_key: the foreign key of an answer that is being saved in the other tab may pass.
    """
    return Participant.objects.select_for_update(no_key=True).get(pk=participant.pk)


@dataclass(frozen=True)
class LeaseCounts:
    """How many leases a person has had in one round, and the open one."""

    n_had: int
    n_done: int
    n_open: int
    in_hand: int | None
    # Other values, read in the same query.
    extra: tuple[Any, ...] = ()

    def reaches(self, quota: int | None) -> bool:
        """Whether what is answered and what is held are all that this person was asked for."""
        return quota is not None and self.n_done + self.n_open >= quota


def lease_counts(
    mine: QuerySet[Any],
    participant: Participant,
    *,
    order_by: tuple[str, ...] = ("pk",),
    answered: QuerySet[Any] | None = None,
    extra: tuple[Combinable, ...] = (),
) -> LeaseCounts:
    """In one query; counted after `one_request_at_a_time`, or another tab may change it.

    Parameters
    ----------
    answered
        What holds every lease of `mine` that was answered, where that is asked of an index alone: these are most.
    """
    done = (mine if answered is None else answered).filter(done_at__isnull=False)
    held = mine.filter(IS_OPEN)
    found = Participant.objects.filter(pk=participant.pk).values_list(
        count_subquery(mine.filter(done_at__isnull=True), "participant"),
        count_subquery(done, "participant"),
        count_subquery(held, "participant"),
        Subquery(held.order_by(*order_by).values("pk")[:1]),
        *extra,
    )
    n_left, n_done, n_open, in_hand, *rest = found.get()
    return LeaseCounts(n_left + n_done, n_done, n_open, in_hand, tuple(rest))


@dataclass(frozen=True)
class Finished:
    """What the row of an assignment says once it is done: given back before, and whether words of a draft are left."""

    is_returned: bool
    has_draft: bool


def finish_assignment(pk: int, *, shown_at: datetime | None, now: datetime) -> Finished:
    """Mark it done, which locks it; in one statement, as each answer does this."""
    moments = [connection.ops.adapt_datetimefield_value(moment) for moment in (now, shown_at)]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE annotations_assignment SET done_at = COALESCE(done_at, %s), shown_at = COALESCE(shown_at, %s) "
            "WHERE id = %s RETURNING returned_at IS NOT NULL, "
            "EXISTS (SELECT 1 FROM annotations_draft WHERE assignment_id = annotations_assignment.id)",
            [*moments, pk],
        )
        ((is_returned, has_draft),) = cursor.fetchall()
    return Finished(bool(is_returned), bool(has_draft))


LOCK_PERSON = (
    "WITH person AS (SELECT id FROM annotations_participant WHERE id = %(person)s FOR NO KEY UPDATE) "
)
# The person is locked before the assignments. One on a text that has been given counts meanwhile is never answered.
EXTEND = """
    UPDATE annotations_assignment
    SET shown_at = CASE WHEN uuid = %(shown)s THEN COALESCE(shown_at, %(now)s) ELSE shown_at END,
        lease_until = CASE WHEN uuid = %(shown)s THEN %(shown_until)s ELSE %(ahead_until)s END
    WHERE participant_id = {person} AND done_at IS NULL AND returned_at IS NULL
        AND (SELECT evidence FROM annotations_item WHERE annotations_item.id = item_id) <> 'counts'
    RETURNING reserved_at, id, uuid, item_id
"""
EXTEND_OF = {
    "postgresql": LOCK_PERSON + EXTEND.format(person="(SELECT id FROM person)"),
    "sqlite": EXTEND.format(person="%(person)s"),
}


def extend_leases(
    participant: Participant, shown: UUID, *, now: datetime, shown_until: datetime, ahead_until: datetime
) -> list[Assignment]:
    """Lock the person as `one_request_at_a_time` does; all texts that they hold are theirs for longer, oldest first.

    The text `shown` counts as shown. In one statement, as each answer does this; assignments have only the columns that
    are needed here.
    """
    adapted = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(
            EXTEND_OF[connection.vendor],
            {
                "person": participant.pk,
                "shown": Assignment._meta.get_field("uuid").get_db_prep_value(shown, connection),
                "now": adapted(now),
                "shown_until": adapted(shown_until),
                "ahead_until": adapted(ahead_until),
            },
        )
        rows = sorted(cursor.fetchall())
    held = []
    for _reserved_at, pk, uuid, item_pk in rows:
        one = Assignment.from_db(connection.alias, ["id", "uuid", "item_id"], [pk, UUID(str(uuid)), item_pk])
        one.participant = participant
        one.lease_until = shown_until if one.uuid == shown else ahead_until
        held.append(one)
    return held


def keep_lease(mine: QuerySet[Lease], pk: int, *, now: datetime, lease: timedelta = LEASE) -> Lease | None:
    """An open lease for longer now; None where it was answered, or given back, a moment ago."""
    # Locked, so that a lease that is being given back, or answered, at this moment is not taken for held.
    held = mine.filter(IS_OPEN, pk=pk).select_for_update(no_key=True, of=("self",)).first()
    if held is not None:
        mine.model._default_manager.filter(pk=pk).update(lease_until=now + lease)
    return held


def exclude_leased_by_others(free: QuerySet[LeasableRow]) -> LeasableRow | None:
    """The first free place that nobody else locks at this moment."""
    return free.select_for_update(skip_locked=True, no_key=True, of=("self",)).first()


def return_lapsed(
    leases: QuerySet[Lease], places: QuerySet[LeasableRow], *, place: str, now: datetime
) -> int:
    """Give back leases that ran out unanswered, so that the wanted number is still reached."""
    return give_back(leases.filter(lease_until__lt=now), places, place=place, now=now)


def give_back(leases: QuerySet[Lease], places: QuerySet[LeasableRow], *, place: str, now: datetime) -> int:
    """Give back leases that are unanswered, up to a hundred; returns how many these were.

    An answer locks its lease, then its place. So leases that are being answered are passed over, all others
    are locked before the first place, and places follow in the order of their keys: no circle can close.
    Leases are passed over where others hold them, so their own order does not matter.

    Parameters
    ----------
    place
        The column of a lease that names its place, such as ``item_id``.
    """
    left = list(
        leases.filter(IS_OPEN)
        .select_for_update(skip_locked=True, no_key=True, of=("self",))
        # As the index of open leases has them: whatever else was given, what lapsed is found without reading it.
        .order_by("lease_until")
        .values_list("pk", place)[:100]
    )
    leases.model._default_manager.filter(pk__in=[pk for pk, _ in left]).update(returned_at=now)
    for place_pk, n_given_back in sorted(Counter(place_pk for _, place_pk in left).items()):
        places.filter(pk=place_pk, seats_taken__gte=n_given_back).update(
            seats_taken=F("seats_taken") - n_given_back
        )
    return len(left)


def why_nothing(
    leases: QuerySet[Any], participant: Participant, *, place: str, comes_again: Q | None = None
) -> Waiting:
    """Done, or others hold leases that may come back: two different messages.

    Parameters
    ----------
    comes_again
        Which of this person's own leases keep a place from counting as had, if any do.
    """
    had = leases.model._default_manager.filter(participant=participant, **{place: OuterRef(place)})
    if comes_again is not None:
        had = had.exclude(comes_again)
    first_lapse = (
        leases.filter(IS_OPEN)
        .exclude(participant=participant)
        .filter(~Exists(had))
        .order_by("lease_until")
        .values_list("lease_until", flat=True)
        .first()
    )
    return Waiting("nothing_now", first_lapse) if first_lapse else Waiting("done")

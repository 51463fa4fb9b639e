"""Assignments: which text each person gets and until when, prefetched texts, and lapsed leases."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import BigIntegerField, Exists, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from annotations.assignment_leases import (
    LEASE,
    PREFETCH_LEASE,
    LeaseCounts,
    Waiting,
    exclude_leased_by_others,
    extend_leases,
    keep_lease,
    lease_counts,
    one_request_at_a_time,
    return_lapsed,
    until_settled,
    why_nothing,
)
from annotations.models import Assignment, Item, Participant, Study
from annotations.selectors.changes import newest_change
from annotations.selectors.groups import Turn, annotators_in, group_quota, group_turn, in_turn
from annotations.selectors.open_items import (
    IS_OPEN,
    LAPSED,
    RANDOM_STARTS,
    count_subquery,
    random_start,
    wanting_answers,
    without_counts,
)

# Ten texts last through some minutes without a network; five are held ahead also in smaller studies.
MAX_PREFETCHED = 10
OFFLINE_DEPTH = 5
# In the order in which they came to the person: a lapsed assignment that comes again comes last.
OLDEST_FIRST = ("reserved_at", "pk")


@dataclass(frozen=True)
class _Had:
    """What decides about one more text for a person."""

    counts: LeaseCounts
    turn: Turn | None
    # Whether any assignment of anybody ran out, and waits to be given back.
    any_lapsed: bool
    # Those among whom the texts are spread, this person included.
    n_colleagues: int
    study_version: int | None


@dataclass
class Ahead:
    """Texts held ahead of the one that is shown; `counts` before the last of them was looked for."""

    held: list[Assignment]
    # Whether the text on the screen is held too.
    is_shown: bool
    is_more: bool = False
    counts: LeaseCounts | None = None
    # Keys of those that this person never held before, so no draft is there.
    created: set[int] = field(default_factory=set)
    # Another after each change of the study.
    study_version: int | None = None


def next_assignment(participant: Participant, *, now: datetime | None = None) -> Assignment | Waiting:
    """The assignment this person holds, or a new one; the same assignment on refresh, back button and second tab."""
    now = now or timezone.now()
    state = participant.study.state
    if state != Study.State.OPEN:
        return Waiting("paused" if state == Study.State.PAUSED else "closed")
    return until_settled(lambda: _assign(participant, now=now))


def may_be_shown(assignment: Assignment) -> bool:
    """Where texts are given out any; else one that was shown before, so that work which was begun can be finished."""
    if assignment.item.study.state == Study.State.OPEN:
        return True
    return assignment.shown_at is not None and assignment.returned_at is None


def prefetched_assignments(
    assignment: Assignment, *, at_most: int = MAX_PREFETCHED, now: datetime | None = None
) -> list[Assignment]:
    """This text is on the screen; what comes to its reader after it: reserved, not shown, and theirs for longer now."""
    now = now or timezone.now()
    participant = assignment.participant
    if participant.study.state != Study.State.OPEN:
        return []
    ahead = hold_ahead(participant, assignment.uuid, at_most=at_most, now=now)
    _reopen_if_lapsed(assignment, now=now)
    return ahead.held


def hold_ahead(participant: Participant, shown: UUID, *, at_most: int, now: datetime | None = None) -> Ahead:
    """The same of a text by its name, in a study that is open; it does not come again where it lapsed."""
    now = now or timezone.now()
    ahead = _show_and_reserve(participant, shown, at_most=at_most, now=now)
    while ahead.is_more and len(ahead.held) < at_most:
        _reserve_another(participant, ahead, now=now)
    return ahead


def show_assignment(assignment: Assignment, *, now: datetime | None = None) -> None:
    """Remember when the text was first shown; an assignment that lapsed is taken again while the text wants an answer."""
    now = now or timezone.now()
    _mark_shown(assignment, now=now)
    _reopen_if_lapsed(assignment, now=now)


def _mark_shown(assignment: Assignment, *, now: datetime) -> None:
    opened = Assignment.objects.filter(IS_OPEN, pk=assignment.pk)
    opened.update(shown_at=Coalesce(F("shown_at"), now), lease_until=now + LEASE)


def _reopen_if_lapsed(assignment: Assignment, *, now: datetime) -> None:
    if assignment.returned_at is not None and assignment.done_at is None:
        _reopen(assignment, now=now)


def take_place(assignment: Assignment) -> bool:
    """Whether one more answer of this person counts; then its place is taken. The assignment is locked before."""
    study = assignment.participant.study
    item = Item.objects.filter(pk=assignment.item_id)
    turn = group_turn(assignment.participant)
    # What others have given, and how many are wanted, is read once nobody else can change it.
    item.select_for_update(no_key=True).get()
    if turn is not None:
        item = in_turn(item, turn, wanted=study.answers_wanted)
    places = Item.objects.filter(pk__in=item.values("pk"), seats_taken__lt=_wanted_now(study))
    return bool(places.update(seats_taken=F("seats_taken") + 1))


def _wanted_now(study: Study) -> Subquery:
    """How many answers a text may have, as the database says: the number may have been lowered since it was read."""
    return Subquery(Study.objects.filter(pk=study.pk).values("answers_wanted"))


@transaction.atomic
def _reopen(assignment: Assignment, *, now: datetime) -> None:
    # This person first, as in every request that may take a place: the next text locks an item, then an assignment.
    one_request_at_a_time(assignment.participant)
    locked = Assignment.objects.select_for_update(no_key=True).get(pk=assignment.pk)
    is_open = assignment.participant.study.state == Study.State.OPEN
    if is_open and locked.returned_at is not None and locked.done_at is None and take_place(assignment):
        Assignment.objects.filter(pk=locked.pk).update(
            returned_at=None, shown_at=locked.shown_at or now, lease_until=now + LEASE
        )


def _answerable(participant: Participant) -> QuerySet[Assignment]:
    # An assignment on a text that has been given counts meanwhile can never be answered.
    return participant.assignments.filter(without_counts("item__"))


@transaction.atomic
def _assign(participant: Participant, *, now: datetime) -> Assignment | Waiting | None:
    """An assignment or why there is none; None where others hold at this moment what is free."""
    one_request_at_a_time(participant)
    had = _had(participant, now=now)
    if had.counts.in_hand is not None:
        # None where it was answered a moment ago: then the caller counts again.
        return keep_lease(_answerable(participant), had.counts.in_hand, now=now)
    if had.counts.reaches(participant.quota):
        return Waiting("quota")
    assignments = Assignment.objects.filter(item__study=participant.study)
    if had.any_lapsed:
        _return_lapsed(now=now)
    free = _free_items(participant, had.turn)
    item = _first_free(free, participant, had.counts)
    if item is None:
        if free.exists():
            return None
        counting = assignments.filter(without_counts("item__"))
        return why_nothing(counting, participant, place="item_id", comes_again=LAPSED)
    given = _take_item(item, participant, had.turn, until=now + LEASE, now=now)
    if given is None:
        participant.study.refresh_from_db(fields=["answers_wanted"])
    return given


@transaction.atomic
def _show_and_reserve(participant: Participant, shown: UUID, *, at_most: int, now: datetime) -> Ahead:
    """What is held, and whether there may be more: in one transaction, since a database of one file writes them one after another: mostly one text is wanting.

    More than one place is never taken within a transaction: two people could wait for one another's.
    """
    every = extend_leases(
        participant, shown, now=now, shown_until=now + LEASE, ahead_until=now + PREFETCH_LEASE
    )
    held = [one for one in every if one.uuid != shown]
    ahead = Ahead(held[:at_most], is_shown=len(held) < len(every))
    if len(ahead.held) < at_most:
        _reserve(participant, ahead, now=now)
    return ahead


@transaction.atomic
def _reserve_another(participant: Participant, ahead: Ahead, *, now: datetime) -> None:
    one_request_at_a_time(participant)
    _reserve(participant, ahead, now=now)


def _reserve(participant: Participant, ahead: Ahead, *, now: datetime) -> None:
    """One text more, after `one_request_at_a_time`."""
    ahead.is_more = False
    had = _had(participant, now=now, counting_colleagues=True)
    ahead.counts, ahead.study_version = had.counts, had.study_version
    if had.counts.reaches(participant.quota):
        return
    if had.any_lapsed:
        _return_lapsed(now=now)
    free = _free_items(participant, had.turn)
    if ahead.held:
        # Beyond the very next one only where there is plenty: nobody waits for what others hoard.
        free = free.filter(Exists(_beyond_plenty(participant, had, n_held=len(ahead.held))))
    item = _first_free(free, participant, had.counts)
    if item is None:
        return
    taken = _take_item(item, participant, had.turn, until=now + PREFETCH_LEASE, now=now)
    if taken is not None:
        ahead.held.append(taken)
        ahead.is_more = True
        if not item.was_left:  # type: ignore[attr-defined]  # annotated
            ahead.created.add(taken.pk)


def _beyond_plenty(participant: Participant, had: _Had, *, n_held: int) -> QuerySet[Item]:
    """A text while all others whom these texts may come to could hold as many ahead; of a group that gives its share, its own.

    As many are five while the person holds fewer, then ten.
    """
    study = participant.study
    free = wanting_answers(study.items.all(), of=participant, wanted=study.answers_wanted)
    if had.turn is not None:
        free = in_turn(free, had.turn, wanted=study.answers_wanted, counting_skips=True)
    depth = OFFLINE_DEPTH if n_held < OFFLINE_DEPTH else MAX_PREFETCHED
    plenty = depth * max(0, had.n_colleagues - 1)
    return free.order_by()[plenty : plenty + 1]


def _return_lapsed(*, now: datetime) -> None:
    # Of every study: an index of open assignments finds them, and none of them is anybody's any more.
    return_lapsed(Assignment.objects.all(), Item.objects.all(), place="item_id", now=now)


def _had(participant: Participant, *, now: datetime, counting_colleagues: bool = False) -> _Had:
    """Counted after `one_request_at_a_time`, in one query."""
    by_group = participant.study.assignment == Study.AssignmentRule.GROUPS
    colleagues = annotators_in(participant.study)
    if by_group:
        colleagues = colleagues.filter(group=participant.group)
    # An item with an answer has no counts: a trigger enforces it.
    counts = lease_counts(
        _answerable(participant),
        participant,
        order_by=OLDEST_FIRST,
        answered=participant.assignments.all(),
        extra=(
            Exists(Assignment.objects.filter(IS_OPEN, lease_until__lt=now)),
            count_subquery(colleagues, "study") if counting_colleagues else Value(0),
            Subquery(newest_change(participant.study)),
            *(group_quota(participant) if by_group else ()),
        ),
    )
    any_lapsed, n_colleagues, version, *turn = counts.extra
    its_turn = Turn(participant.group, *turn) if by_group else None
    return _Had(counts, its_turn, any_lapsed, n_colleagues, version)


def _free_items(participant: Participant, turn: Turn | None) -> QuerySet[Item]:
    study = participant.study
    free = wanting_answers(study.items.all(), of=participant, wanted=study.answers_wanted)
    if turn is not None:
        free = in_turn(free, turn, wanted=study.answers_wanted)
    left = Assignment.objects.filter(LAPSED, item=OuterRef("pk"), participant=participant)
    return free.annotate(was_left=Exists(left)).defer("metadata")


def _first_free(free: QuerySet[Item], participant: Participant, had: LeaseCounts) -> Item | None:
    """The first free item, of those with fewest assignments taken, that nobody else holds at this moment."""
    study = participant.study
    breadth_first = free.order_by("seats_taken", "position")
    if study.order == Study.Order.RANDOM:
        # From a place of each person's and each text's own, so that an index leads there however many there are.
        lowest = breadth_first.values("seats_taken")[:1]
        level = free.filter(seats_taken=Subquery(lowest)).order_by("position")
        last = Subquery(study.items.order_by("-position").values("position")[:1])
        away = random_start(seed=study.seed, number=participant.number, step=had.n_had)
        start = (Cast(last, BigIntegerField()) + 1) * away / RANDOM_STARTS
        found = exclude_leased_by_others(level.filter(position__gte=start)) or exclude_leased_by_others(level)
        if found is not None:
            return found
    return exclude_leased_by_others(breadth_first)


def _take_item(
    item: Item, participant: Participant, turn: Turn | None, *, until: datetime, now: datetime
) -> Assignment | None:
    """Take a place on a locked item; None where a colleague of the same group took its last one a moment ago.

    Or where fewer answers are wanted since this request read how many.
    """
    place = Item.objects.filter(pk=item.pk)
    if turn is not None:
        in_time = in_turn(place, turn, wanted=participant.study.answers_wanted)
        place = Item.objects.filter(pk__in=in_time.values("pk"))
    room = place.filter(seats_taken__lt=_wanted_now(participant.study))
    if not room.update(seats_taken=F("seats_taken") + 1):
        return None
    if item.was_left:  # type: ignore[attr-defined]  # annotated
        own = Assignment.objects.filter(LAPSED, item=item, participant=participant)
        own.update(returned_at=None, reserved_at=now, lease_until=until)
        return Assignment.objects.select_related("item").get(item=item, participant=participant)
    return Assignment.objects.create(item=item, participant=participant, lease_until=until)

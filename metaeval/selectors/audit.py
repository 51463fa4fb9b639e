"""What a reviewer asks of a blind campaign: was it balanced, what was shown, and does it look still as it did."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from annotations.models import Participant
from metaeval.models import Campaign, Exposure, Judgment, Labelling, ResultsSeen
from metaeval.selectors.outputs import ShownOutput, shown_outputs
from metaeval.selectors.protocols import is_low_left

CHUNK_ROWS = 5000
# Pairs from the first on. Fewer may agree by chance; a judge who began later has had fewer than the others.
FEWEST_ALIKE = 5


@dataclass(frozen=True, slots=True)
class AuditedExposure:
    """One exposure as it was, beside what the stored seed and the outputs of now say of it."""

    judge: str
    sequence: int
    item: str | None
    left: int
    right: int
    given_at: dt.datetime
    shown_at: dt.datetime | None
    answered_at: dt.datetime | None
    returned_at: dt.datetime | None
    labelled_at: dt.datetime | None
    repeats: int | None
    left_hash: str
    right_hash: str
    side_by_rule: bool
    looks_as_shown: bool
    participant_id: int

    @property
    def is_in_order(self) -> bool:
        """Labels came before the outputs, where there are both."""
        return self.labelled_at is None or self.shown_at is None or self.labelled_at <= self.shown_at


@dataclass
class JudgeBalance:
    """Of one judge: the sides of first showings, by pair; repeats are flips and counted apart."""

    pseudonym: str
    n_shown: int = 0
    n_answered: int = 0
    n_repeats: int = 0
    n_twice_in_a_row: int = 0
    sides: Counter[tuple[int, int, bool]] = field(default_factory=Counter)
    left_of_method: Counter[int] = field(default_factory=Counter)
    shown_of_method: Counter[int] = field(default_factory=Counter)

    @property
    def largest_difference(self) -> int:
        """Over pairs, how many times more one method stood left than the other: 1 at most, if all is right."""
        pairs = {(low, high) for low, high, _ in self.sides}
        return max(
            (abs(self.sides[low, high, True] - self.sides[low, high, False]) for low, high in pairs),
            default=0,
        )

    @property
    def left_shares(self) -> tuple[float, float]:
        """The least and the greatest share of the left among methods."""
        shares = [self.left_of_method[method] / n for method, n in self.shown_of_method.items()]
        return (min(shares), max(shares)) if shares else (0.0, 0.0)


@dataclass
class Audit:
    judges: list[JudgeBalance]
    n_exposures: int = 0
    n_answered: int = 0
    n_open: int = 0
    n_returned: int = 0
    n_repeats: int = 0
    n_repeats_not_flipped: int = 0
    n_against_the_rule: int = 0
    n_changed: int = 0
    n_labelled: int = 0
    n_labelled_late: int = 0
    n_orders_alike: int = 0


def audited_exposures(campaign: Campaign) -> Iterator[AuditedExposure]:
    """By judge, in the order in which pairs came; read in chunks, whatever their number."""
    shown = _outputs_now(campaign)
    labelled = dict(
        Labelling.objects.filter(exposure__comparison__campaign=campaign).values_list(
            "exposure_id", "received_at"
        )
    )
    people = {one.pk: one for one in Participant.objects.filter(study=campaign.study_id)}
    showings: Counter[tuple[int, int, int]] = Counter()
    rows = (
        Exposure.objects.filter(comparison__campaign=campaign)
        .order_by("participant__number", "participant_id", "sequence", "pk")
        .values_list(
            "pk",
            "participant_id",
            "sequence",
            "comparison__low_id",
            "comparison__high_id",
            "comparison__item_id",
            "comparison__item__key",
            "low_is_left",
            "left_hash",
            "right_hash",
            "created_at",
            "shown_at",
            "done_at",
            "returned_at",
            "repeats__sequence",
        )
        .iterator(chunk_size=CHUNK_ROWS)
    )
    for row in rows:
        pk, participant, sequence, low, high, item, key, low_is_left, left_hash, right_hash = row[:10]
        created, seen, done, returned, repeats = row[10:]
        judge = people[participant]
        place = showings[participant, low, high]
        if repeats is None:
            showings[participant, low, high] += 1
        # Reserved, or returned before a page showed it: sides are fixed, but nobody has seen it.
        if seen is None and done is None:
            continue
        left, right = (low, high) if low_is_left else (high, low)
        now = shown.get((left, item)), shown.get((right, item))
        yield AuditedExposure(
            judge=judge.pseudonym,
            sequence=sequence,
            item=key,
            left=left,
            right=right,
            given_at=created,
            shown_at=seen,
            answered_at=done,
            returned_at=returned,
            labelled_at=labelled.get(pk),
            repeats=repeats,
            left_hash=left_hash,
            right_hash=right_hash,
            side_by_rule=repeats is not None
            or low_is_left == is_low_left(campaign, judge, low=low, high=high, n_shown=place),
            looks_as_shown=(left_hash, right_hash) == tuple(one.digest if one else "" for one in now),
            participant_id=participant,
        )


def _outputs_now(campaign: Campaign) -> dict[tuple[int, int | None], ShownOutput]:
    compared = campaign.comparisons.filter(exposures__isnull=False)
    methods = {pk for pair in compared.values_list("low_id", "high_id").distinct() for pk in pair}
    items = set(compared.order_by().values_list("item_id", flat=True).distinct())
    return shown_outputs(list(methods), {item for item in items if item is not None})


def audit(campaign: Campaign) -> Audit:
    """Counted in one pass over the exposures."""
    found = Audit(judges=[])
    balances: dict[int, JudgeBalance] = {}
    orders: defaultdict[int, list[tuple[str | None, frozenset[int]]]] = defaultdict(list)
    first_sides: dict[tuple[int, int], int] = {}
    for one in audited_exposures(campaign):
        balance = balances.setdefault(one.participant_id, JudgeBalance(one.judge))
        order = orders[one.participant_id]
        pair = frozenset((one.left, one.right))
        balance.n_twice_in_a_row += bool(order) and order[-1][1] == pair
        order.append((one.item, pair))
        _count(found, balance, one)
        if one.repeats is None:
            first_sides[one.participant_id, one.sequence] = one.left
        elif first_sides.get((one.participant_id, one.repeats)) != one.right:
            found.n_repeats_not_flipped += 1
    found.judges = list(balances.values())
    found.n_orders_alike = _n_alike(list(orders.values()))
    return found


def _n_alike(orders: Sequence[Sequence[Hashable]]) -> int:
    """How many begin as another does, as far as both go."""
    long_enough = sorted((order for order in orders if len(order) >= FEWEST_ALIKE), key=len)
    alike: set[int] = set()
    for (one, shorter), (other, longer) in combinations(enumerate(long_enough), 2):
        if all(pair == same for pair, same in zip(shorter, longer, strict=False)):
            alike |= {one, other}
    return len(alike)


def _count(found: Audit, balance: JudgeBalance, one: AuditedExposure) -> None:
    answered, given_back = one.answered_at is not None, one.returned_at is not None
    found.n_exposures += 1
    found.n_answered += answered
    found.n_returned += given_back and not answered
    found.n_open += not given_back and not answered
    found.n_against_the_rule += not one.side_by_rule
    found.n_changed += not one.looks_as_shown
    found.n_labelled += one.labelled_at is not None
    found.n_labelled_late += not one.is_in_order
    balance.n_shown += 1
    balance.n_answered += answered
    if one.repeats is not None:
        found.n_repeats += 1
        balance.n_repeats += 1
        return
    low, high = sorted((one.left, one.right))
    balance.sides[low, high, one.left == low] += 1
    balance.left_of_method[one.left] += 1
    for method in (one.left, one.right):
        balance.shown_of_method[method] += 1


def verdicts_by_exposure(campaign: Campaign) -> dict[tuple[int, int], str]:
    """The verdict that stands, by judge and place."""
    existing = Judgment.objects.filter(
        comparison__campaign=campaign, exposure__isnull=False, replaced_by=None
    )
    rows = existing.values_list("participant_id", "exposure__sequence", "verdict")
    return {(participant, sequence): verdict for participant, sequence, verdict in rows if participant}


def judges_with_other_roles(campaign: Campaign) -> list[tuple[Participant, list[str]]]:
    """Who judges and has another role in the study: the other role is closed to them where it would tell methods."""
    judges = campaign.study.participants.filter(
        role=Participant.Role.JUDGE, is_active=True, user__isnull=False
    )
    roles: defaultdict[int, list[str]] = defaultdict(list)
    others = campaign.study.participants.filter(is_active=True, user__in=judges.values("user"))
    for one in others.exclude(role=Participant.Role.JUDGE):
        roles[one.user_id or 0].append(one.get_role_display())
    return [(one, roles[one.user_id or 0]) for one in judges.order_by("number") if one.user_id in roles]


@dataclass(frozen=True)
class JudgeWhoSaw:
    """A judge who has seen results, and what followed."""

    judge: Participant
    seen: ResultsSeen
    n_verdicts_after: int


def judges_who_saw_results(campaign: Campaign) -> list[JudgeWhoSaw]:
    seen = {one.user_id: one for one in campaign.results_seen.select_related("allowed_by")}
    judges = campaign.study.participants.filter(role=Participant.Role.JUDGE, user__in=seen)
    found = []
    for judge in judges.order_by("number"):
        one = seen[judge.user_id or 0]
        after = Judgment.objects.filter(
            comparison__campaign=campaign, participant=judge, received_at__gt=one.first_at
        )
        found.append(JudgeWhoSaw(judge, one, after.count()))
    return found

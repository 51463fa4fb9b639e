"""Who judged in a campaign: people by their pseudonyms with what each verdict_counts and took, programs by their names."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Final

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    Max,
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
from metaeval.models import Campaign, Exposure, Judgment
from metaeval.selectors.judgments import (
    ComparisonCounts,
    all_current_judgments,
    current_judgments,
    human_comparison_counts,
)


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


Verdict = Judgment.Verdict


@dataclass
class JudgeLine:
    """One judge's verdicts, counted; `median_seconds` is None where no time was kept.

    `last_at` is when they last gave one, not when it came: what waited on a device, or was loaded, came later.
    """

    pseudonym: str
    n_of: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    last_at: dt.datetime | None = None
    median_seconds: float | None = None

    @property
    def n_done(self) -> int:
        return sum(self.n_of.values())

    @property
    def n_decided(self) -> int:
        return self.n_of[Verdict.LEFT] + self.n_of[Verdict.RIGHT]

    @property
    def left_percent(self) -> int | None:
        """Of the verdicts for a side, those for the left one."""
        return round(100 * self.n_of[Verdict.LEFT] / self.n_decided) if self.n_decided else None


@dataclass(frozen=True)
class OwnConsistency:
    """Of pairs that came again to one judge: how many, and of those the same verdict, and the same side both times."""

    n_pairs: int
    n_same: int
    n_same_side: int


def judge_lines(campaign: Campaign, *, only: Participant | None = None) -> list[JudgeLine]:
    """Of people who judged here, by their numbers; three queries, whatever their number."""
    given = current_judgments(campaign).filter(exposure__isnull=False)
    if only is not None:
        given = given.filter(participant=only)
    rows = list(
        given.order_by()
        .values_list("participant_id", "verdict")
        .annotate(n=Count("pk"), last=Max("submitted_at"))
    )
    people = Participant.objects.filter(pk__in={row[0] for row in rows}).order_by("number", "pk")
    lines = {person.pk: JudgeLine(person.pseudonym) for person in people}
    for participant, median_ms in median_times(given).items():
        lines[participant].median_seconds = median_ms / 1000
    for participant, verdict, n, last in rows:
        line = lines[participant or 0]
        line.n_of[verdict] += n
        line.last_at = last if line.last_at is None else max(line.last_at, last)
    return list(lines.values())


def own_consistency(participant: Participant, campaign: Campaign) -> OwnConsistency:
    """Sides are changed in a repeat: whoever means the same method says the other side."""
    repeats = Exposure.objects.filter(
        participant=participant, comparison__campaign=campaign, repeats__isnull=False, done_at__isnull=False
    )
    pairs = repeats.values_list("pk", "repeats_id")
    wanted = {pk for pair in pairs for pk in pair}
    judgments = dict(
        Judgment.objects.filter(exposure__in=wanted, replaced_by__isnull=True).values_list(
            "exposure_id", "verdict"
        )
    )
    verdicts = [(judgments.get(first), judgments.get(again)) for again, first in pairs]
    judged = [pair for pair in verdicts if None not in pair and Verdict.CANNOT not in pair]
    sides = {str(Verdict.LEFT), str(Verdict.RIGHT)}
    return OwnConsistency(
        n_pairs=len(judged),
        n_same=sum(
            (first != again) if {first, again} <= sides else first == again for first, again in judged
        ),
        n_same_side=sum(first == again and first in sides for first, again in judged),
    )


@dataclass(frozen=True)
class Judge:
    """`median_seconds` is None where no time was kept."""

    pk: int
    number: int
    pseudonym: str
    n_cannot: int
    median_seconds: float | None


@dataclass(frozen=True, eq=False)
class JudgeRoster:
    """The judgments of people, and who they are; of programs only how much each judged.

    `board` has no repeats, `with_repeats` has.
    """

    board: ComparisonCounts
    with_repeats: ComparisonCounts
    judges: dict[int, Judge]
    n_by_program: dict[str, int]
    fingerprint: str


def judge_roster(campaign: Campaign, *, as_of: datetime | None = None) -> JudgeRoster:
    """The same number of queries, whatever the number of judges."""
    counted = human_comparison_counts(campaign, with_repeats=False, as_of=as_of)
    with_repeats = human_comparison_counts(campaign, with_repeats=True, as_of=as_of)
    judgments = current_judgments(campaign, as_of=as_of).filter(participant__isnull=False)
    verdict_counts = list(
        judgments.order_by("participant_id", "verdict")
        .values_list("participant_id", "verdict")
        .annotate(n=Count("pk"))
    )
    programs = list(
        all_current_judgments(campaign, as_of=as_of)
        .filter(automatic_judge__isnull=False)
        .order_by("automatic_judge_id")
        .values_list("automatic_judge__name")
        .annotate(n=Count("pk"))
    )
    cannot: defaultdict[int, int] = defaultdict(int)
    one_and_the_same = first_participant_of_source(campaign.study, Participant.Role.JUDGE)
    times = median_times(judgments, one_and_the_same=one_and_the_same)
    for seat, verdict, n in verdict_counts:
        judge = one_and_the_same.get(seat, seat)
        cannot[judge] += n if verdict == Judgment.Verdict.CANNOT else 0
    people = Participant.objects.filter(pk__in=list(cannot)).order_by("number", "pk")
    return JudgeRoster(
        board=counted,
        with_repeats=with_repeats,
        judges={
            person.pk: Judge(
                pk=person.pk,
                number=person.number,
                # Not translated: it is kept, and the same in every language.
                pseudonym=f"{str(person.role).capitalize()} {person.number}",
                n_cannot=cannot[person.pk],
                median_seconds=times[person.pk] / 1000 if person.pk in times else None,
            )
            for person in people
        },
        n_by_program=dict(programs),
        fingerprint=hashlib.sha256(
            repr((with_repeats.fingerprint, verdict_counts, times, programs)).encode()
        ).hexdigest(),
    )

"""How the judging of a campaign goes: each judge's work and habits, and what one may be told of one's own."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Max

from annotations.models import Participant
from metaeval.models import Campaign, Exposure, Judgment
from metaeval.selectors.judgment_times import median_times
from metaeval.selectors.judgments import current_judgments

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
    standing = dict(
        Judgment.objects.filter(exposure__in=wanted, replaced_by__isnull=True).values_list(
            "exposure_id", "verdict"
        )
    )
    verdicts = [(standing.get(first), standing.get(again)) for again, first in pairs]
    told = [pair for pair in verdicts if None not in pair and Verdict.CANNOT not in pair]
    sides = {str(Verdict.LEFT), str(Verdict.RIGHT)}
    return OwnConsistency(
        n_pairs=len(told),
        n_same=sum((first != again) if {first, again} <= sides else first == again for first, again in told),
        n_same_side=sum(first == again and first in sides for first, again in told),
    )

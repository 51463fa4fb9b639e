"""Who judged in a campaign: people by their pseudonyms with what each said and took, programs by their names."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from annotations.models import Participant
from annotations.selectors.participation import first_participant_of_source
from metaeval.models import Campaign, Judgment
from metaeval.selectors.judgment_times import median_times
from metaeval.selectors.judgments import (
    ComparisonCounts,
    all_current_judgments,
    current_judgments,
    human_comparison_counts,
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
    all_said = human_comparison_counts(campaign, with_repeats=True, as_of=as_of)
    standing = current_judgments(campaign, as_of=as_of).filter(participant__isnull=False)
    said = list(
        standing.order_by("participant_id", "verdict")
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
    times = median_times(standing, one_and_the_same=one_and_the_same)
    for seat, verdict, n in said:
        judge = one_and_the_same.get(seat, seat)
        cannot[judge] += n if verdict == Judgment.Verdict.CANNOT else 0
    people = Participant.objects.filter(pk__in=list(cannot)).order_by("number", "pk")
    return JudgeRoster(
        board=counted,
        with_repeats=all_said,
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
        fingerprint=hashlib.sha256(repr((all_said.fingerprint, said, times, programs)).encode()).hexdigest(),
    )

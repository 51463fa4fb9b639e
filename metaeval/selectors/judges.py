"""Who judged in a campaign: people by their pseudonyms with what each said and took, programs by their names."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from annotations.models import Participant
from annotations.selectors.participation import firsts_of_sources
from metaeval.models import Campaign, Judgment
from metaeval.selectors.judgment_times import median_times
from metaeval.selectors.judgments import Board, all_that_stands, board_of_people, standing_judgments


@dataclass(frozen=True)
class Judge:
    """`median_seconds` is None where no time was kept."""

    pk: int
    number: int
    pseudonym: str
    n_cannot: int
    median_seconds: float | None


@dataclass(frozen=True, eq=False)
class Bench:
    """The judgments of people, and who they are; of programs only how much each judged.

    `board` has no repeats, `with_repeats` has.
    """

    board: Board
    with_repeats: Board
    judges: dict[int, Judge]
    n_by_program: dict[str, int]
    fingerprint: str


def bench(campaign: Campaign, *, as_of: datetime | None = None) -> Bench:
    """The same number of queries, whatever the number of judges."""
    counted = board_of_people(campaign, with_repeats=False, as_of=as_of)
    all_said = board_of_people(campaign, with_repeats=True, as_of=as_of)
    standing = standing_judgments(campaign, as_of=as_of).filter(participant__isnull=False)
    said = list(
        standing.order_by("participant_id", "verdict")
        .values_list("participant_id", "verdict")
        .annotate(n=Count("pk"))
    )
    programs = list(
        all_that_stands(campaign, as_of=as_of)
        .filter(automatic_judge__isnull=False)
        .order_by("automatic_judge_id")
        .values_list("automatic_judge__name")
        .annotate(n=Count("pk"))
    )
    cannot: defaultdict[int, int] = defaultdict(int)
    one_and_the_same = firsts_of_sources(campaign.study, Participant.Role.JUDGE)
    times = median_times(standing, one_and_the_same=one_and_the_same)
    for seat, verdict, n in said:
        judge = one_and_the_same.get(seat, seat)
        cannot[judge] += n if verdict == Judgment.Verdict.CANNOT else 0
    people = Participant.objects.filter(pk__in=list(cannot)).order_by("number", "pk")
    return Bench(
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

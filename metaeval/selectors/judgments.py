"""Judgments, grouped in the database: the rows never travel."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotations.models import Participant
from annotations.selectors.imports import not_withdrawn
from annotations.selectors.participation import firsts_of_sources
from metaeval.models import AutomaticJudge, Campaign, Comparison, Exposure, Judgment, Method
from metaeval.science.comparisons import FIRST, SECOND, TIE, UNKNOWN, Cells, make_cells
from metaeval.selectors.outputs import both_give_outputs

Verdict = Judgment.Verdict
TIES = (Verdict.BOTH, Verdict.NEITHER, Verdict.TIE)


@dataclass(frozen=True, eq=False)
class Board:
    """All that a ranking needs: methods in the order of their index in the cells, and the cells."""

    methods: tuple[Method, ...]
    cells: Cells
    n_cannot: int
    n_both: int
    n_neither: int
    fingerprint: str


def standing_judgments(
    campaign: Campaign, *, automatic_judge: AutomaticJudge | None = None, as_of: datetime | None = None
) -> QuerySet[Judgment]:
    """One row for each answer that stands: of people, or of one automatic judge."""
    return all_that_stands(campaign, as_of=as_of).filter(automatic_judge=automatic_judge)


def all_that_stands(campaign: Campaign, *, as_of: datetime | None = None) -> QuerySet[Judgment]:
    """The same of people and programs together: of each chain of revisions the newest that was not withdrawn.

    A chain, not its links: a revision that was withdrawn must not let what it replaced stand beside a later one.
    """
    known = Judgment.objects.filter(not_withdrawn(as_of=as_of))
    if as_of is not None:
        known = known.filter(received_at__lte=as_of)
    return known.filter(
        # Two conditions of one equality each, which a database answers by one pass, where an OR asks for each row.
        ~Exists(known.filter(root=OuterRef("pk"))),
        ~Exists(known.filter(root=OuterRef("root"), pk__gt=OuterRef("pk"))),
        comparison__campaign=campaign,
    )


def board(
    campaign: Campaign, *, automatic_judge: AutomaticJudge | None = None, as_of: datetime | None = None
) -> Board:
    """Count verdicts by pair, side, judge and item."""
    grouped = list(
        standing_judgments(campaign, automatic_judge=automatic_judge, as_of=as_of)
        .order_by(
            "comparison__low_id",
            "comparison__high_id",
            "participant_id",
            "comparison__item_id",
            "low_is_left",
            "verdict",
        )
        .values_list(
            "comparison__low_id",
            "comparison__high_id",
            "participant_id",
            "comparison__item_id",
            "low_is_left",
            "verdict",
        )
        .annotate(n=Count("pk"))
    )
    wanted = {row[0] for row in grouped} | {row[1] for row in grouped}
    methods = tuple(Method.objects.filter(pk__in=wanted).order_by("position"))
    index = {method.pk: place for place, method in enumerate(methods)}
    # Repeats of one imported judge are one judge's: taken for several, they would look independent.
    one_and_the_same = firsts_of_sources(campaign.study, Participant.Role.JUDGE)
    kept = [row for row in grouped if row[5] != Verdict.CANNOT]
    counted = {verdict: sum(row[6] for row in grouped if row[5] == verdict) for verdict in Verdict.values}
    return Board(
        methods=methods,
        cells=make_cells(
            first=[index[row[0]] for row in kept],
            second=[index[row[1]] for row in kept],
            outcome=[_outcome(verdict=row[5], low_is_left=row[4]) for row in kept],
            count=[row[6] for row in kept],
            judge=[UNKNOWN if row[2] is None else one_and_the_same.get(row[2], row[2]) for row in kept],
            item=[UNKNOWN if row[3] is None else row[3] for row in kept],
            first_is_left=[int(row[4]) for row in kept],
        ),
        n_cannot=counted[Verdict.CANNOT],
        n_both=counted[Verdict.BOTH],
        n_neither=counted[Verdict.NEITHER],
        fingerprint=hashlib.sha256(repr(grouped).encode()).hexdigest(),
    )


def _outcome(*, verdict: str, low_is_left: bool) -> int:
    if verdict in TIES:
        return TIE
    return FIRST if (verdict == Verdict.LEFT) == low_is_left else SECOND


def n_judgments_since(campaign: Campaign, moment: datetime) -> int:
    """Answers of people that came after a snapshot."""
    return standing_judgments(campaign).filter(received_at__gt=moment).count()


def standing_judgment(exposure: Exposure) -> Judgment | None:
    return Judgment.objects.filter(exposure=exposure, replaced_by__isnull=True).first()


def share_of_judge(participant: Participant, campaign: Campaign) -> tuple[int, int]:
    """A judge's own progress: comparisons done, of how many that may come."""
    ((_campaign, done, of),) = shares_of_judge(participant, Campaign.objects.filter(pk=campaign.pk))
    return done, of


def shares_of_judge(
    participant: Participant, campaigns: QuerySet[Campaign]
) -> list[tuple[Campaign, int, int]]:
    """The same of many campaigns, in one query."""
    shown = Exposure.objects.filter(participant=participant)
    mine = shown.filter(comparison__campaign=OuterRef("pk"))
    free = Comparison.objects.filter(
        both_give_outputs(),
        ~Exists(shown.filter(comparison=OuterRef("pk"))),
        campaign=OuterRef("pk"),
        seats_taken__lt=OuterRef("judges_per_comparison"),
    ).exclude(mode=Comparison.Mode.IMPORTED)
    counted = campaigns.annotate(
        n_done=_n_of(mine.filter(done_at__isnull=False), "comparison__campaign"),
        n_held=_n_of(mine.filter(done_at__isnull=True, returned_at__isnull=True), "comparison__campaign"),
        n_free=_n_of(free, "campaign"),
    )
    return [
        (
            campaign,
            campaign.n_done,
            campaign.n_done + campaign.n_held + campaign.n_free
            if participant.quota is None
            else participant.quota,
        )
        for campaign in counted
    ]


def _n_of(rows: QuerySet[Any], campaign: str) -> Coalesce:
    n = rows.order_by().values(campaign).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(n, output_field=IntegerField()), 0)

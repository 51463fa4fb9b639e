"""Judgments, grouped in the database: the rows never travel."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle
from typing import Any

import numpy as np
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from annotations.models import Import, Participant
from annotations.selectors.imports import not_withdrawn, withdrawn_imports
from annotations.selectors.participation import firsts_of_sources
from annotations.selectors.remembering import remembered
from metaeval.models import AutomaticJudge, Campaign, Comparison, Exposure, Judgment, Method, UnaskedTie
from metaeval.science.comparisons import TIE, UNKNOWN, BoolArray, Cells, IntArray
from metaeval.selectors.asked import keys_coming_again, not_had
from metaeval.selectors.exclusions import NOTHING_LEFT_OUT, Exclusions, LeftOut
from metaeval.selectors.exposures import campaigns_to_judge
from metaeval.selectors.groups_of_judgments import CODES, Groups, places
from metaeval.selectors.outputs import both_give_outputs
from metaeval.selectors.protocols import lesser_quota, n_repeats_of, protocol_of
from metaeval.selectors.selections import EVERYTHING, Selection, judges_in, methods_in

Verdict = Judgment.Verdict
# Of judgments here: not on a pair that came a second time, to see how steady its judge is.
FIRST_VERDICTS = Q(exposure__isnull=True) | Q(exposure__repeats__isnull=True)


@dataclass(frozen=True, eq=False)
class Board:
    """All that a ranking needs: methods in the order of their index in the cells, and the cells."""

    methods: tuple[Method, ...]
    cells: Cells
    n_cannot: int
    n_both: int
    n_neither: int
    n_unasked: int
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
    # Said although it follows from both conditions: where hardly any row is a revision, an index finds them.
    revisions = known.filter(root__isnull=False)
    return known.filter(
        # Two conditions of one equality each, which a database answers by one pass, where an OR asks for each row.
        ~Exists(revisions.filter(root=OuterRef("pk"))),
        ~Exists(revisions.filter(root=OuterRef("root"), pk__gt=OuterRef("pk"))),
        comparison__campaign=campaign,
    )


def board(
    campaign: Campaign,
    *,
    automatic_judge: AutomaticJudge | None = None,
    as_of: datetime | None = None,
    selection: Selection = EVERYTHING,
    exclusions: Exclusions = NOTHING_LEFT_OUT,
    only: Q | None = None,
) -> Board:
    """Count verdicts by pair, side, judge and item: what a ranking of the methods rests on.

    Repeats are left out: they tell how steady a judge is, and would weigh the pair twice. Ties that nobody is asked
    about enter as if they had been: so many times as a comparison wants judges, dealt out to the judges in turn.
    """
    first_verdicts = standing_judgments(campaign, automatic_judge=automatic_judge, as_of=as_of).filter(
        FIRST_VERDICTS
    )
    if only is not None:
        first_verdicts = first_verdicts.filter(only)
    # Programs were asked about whatever their file says.
    ties = [] if automatic_judge is not None else unasked_ties(campaign, as_of=as_of)
    if exclusions != NOTHING_LEFT_OUT:
        left_out = LeftOut.of(campaign, exclusions)
        first_verdicts, ties = first_verdicts.filter(left_out.kept), left_out.kept_ties(ties)
    return _board(campaign, first_verdicts, ties, selection)


def board_of_pairs(
    campaign: Campaign, *, automatic_judge: AutomaticJudge | None = None, as_of: datetime | None = None
) -> Board:
    """The same without who judged and what: some rows for each pair, however many judgments there are.

    Enough for strengths; their intervals need the judges and the items.
    """
    first_verdicts = standing_judgments(campaign, automatic_judge=automatic_judge, as_of=as_of).filter(
        FIRST_VERDICTS
    )
    ties = [] if automatic_judge is not None else unasked_ties(campaign, as_of=as_of)
    return _board(campaign, first_verdicts, ties, of_pairs_only=True)


def board_of_people(campaign: Campaign, *, with_repeats: bool, as_of: datetime | None = None) -> Board:
    """What people said, and nothing else: what can be told of the judges rests on it."""
    said = standing_judgments(campaign, as_of=as_of)
    return _board(campaign, said if with_repeats else said.filter(FIRST_VERDICTS), [])


def unasked_ties(campaign: Campaign, *, as_of: datetime | None = None) -> list[tuple[int, int, int | None]]:
    """(low, high, item) of comparisons that nobody is asked about."""
    ties = UnaskedTie.objects.filter(comparison__campaign=campaign)
    if as_of is not None:
        ties = ties.filter(created_at__lte=as_of)
    return list(
        ties.order_by("comparison__position", "comparison_id").values_list(
            "comparison__low_id", "comparison__high_id", "comparison__item_id"
        )
    )


def _board(
    campaign: Campaign,
    judgments: QuerySet[Judgment],
    ties: list[tuple[int, int, int | None]],
    selection: Selection = EVERYTHING,
    *,
    of_pairs_only: bool = False,
) -> Board:
    groups = Groups.of(judgments, of_pairs_only=of_pairs_only)
    judge = _same_judges(groups.judge, campaign)
    said = groups.verdict != CODES[Verdict.CANNOT]
    times = campaign.judges_per_comparison
    dealt = _dealt_out(ties, judges=np.unique(judge[said]).tolist(), times=times)
    low, high = np.append(groups.low, dealt[:, 0]), np.append(groups.high, dealt[:, 1])
    everybody = np.append(judge, dealt[:, 2])
    chosen = _chosen(campaign, selection, low=low, high=high, judge=everybody)
    kept = np.append(said, np.ones(len(dealt), dtype=bool)) & chosen
    methods = tuple(
        Method.objects.filter(pk__in=np.union1d(low[chosen], high[chosen]).tolist()).order_by("position")
    )
    keys = np.array([method.pk for method in methods], dtype=np.int64)
    among, n_unasked = chosen[: len(judge)], int(chosen[len(judge) :].sum())
    fingerprint = groups.fingerprint
    if ties:
        fingerprint = hashlib.sha256(repr((fingerprint, ties)).encode()).hexdigest()
    if not selection.is_everything:
        fingerprint = hashlib.sha256(repr((fingerprint, selection)).encode()).hexdigest()
    return Board(
        methods=methods,
        cells=Cells(
            first=places(low[kept], keys),
            second=places(high[kept], keys),
            outcome=np.append(groups.outcomes(), np.full(len(dealt), TIE))[kept],
            count=np.append(groups.n, np.ones(len(dealt), dtype=np.int64))[kept],
            judge=everybody[kept],
            item=np.append(groups.item, dealt[:, 3])[kept],
            first_is_left=np.append(groups.low_is_left, np.full(len(dealt), UNKNOWN))[kept],
        ),
        n_cannot=groups.n_of(Verdict.CANNOT, among=among),
        n_both=groups.n_of(Verdict.BOTH, among=among),
        n_neither=groups.n_of(Verdict.NEITHER, among=among),
        n_unasked=n_unasked,
        fingerprint=fingerprint,
    )


def _chosen(
    campaign: Campaign, selection: Selection, *, low: IntArray, high: IntArray, judge: IntArray
) -> BoolArray:
    """Which rows a selection keeps: both methods among its own, and the judge."""
    kept = np.ones(len(low), dtype=bool)
    methods, judges = methods_in(campaign, selection), judges_in(campaign, selection)
    if methods is not None:
        kept &= np.isin(low, methods) & np.isin(high, methods)
    if judges is not None:
        kept &= np.isin(judge, judges)
    return kept


def _dealt_out(ties: list[tuple[int, int, int | None]], *, judges: list[int], times: int) -> IntArray:
    """(low, high, judge, item) as of verdicts: each of the next judge, and of nobody known where nobody judged yet."""
    in_turn = cycle(judges or [UNKNOWN])
    rows = [
        (low, high, next(in_turn), UNKNOWN if item is None else item)
        for low, high, item in ties
        for _ in range(times)
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, 4)


def _same_judges(judge: IntArray, campaign: Campaign) -> IntArray:
    """Repeats of one imported judge are one judge's: taken for several, they would look independent."""
    one_and_the_same = firsts_of_sources(campaign.study, Participant.Role.JUDGE)
    seats, place = np.unique(judge, return_inverse=True)
    people = [one_and_the_same.get(seat, seat) for seat in seats.tolist()]
    return np.array(people, dtype=np.int64)[place]


def n_left_out(campaign: Campaign, exclusions: Exclusions, *, as_of: datetime) -> int:
    """First verdicts of people, “cannot judge” among them, that the exclusions leave out."""
    if exclusions == NOTHING_LEFT_OUT:
        return 0
    known = standing_judgments(campaign, as_of=as_of).filter(FIRST_VERDICTS)
    return known.count() - known.filter(LeftOut.of(campaign, exclusions).kept).count()


def n_judgments_since(campaign: Campaign, moment: datetime, *, selection: Selection = EVERYTHING) -> int:
    """Answers of people that came after a snapshot, and could change it."""
    since = standing_judgments(campaign).filter(FIRST_VERDICTS, received_at__gt=moment)
    if selection.base_model:
        since = since.filter(
            comparison__low__base_model=selection.base_model,
            comparison__high__base_model=selection.base_model,
        )
    if selection.judge_group:
        since = since.filter(participant__group=selection.judge_group)
    return since.count()


def standing_judgment(exposure: Exposure) -> Judgment | None:
    return Judgment.objects.filter(exposure=exposure, replaced_by__isnull=True).first()


def share_of_judge(participant: Participant, campaign: Campaign) -> tuple[int, int]:
    """A judge's own progress: comparisons done, of how many that may come."""
    ((_campaign, done, of),) = shares_of_judge(participant, Campaign.objects.filter(pk=campaign.pk))
    return done, of


def share_lately(participant: Participant, campaign: Campaign) -> tuple[int, int]:
    """The same for every pair: what is done is counted each time, of how many is remembered where they are many.

    One's own work does not change of how many; others', who fill a comparison, do so slowly.
    """
    met = Q(done_at__isnull=False) | Q(returned_at__isnull=True)
    mine = Exposure.objects.filter(participant=participant, comparison__campaign=campaign)
    counted = mine.aggregate(n_done=Count("done_at"), n_met=Count("pk", filter=met))
    quota = lesser_quota(participant.quota, protocol_of(campaign).quota)
    if quota is not None:
        return counted["n_done"], quota
    _done, of = remembered(
        f"share/{participant.uuid}/{campaign.uuid}",
        lambda: share_of_judge(participant, campaign),
        size=lambda found: found[1],
    )
    return counted["n_done"], max(of, counted["n_met"])


def shares_of_judge(
    participant: Participant, campaigns: QuerySet[Campaign]
) -> list[tuple[Campaign, int, int]]:
    """The same of many campaigns of a study, in as many queries as of one."""
    shown = Exposure.objects.filter(participant=participant)
    mine = shown.filter(comparison__campaign=OuterRef("pk"))
    again = keys_coming_again(shown.filter(comparison__campaign__in=campaigns))
    firsts = mine.filter(repeats__isnull=True)
    counted = campaigns.select_related("protocol").annotate(
        n_done=_n_of(mine.filter(done_at__isnull=False), "comparison__campaign"),
        n_firsts=_n_of(firsts.filter(done_at__isnull=False), "comparison__campaign"),
        n_held=_n_of(firsts.filter(done_at__isnull=True, returned_at__isnull=True), "comparison__campaign"),
        n_free=_n_free(participant, again=again),
    )
    return [(campaign, campaign.n_done, _n_to_do(participant, campaign)) for campaign in counted]


def shares_to_judge(participant: Participant) -> list[tuple[Campaign, int, int]]:
    """Of the campaigns that a judge finds: those that are open, and those begun, which may rest or be over."""
    known = shares_of_judge(participant, campaigns_to_judge(participant))
    # One that rests and was never begun is often only planned yet: it stands in nobody's way.
    return [line for line in known if line[0].state == Campaign.State.OPEN or line[1]] or known


def _n_free(participant: Participant, *, again: Collection[int]) -> Combinable:
    """Comparisons of a campaign that may come to this judge."""
    wanting = Comparison.objects.filter(
        campaign=OuterRef("pk"), seats_taken__lt=OuterRef("judges_per_comparison"), is_asked=True
    )
    if withdrawn_imports().filter(study=participant.study_id, kind=Import.Kind.OUTPUTS).exists():
        wanting = wanting.filter(both_give_outputs(), not_had(participant, again=again))
        return _n_of(wanting, "campaign")
    # Else no plan lacks an output: all are counted from an index, and what this judge had is taken away.
    had = Exposure.objects.filter(
        participant=participant,
        repeats__isnull=True,
        comparison__campaign=OuterRef("pk"),
        comparison__seats_taken__lt=OuterRef("judges_per_comparison"),
        comparison__is_asked=True,
    ).exclude(pk__in=again)
    return _n_of(wanting, "campaign") - _n_of(had, "comparison__campaign")


def _n_to_do(participant: Participant, campaign: Any) -> int:
    """All that may come. Repeats are counted from the start: a number that grew would tell which they are."""
    n_pairs = campaign.n_firsts + campaign.n_held + campaign.n_free
    n_all = n_pairs + n_repeats_of(participant, campaign, n_pairs=n_pairs)
    quota = lesser_quota(participant.quota, protocol_of(campaign).quota)
    return max(n_all, campaign.n_done) if quota is None else quota


def _n_of(rows: QuerySet[Any], campaign: str) -> Coalesce:
    n = rows.order_by().values(campaign).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(n, output_field=IntegerField()), 0)

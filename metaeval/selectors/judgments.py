"""Judgments, grouped in the database: the rows never travel."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import cycle

import numpy as np
from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations.models import Participant
from annotations.selectors.imports import not_withdrawn
from annotations.selectors.participation import first_participant_of_source
from hlv.stats.arrays import BoolArray, IntArray
from hlv.stats.pairwise.comparisons import TIE, UNKNOWN, Cells
from hlv.stats.pairwise.missing_verdicts import TieTypeCounts, tie_types
from hlv.stats.resampling.item_weights import ItemBlocks
from metaeval.models import AutomaticJudge, Campaign, Exposure, Judgment, Method, UnaskedTie
from metaeval.selectors.judgment_groups import CODES, Groups, places
from metaeval.selectors.selections import (
    EVERYTHING,
    NOTHING_LEFT_OUT,
    Exclusions,
    LeftOut,
    Selection,
    judges_in,
    methods_in,
)

Verdict = Judgment.Verdict
# Of judgments here: not on a pair that came a second time, to see how steady its judge is.
FIRST_VERDICTS = Q(exposure__isnull=True) | Q(exposure__repeats__isnull=True)


@dataclass(frozen=True, eq=False)
class ComparisonCounts:
    """All that a ranking needs: methods in the order of their index in the cells, and the cells.

    `cannot` are the verdicts "cannot judge", which leave the fit; what their outcome says means nothing.
    `kinds` has the others by method, without ties that nobody was asked about.
    """

    methods: tuple[Method, ...]
    cells: Cells
    cannot: Cells
    kinds: TieTypeCounts
    n_cannot: int
    n_both: int
    n_neither: int
    n_unasked: int
    fingerprint: str
    # What was applied when they were counted: a snapshot records these, and not what somebody asked for.
    selection: Selection = EVERYTHING
    exclusions: Exclusions = NOTHING_LEFT_OUT
    # Which texts are drawn together; None draws each by itself.
    blocks: ItemBlocks | None = None

    @property
    def drawn_cells(self) -> Cells:
        """The cells whose items are the blocks that are drawn."""
        return (
            self.cells if self.blocks is None else replace(self.cells, item=self.blocks.of(self.cells.item))
        )

    @property
    def judged_items(self) -> IntArray:
        """Keys of the texts that the counted judgments name."""
        return np.unique(self.cells.item[(self.cells.count > 0) & (self.cells.item != UNKNOWN)])

    @property
    def names_all_items(self) -> bool:
        """Whether every judgment names its text."""
        return not (self.cells.item[self.cells.count > 0] == UNKNOWN).any()

    def merged(self, counts_as: Mapping[int, Method]) -> ComparisonCounts:
        """The judgments with some methods, by their keys, taken for others; those within one system are left out.

        Counts and fingerprint stay those of the whole board.
        """
        heads = {method.pk: counts_as.get(method.pk, method) for method in self.methods}
        systems = {head.pk: head for head in heads.values()}
        place = {key: place for place, key in enumerate(systems)}
        number = np.array([place[heads[method.pk].pk] for method in self.methods], dtype=np.int64)
        return replace(
            self,
            methods=tuple(systems.values()),
            cells=_renumbered(self.cells, number),
            cannot=_renumbered(self.cannot, number),
        )

    def between(self, members: IntArray) -> ComparisonCounts:
        """The judgments between these methods alone; counts and fingerprint stay those of the whole board."""
        number = np.full(len(self.methods), -1)
        number[members] = np.arange(len(members))
        return replace(
            self,
            methods=tuple(self.methods[place] for place in members.tolist()),
            cells=_renumbered(self.cells, number),
            cannot=_renumbered(self.cannot, number),
        )


def _renumbered(cells: Cells, number: IntArray) -> Cells:
    """Methods by these numbers; without cells in which a method has none (-1), or would meet itself."""
    first, second = (number[side] if len(cells) else side for side in (cells.first, cells.second))
    kept = (first >= 0) & (second >= 0) & (first != second)
    return Cells(
        first[kept],
        second[kept],
        cells.outcome[kept],
        cells.count[kept],
        cells.judge[kept],
        cells.item[kept],
        cells.first_is_left[kept],
    )


def current_judgments(
    campaign: Campaign, *, automatic_judge: AutomaticJudge | None = None, as_of: datetime | None = None
) -> QuerySet[Judgment]:
    """One row for each answer that stands: of people, or of one automatic judge."""
    return all_current_judgments(campaign, as_of=as_of).filter(automatic_judge=automatic_judge)


def first_verdicts(
    campaign: Campaign, *, automatic_judge: AutomaticJudge | None = None, as_of: datetime | None = None
) -> QuerySet[Judgment]:
    """The same without repeats."""
    judgments = current_judgments(campaign, automatic_judge=automatic_judge, as_of=as_of)
    return judgments.filter(FIRST_VERDICTS)


def all_current_judgments(campaign: Campaign, *, as_of: datetime | None = None) -> QuerySet[Judgment]:
    """The same of people and programs together."""
    return latest_revisions(as_of=as_of).filter(comparison__campaign=campaign)


def latest_revisions(*, as_of: datetime | None = None) -> QuerySet[Judgment]:
    """Of each chain of revisions the newest that was not withdrawn, whatever it judges.

    A chain, not its links: a revision that was withdrawn must not let what it replaced stand beside a later one.
    """
    known = known_judgments(as_of=as_of)
    return known.filter(is_newest_of(known))


def known_judgments(*, as_of: datetime | None = None) -> QuerySet[Judgment]:
    """Judgments that no withdrawn import brought, at a time, revised or not; whatever they judge."""
    known = Judgment.objects.filter(not_withdrawn(as_of=as_of))
    return known if as_of is None else known.filter(received_at__lte=as_of)


def is_newest_of(known: QuerySet[Judgment]) -> Q:
    """Of a row of `known`: whether no revision of its chain is newer."""
    # Redundant, but where hardly any row is a revision, an index finds them.
    revisions = known.filter(root__isnull=False)
    # Two conditions of one equality each, which a database answers by one pass, where an OR asks for each row.
    return Q(~Exists(revisions.filter(root=OuterRef("pk")))) & Q(
        ~Exists(revisions.filter(root=OuterRef("root"), pk__gt=OuterRef("pk")))
    )


def comparison_counts(
    campaign: Campaign,
    *,
    automatic_judge: AutomaticJudge | None = None,
    as_of: datetime | None = None,
    selection: Selection = EVERYTHING,
    exclusions: Exclusions = NOTHING_LEFT_OUT,
    only: Q | None = None,
) -> ComparisonCounts:
    """Count verdicts by pair, side, judge and item: what a ranking of the methods rests on.

    Repeats are left out: they tell how steady a judge is, and would weigh the pair twice. Ties that nobody is asked
    about enter as if they had been: so many times as a comparison wants judges, dealt out to the judges in turn.
    """
    counted = first_verdicts(campaign, automatic_judge=automatic_judge, as_of=as_of).filter(only or Q())
    # Programs were asked about whatever their file says.
    ties = [] if automatic_judge is not None else unasked_ties(campaign, as_of=as_of)
    if exclusions != NOTHING_LEFT_OUT:
        left_out = LeftOut.of(campaign, exclusions)
        counted, ties = counted.filter(left_out.kept), left_out.kept_ties(ties)
    return replace(_counts(campaign, counted, ties, selection), exclusions=exclusions)


def pair_counts_as_of(
    campaign: Campaign, *, automatic_judge: AutomaticJudge | None = None, as_of: datetime | None = None
) -> ComparisonCounts:
    """The same without who judged and what: some rows for each pair, however many judgments there are.

    Enough for strengths; their intervals need the judges and the items.
    """
    counted = first_verdicts(campaign, automatic_judge=automatic_judge, as_of=as_of)
    ties = [] if automatic_judge is not None else unasked_ties(campaign, as_of=as_of)
    return _counts(campaign, counted, ties, of_pairs_only=True)


def human_comparison_counts(
    campaign: Campaign, *, with_repeats: bool, as_of: datetime | None = None
) -> ComparisonCounts:
    """Verdicts of people only: reports on judges use them."""
    judgments = current_judgments if with_repeats else first_verdicts
    return _counts(campaign, judgments(campaign, as_of=as_of), [])


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


def _counts(
    campaign: Campaign,
    judgments: QuerySet[Judgment],
    ties: list[tuple[int, int, int | None]],
    selection: Selection = EVERYTHING,
    *,
    of_pairs_only: bool = False,
) -> ComparisonCounts:
    groups = Groups.of(judgments, of_pairs_only=of_pairs_only)
    judge = _same_judges(groups.judge, campaign)
    is_decided = groups.verdict != CODES[Verdict.CANNOT]
    times = campaign.judges_per_comparison
    dealt = _dealt_out(ties, judges=np.unique(judge[is_decided]).tolist(), times=times)
    low, high = np.append(groups.low, dealt[:, 0]), np.append(groups.high, dealt[:, 1])
    everybody = np.append(judge, dealt[:, 2])
    chosen = _chosen(campaign, selection, low=low, high=high, judge=everybody)
    kept = np.append(is_decided, np.ones(len(dealt), dtype=bool)) & chosen
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
    return ComparisonCounts(
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
        cannot=_cells_of(groups, judge, ~is_decided & among, keys),
        kinds=_kinds_of(groups, is_decided & among, keys),
        n_cannot=groups.n_of(Verdict.CANNOT, among=among),
        n_both=groups.n_of(Verdict.BOTH, among=among),
        n_neither=groups.n_of(Verdict.NEITHER, among=among),
        n_unasked=n_unasked,
        fingerprint=fingerprint,
        selection=selection,
    )


def _cells_of(groups: Groups, judge: IntArray, kept: BoolArray, keys: IntArray) -> Cells:
    return Cells(
        first=places(groups.low[kept], keys),
        second=places(groups.high[kept], keys),
        outcome=groups.outcomes()[kept],
        count=groups.n[kept],
        judge=judge[kept],
        item=groups.item[kept],
        first_is_left=groups.low_is_left[kept],
    )


def _kinds_of(groups: Groups, kept: BoolArray, keys: IntArray) -> TieTypeCounts:
    verdict = groups.verdict[kept]
    return tie_types(
        first=places(groups.low[kept], keys),
        second=places(groups.high[kept], keys),
        count=groups.n[kept],
        is_both=verdict == CODES[Verdict.BOTH],
        is_neither=verdict == CODES[Verdict.NEITHER],
        n_methods=len(keys),
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
    one_and_the_same = first_participant_of_source(campaign.study, Participant.Role.JUDGE)
    seats, place = np.unique(judge, return_inverse=True)
    people = [one_and_the_same.get(seat, seat) for seat in seats.tolist()]
    return np.array(people, dtype=np.int64)[place]


def n_left_out(campaign: Campaign, exclusions: Exclusions, *, as_of: datetime) -> int:
    """First verdicts of people, “cannot judge” among them, that the exclusions leave out."""
    if exclusions == NOTHING_LEFT_OUT:
        return 0
    known = first_verdicts(campaign, as_of=as_of)
    return known.count() - known.filter(LeftOut.of(campaign, exclusions).kept).count()


def n_judgments_since(
    campaign: Campaign,
    moment: datetime,
    *,
    selection: Selection = EVERYTHING,
    exclusions: Exclusions = NOTHING_LEFT_OUT,
    verdict: str = "",
) -> int:
    """Answers of people that came after a snapshot, and could change it; those of one verdict where one is named."""
    since = first_verdicts(campaign).filter(received_at__gt=moment)
    if exclusions != NOTHING_LEFT_OUT:
        since = since.filter(LeftOut.of(campaign, exclusions).kept)
    if verdict:
        since = since.filter(verdict=verdict)
    if selection.base_model:
        since = since.filter(
            comparison__low__base_model=selection.base_model,
            comparison__high__base_model=selection.base_model,
        )
    if selection.judge_group:
        since = since.filter(participant__group=selection.judge_group)
    return since.count()


def current_judgment(exposure: Exposure) -> Judgment | None:
    return Judgment.objects.filter(exposure=exposure, replaced_by__isnull=True).first()

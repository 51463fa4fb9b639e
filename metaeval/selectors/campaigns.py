"""Campaigns as those who run a study see them, and what can be compared in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

import numpy as np
from django.db.models import (
    BooleanField,
    Case,
    Count,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from annotations.models import Item, Participant, Study
from annotations.selectors.imports import not_withdrawn
from annotations.selectors.item_facts import SPLIT, parts_of
from annotations.selectors.open_items import count_subquery
from hlv.stats.arrays import IntArray
from hlv.stats.training.folds import TEST
from metaeval.models import Campaign, Comparison, Exposure, Judgment, Method, Protocol
from metaeval.selectors.outputs import current_outputs

# Reading a text of some hundred words and two outputs.
USUAL_SECONDS = 60.0
SECONDS_OF_AN_HOUR = 3600
LATEST = 500
FEWEST_TO_TELL = 20
# Of a list in a sentence.
NAMED = 3
# By whichever design.
IS_PLANNED = ~Q(mode=Comparison.Mode.IMPORTED)


@dataclass(frozen=True)
class OutputTable:
    """Which of some methods has an output for which text; `item_ids` are those that any of them has.

    `gives_text[method]` is None where a method gives texts for some and distributions for others.
    """

    item_ids: tuple[int, ...]
    item_keys: tuple[str, ...]
    items_of: dict[int, frozenset[int]]
    gives_text: dict[int, bool | None]
    n_items_without: int
    # Texts with outputs that are no test texts of the study's split.
    n_not_tested: int

    def lacking(self, method_id: int) -> list[str]:
        """Texts, by their ids within the study, for which others have an output and this one has none."""
        has = self.items_of[method_id]
        return [key for pk, key in zip(self.item_ids, self.item_keys, strict=True) if pk not in has]


@dataclass(frozen=True)
class JudgingPace:
    """Seconds that a verdict takes, as the median of so many verdicts; of none it is what is usual."""

    seconds: float
    n_verdicts: int = 0


@dataclass(frozen=True)
class JudgingCost:
    """What a campaign asks of all its judges together: verdicts, pairs that come a second time, hours of both."""

    n_judgments: int
    repeat_share: float
    pace: JudgingPace

    @property
    def n_repeats(self) -> int:
        """About so many."""
        return round(self.n_judgments * self.repeat_share)

    @property
    def hours(self) -> float:
        return (self.n_judgments + self.n_repeats) * self.pace.seconds / SECONDS_OF_AN_HOUR


def output_table(study: Study, methods: Sequence[Method], *, all_texts: bool = False) -> OutputTable:
    """Outputs of these methods for the test texts of the study's split, or for all texts."""
    items: dict[int, set[int]] = {method.pk: set() for method in methods}
    kinds: dict[int, set[bool]] = {method.pk: set() for method in methods}
    rows = (
        current_outputs()
        .filter(run__method__in=list(methods))
        .order_by()
        .annotate(is_text=ExpressionWrapper(Q(text__isnull=False), output_field=BooleanField()))
        .values_list("run__method_id", "item_id", "is_text")
        .distinct()
    )
    for method_id, item_id, is_text in rows.iterator(chunk_size=5000):
        items[method_id].add(item_id)
        kinds[method_id].add(is_text)
    any_has = set[int]().union(*items.values())
    items_known = Item.objects.filter(not_withdrawn(), study=study).order_by("position")
    rows_known = list(items_known.values_list("pk", "key", "metadata"))
    parts = (
        {}
        if all_texts
        else parts_of({pk: str(facts[SPLIT]) for pk, _, facts in rows_known if SPLIT in facts})
    )
    known = [(pk, key) for pk, key, _ in rows_known if not parts or parts.get(pk) == TEST]
    kept = [(pk, key) for pk, key in known if pk in any_has]
    return OutputTable(
        item_ids=tuple(pk for pk, _ in kept),
        item_keys=tuple(key for _, key in kept),
        items_of={method_id: frozenset(has) for method_id, has in items.items()},
        gives_text={
            method_id: found.pop() if len(found) == 1 else None for method_id, found in kinds.items()
        },
        n_items_without=len(known) - len(kept),
        n_not_tested=len(any_has & {pk for pk, _, _ in rows_known}) - len(kept),
    )


def people_who_judge() -> QuerySet[Participant]:
    """Who may be shown a comparison; judges of imported files are sources, not people."""
    return Participant.objects.filter(role=Participant.Role.JUDGE, is_active=True, user__isnull=False)


def active_judges(study: Study) -> list[Participant]:
    return list(people_who_judge().filter(study=study).order_by("number"))


def campaign_keys(study: Study) -> list[int]:
    """To be named in a query: PostgreSQL knows how much each has, and of the campaigns of a study only the average."""
    return list(study.campaigns.order_by().values_list("pk", flat=True))


def judging_pace(study: Study) -> JudgingPace:
    """The median of the study's latest verdicts, repeats too, or what is usual where there are few."""
    timed = Judgment.objects.filter(
        comparison__campaign__in=campaign_keys(study), exposure__isnull=False, active_ms__isnull=False
    )
    # By a time that no index has: by key, a database may look for the latest among the verdicts of every study.
    latest = list(timed.order_by("-submitted_at", "-pk").values_list("active_ms", flat=True)[:LATEST])
    if len(latest) < FEWEST_TO_TELL:
        return JudgingPace(USUAL_SECONDS)
    return JudgingPace(float(median(ms for ms in latest if ms is not None)) / 1000, len(latest))


def n_judged_by(study: Study) -> dict[int, int]:
    """Comparisons that each participant has judged here, over all campaigns."""
    done = Exposure.objects.filter(participant=OuterRef("pk"), done_at__isnull=False)
    people = study.participants.filter(user__isnull=False)
    return {pk: n for pk, n in people.values_list("pk", count_subquery(done, "participant")) if n}


def counted_campaigns(study: Study) -> QuerySet[Campaign]:
    """All, the newest first, each with how many comparisons were planned and how many verdicts people gave here."""
    planned = Comparison.objects.filter(IS_PLANNED, campaign=OuterRef("pk"))
    done = Exposure.objects.filter(comparison__campaign__in=campaign_keys(study), done_at__isnull=False)
    n_given = done.order_by().values_list("comparison__campaign").annotate(n=Count("pk"))
    return study.campaigns.order_by("-pk").annotate(
        n_planned=count_subquery(planned, "campaign"),
        n_given=Case(*(When(pk=pk, then=Value(n)) for pk, n in n_given), default=Value(0)),
    )


def planned_comparisons(campaign: Campaign) -> QuerySet[Comparison]:
    """Those that a design brought about, asked or not."""
    return campaign.comparisons.filter(IS_PLANNED)


def compares_texts(campaign: Campaign) -> bool:
    """Whether its judges read texts and not distributions: all outputs of a plan are of one kind."""
    first = planned_comparisons(campaign).order_by("position").first()
    if first is None:
        return False
    given = current_outputs().filter(item=first.item_id, run__method=first.low_id)
    return given.filter(text__isnull=False).exists()


def filtered_comparisons(campaign: Campaign, *, method: str = "", seats: str = "") -> QuerySet[Comparison]:
    """Planned comparisons in their order, each with `n_verdicts`."""
    found = planned_comparisons(campaign)
    if method:
        found = found.filter(Q(low__uuid=method) | Q(high__uuid=method))
    if seats == "unasked":
        found = found.filter(unasked_tie__isnull=False)
    elif seats:
        full = Q(seats_taken__gte=campaign.judges_per_comparison)
        found = found.filter(full if seats == "taken" else ~full, is_asked=True)
    verdicts = Exposure.objects.filter(comparison=OuterRef("pk"), done_at__isnull=False, repeats__isnull=True)
    return (
        found.select_related("item", "low", "high", "unasked_tie")
        .annotate(n_verdicts=count_subquery(verdicts, "comparison"))
        .order_by("position", "pk")
    )


@dataclass(frozen=True, eq=False)
class CampaignDraft:
    """What would be stored.

    `compared`, shape (n_comparisons, 3): keys of the item and of both methods, the smaller first, in the order of the
    comparisons. `identical`: of those whose outputs look the same, by their places, both digests.
    """

    campaign: Campaign
    protocol: Protocol
    compared: IntArray
    identical: dict[int, tuple[str, str]]
    groups: tuple[tuple[Method, ...], ...]
    n_items_without_outputs: int
    # Texts with outputs that are no test texts of the study's split.
    n_not_tested: int
    naming_themselves: tuple[str, ...]
    quotas: tuple[int | None, ...]
    pace: JudgingPace

    @property
    def n_comparisons(self) -> int:
        return len(self.compared)

    @property
    def n_items(self) -> int:
        return len(np.unique(self.compared[:, 0]))

    @property
    def n_identical(self) -> int:
        return len(self.identical)

    @property
    def unasked(self) -> dict[int, tuple[str, str]]:
        """Ties of identical outputs, where the protocol asks nobody about them."""
        return self.identical if self.protocol.identical == Protocol.Identical.TIE else {}

    @property
    def n_methods(self) -> int:
        return sum(len(group) for group in self.groups)

    @property
    def n_asked(self) -> int:
        """Comparisons that judges see."""
        return self.n_comparisons - len(self.unasked)

    @property
    def n_judgments(self) -> int:
        """Verdicts that are asked for, without repeats."""
        return self.n_asked * self.campaign.judges_per_comparison

    @property
    def cost(self) -> JudgingCost:
        return JudgingCost(self.n_judgments, self.protocol.repeat_share, self.pace)

    @property
    def n_judges(self) -> int:
        return len(self.quotas)

    @property
    def judgments_per_judge(self) -> int | None:
        """About so many for each, where somebody judges already; nobody is asked about a comparison anew."""
        if not self.quotas:
            return None
        each = min(self.n_asked, ceil(self.n_judgments / self.n_judges))
        return round(each * (1 + self.protocol.repeat_share))

"""Exposures as their own judges see them, and how far a campaign is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Sum, When
from django.db.models.expressions import Combinable
from django.utils import timezone

from annotations.models import Import, Participant, User
from annotations.selectors.imports import withdrawn_imports
from annotations.selectors.open_items import IS_OPEN, cached_count, count_subquery
from metaeval.models import Campaign, Comparison, Exposure, Judgment, ResultsSeen
from metaeval.selectors.campaigns import IS_PLANNED, people_who_judge
from metaeval.selectors.outputs import has_both_outputs
from metaeval.selectors.protocols import (
    campaign_protocol,
    due_repeat,
    is_new_to,
    lesser_quota,
    n_repeats_due,
    returned_keys,
)

# Who comes back later than this has rested.
SITTING = timedelta(minutes=15)


@dataclass(frozen=True)
class CampaignCoverage:
    """Verdicts there are against verdicts wanted; surplus does not count."""

    n_wanted: int
    n_done: int

    @property
    def percent(self) -> int:
        """Rounded down: 100 means all."""
        return int(100 * self.n_done / self.n_wanted) if self.n_wanted else 0


def closed_by_results(user: User, campaign: Campaign | OuterRef) -> QuerySet[ResultsSeen]:
    """What keeps this person from judging: results of the campaign that they have seen."""
    return ResultsSeen.objects.filter(Q(campaign=campaign), user=user, allowed_at__isnull=True)


def exposure_for(user: User | AnonymousUser, uuid: UUID) -> Exposure | None:
    """A person's own exposure; anybody else's is not there."""
    if not isinstance(user, User):
        return None
    return (
        Exposure.objects.select_related(
            "comparison__campaign__study",
            "comparison__campaign__protocol",
            "comparison__item",
            "participant__study",
        )
        .filter(uuid=uuid, participant__user=user, participant__is_active=True)
        .exclude(Exists(closed_by_results(user, OuterRef("comparison__campaign"))))
        .first()
    )


def n_done_by(participant: Participant, campaign: Campaign) -> int:
    """Verdicts of this judge here, repeats included."""
    return Exposure.objects.filter(
        participant=participant, comparison__campaign=campaign, done_at__isnull=False
    ).count()


def newest_done(participant: Participant, campaign: Campaign) -> Exposure | None:
    """What this judge answered last: what "Saved 14:03" says, and where undoing leads."""
    return (
        Exposure.objects.filter(participant=participant, comparison__campaign=campaign, done_at__isnull=False)
        .order_by("-done_at", "-pk")
        .first()
    )


def break_comes_after(campaign: Campaign, *, n_done: int) -> bool:
    """Whether so many verdicts of a judge end with a break."""
    every = campaign_protocol(campaign).break_every
    return bool(every and n_done) and n_done % every == 0


def break_is_due(participant: Participant, campaign: Campaign, *, n_done: int) -> bool:
    """After every so many verdicts of a sitting a break is offered, once."""
    if not break_comes_after(campaign, n_done=n_done):
        return False
    last = newest_done(participant, campaign)
    return last is not None and last.done_at is not None and timezone.now() - last.done_at < SITTING


def done_before(exposure: Exposure) -> Exposure | None:
    """The pair that this judge answered before this one, in the order in which they were shown."""
    return _earlier(exposure).order_by("-sequence").first()


def position_in_campaign(exposure: Exposure, *, after: Exposure | None = None) -> int:
    """Which of this judge's answered pairs of its campaign it is, or will be; from 1, and the same for good.

    Counted before `after` is answered, where that comes first.
    """
    comes_between = after is not None and after.done_at is None and after.sequence < exposure.sequence
    return _earlier(exposure).count() + 1 + comes_between


def _earlier(exposure: Exposure) -> QuerySet[Exposure]:
    return Exposure.objects.filter(
        participant_id=exposure.participant_id,
        comparison__campaign_id=exposure.comparison.campaign_id,
        done_at__isnull=False,
        sequence__lt=exposure.sequence,
    )


def own_judgments(participant: Participant, campaign: Campaign) -> QuerySet[Judgment]:
    """What this judge said here that stands, newest first, ready for a page; which came again is not told.

    Each with its `place` among the judge's pairs, as the page of the pair has it.
    """
    earlier = Exposure.objects.filter(
        participant=participant,
        comparison__campaign=campaign,
        done_at__isnull=False,
        sequence__lt=OuterRef("exposure__sequence"),
    )
    return (
        Judgment.objects.filter(
            participant=participant,
            exposure__isnull=False,
            comparison__campaign=campaign,
            replaced_by__isnull=True,
        )
        .select_related("exposure", "comparison__item")
        .prefetch_related("comparison__item__texts")
        .annotate(place=count_subquery(earlier, "participant") + 1)
        .order_by("-submitted_at", "-pk")
    )


def judgment_named(exposure: Exposure, uuid: UUID) -> Judgment | None:
    """A verdict on this exposure by its UUID, as a revision names it; those of others are not there."""
    return Judgment.objects.filter(uuid=uuid, exposure=exposure).first()


def campaigns_to_judge(judges: Sequence[Participant]) -> QuerySet[Campaign]:
    """Campaigns of their studies that were planned to be judged here, not only imported."""
    planned = Comparison.objects.filter(IS_PLANNED, campaign=OuterRef("pk"))
    return Campaign.objects.filter(Exists(planned), study__in=[judge.study_id for judge in judges])


def campaign_coverage(campaign: Campaign) -> CampaignCoverage:
    """People's verdicts on planned comparisons; imported ones are no progress, nor are repeats and pairs in hand.

    From an index alone, and from the few exposures that are open.
    """
    asked = campaign.comparisons.filter(is_asked=True)
    n_asked, n_taken = asked.order_by().aggregate(n=Count("pk"), n_taken=Sum("seats_taken")).values()
    n_open = Exposure.objects.filter(IS_OPEN, comparison__campaign=campaign, repeats__isnull=True).count()
    n_wanted, n_done = n_asked * campaign.judges_per_comparison, (n_taken or 0) - n_open
    return CampaignCoverage(n_wanted=n_wanted, n_done=min(n_wanted, max(0, n_done)))


def cached_coverage(campaign: Campaign) -> CampaignCoverage:
    """The same for pages that many judges open at every moment."""
    key = f"coverage/campaign/{campaign.uuid}"
    return cached_count(key, lambda: campaign_coverage(campaign), size=lambda found: found.n_wanted)


@dataclass(frozen=True)
class OwnShare:
    """How many pairs a judge has done, of how many.

    `n_own` is what falls to this judge: the quota, or the plan dealt out evenly among those who judge now.
    `n_may_come` is all that others may leave, what is done among it; where nobody leaves more, there is no more.
    Neither tells of a verdict: one's own work is seen, and how far all are, and nothing of what was said.
    """

    n_done: int
    n_own: int
    n_may_come: int
    is_even_share: bool = False

    @property
    def is_over(self) -> bool:
        """Whether nothing is left, neither of one's own nor of what others leave."""
        return self.n_done >= self.n_may_come

    @property
    def is_about(self) -> bool:
        """Whether others may do more of it, or less."""
        return self.is_even_share and not self.is_over

    @property
    def n_beyond(self) -> int:
        return max(0, self.n_done - self.n_own)


def judge_share(participant: Participant, campaign: Campaign) -> OwnShare:
    ((_campaign, share),) = judge_shares(participant, Campaign.objects.filter(pk=campaign.pk))
    return share


def cached_share(participant: Participant, campaign: Campaign) -> OwnShare:
    """The same for every pair: what is done is counted each time, of how many is remembered where they are many.

    One's own work does not change of how many; others', who fill a comparison, do so slowly.
    """
    met = Q(done_at__isnull=False) | Q(returned_at__isnull=True)
    mine = Exposure.objects.filter(participant=participant, comparison__campaign=campaign)
    n_done, n_met = mine.aggregate(n_done=Count("done_at"), n_met=Count("pk", filter=met)).values()
    known = cached_count(
        f"share/{participant.uuid}/{participant.quota}/{campaign.uuid}",
        lambda: judge_share(participant, campaign),
        size=lambda found: found.n_may_come,
    )
    return OwnShare(n_done, known.n_own, max(known.n_may_come, n_met), known.is_even_share)


def judge_shares(participant: Participant, campaigns: QuerySet[Campaign]) -> list[tuple[Campaign, OwnShare]]:
    """The same of many campaigns of a study, in as many queries as of one."""
    return _shares([participant], campaigns)


def _shares(judges: Sequence[Participant], campaigns: QuerySet[Campaign]) -> list[tuple[Campaign, OwnShare]]:
    """Of campaigns of several studies, in each of which one of these judges: in as many queries as of one study."""
    judge_in = {judge.study_id: judge for judge in judges}
    shown = Exposure.objects.filter(participant__in=judges)
    mine = shown.filter(comparison__campaign=OuterRef("pk"))
    again = returned_keys(shown.filter(comparison__campaign__in=campaigns))
    firsts = mine.filter(repeats__isnull=True)
    counted = campaigns.select_related("protocol").annotate(
        n_done=count_subquery(mine.filter(done_at__isnull=False), "comparison__campaign"),
        n_firsts=count_subquery(firsts.filter(done_at__isnull=False), "comparison__campaign"),
        n_held=count_subquery(firsts.filter(IS_OPEN), "comparison__campaign"),
        n_open=count_subquery(mine.filter(IS_OPEN), "comparison__campaign"),
        n_free=_n_free(judges, again=again),
        n_asked=count_subquery(Comparison.objects.filter(campaign=OuterRef("pk"), is_asked=True), "campaign"),
        n_judges=count_subquery(people_who_judge().filter(study=OuterRef("study")), "study"),
    )
    return [(campaign, _share(judge_in[campaign.study_id], campaign)) for campaign in counted]


def shares_to_judge(participant: Participant) -> list[tuple[Campaign, OwnShare]]:
    """Of the campaigns that a judge finds: those that are open, and those begun, which may rest or be over."""
    return shares_to_judge_in([participant])[participant.study_id]


def shares_to_judge_in(judges: Sequence[Participant]) -> dict[int, list[tuple[Campaign, OwnShare]]]:
    """The same by study, of all studies in which a person judges: a list of studies costs as much as one of them."""
    found: dict[int, list[tuple[Campaign, OwnShare]]] = {judge.study_id: [] for judge in judges}
    if not found:
        return found
    for campaign, share in _shares(judges, campaigns_to_judge(judges)):
        found[campaign.study_id].append((campaign, share))
    return {study: _of_interest(known) for study, known in found.items()}


def _of_interest(known: list[tuple[Campaign, OwnShare]]) -> list[tuple[Campaign, OwnShare]]:
    # One that rests and was never begun is often only planned yet: it stands in nobody's way.
    return [line for line in known if line[0].state == Campaign.State.OPEN or line[1].n_done] or known


def _n_free(judges: Sequence[Participant], *, again: Collection[int]) -> Combinable:
    """Comparisons of a campaign that may come to whoever of these judges there."""
    wanting = Comparison.objects.filter(
        campaign=OuterRef("pk"), seats_taken__lt=OuterRef("judges_per_comparison"), is_asked=True
    )
    # Where no outputs were withdrawn no plan lacks one: all are counted from an index, and what was had is taken away.
    had = Exposure.objects.filter(
        participant__in=judges,
        repeats__isnull=True,
        comparison__campaign=OuterRef("pk"),
        comparison__seats_taken__lt=OuterRef("judges_per_comparison"),
        comparison__is_asked=True,
    ).exclude(pk__in=again)
    n_free = count_subquery(wanting, "campaign") - count_subquery(had, "comparison__campaign")
    studies = [judge.study_id for judge in judges]
    withdrawn = withdrawn_imports().filter(study__in=studies, kind=Import.Kind.OUTPUTS)
    lacking = set(withdrawn.values_list("study", flat=True))
    if not lacking:
        return n_free
    whole = count_subquery(wanting.filter(has_both_outputs(), is_new_to(judges, again=again)), "campaign")
    return Case(When(study__in=lacking, then=whole), default=n_free)


def _share(participant: Participant, campaign: Any) -> OwnShare:
    """Repeats are counted from the start: a number that grew would tell which they are."""

    def with_repeats(n_pairs: int) -> int:
        return n_pairs + n_repeats_due(participant, campaign, n_pairs=n_pairs)

    n_pairs = campaign.n_firsts + campaign.n_held + campaign.n_free
    n_may_come = max(with_repeats(n_pairs), campaign.n_done)
    if not campaign.n_free and not campaign.n_open and not _comes_again(participant, campaign):
        n_may_come = campaign.n_done
    quota = lesser_quota(participant.quota, campaign_protocol(campaign).quota)
    if quota is not None:
        n_own = min(quota, n_may_come)
        return OwnShare(campaign.n_done, n_own, max(n_own, campaign.n_done))
    n_judges = max(1, campaign.n_judges)
    n_even = min(campaign.n_asked, ceil(campaign.n_asked * campaign.judges_per_comparison / n_judges))
    return OwnShare(
        campaign.n_done,
        min(with_repeats(n_even), n_may_come),
        n_may_come,
        # No more judges than each comparison wants: each judges all.
        is_even_share=n_judges > campaign.judges_per_comparison,
    )


def _comes_again(participant: Participant, campaign: Campaign) -> bool:
    """Whether a repeat is left: of those that were promised, what could not be judged does not come."""
    return due_repeat(participant, campaign, campaign_protocol(campaign), at_the_end=True) is not None

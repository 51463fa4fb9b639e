"""Exposures as their own judges see them, and how far a campaign is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.utils import timezone

from annotations.models import Participant, User
from annotations.selectors.open_items import IS_OPEN, cached_count, count_subquery
from metaeval.models import Campaign, Comparison, Exposure, Judgment
from metaeval.selectors.campaigns import IS_PLANNED
from metaeval.selectors.protocols import campaign_protocol

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


def break_is_due(participant: Participant, campaign: Campaign, *, n_done: int) -> bool:
    """After every so many verdicts of a sitting a break is offered, once."""
    every = campaign_protocol(campaign).break_every
    if not every or not n_done or n_done % every:
        return False
    last = newest_done(participant, campaign)
    return last is not None and last.done_at is not None and timezone.now() - last.done_at < SITTING


def done_before(exposure: Exposure) -> Exposure | None:
    """The pair that this judge answered before this one, in the order in which they were shown."""
    return _earlier(exposure).order_by("-sequence").first()


def position_in_campaign(exposure: Exposure) -> int:
    """Which of this judge's answered pairs of its campaign it is, or will be; from 1, and the same for good."""
    return _earlier(exposure).count() + 1


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
    totals = asked.order_by().aggregate(n=Count("pk"), seats=Sum("seats_taken"))
    in_hand = Exposure.objects.filter(IS_OPEN, comparison__campaign=campaign, repeats__isnull=True)
    n_wanted = (totals["n"] or 0) * campaign.judges_per_comparison
    n_done = (totals["seats"] or 0) - in_hand.count()
    return CampaignCoverage(n_wanted=n_wanted, n_done=min(n_wanted, max(0, n_done)))


def coverage_lately(campaign: Campaign) -> CampaignCoverage:
    """The same for pages that many judges open at every moment."""
    key = f"coverage/campaign/{campaign.uuid}"
    return cached_count(key, lambda: campaign_coverage(campaign), size=lambda found: found.n_wanted)

"""Exposures as their own judges see them, and how far a campaign is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Least
from django.utils import timezone

from annotations.models import Participant, User
from metaeval.models import Campaign, Comparison, Exposure, Judgment
from metaeval.selectors.protocols import protocol_of

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


def exposure_of(user: User | AnonymousUser, uuid: UUID) -> Exposure | None:
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


def newest_done(participant: Participant, campaign: Campaign) -> Exposure | None:
    """What this judge answered last: what "Saved 14:03" says, and where undoing leads."""
    return (
        Exposure.objects.filter(participant=participant, comparison__campaign=campaign, done_at__isnull=False)
        .order_by("-done_at", "-pk")
        .first()
    )


def break_is_due(participant: Participant, campaign: Campaign, *, n_done: int) -> bool:
    """After every so many verdicts of a sitting a break is offered, once."""
    every = protocol_of(campaign).break_every
    if not every or not n_done or n_done % every:
        return False
    last = newest_done(participant, campaign)
    return last is not None and last.done_at is not None and timezone.now() - last.done_at < SITTING


def done_before(exposure: Exposure) -> Exposure | None:
    """The pair that this judge answered before this one, in the order in which they were shown."""
    return (
        Exposure.objects.filter(
            participant_id=exposure.participant_id,
            comparison__campaign_id=exposure.comparison.campaign_id,
            done_at__isnull=False,
            sequence__lt=exposure.sequence,
        )
        .order_by("-sequence")
        .first()
    )


def judgment_named(exposure: Exposure, uuid: UUID) -> Judgment | None:
    """A verdict on this exposure by its UUID, as a revision names it; those of others are not there."""
    return Judgment.objects.filter(uuid=uuid, exposure=exposure).first()


def campaigns_to_judge(participant: Participant) -> QuerySet[Campaign]:
    """Campaigns of the study that were planned to be judged here, not only imported."""
    planned = Comparison.objects.filter(mode=Comparison.Mode.DESIGNED).values("campaign")
    return Campaign.objects.filter(study=participant.study, pk__in=planned)


def campaign_coverage(campaign: Campaign) -> CampaignCoverage:
    """People's verdicts on planned comparisons; imported ones are no progress, nor are repeats."""
    answered = Count(
        "exposures",
        filter=Q(
            exposures__done_at__isnull=False,
            exposures__returned_at__isnull=True,
            exposures__repeats__isnull=True,
        ),
    )
    wanted = campaign.judges_per_comparison
    totals = (
        campaign.comparisons.filter(mode=Comparison.Mode.DESIGNED, unasked_tie__isnull=True)
        .order_by()
        .annotate(answered=answered)
        .annotate(counted=Least(F("answered"), wanted))
        .aggregate(n=Count("pk"), done=Sum("counted"))
    )
    return CampaignCoverage(n_wanted=(totals["n"] or 0) * wanted, n_done=totals["done"] or 0)

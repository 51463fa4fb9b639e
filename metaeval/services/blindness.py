"""Blindness over time: who has seen results of a campaign judges it no more."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.history import record_change
from annotations.models import Participant, Study, StudyChange, User
from metaeval.models import Campaign, ResultsSeen


def record_results_seen(user: User, study: Study | None, address: Mapping[str, object]) -> None:
    """Of the campaign that the address names, directly or by a ranking; else of all campaigns of the study."""
    campaigns = Campaign.objects.filter(study=study)
    if "campaign_uuid" in address:
        campaigns = campaigns.filter(uuid=str(address["campaign_uuid"]))
    elif "ranking_uuid" in address:
        campaigns = campaigns.filter(rankings__uuid=str(address["ranking_uuid"]))
    new = campaigns.exclude(results_seen__user=user)
    ResultsSeen.objects.bulk_create(
        [ResultsSeen(campaign=campaign, user=user) for campaign in new], ignore_conflicts=True
    )


@transaction.atomic
def allow_after_results(campaign: Campaign, *, judge: UUID, reason: str, by: User) -> bool:
    """Whether there was anything to allow; the change log names the owner, the audit the reason."""
    participant = Participant.objects.filter(uuid=judge, study=campaign.study).first()
    if participant is None or not reason.strip():
        return False
    allowed = ResultsSeen.objects.filter(
        campaign=campaign, user=participant.user, allowed_at__isnull=True
    ).update(allowed_at=timezone.now(), allowed_by=by, reason=reason.strip())
    if allowed:
        record_change(
            campaign.study,
            what=StudyChange.What.PARTICIPANT,
            subject=participant.pseudonym,
            after=_("may judge %(campaign)s after seeing results: %(reason)s")
            % {"campaign": campaign.name, "reason": reason.strip()},
            by=by,
        )
    return bool(allowed)

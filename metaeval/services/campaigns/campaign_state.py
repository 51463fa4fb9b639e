"""Opening, pausing and closing a campaign to its judges."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from annotations.history import record_change
from annotations.models import StudyChange, User
from metaeval.models import Campaign
from metaeval.services.campaigns.campaign_spec import CampaignRefusedError


@transaction.atomic
def set_campaign_state(campaign: Campaign, state: str, *, by: User | None) -> bool:
    """Whether it was in another state before; then the change says who set it."""
    if state not in Campaign.State.values:
        raise CampaignRefusedError(_("A campaign must be open, paused or closed."))
    standing = Campaign.objects.select_for_update(no_key=True).select_related("study").get(pk=campaign.pk)
    campaign.state = state
    if standing.state == state:
        return False
    Campaign.objects.filter(pk=campaign.pk).update(state=state)
    record_change(
        standing.study,
        what=StudyChange.What.CAMPAIGN,
        subject=standing.name,
        before=standing.state,
        after=state,
        by=by,
    )
    return True

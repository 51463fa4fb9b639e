"""Opening, pausing and closing a campaign to its judges."""

from __future__ import annotations

from django.utils.translation import gettext as _

from metaeval.models import Campaign
from metaeval.services.campaigns.wishes import CampaignRefusedError


def set_campaign_state(campaign: Campaign, state: str) -> bool:
    """Whether it was in another state before."""
    if state not in Campaign.State.values:
        raise CampaignRefusedError(_("A campaign is open, paused or closed."))
    changed = Campaign.objects.filter(pk=campaign.pk).exclude(state=state).update(state=state)
    campaign.state = state
    return bool(changed)

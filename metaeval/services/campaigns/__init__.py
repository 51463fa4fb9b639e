"""Campaigns planned here: which outputs of which methods are compared, on which texts, by how many judges, and how."""

from metaeval.selectors.campaigns import CampaignDraft
from metaeval.services.campaigns.campaign_spec import (
    CampaignRefusedError,
    CampaignSpec,
    campaign_question,
    paper_spec,
)
from metaeval.services.campaigns.campaign_state import set_campaign_state
from metaeval.services.campaigns.pairing_design import foresee_campaign, plan_campaign

__all__ = [
    "CampaignDraft",
    "CampaignRefusedError",
    "CampaignSpec",
    "campaign_question",
    "foresee_campaign",
    "paper_spec",
    "plan_campaign",
    "set_campaign_state",
]

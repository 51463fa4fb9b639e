"""Campaigns planned here: which outputs of which methods are compared, on which texts, by how many judges, and how."""

from metaeval.selectors.campaign_draft import CampaignPlan
from metaeval.services.campaigns.campaign_spec import (
    CampaignRefusedError,
    CampaignWishes,
    paper_wishes,
    question_asked,
)
from metaeval.services.campaigns.campaign_state import set_campaign_state
from metaeval.services.campaigns.pairing_design import foresee_campaign, plan_campaign

__all__ = [
    "CampaignPlan",
    "CampaignRefusedError",
    "CampaignWishes",
    "foresee_campaign",
    "paper_wishes",
    "plan_campaign",
    "question_asked",
    "set_campaign_state",
]

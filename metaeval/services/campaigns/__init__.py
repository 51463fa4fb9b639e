"""Campaigns planned here: which outputs of which methods are compared, on which texts, by how many judges, and how."""

from metaeval.services.campaigns.plan import CampaignPlan
from metaeval.services.campaigns.planning import foresee_campaign, plan_campaign
from metaeval.services.campaigns.state import set_campaign_state
from metaeval.services.campaigns.wishes import (
    CampaignRefusedError,
    CampaignWishes,
    paper_wishes,
    question_asked,
)

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

"""One judge, a campaign of so many pairs, and the link that signs in."""

from __future__ import annotations

from django.core.management import call_command
from django.urls import reverse

from annotations.models import Participant
from annotations.services.people import make_sign_in_link
from benchmarks.assignment.judging_filling import N_PAIRS, make_campaign_at_work
from metaeval.models import Protocol


def main(*, n_pairs: int) -> dict[str, str]:
    call_command("migrate", verbosity=0)
    # Two judges: each comparison was judged by one of them, so half of all wait for the other.
    campaign = make_campaign_at_work(N_PAIRS * (1 + 2 * n_pairs // N_PAIRS), n_judges=2)
    Protocol.objects.create(campaign=campaign, break_every=0)
    judge = Participant.objects.select_related("user").get(study=campaign.study, number=1)
    assert judge.user is not None
    return {"sign_in": make_sign_in_link(judge.user), "judge": reverse("judge-next", args=[campaign.uuid])}

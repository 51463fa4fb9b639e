"""How a campaign asks."""

from __future__ import annotations

import hashlib

from annotations.models import Label, Participant
from hlv.stats.power.comparison_design import n_repeated
from metaeval.models import Campaign, Exposure, Labelling, Protocol

# Pairs between a pair and its repeat where all else is judged.
FEWEST_AT_THE_END = 2


def campaign_protocol(campaign: Campaign) -> Protocol:
    """What is stored; of a campaign that was not planned here, what goes without saying."""
    return getattr(campaign, "protocol", None) or Protocol()


def repeat_offset(participant: Participant, campaign: Campaign) -> float:
    """In [0, 1): where the counting of a judge's repeats begins."""
    digest = hashlib.sha256(f"{campaign.seed}/{campaign.uuid}/{participant.uuid}/repeats".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def n_repeats_due(participant: Participant, campaign: Campaign, *, n_pairs: int) -> int:
    """How many of so many pairs of a judge come again."""
    share = campaign_protocol(campaign).repeat_share
    if not share:
        return 0
    return n_repeated(n_pairs - FEWEST_AT_THE_END, share=share, start=repeat_offset(participant, campaign))


def lesser_quota(one: int | None, other: int | None) -> int | None:
    """None is no limit."""
    return min((quota for quota in (one, other) if quota is not None), default=None)


def asks_labels(exposure: Exposure, protocol: Protocol) -> bool:
    """Whether the judge is to label the text before the outputs of this exposure may be shown."""
    if protocol.labels_first == Protocol.LabelsFirst.NEVER or exposure.comparison.item_id is None:
        return False
    if exposure.shown_at is not None or exposure.done_at is not None:
        return False
    given = Labelling.objects.filter(participant=exposure.participant_id)
    if protocol.labels_first == Protocol.LabelsFirst.EACH_PAIR:
        return not given.filter(exposure=exposure).exists()
    comparison = exposure.comparison
    return not given.filter(
        exposure__comparison__campaign=comparison.campaign_id, exposure__comparison__item=comparison.item_id
    ).exists()


def labels_to_choose(campaign: Campaign) -> list[Label]:
    """The study's labels as a judge may choose them now."""
    return list(campaign.study.labels.filter(is_active=True).order_by("position"))


def low_left_by_rule(
    campaign: Campaign, participant: Participant, *, low: int, high: int, n_shown: int
) -> bool:
    """Whether the method with the smaller key stands left, the pair having been shown so often to this judge.

    Counterbalanced in twos: of a judge's first, third, ... showing of a pair, a hash decides the side; the next
    showing of that pair has the other side. So the shares differ by one at most, and nobody can tell a side from
    the one before.
    """
    pair = f"{campaign.seed}/{campaign.uuid}/{participant.uuid}/{low}/{high}"
    first_of_two = hashlib.sha256(f"{pair}/{n_shown // 2}".encode()).digest()[0] % 2
    return (first_of_two + n_shown) % 2 == 0

"""Which method stands left: a rule that a stored seed makes checkable."""

from __future__ import annotations

import hashlib

from annotations.models import Participant
from metaeval.models import Campaign


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

"""The noise ceiling of a campaign for new texts, as its snapshot stores it."""

from __future__ import annotations

from dataclasses import dataclass

from hlv.core.stored_results import read, stored_as
from hlv.stats.raters.disjoint_noise_ceiling import DisjointCeiling
from metaeval.models import SupplementaryAnalysis


@stored_as("noise ceiling")
@dataclass(frozen=True)
class NoiseCeiling:
    """`found` is None where the judgments do not determine it; the snapshot has the reason."""

    campaign: str
    ties: str
    seed: int
    found: DisjointCeiling | None


def read_ceiling(snapshot: SupplementaryAnalysis) -> NoiseCeiling:
    return read(NoiseCeiling, snapshot)

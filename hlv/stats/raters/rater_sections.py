"""What the report on judges has of one judge, a section for each question; what is None is undefined."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Section:
    """Why it says nothing of the judge, or None."""

    undetermined: str | None = None


@dataclass(frozen=True, kw_only=True)
class AgreementWithOthers(Section):
    """Verdicts compared with those of other judges on the same comparison.

    Attributes
    ----------
    same, opposite
        Shares of the `n_pairs` pairs of verdicts.
    low, high
        The 95 % interval of `same`, or why there is none in `no_interval`.
    """

    n_comparisons: int | None = None
    n_pairs: int | None = None
    same: float | None = None
    opposite: float | None = None
    low: float | None = None
    high: float | None = None
    no_interval: str | None = None


@dataclass(frozen=True, kw_only=True)
class RepeatConsistency(Section):
    """Verdicts on comparisons that came again with sides changed, and as they were."""

    n_flipped: int | None = None
    same: float | None = None
    same_side: float | None = None
    n_repeated: int | None = None
    repeated_same: float | None = None


@dataclass(frozen=True, kw_only=True)
class LeftShare(Section):
    """The share of the left side, its 95 % interval, and the p of one half, adjusted after Holm."""

    n_decided: int | None = None
    n_left: int | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    adjusted_p: float | None = None


@dataclass(frozen=True, kw_only=True)
class CircularTriads(Section):
    """Circular triads of methods, of those whose three pairs the judge decided."""

    n_circular: int | None = None
    n_complete: int | None = None
    share: float | None = None
    zeta: float | None = None
    zeta_p: float | None = None


@dataclass(frozen=True, kw_only=True)
class ConsensusFit(Section):
    """How the verdicts fit the ranking of all; `flag` is "erratic" or "muted", `is_random` "like a coin"."""

    outfit: float | None = None
    infit: float | None = None
    outfit_z: float | None = None
    infit_z: float | None = None
    adjusted_p: float | None = None
    flag: str | None = None
    coin_log_ratio: float | None = None
    is_random: bool | None = None


@dataclass(frozen=True, kw_only=True)
class LeaveOneOutFit(Section):
    """The ranking without this judge, compared with that of all."""

    strengths: list[float | None] | None = None
    largest_change: float | None = None
    largest_rank_change: float | None = None
    tau: float | None = None
    changes_leader: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Reliability(Section):
    """By Crowd-BT, with its 95 % interval."""

    reliability: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class JudgeSections:
    """Of one judge; a section that nobody has is None."""

    n_judgments: int = 0
    agreement: AgreementWithOthers | None = None
    self_consistency: RepeatConsistency | None = None
    side_bias: LeftShare | None = None
    triads: CircularTriads | None = None
    consensus: ConsensusFit | None = None
    without: LeaveOneOutFit | None = None
    reliability: Reliability | None = None

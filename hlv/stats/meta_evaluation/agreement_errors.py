"""How both sides of an agreement err, together: what the interval of the agreement rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.meta_evaluation.agreement_result import HumanScores, MetricScores, ScoreErrors
from hlv.stats.resampling.percentiles import percentile_intervals

INFINITE: Final = "No interval: a score is infinite."
# Of a few values an effective number may be near one: degrees of freedom stay above 0.
_FEWEST_DEGREES: Final = 0.5
# Below these the intervals of the agreement were not simulated, or decide nothing.
FEWEST_SIMULATED: Final = 6
FEWEST_DEGREES: Final = 3.5
SMALLEST_GAP: Final = 0.5


@dataclass(frozen=True, eq=False)
class JointErrors:
    """Errors of people's scores and then of a metric's, which grow with quality, over the M methods that both score.

    Attributes
    ----------
    covariance : (2 M, 2 M)
        Zeros for a side whose errors are not known, which is then taken as exact.
    people_degrees, score_degrees
        Degrees of freedom of each block.
    """

    covariance: FloatArray
    people_degrees: float
    score_degrees: float


def joint_errors(human: HumanScores, metric: MetricScores, kept: BoolArray) -> JointErrors | str:
    """The errors, or why there is no interval, in a sentence.

    The blocks are the analytic errors where a side has them, else the covariance of its resamples; the cross terms come
    from the joint resamples, in which one text has one weight on both sides.
    """
    n_methods = int(kept.sum())
    if human.resampled is None and metric.resampled is None:
        return "No interval: neither side was resampled."
    people = _rows(human, kept)
    scores = metric.sign * _rows(metric, kept)
    n_rows = max(len(people), len(scores))
    rows = np.hstack([np.broadcast_to(side, (n_rows, n_methods)) for side in (people, scores)])
    if not np.isfinite(human.values[kept]).all() or not np.isfinite(metric.values[kept]).all():
        return INFINITE
    rows = np.where(np.isfinite(rows), rows, np.nan)
    if percentile_intervals(rows).low is None:
        return f"No interval: {percentile_intervals(rows).rule}."
    rows = rows[~np.isnan(rows).any(axis=1)]
    if len(rows) < 2:
        return "No interval: at least two resamples are needed."
    covariance = np.atleast_2d(np.cov(rows, rowvar=False))
    for block, side in ((slice(0, n_methods), human), (slice(n_methods, None), metric)):
        if side.errors is not None:
            covariance[block, block] = side.errors.covariance[np.ix_(kept, kept)]
    if not covariance.any():
        return "No interval: all resamples give the same value."
    return JointErrors(covariance, _degrees(human), _degrees(metric))


def _rows(side: HumanScores | MetricScores, kept: BoolArray) -> FloatArray:
    return (side.values[None] if side.resampled is None else side.resampled)[:, kept]


def _degrees(side: HumanScores | MetricScores) -> float:
    if side.errors is not None:
        return max(side.errors.degrees_of_freedom, _FEWEST_DEGREES)
    return np.inf if side.n_units is None else max(side.n_units - 1.0, _FEWEST_DEGREES)


def beyond_the_simulations(human: HumanScores, fewest_methods: int) -> list[str]:
    """Where the intervals of the agreement were not simulated, or decide nothing (docs/coverage.md)."""
    notes = []
    if fewest_methods < FEWEST_SIMULATED:
        notes.append(
            f"The intervals of the agreement were not tested by simulation for fewer than {FEWEST_SIMULATED} methods."
        )
    if human.errors is None:
        return notes
    degrees = human.errors.degrees_of_freedom
    if degrees < FEWEST_DEGREES:
        notes.append(
            f"The errors of the strengths come from effectively {degrees + 1:.1f} judges or texts. The intervals of the "
            f"agreement were not tested for fewer than {FEWEST_DEGREES + 1:g} and may be too high: add judges or texts."
        )
    gap = _neighbours_gap(human.values, human.errors)
    if gap < SMALLEST_GAP:
        notes.append(
            f"Neighbouring methods differ by {gap:.2f} standard errors on average, so the order is uncertain and intervals of "
            "the agreement are wide."
        )
    return notes


def _neighbours_gap(strengths: FloatArray, errors: ScoreErrors) -> float:
    """Standard errors between neighbours, if the true strengths were evenly spaced; what errors add is taken off."""
    there = np.isfinite(strengths)
    n = int(there.sum())
    variance = float(np.trace(errors.covariance[np.ix_(there, there)])) / max(n - 1, 1)
    if n < 2 or variance <= 0:
        return np.inf
    spread = max(float(strengths[there].var(ddof=1)) - variance, 0.0)
    return float(np.sqrt(12 * spread / (n * (n + 1)) / variance))

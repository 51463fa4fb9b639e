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
    rows = np.hstack([np.broadcast_to(variable, (n_rows, n_methods)) for variable in (people, scores)])
    if not np.isfinite(human.values[kept]).all() or not np.isfinite(metric.values[kept]).all():
        return INFINITE
    rows = np.where(np.isfinite(rows), rows, np.nan)
    if percentile_intervals(rows).low is None:
        return f"No interval: {percentile_intervals(rows).rule}."
    rows = rows[~np.isnan(rows).any(axis=1)]
    if len(rows) < 2:
        return "No interval: it needs at least two resamples."
    covariance = np.atleast_2d(np.cov(rows, rowvar=False))
    for block, variable in ((slice(0, n_methods), human), (slice(n_methods, None), metric)):
        if variable.errors is not None:
            covariance[block, block] = variable.errors.covariance[np.ix_(kept, kept)]
    if not covariance.any():
        return "No interval: every resample gives the same, as if nothing varied."
    return JointErrors(covariance, _degrees(human), _degrees(metric))


def _rows(variable: HumanScores | MetricScores, kept: BoolArray) -> FloatArray:
    return (variable.values[None] if variable.resampled is None else variable.resampled)[:, kept]


def _degrees(variable: HumanScores | MetricScores) -> float:
    if variable.errors is not None:
        return max(variable.errors.degrees_of_freedom, _FEWEST_DEGREES)
    return np.inf if variable.n_units is None else max(variable.n_units - 1.0, _FEWEST_DEGREES)


def validity_notes(human: HumanScores, fewest_methods: int) -> list[str]:
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
            f"The errors of the strengths rest on effectively {degrees + 1:.1f} judges or texts. The intervals of the "
            f"agreement were not tested for fewer than {FEWEST_DEGREES + 1:g} and may lie too high: add judges or texts."
        )
    gap = _neighbours_gap(human.values, human.errors)
    if gap < SMALLEST_GAP:
        notes.append(
            f"Neighbouring methods lie on average {gap:.2f} standard errors apart: the strengths hardly order the methods, "
            "and intervals of the agreement are wide."
        )
    return notes


def _neighbours_gap(strengths: FloatArray, errors: ScoreErrors) -> float:
    """Standard errors between neighbours, if the true strengths were evenly spaced; what errors add is taken off."""
    is_finite = np.isfinite(strengths)
    n = int(is_finite.sum())
    variance = float(np.trace(errors.covariance[np.ix_(is_finite, is_finite)])) / max(n - 1, 1)
    if n < 2 or variance <= 0:
        return np.inf
    spread = max(float(strengths[is_finite].var(ddof=1)) - variance, 0.0)
    return float(np.sqrt(12 * spread / (n * (n + 1)) / variance))

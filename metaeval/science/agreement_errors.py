"""How both sides of an agreement err, together: what the interval of the agreement rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from metaeval.science.agreement_result import HumanScores, MetricScores
from metaeval.science.comparisons import BoolArray, FloatArray
from metaeval.science.resampling import percentile_intervals

INFINITE: Final = "No interval: a score is infinite."
# Of a few values an effective number may be near one: degrees of freedom stay above 0.
_FEWEST_DEGREES: Final = 0.5


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
        return "No interval: it needs at least two resamples."
    covariance = np.atleast_2d(np.cov(rows, rowvar=False))
    for block, side in ((slice(0, n_methods), human), (slice(n_methods, None), metric)):
        if side.errors is not None:
            covariance[block, block] = side.errors.covariance[np.ix_(kept, kept)]
    if not covariance.any():
        return "No interval: every resample gives the same, as if nothing varied."
    return JointErrors(covariance, _degrees(human), _degrees(metric))


def _rows(side: HumanScores | MetricScores, kept: BoolArray) -> FloatArray:
    return (side.values[None] if side.resampled is None else side.resampled)[:, kept]


def _degrees(side: HumanScores | MetricScores) -> float:
    if side.errors is not None:
        return max(side.errors.degrees_of_freedom, _FEWEST_DEGREES)
    return np.inf if side.n_units is None else max(side.n_units - 1.0, _FEWEST_DEGREES)

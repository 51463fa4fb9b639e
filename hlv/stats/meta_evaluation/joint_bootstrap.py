"""The joint bootstrap of people and metrics as work in chunks, which any worker can compute from its packed arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.correlation import CORRELATIONS, Scale, correlations, ties_of
from hlv.stats.meta_evaluation.agreement_result import HumanScores, MetricScores, ScoreErrors
from hlv.stats.resampling.chunks import PackedFields, Runner, run_in_sequence
from hlv.stats.resampling.percentiles import percentile_intervals

# Rows of one chunk: nothing is drawn here, so they may be more than those that share one seed.
_ROWS: Final = 500


def joint_coefficients(
    people_rows: FloatArray, score_rows: FloatArray, *, people_scale: Scale, score_scale: Scale
) -> dict[str, FloatArray]:
    """Each of `CORRELATIONS` (R,) of row r with row r; NaN where a side has no answer.

    Parameters
    ----------
    people_rows, score_rows : (R, M) or (1, M)
        Both grow with quality; one row stands for a side that was not resampled.
    people_scale, score_scale
        Which values of a row are tied.
    """
    answered: BoolArray = np.asarray(~np.isnan(people_rows).any(axis=1) & ~np.isnan(score_rows).any(axis=1))
    shape = (len(answered), people_rows.shape[1])
    people_rows, score_rows = np.broadcast_to(people_rows, shape), np.broadcast_to(score_rows, shape)
    people, scores = people_rows[answered], score_rows[answered]
    found = correlations(
        scores, people, x_ties=ties_of(scores, score_scale), y_ties=ties_of(people, people_scale)
    )
    joint = {}
    for name, values in found.items():
        joint[name] = np.full(len(answered), np.nan)
        joint[name][answered] = values
    return joint


@dataclass(frozen=True, eq=False)
class JointResampling(PackedFields):
    """Coefficients of P pairs of sides in each of R joint resamples: row r of the one belongs to row r of the other.

    The chunks of the first pair come first, then those of the next.

    Attributes
    ----------
    variables : arrays (R, M) or (1, M)
        Scores that grow with quality; one row stands for a side that was not resampled. NaN rows have no answer.
    scales
        Of each side: which of its values are tied.
    pairs : (P, 2)
        Places in `variables` of people's scores and of a metric's.
    kept : (P, M)
        Methods that enter.
    n_resamples : int
    """

    kind: ClassVar[str] = "joint resamples"

    variables: tuple[FloatArray, ...]
    scales: list[Scale]
    pairs: npt.NDArray[np.int64]
    kept: BoolArray
    n_resamples: int

    @property
    def _n_blocks(self) -> int:
        return -(-self.n_resamples // _ROWS)

    @property
    def n_chunks(self) -> int:
        return len(self.pairs) * self._n_blocks

    def compute(self, first: int, stop: int) -> FloatArray:
        """`CORRELATIONS` of the rows of each chunk; (rows, 4)."""
        found = [np.empty((0, len(CORRELATIONS)))]
        for chunk in range(first, min(stop, self.n_chunks)):
            pair, block = divmod(chunk, self._n_blocks)
            rows = slice(block * _ROWS, min((block + 1) * _ROWS, self.n_resamples))
            people_place, metric_place = self.pairs[pair].tolist()
            joint = joint_coefficients(
                self._rows(people_place, rows, self.kept[pair]),
                self._rows(metric_place, rows, self.kept[pair]),
                people_scale=self.scales[people_place],
                score_scale=self.scales[metric_place],
            )
            values = np.column_stack([joint[name] for name in CORRELATIONS])
            # two sides of one row agree alike in every resample
            found.append(np.broadcast_to(values, (rows.stop - rows.start, len(CORRELATIONS))))
        return np.concatenate(found)

    def of_pairs(self, rows: FloatArray) -> list[dict[str, FloatArray]]:
        """What `compute` gave for all chunks: of each pair, the coefficients (R,) by their names."""
        tables = rows.reshape(len(self.pairs), self.n_resamples, len(CORRELATIONS))
        return [{name: table[:, column] for column, name in enumerate(CORRELATIONS)} for table in tables]

    def _rows(self, place: int, rows: slice, kept: BoolArray) -> FloatArray:
        scores_rows = self.variables[place]
        return (scores_rows if len(scores_rows) == 1 else scores_rows[rows])[:, kept]


def joint_resamples(
    human: HumanScores,
    metrics: Sequence[MetricScores],
    kept: Sequence[BoolArray],
    *,
    run: Runner = run_in_sequence,
) -> list[dict[str, FloatArray] | None]:
    """Of each metric, each of `CORRELATIONS` (R,) in each joint resample; None where neither side was resampled.

    Both sides grow with quality here, whatever the direction of the metric.

    Parameters
    ----------
    kept
        The methods (M,) that enter, for each metric.
    run
        Computes the resamples.
    """
    people = human.values[None] if human.resampled is None else human.resampled
    variables, pairs, places = [people], [], []
    scales = [human.scale]
    for place, metric in enumerate(metrics):
        if human.resampled is None and metric.resampled is None:
            continue
        scores = metric.values[None] if metric.resampled is None else metric.resampled
        pairs.append((0, len(variables)))
        variables.append(metric.sign * scores)
        scales.append(metric.scale)
        places.append(place)
    found: list[dict[str, FloatArray] | None] = [None] * len(metrics)
    if not places:
        return found
    work = JointResampling(
        variables=tuple(variables),
        scales=scales,
        pairs=np.array(pairs, dtype=np.int64),
        kept=np.stack([kept[place] for place in places]),
        n_resamples=max(len(scores_rows) for scores_rows in variables),
    )
    for place, joint in zip(places, work.of_pairs(run(work)), strict=True):
        found[place] = joint
    return found


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
        return "No interval: at least two resamples are needed."
    covariance = np.atleast_2d(np.cov(rows, rowvar=False))
    for block, variable in ((slice(0, n_methods), human), (slice(n_methods, None), metric)):
        if variable.errors is not None:
            covariance[block, block] = variable.errors.covariance[np.ix_(kept, kept)]
    if not covariance.any():
        return "No interval: all resamples give the same value."
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
    is_finite = np.isfinite(strengths)
    n = int(is_finite.sum())
    variance = float(np.trace(errors.covariance[np.ix_(is_finite, is_finite)])) / max(n - 1, 1)
    if n < 2 or variance <= 0:
        return np.inf
    spread = max(float(strengths[is_finite].var(ddof=1)) - variance, 0.0)
    return float(np.sqrt(12 * spread / (n * (n + 1)) / variance))

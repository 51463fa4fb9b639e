"""The joint bootstrap of people and metrics as work in chunks, which any worker can compute from its packed arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.correlation import CORRELATIONS, Scale, correlations, ties_of
from hlv.stats.meta_evaluation.agreement_result import HumanScores, MetricScores
from hlv.stats.resampling.chunks import PackedFields, Runner, run_in_sequence

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

"""Agreement on methods like these: the methods themselves are drawn again, as work in chunks.

Boot-Systems draws methods alone; Boot-Both draws them together with what both sides were resampled by: row r of the
people's side meets row r of a metric's on the methods of draw r. Methods of one cluster (one base model) are drawn
together. A method that is drawn twice ties with its copy on both sides, and such a pair enters no coefficient.

References
----------
Deutsch, D., Dror, R., & Roth, D. (2021). A statistical analysis of summarization evaluation metrics using
resampling methods. Transactions of the ACL 9, 1132-1146.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.correlation import (
    CORRELATIONS,
    Scale,
    SignArray,
    correlations,
    is_constant,
    pair_signs,
    ties_of,
)
from hlv.stats.reporting import UndeterminedError
from hlv.stats.resampling.chunks import PackedFields, chunk_generator

# a stream of the seed that no other resampling uses
_STREAM_OF_METHODS: Final = 23
# Draws of one chunk, which share one generator.
_ROWS: Final = 500


def weighted_coefficients(
    scores: FloatArray,
    people: FloatArray,
    weights: FloatArray,
    *,
    score_scale: Scale = "score",
    people_scale: Scale = "strength",
) -> dict[str, FloatArray]:
    """Each of `CORRELATIONS` (R,) of methods that enter as often as their weights say.

    Parameters
    ----------
    scores, people : (R, M) or (1, M)
        Both grow with quality. NaN rows have no answer.
    weights : (R, M)
        How often each method was drawn.
    score_scale, people_scale
        Which values of a row are tied.

    Returns
    -------
    dict
        NaN where a side has no answer, or is constant over the drawn methods.
    """
    answered = np.asarray(~np.isnan(people).any(axis=1) & ~np.isnan(scores).any(axis=1))
    answered = np.broadcast_to(answered, len(weights))
    found = {name: np.full(len(weights), np.nan) for name in CORRELATIONS}
    if not answered.any():
        return found
    x, y = (variable if len(variable) == 1 else variable[answered] for variable in (scores, people))
    w = weights[answered]
    first, second = np.triu_indices(w.shape[1], k=1)
    x_signs, y_signs = pair_signs(ties_of(x, score_scale)), pair_signs(ties_of(y, people_scale))
    pair_weights = w[:, first] * w[:, second]
    agreeing = (pair_weights * (x_signs * y_signs)).sum(axis=1)
    x_ordered, y_ordered = ((pair_weights * (signs != 0)).sum(axis=1) for signs in (x_signs, y_signs))
    defined = (x_ordered > 0) & (y_ordered > 0)
    tau = np.divide(agreeing, np.sqrt(x_ordered * y_ordered), out=np.full(len(w), np.nan), where=defined)
    values = {
        "kendall_tau_b": tau,
        "spearman": _weighted_pearson(_rank_scores(x_signs, w), _rank_scores(y_signs, w), w, defined),
        "pearson": _weighted_pearson(x, y, w, defined),
        "pairwise_accuracy": 0.5 + 0.5 * tau * np.sqrt(x_ordered / np.maximum(y_ordered, 1)),
    }
    for name in CORRELATIONS:
        found[name][answered] = values[name]
    return found


def _rank_scores(signs: SignArray, weights: FloatArray) -> FloatArray:
    """How many drawn methods stand below each method less how many stand above: twice its centred mean rank; (R, M)."""
    n_methods = weights.shape[1]
    first, second = np.triu_indices(n_methods, k=1)
    table = np.zeros((len(signs), n_methods, n_methods))
    table[:, first, second], table[:, second, first] = signs, -signs
    return np.asarray((table @ weights[:, :, None])[..., 0])


def _weighted_pearson(x: FloatArray, y: FloatArray, weights: FloatArray, defined: BoolArray) -> FloatArray:
    """Weighted Pearson's r of rows; NaN where it is not defined."""
    total = weights.sum(axis=1, keepdims=True)
    centred = []
    for variable in (x, y):
        rows = variable - (weights * variable).sum(axis=1, keepdims=True) / total
        # scaled first: squares of tiny differences would underflow
        largest = np.abs(np.where(weights > 0, rows, 0.0)).max(axis=1, keepdims=True)
        centred.append(np.divide(rows, largest, out=np.zeros(weights.shape), where=largest > 0))
    one, other = centred
    scale = np.sqrt((weights * one**2).sum(axis=1) * (weights * other**2).sum(axis=1))
    r = np.divide(
        (weights * one * other).sum(axis=1), scale, out=np.full(len(weights), np.nan), where=scale > 0
    )
    return np.where(defined, np.clip(r, -1.0, 1.0), np.nan)


@dataclass(frozen=True, eq=False)
class MethodResampling(PackedFields):
    """Coefficients of each metric with people on methods that are drawn again.

    Attributes
    ----------
    people : (R, M) or (1, M)
    metrics : arrays (R, M) or (1, M)
        All grow with quality; one row stands for a side that is not resampled.
    people_scale, scales
        Of people's scores and of each metric's: which of them are tied.
    clusters : (M,)
        Numbers from 0; methods of one number are drawn together.
    n_resamples, seed
        The same seed draws the same methods.
    """

    kind: ClassVar[str] = "resampled methods"

    people: FloatArray
    metrics: tuple[FloatArray, ...]
    people_scale: Scale
    scales: list[Scale]
    clusters: IntArray
    n_resamples: int
    seed: int

    @property
    def n_chunks(self) -> int:
        return -(-self.n_resamples // _ROWS)

    def compute(self, first: int, stop: int) -> FloatArray:
        """Of each draw, `CORRELATIONS` of each metric in turn; (rows, L, 4)."""
        found = [np.empty((0, len(self.metrics), len(CORRELATIONS)))]
        for chunk in range(first, min(stop, self.n_chunks)):
            rows = slice(chunk * _ROWS, min((chunk + 1) * _ROWS, self.n_resamples))
            weights = self._drawn(chunk, rows.stop - rows.start)
            people = self._rows(self.people, rows)
            table = np.empty((len(weights), len(self.metrics), len(CORRELATIONS)))
            for place, (scores, scale) in enumerate(zip(self.metrics, self.scales, strict=True)):
                values = weighted_coefficients(
                    self._rows(scores, rows),
                    people,
                    weights,
                    score_scale=scale,
                    people_scale=self.people_scale,
                )
                table[:, place] = np.column_stack([values[name] for name in CORRELATIONS])
            found.append(table)
        return np.concatenate(found)

    def _drawn(self, chunk: int, size: int) -> FloatArray:
        """How often each method is drawn; (size, M)"""
        n_clusters = int(self.clusters.max()) + 1
        generator = chunk_generator(self.seed, chunk, _STREAM_OF_METHODS)
        counts = generator.multinomial(n_clusters, np.full(n_clusters, 1 / n_clusters), size=size)
        return counts[:, self.clusters].astype(np.float64)

    @staticmethod
    def _rows(variable: FloatArray, rows: slice) -> FloatArray:
        return variable if len(variable) == 1 else variable[rows]


class UndeterminedAgreementError(UndeterminedError):
    """No agreement can be computed."""


@dataclass(frozen=True, eq=False)
class LeaveOneMethodOut:
    """A metric's agreement without each method.

    Attributes
    ----------
    methods
        The M methods that have both scores.
    coefficients
        Each of `CORRELATIONS` -> (M,), without that method; NaN where the others are all equal on one side.
    undetermined
        Of each method, why there is no value without it; None where there is.
    """

    methods: list[str]
    coefficients: dict[str, FloatArray]
    undetermined: list[str | None]


def leave_one_method_out(
    people: FloatArray,
    scores: FloatArray,
    *,
    higher_is_better: bool,
    methods: Sequence[str],
    people_scale: Scale = "strength",
    scale: Scale = "score",
) -> LeaveOneMethodOut:
    """Agreement without each method in turn.

    Parameters
    ----------
    people, scores : (M,)
        NaN where there is none; such methods are left out throughout.
    higher_is_better
        Of the metric.
    methods
        Names.
    people_scale, scale
        Of the people's side and of the metric: which values are tied.

    Raises
    ------
    UndeterminedAgreementError
        If fewer than three methods have both scores, or a score is infinite.
    ValueError
        If a side has not a value for each method.
    """
    if people.shape != (len(methods),) or scores.shape != people.shape:
        raise ValueError(f"both sides need {len(methods)} values")
    kept = ~np.isnan(people) & ~np.isnan(scores)
    n_methods = int(kept.sum())
    if n_methods < 3:
        raise UndeterminedAgreementError(
            "Only %(n_methods)s methods have both scores; without one of them a correlation needs two more.",
            n_methods=n_methods,
        )
    if np.isinf(people[kept]).any() or np.isinf(scores[kept]).any():
        raise UndeterminedAgreementError("A score is infinite.")
    others = np.flatnonzero(~np.eye(n_methods, dtype=bool).reshape(-1)).reshape(n_methods, -1) % n_methods
    sign = 1.0 if higher_is_better else -1.0
    metric_rows, people_rows = sign * scores[kept][others], people[kept][others]
    metric_ties, people_ties = ties_of(metric_rows, scale), ties_of(people_rows, people_scale)
    flat_metric, flat_people = is_constant(metric_ties).tolist(), is_constant(people_ties).tolist()
    return LeaveOneMethodOut(
        methods=[name for name, is_kept in zip(methods, kept.tolist(), strict=True) if is_kept],
        coefficients=correlations(metric_rows, people_rows, x_ties=metric_ties, y_ties=people_ties),
        undetermined=[
            "The human ranking of the other methods is constant."
            if by_people
            else "The metric gives the other methods the same score."
            if by_metric
            else None
            for by_people, by_metric in zip(flat_people, flat_metric, strict=True)
        ],
    )

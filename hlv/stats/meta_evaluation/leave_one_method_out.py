"""Metric agreement without each method in turn: whether one method makes a metric look good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import Scale, correlations, is_constant, ties_of


class UndeterminedAgreementError(Exception):
    """No agreement can be computed; `sentence` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


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
            f"Only {n_methods} methods have both scores; without one of them a correlation needs two more."
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

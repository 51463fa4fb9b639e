"""Metric agreement as a mean over groups of methods.

The same methods stand in each group (a training method with each of several base models), so
one order of the methods is drawn for all groups: the groups' coefficients are not independent of one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from metaeval.science.agreement_result import Coefficient, HumanScores, MetricAgreement, MetricScores
from metaeval.science.comparisons import BoolArray, FloatArray, IntArray
from metaeval.science.correlation import (
    CONSTANT_METRIC,
    CORRELATIONS,
    correlations,
    is_constant,
    mean_ranks,
    pair_signs,
    rounded,
    unit_rows,
)
from metaeval.science.leave_one_method_out import UndeterminedAgreementError
from metaeval.science.permutation import Permutations, method_permutations
from metaeval.science.resampling import percentile_intervals

# what an unrelated metric scores
CHANCE: Final = {"kendall_tau_b": 0.0, "spearman": 0.0, "pearson": 0.0, "pairwise_accuracy": 0.5}
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class MethodGroup:
    """One group: the people's side and every metric, of the methods in their common order.

    The sides are those of `agree`; NaN where the group lacks a method.
    """

    name: str
    human: HumanScores
    metrics: Sequence[MetricScores]


@dataclass(frozen=True, eq=False)
class GroupMeans:
    """Metric agreement as a mean over groups.

    Attributes
    ----------
    groups
        Names of the groups.
    methods
        Methods that every group has; the others are left out of all groups.
    left_out
        The others.
    metrics
        Each metric's means, with interval and p.
    per_group
        Metric -> coefficient -> its value in each group, in the order of `groups`.
    """

    groups: list[str]
    methods: list[str]
    left_out: list[str]
    metrics: list[MetricAgreement]
    per_group: dict[str, dict[str, list[float]]]
    seed: int
    n_permutations: int

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON: finite numbers, null where there is none."""
        return {
            "groups": self.groups,
            "methods": self.methods,
            "left_out": self.left_out,
            "metrics": [
                metric.as_dict() | {"per_group": self.per_group.get(metric.name)} for metric in self.metrics
            ],
            "seed": self.seed,
            "n_permutations": self.n_permutations,
        }


def agree_over_groups(
    groups: Sequence[MethodGroup], methods: Sequence[str], *, n_permutations: int = 9999, seed: int
) -> GroupMeans:
    """Mean of each coefficient over the groups, its interval and its p.

    Resample r of every group is taken for one draw: give all groups the same resampled judges and items where they
    share them. p is two-sided: the share of orders of the methods, the same order in all groups, whose mean lies as
    far from chance.

    Raises
    ------
    UndeterminedAgreementError
        If there is no group, a group's people give no ranking, or fewer than two methods are in all groups.
    ValueError
        If the groups do not have the same metrics and numbers of methods and of resamples.
    """
    if not groups:
        raise UndeterminedAgreementError("There is no group of methods.")
    _check(groups, len(methods))
    common = _ranked_everywhere(groups)
    reasons = [_undefined(groups, index, common) for index in range(len(groups[0].metrics))]
    defined = [index for index, reason in enumerate(reasons) if reason is None]
    values, p_values = _of_groups(groups, defined, common, n_permutations=n_permutations, seed=seed)
    place = {index: column for column, index in enumerate(defined)}
    return GroupMeans(
        groups=[group.name for group in groups],
        methods=[name for name, kept in zip(methods, common.tolist(), strict=True) if kept],
        left_out=[name for name, kept in zip(methods, common.tolist(), strict=True) if not kept],
        metrics=[
            _without_mean(metric, reason, common)
            if reason is not None
            else _mean_of_groups(
                groups,
                index,
                common,
                values={name: values[name][:, place[index]] for name in CORRELATIONS},
                p_values={name: float(p_values[name][place[index]]) for name in CORRELATIONS},
            )
            for index, (metric, reason) in enumerate(zip(groups[0].metrics, reasons, strict=True))
        ],
        per_group={
            groups[0].metrics[index].name: {name: values[name][:, column].tolist() for name in CORRELATIONS}
            for index, column in place.items()
        },
        seed=seed,
        n_permutations=n_permutations,
    )


def _ranked_everywhere(groups: Sequence[MethodGroup]) -> BoolArray:
    """The methods (M,) that people ranked in every group."""
    for group in groups:
        if group.human.undetermined is not None:
            raise UndeterminedAgreementError(f"{group.name}: {group.human.undetermined}")
    common: BoolArray = np.all([~np.isnan(group.human.values) for group in groups], axis=0)
    n_methods = int(common.sum())
    if n_methods < 2:
        raise UndeterminedAgreementError(
            f"Only {n_methods} methods were ranked in every group; a correlation needs two or more."
        )
    for group in groups:
        if is_constant(group.human.values[common]):
            raise UndeterminedAgreementError(f"{group.name}: people rank all methods equal.")
    return common


def _of_groups(
    groups: Sequence[MethodGroup],
    defined: Sequence[int],
    common: BoolArray,
    *,
    n_permutations: int,
    seed: int,
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Of each coefficient, its value in each group (G, K) and the p of its mean (K,), of the defined metrics."""
    if not defined:
        return {}, {}
    people = np.stack([group.human.values[common] for group in groups])
    scores = np.array([[_oriented(group.metrics[k])[common] for k in defined] for group in groups])
    shuffles = method_permutations(int(common.sum()), n_permutations=n_permutations, seed=seed)
    return correlations(scores, people[:, None]), _p_values(scores, people, shuffles)


def _without_mean(metric: MetricScores, reason: str, common: BoolArray) -> MetricAgreement:
    coefficients = {name: Coefficient(None, undetermined=reason) for name in CORRELATIONS}
    return MetricAgreement(
        metric.name, metric.higher_is_better, int(common.sum()), coefficients, undetermined=reason
    )


def _mean_of_groups(
    groups: Sequence[MethodGroup],
    index: int,
    common: BoolArray,
    *,
    values: dict[str, FloatArray],
    p_values: dict[str, float],
) -> MetricAgreement:
    metric, joint = groups[0].metrics[index], _joint_means(groups, index, common)
    coefficients = {}
    for name in CORRELATIONS:
        interval, mean = (None, None) if joint is None else _interval(joint[name])
        coefficients[name] = Coefficient(float(values[name].mean()), interval, p_values[name], mean)
    resampled = np.empty(0) if joint is None else joint[CORRELATIONS[0]]
    return MetricAgreement(
        metric.name,
        metric.higher_is_better,
        int(common.sum()),
        coefficients,
        n_resamples=len(resampled),
        n_resamples_without_answer=int(np.isnan(resampled).sum()),
    )


def _check(groups: Sequence[MethodGroup], n_methods: int) -> None:
    names = [metric.name for metric in groups[0].metrics]
    lengths = set()
    for group in groups:
        if [metric.name for metric in group.metrics] != names:
            raise ValueError("all groups need the same metrics in the same order")
        sides: list[HumanScores | MetricScores] = [group.human, *group.metrics]
        for side in sides:
            if side.values.shape != (n_methods,):
                raise ValueError(f"{group.name} has {side.values.size} values for {n_methods} methods")
            if side.resampled is not None:
                lengths.add(side.resampled.shape)
    if len(lengths) > 1 or any(shape[1:] != (n_methods,) for shape in lengths):
        raise ValueError(f"all groups need equally many resamples of {n_methods} methods")


def _undefined(groups: Sequence[MethodGroup], index: int, common: BoolArray) -> str | None:
    for group in groups:
        metric = group.metrics[index]
        if metric.undetermined is not None:
            return f"{group.name}: {metric.undetermined}"
        values = metric.values[common]
        if not np.isfinite(values).all():
            return f"{group.name}: some method has no score, or an infinite one."
        if is_constant(values):
            return f"{group.name}: {CONSTANT_METRIC}"
    return None


def _oriented(metric: MetricScores) -> FloatArray:
    return metric.values if metric.higher_is_better else -metric.values


def _p_values(scores: FloatArray, people: FloatArray, shuffles: Permutations) -> dict[str, FloatArray]:
    """Two-sided p (L,) of each mean over groups; scores (G, L, M) and people (G, M)."""
    identity = np.arange(people.shape[1])[None]
    observed = _mean_distances(scores, people, identity)
    hits = {name: np.zeros(scores.shape[1], dtype=np.int64) for name in CORRELATIONS}
    for orders in shuffles.batches():
        null = _mean_distances(scores, people, orders)
        for name in CORRELATIONS:
            hits[name] += (null[name] >= observed[name] - _ROUNDING).sum(axis=0)
    return {name: np.array([shuffles.p_value(int(n)) for n in hits[name]]) for name in CORRELATIONS}


def _mean_distances(scores: FloatArray, people: FloatArray, orders: IntArray) -> dict[str, FloatArray]:
    """How far the mean over groups lies from chance (k, L), with the people's side in each order."""
    first, second = np.triu_indices(people.shape[1], k=1)
    total = {name: np.zeros((len(orders), scores.shape[1])) for name in CORRELATIONS}
    for metrics, side in zip(scores, people, strict=True):
        signs = pair_signs(metrics).astype(np.float32)
        compared = rounded(side)
        table = np.sign(compared[:, None] - compared[None, :]).astype(np.float32)
        agreeing = (table[orders[:, first], orders[:, second]] @ signs.T).astype(np.float64)
        ordered = float(np.abs(table[first, second]).sum())
        total["kendall_tau_b"] += agreeing / np.sqrt(ordered * (signs != 0).sum(axis=1))
        total["pairwise_accuracy"] += 0.5 + 0.5 * agreeing / ordered
        for name, rows, target in (
            ("spearman", mean_ranks(metrics), mean_ranks(side)),
            ("pearson", metrics, side),
        ):
            total[name] += unit_rows(target[None])[0][orders] @ unit_rows(rows).T
    return {name: np.abs(values / len(people) - CHANCE[name]) for name, values in total.items()}


def _joint_means(
    groups: Sequence[MethodGroup], index: int, common: BoolArray
) -> dict[str, FloatArray] | None:
    """Mean over groups of each resample's coefficients (R,); None where nothing was resampled."""
    sides: list[tuple[FloatArray, FloatArray]] = []
    for group in groups:
        metric = group.metrics[index]
        sign = 1.0 if metric.higher_is_better else -1.0
        scores = metric.values[None] if metric.resampled is None else metric.resampled
        people = group.human.values[None] if group.human.resampled is None else group.human.resampled
        sides.append((sign * scores[:, common], people[:, common]))
    n_rows = max(max(len(scores), len(people)) for scores, people in sides)
    resampled = any(
        side.resampled is not None for group in groups for side in (group.human, group.metrics[index])
    )
    if not resampled:
        return None
    answered = np.ones(n_rows, dtype=bool)
    for scores, people in sides:
        answered &= np.isfinite(scores).all(axis=1) & np.isfinite(people).all(axis=1)
    means = {name: np.full(n_rows, np.nan) for name in CORRELATIONS}
    shape = (n_rows, int(common.sum()))
    found = [
        correlations(np.broadcast_to(scores, shape)[answered], np.broadcast_to(people, shape)[answered])
        for scores, people in sides
    ]
    for name in CORRELATIONS:
        means[name][answered] = np.mean([values[name] for values in found], axis=0)
    return means


def _interval(values: FloatArray) -> tuple[tuple[float, float] | None, float | None]:
    found = percentile_intervals(values[:, None])
    if found.low is None or found.high is None:
        return None, None
    return (float(found.low[0]), float(found.high[0])), float(values[~np.isnan(values)].mean())

"""Metric agreement as a mean over groups of methods.

Each group has the same methods (a training method with each of several base models), so
one order of the methods is drawn for all groups: the groups' coefficients are not independent of one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.correlation import CONSTANT_METRIC, CORRELATIONS, Scale, correlations, is_constant
from hlv.stats.meta_evaluation.agreement_interval import METHOD, AgreementPosterior, mean_posterior
from hlv.stats.meta_evaluation.agreement_result import Coefficient, HumanScores, MetricAgreement, MetricScores
from hlv.stats.meta_evaluation.joint_bootstrap import JointResampling
from hlv.stats.meta_evaluation.method_resampling import UndeterminedAgreementError
from hlv.stats.meta_evaluation.metric_agreement import resample_mean, scores_posterior
from hlv.stats.meta_evaluation.permutation import N_PERMUTATIONS, NullOrders, method_permutations
from hlv.stats.meta_evaluation.permutation_chunks import PermutedGroups
from hlv.stats.resampling.chunks import Runner, Runners, run_each_in_sequence


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
    # Random orders; None where all were taken.
    n_permutations: int | None


def agree_over_groups(
    groups: Sequence[MethodGroup],
    methods: Sequence[str],
    *,
    n_permutations: int = N_PERMUTATIONS,
    seed: int,
    runners: Runners = run_each_in_sequence,
) -> GroupMeans:
    """Mean of each coefficient over the groups, its interval and its p.

    Resample r of every group is taken for one draw: give all groups the same resampled judges and items where they
    share them. p is two-sided: the share of orders of the methods, the same order in all groups, whose mean lies as
    far from chance.

    Parameters
    ----------
    methods
        Names of the methods, in the order of every group's scores.
    seed
        Of the orders.
    runners
        What computes the works, by their names "permutations" and "joint resamples".

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
    values, p_values, null = _of_groups(
        groups, defined, common, n_permutations=n_permutations, seed=seed, run=runners("permutations")
    )
    joint = _joint_means(groups, defined, common, run=runners("joint resamples"))
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
                joint.get(index),
                seed=seed,
                values={name: values[name][:, place[index]] for name in CORRELATIONS},
                p_values={name: float(p_values[name][place[index]]) for name in CORRELATIONS},
                null=null,
            )
            for index, (metric, reason) in enumerate(zip(groups[0].metrics, reasons, strict=True))
        ],
        per_group={
            groups[0].metrics[index].name: {name: values[name][:, column].tolist() for name in CORRELATIONS}
            for index, column in place.items()
        },
        seed=seed,
        n_permutations=None if null is None else null.n_random,
    )


def _ranked_everywhere(groups: Sequence[MethodGroup]) -> BoolArray:
    """The methods (M,) that people ranked in every group."""
    for group in groups:
        if group.human.undetermined is not None:
            raise UndeterminedAgreementError(
                "%(name)s: %(undetermined)s", name=group.name, undetermined=group.human.undetermined
            )
    common: BoolArray = np.all([~np.isnan(group.human.values) for group in groups], axis=0)
    n_methods = int(common.sum())
    if n_methods < 2:
        number = "Only 1 method" if n_methods else "No method"
        raise UndeterminedAgreementError(
            "%(number)s was ranked in each of %(value)s: a mean over groups needs two or more methods that all of them have.",
            number=number,
            value=", ".join(group.name for group in groups),
        )
    for group in groups:
        if is_constant(group.human.ties_of(group.human.values[common])):
            raise UndeterminedAgreementError("%(name)s: people rank all methods equal.", name=group.name)
    return common


def _of_groups(
    groups: Sequence[MethodGroup],
    defined: Sequence[int],
    common: BoolArray,
    *,
    n_permutations: int,
    seed: int,
    run: Runner,
) -> tuple[dict[str, FloatArray], dict[str, FloatArray], NullOrders | None]:
    """Of each coefficient, its value in each group (G, K) and the p of its mean (K,), of the defined metrics.

    Last come the orders that p was taken over: of a mean over groups there is no exact recursion.
    """
    if not defined:
        return {}, {}, None
    people = np.stack([group.human.values[common] for group in groups])
    scores = np.array([[_oriented(group.metrics[k])[common] for k in defined] for group in groups])
    shuffles = method_permutations(int(common.sum()), n_permutations=n_permutations, seed=seed)
    people_ties = np.stack([group.human.ties_of(row) for group, row in zip(groups, people, strict=True)])
    score_ties = np.array(
        [
            [group.metrics[k].ties_of(row) for k, row in zip(defined, rows, strict=True)]
            for group, rows in zip(groups, scores, strict=True)
        ]
    )
    values = correlations(scores, people[:, None], x_ties=score_ties, y_ties=people_ties[:, None])
    work = PermutedGroups(
        shuffles.orders, metrics=scores, people=people, metric_ties=score_ties, people_ties=people_ties
    )
    hits = run(work).sum(axis=0)
    p_values = {
        name: shuffles.p_values(name_coefficients)
        for name, name_coefficients in zip(CORRELATIONS, hits, strict=True)
    }
    return values, p_values, shuffles.null


def _without_mean(metric: MetricScores, reason: str, common: BoolArray) -> MetricAgreement:
    coefficients = {name: Coefficient(None, undetermined=reason) for name in CORRELATIONS}
    return MetricAgreement(
        metric.name, metric.higher_is_better, int(common.sum()), coefficients, undetermined=reason
    )


def _mean_of_groups(
    groups: Sequence[MethodGroup],
    index: int,
    common: BoolArray,
    joint: dict[str, FloatArray] | None,
    *,
    seed: int,
    values: dict[str, FloatArray],
    p_values: dict[str, float],
    null: NullOrders | None,
) -> MetricAgreement:
    metric = groups[0].metrics[index]
    posterior = _posterior_of_mean(groups, index, common, seed=seed)
    coefficients = {}
    for name in CORRELATIONS:
        value = float(values[name].mean())
        interval = None if isinstance(posterior, str) else posterior.interval(name, estimate=value)
        mean = None if joint is None else resample_mean(joint[name])
        coefficients[name] = Coefficient(value, interval, p_values[name], mean, p_from=null)
    resampled = np.empty(0) if joint is None else joint[CORRELATIONS[0]]
    return MetricAgreement(
        metric.name,
        metric.higher_is_better,
        int(common.sum()),
        coefficients,
        n_resamples=len(resampled),
        n_resamples_without_answer=int(np.isnan(resampled).sum()),
        interval_rule=posterior
        if isinstance(posterior, str)
        else f"{METHOD[0].upper()}{METHOD[1:]} of each group, averaged; errors of groups are taken as independent.",
    )


def _posterior_of_mean(
    groups: Sequence[MethodGroup], index: int, common: BoolArray, *, seed: int
) -> AgreementPosterior | str:
    """Draws of the mean agreement of the true values, or why there are none."""
    found = []
    for group in groups:
        posterior = scores_posterior(group.human, group.metrics[index], common, seed=seed)
        if isinstance(posterior, str):
            return f"{group.name}: {posterior}"
        found.append(posterior)
    return mean_posterior(found, rng=np.random.default_rng(seed))


def _check(groups: Sequence[MethodGroup], n_methods: int) -> None:
    names = [metric.name for metric in groups[0].metrics]
    lengths = set()
    for group in groups:
        if [metric.name for metric in group.metrics] != names:
            raise ValueError("all groups need the same metrics in the same order")
        variables: list[HumanScores | MetricScores] = [group.human, *group.metrics]
        for variable in variables:
            if variable.values.shape != (n_methods,):
                raise ValueError(f"{group.name} has {variable.values.size} values for {n_methods} methods")
            if variable.resampled is not None:
                lengths.add(variable.resampled.shape)
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
        if is_constant(metric.ties_of(values)):
            return f"{group.name}: {CONSTANT_METRIC}"
    return None


def _oriented(metric: MetricScores) -> FloatArray:
    return metric.sign * metric.values


def _joint_means(
    groups: Sequence[MethodGroup], defined: Sequence[int], common: BoolArray, *, run: Runner
) -> dict[int, dict[str, FloatArray]]:
    """Of each metric of which anything was resampled, each resample's mean over groups (R,) of each coefficient."""
    places = [index for index in defined if _is_resampled(groups, index)]
    if not places:
        return {}
    variables: list[FloatArray] = []
    scales: list[Scale] = []
    pairs: list[tuple[int, int]] = []
    for group in groups:
        people = len(variables)
        variables.append(_answered(group.human, common))
        scales.append(group.human.scale)
        for index in places:
            pairs.append((people, len(variables)))
            variables.append(group.metrics[index].sign * _answered(group.metrics[index], common))
            scales.append(group.metrics[index].scale)
    work = JointResampling(
        variables=tuple(variables),
        scales=scales,
        pairs=np.array(pairs, dtype=np.int64),
        kept=np.ones((len(pairs), int(common.sum())), dtype=bool),
        n_resamples=max(len(variable) for variable in variables),
    )
    joint = work.of_pairs(run(work))
    return {
        index: {
            name: np.mean(
                [pair_coefficients[name] for pair_coefficients in joint[column :: len(places)]], axis=0
            )
            for name in CORRELATIONS
        }
        for column, index in enumerate(places)
    }


def _is_resampled(groups: Sequence[MethodGroup], index: int) -> bool:
    return any(
        variable.resampled is not None for group in groups for variable in (group.human, group.metrics[index])
    )


def _answered(variable: HumanScores | MetricScores, common: BoolArray) -> FloatArray:
    """Rows of the common methods; NaN where one has no finite value."""
    rows = (variable.values[None] if variable.resampled is None else variable.resampled)[:, common]
    return np.where(np.isfinite(rows).all(axis=1, keepdims=True), rows, np.nan)

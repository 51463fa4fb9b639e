"""Which of two metrics agrees better with people, and which metrics cannot be told apart.

Metrics that are means over items are compared by exchanging their scores (PERM-BOTH, `metric_swaps`); others by the
joint bootstrap of both sides. All tests together are adjusted by Holm's rule.

References
----------
Deutsch, D., Dror, R., & Roth, D. (2021). A statistical analysis of summarization evaluation metrics using
resampling methods. Transactions of the ACL 9, 1132-1146.
Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics
6(2), 65-70.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Final

import numpy as np

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.correlation import (
    CONSTANT_METRIC,
    CORRELATIONS,
    Scale,
    correlations,
    is_constant,
    tie_tolerance,
    ties_of,
)
from hlv.stats.meta_evaluation.agreement_result import (
    ComparedMetric,
    HumanScores,
    MetricDifferences,
    MetricScores,
    Test,
    UndeterminedDifferencesError,
)
from hlv.stats.meta_evaluation.joint_bootstrap import joint_resamples
from hlv.stats.meta_evaluation.paired_permutation import (
    N_EXCHANGES,
    SWAP_NULLS,
    SwapNull,
    SwapTests,
    swap_tests,
)
from hlv.stats.pairwise.multiple_comparisons import holm, maximal_cliques
from hlv.stats.reporting import p_text
from hlv.stats.resampling.chunks import Runner, run_in_sequence
from hlv.stats.resampling.percentiles import percentile_intervals

ALPHA: Final = 0.05
_ROUNDING = 1e-12
# scores may have been rounded before they came: so many times the tolerance of ties
_ROUNDED_MEANS: Final = 1e6
HUMAN_RANKING_FIXED: Final = (
    "The permutation of scores treats the human ranking as fixed: its p is not valid for other judges."
)
METHODS_FIXED: Final = (
    "PERM-BOTH is valid for these methods only: where metrics favour single methods, it finds "
    "differences more often than its level. Permuting whole methods does not."
)

__all__ = [
    "ComparedMetric",
    "MetricDifferences",
    "UndeterminedDifferencesError",
    "compared_metric",
    "metric_differences",
    "permutations_needed",
    "smallest_adjusted_p",
]


def compared_metric(
    human: HumanScores,
    metric: MetricScores,
    *,
    hypothesis: str,
    coefficient: str = "kendall_tau_b",
    item_scores: FloatArray | None = None,
) -> ComparedMetric:
    """A metric as `metric_differences` takes it, from the two sides that `agree` takes.

    Parameters
    ----------
    human, metric
        Of methods that have a score on both sides; row r of the one's resamples belongs to row r of the other's.
    hypothesis
        `Metric.hypothesis`, or the metric's name.
    coefficient
        The one that is to be compared.
    item_scores : (M, N) or None
        As `ComparedMetric` has them.
    """
    there = np.ones(len(metric.values), dtype=bool)
    (joint,) = joint_resamples(human, [metric], [there])
    resampled = None if joint is None else joint[coefficient]
    return ComparedMetric(
        metric.name, metric.higher_is_better, hypothesis, metric.values, item_scores, resampled, metric.scale
    )


def metric_differences(
    metrics: Sequence[ComparedMetric],
    people: FloatArray,
    *,
    people_scale: Scale = "strength",
    coefficient: str = "kendall_tau_b",
    null: SwapNull = "methods-xor-items",
    n_permutations: int = N_EXCHANGES,
    most_permutations: int | None = None,
    alpha: float = ALPHA,
    seed: int,
    run: Runner = run_in_sequence,
) -> MetricDifferences:
    """Compare every two metrics.

    Parameters
    ----------
    metrics
        Of the same M methods.
    people : (M,)
        Strengths, or another human score that grows with quality.
    people_scale
        Which of them are tied.
    coefficient
        One of `CORRELATIONS`; `resampled` must be of the same.
    null, n_permutations, seed
        Of the exchange of scores.
    most_permutations
        Up to which it goes on where the Monte Carlo error leaves a decision open; by default it does not.
    alpha
        Level of the adjusted tests.
    run
        Computes the exchanges of scores.

    Raises
    ------
    UndeterminedDifferencesError
        If people rank all methods equal, or fewer than two metrics remain.
    ValueError
        If shapes do not match, a name comes twice, "means" are no means, or an option is not known.
    """
    _check(metrics, people, coefficient, null)
    people_ties = ties_of(people, people_scale)
    if is_constant(people_ties):
        raise UndeterminedDifferencesError(
            "People rank all methods equal; a correlation with a constant is undefined."
        )
    left_out = {metric.name: reason for metric in metrics if (reason := _undefined(metric)) is not None}
    kept, copies = _hypotheses([metric for metric in metrics if metric.name not in left_out])
    if len(kept) < 2:
        raise UndeterminedDifferencesError(
            "There %(value)s to compare, affine copies counted once; a difference needs two.",
            value="is one metric" if len(kept) == 1 else "is no metric",
        )
    first, second = np.triu_indices(len(kept), k=1)
    signed = np.stack([_sign(metric) * metric.values for metric in kept])
    signed_ties = np.stack([ties_of(row, metric.scale) for row, metric in zip(signed, kept, strict=True)])
    values = correlations(signed, people[None], x_ties=signed_ties, y_ties=people_ties[None])[coefficient]
    p, tests, exchanged = _permuted(
        kept,
        people,
        (first, second),
        people_scale=people_scale,
        coefficient=coefficient,
        null=null,
        n_permutations=n_permutations,
        most_permutations=most_permutations,
        alpha=alpha,
        seed=seed,
        run=run,
    )
    low, high, smallest, uncrossed = _bootstrapped(kept, first, second, p, tests, exchanged.smallest)
    adjusted = _adjusted(p)
    floor = _smallest_adjusted(smallest[~np.isnan(p)])
    is_similar = np.ones((len(kept), len(kept)), dtype=bool)
    is_similar[first, second] = is_similar[second, first] = ~(adjusted < alpha)
    # tests that cannot tell any two apart give no groups
    decides = floor is None or floor < alpha
    groups, complete = maximal_cliques(is_similar) if decides else ([], True)
    names = [metric.name for metric in kept]
    return MetricDifferences(
        coefficient=coefficient,
        names=names,
        copies=copies,
        values=values,
        first=first,
        second=second,
        difference=values[first] - values[second],
        low=low,
        high=high,
        tests=tests,
        p=p,
        adjusted_p=adjusted,
        at_floor=uncrossed > 0,
        groups=[[names[member] for member in group] for group in groups],
        groups_complete=complete,
        left_out=left_out,
        null=null,
        n_permutations=int(exchanged.n_exchanges.max()) or None,
        seed=seed,
        notes=[*_notes(tests, smallest[~np.isnan(p)], alpha=alpha), *_floor_note(uncrossed, adjusted)],
        n_exchanges=exchanged.n_exchanges,
        exchanged_all=exchanged.exact,
        smallest_adjusted_p=floor,
    )


def _smallest_adjusted(smallest: FloatArray) -> float | None:
    """What Holm's rule leaves of the smallest p that any of these tests can give; None without tests."""
    return min(1.0, len(smallest) * float(smallest.min())) if len(smallest) else None


def _adjusted(p: FloatArray) -> FloatArray:
    """By Holm's rule, those that are no tests left out."""
    tested = ~np.isnan(p)
    adjusted = np.full(len(p), np.nan)
    if tested.any():
        adjusted[tested] = holm(p[tested])
    return adjusted


def smallest_adjusted_p(n_tests: int, n_permutations: int) -> float:
    """The smallest p that Holm's rule can leave one of so many permutation tests."""
    return min(1.0, n_tests / (1 + n_permutations))


def permutations_needed(n_tests: int, *, alpha: float = ALPHA) -> int:
    """Permutations with which one of so many tests can stand out: 20 for each test at .05."""
    return ceil(n_tests / alpha)


def _check(metrics: Sequence[ComparedMetric], people: FloatArray, coefficient: str, null: str) -> None:
    if coefficient not in CORRELATIONS:
        raise ValueError(f"unknown coefficient {coefficient!r}; one of {', '.join(CORRELATIONS)}")
    if null not in SWAP_NULLS:
        raise ValueError(f"unknown null hypothesis {null!r}; one of {', '.join(SWAP_NULLS)}")
    if people.ndim != 1 or len(people) < 2 or not np.isfinite(people).all():
        raise ValueError("people need a finite score of each of two methods or more")
    if len({metric.name for metric in metrics}) != len(metrics):
        raise ValueError("two metrics have the same name")
    for metric in metrics:
        if metric.values.shape != people.shape:
            raise ValueError(f"{metric.name} has {metric.values.size} values for {len(people)} methods")
        if metric.item_scores is None:
            continue
        if metric.item_scores.ndim != 2 or len(metric.item_scores) != len(people):
            raise ValueError(f"{metric.name} needs item scores of {len(people)} methods")
        if not are_means(metric.item_scores.mean(axis=1), metric.values):
            raise ValueError(f"the scores of {metric.name} are not the means of its item scores")
    for attribute, what in (("item_scores", "items"), ("resampled", "resamples")):
        given = [getattr(metric, attribute) for metric in metrics]
        if len({array.shape[-1] for array in given if array is not None}) > 1:
            raise ValueError(f"all metrics need the same {what}")


def are_means(means: FloatArray, values: FloatArray) -> bool:
    """Whether values (M,) are these means but for rounding, whatever their scale."""
    tolerance = tie_tolerance(values, "score")[0] * _ROUNDED_MEANS
    return bool((np.isclose(means, values, rtol=0.0, atol=tolerance, equal_nan=True)).all())


def _undefined(metric: ComparedMetric) -> str | None:
    if not np.isfinite(metric.values).all():
        return "Some method has no score, or an infinite one."
    if is_constant(ties_of(metric.values, metric.scale)):
        return CONSTANT_METRIC
    return None


def _hypotheses(metrics: list[ComparedMetric]) -> tuple[list[ComparedMetric], list[list[str]]]:
    """One metric for each hypothesis, one with item scores where there is, and the names it stands for."""
    families: dict[str, list[ComparedMetric]] = {}
    for metric in metrics:
        families.setdefault(metric.hypothesis, []).append(metric)
    kept = [
        next((metric for metric in family if metric.item_scores is not None), family[0])
        for family in families.values()
    ]
    return kept, [[metric.name for metric in family] for family in families.values()]


def _permuted(
    kept: list[ComparedMetric],
    people: FloatArray,
    pairs: tuple[IntArray, IntArray],
    *,
    people_scale: Scale,
    coefficient: str,
    null: SwapNull,
    n_permutations: int,
    most_permutations: int | None,
    alpha: float,
    seed: int,
    run: Runner,
) -> tuple[FloatArray, list[Test | None], SwapTests]:
    first, second = pairs
    smallest = np.full(len(first), 1 / (1 + n_permutations))
    n_exchanges, is_exact = np.zeros(len(first), dtype=np.int64), False
    p = np.full(len(first), np.nan)
    tests: list[Test | None] = [None] * len(first)
    place = np.full(len(kept), -1)
    scores: list[FloatArray] = []
    for index, metric in enumerate(kept):
        if metric.item_scores is not None:
            place[index] = len(scores)
            scores.append(_sign(metric) * metric.item_scores)
    testable = np.flatnonzero((place[first] >= 0) & (place[second] >= 0))
    if len(testable):
        found = swap_tests(
            np.stack(scores),
            people,
            place[first[testable]],
            place[second[testable]],
            people_scale=people_scale,
            coefficient=coefficient,
            null=null,
            n_permutations=n_permutations,
            most_permutations=most_permutations or n_permutations,
            alpha=alpha,
            seed=seed,
            run=run,
        )
        p[testable], n_exchanges[testable] = found.p, found.n_exchanges
        smallest[testable], is_exact = found.smallest, found.exact
        for pair in testable.tolist():
            tests[pair] = "PERM-SYSTEMS" if null == "methods" else "PERM-BOTH"
    return p, tests, SwapTests(p, n_exchanges, is_exact, smallest)


def _bootstrapped(
    kept: list[ComparedMetric],
    first: IntArray,
    second: IntArray,
    p: FloatArray,
    tests: list[Test | None],
    smallest: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray, IntArray]:
    """Intervals of all pairs that were resampled; fills in p, test and the smallest p where PERM-BOTH could not.

    Last comes the number of resamples of those in which none crossed 0; 0 where some did.
    """
    low, high = np.full(len(p), np.nan), np.full(len(p), np.nan)
    smallest = smallest.copy()
    uncrossed = np.zeros(len(p), dtype=np.int64)
    for pair, (i, j) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        left, right = kept[i].resampled, kept[j].resampled
        if left is None or right is None:
            continue
        difference = left - right
        found = percentile_intervals(difference[:, None])
        if found.low is None or found.high is None:
            continue
        low[pair], high[pair] = found.low[0], found.high[0]
        if tests[pair] is None:
            known = difference[~np.isnan(difference)]
            rarer = min(int((known <= _ROUNDING).sum()), int((known >= -_ROUNDING).sum()))
            p[pair] = min(1.0, 2 * (1 + rarer) / (1 + len(known)))
            smallest[pair] = 2 / (1 + len(known))
            tests[pair] = "joint bootstrap"
            uncrossed[pair] = 0 if rarer else len(known)
    return low, high, smallest, uncrossed


def _notes(tests: list[Test | None], smallest: FloatArray, *, alpha: float) -> list[str]:
    notes = []
    if "PERM-BOTH" in tests or "PERM-SYSTEMS" in tests:
        notes.append(HUMAN_RANKING_FIXED)
    if "PERM-BOTH" in tests:
        notes.append(METHODS_FIXED)
    n_untested = tests.count(None)
    if n_untested:
        notes.append(
            f"{n_untested:,} {'pair of metrics is' if n_untested == 1 else 'pairs of metrics are'} not tested: a permutation needs item scores of both, the joint "
            "bootstrap enough resamples of both."
        )
    n_tests = len(smallest)
    if n_tests and n_tests * smallest.min() >= alpha:
        needed = permutations_needed(n_tests, alpha=alpha)
        remedy = f"{2 * needed:,} resamples" if "joint bootstrap" in tests else f"{needed:,} permutations"
        more = "More methods are needed" if "PERM-SYSTEMS" in tests else f"Use {remedy} or more"
        notes.append(
            f"The test cannot decide: with {n_tests:,} {'test' if n_tests == 1 else 'tests'} the smallest possible adjusted p is "
            f"{p_text(min(1.0, n_tests * float(smallest.min())))}. {more}."
        )
    return notes


def _floor_note(uncrossed: IntArray, adjusted: FloatArray) -> list[str]:
    """A p that no resample crossed is a bound, and not a number that more resamples would leave as it is."""
    there = uncrossed > 0
    if not there.any():
        return []
    n = int(there.sum())
    which = "the difference" if n == 1 else f"{n:,} differences"
    bound = float(adjusted[there].max())
    return [
        f"No resample of {int(uncrossed.max()):,} crossed 0 for {which}: its adjusted p is "
        f"{'' if bound < 0.001 else 'at most '}{p_text(bound)}, the smallest possible with this number of resamples."
    ]


def _sign(metric: ComparedMetric) -> float:
    return 1.0 if metric.higher_is_better else -1.0

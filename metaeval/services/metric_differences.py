"""Which of two metrics agrees better with people: every two metrics of an agreement, compared on the same methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import comb
from typing import Final

import numpy as np
from django.utils.translation import gettext_noop as noop

from hlv.core.rendering.numbers import p_text
from hlv.core.rendering.sentences import error_sentence
from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.meta_evaluation.agreement_result import HumanScores, MetricScores
from hlv.stats.meta_evaluation.joint_bootstrap import joint_resamples
from hlv.stats.meta_evaluation.metric_differences import (
    ComparedMetric,
    MetricDifferences,
    UndeterminedDifferencesError,
    are_means,
    metric_differences,
    permutations_needed,
)
from hlv.stats.meta_evaluation.paired_permutation import MOST_EXCHANGES, MOST_WORK, N_EXCHANGES, SwapNull
from hlv.stats.meta_evaluation.shared_systems import shared_systems
from hlv.stats.meta_evaluation.system_generalization import SystemGeneralization as GeneralResult
from hlv.stats.meta_evaluation.system_generalization import compare_across_systems
from hlv.stats.meta_evaluation.williams import UndeterminedWilliamsError, williams_from_scores
from hlv.stats.pairwise.multiple_comparisons import holm
from hlv.stats.resampling.chunks import Runner, Runners
from metaeval.results import metric_differences as stored
from metaeval.results.metric_differences import (
    Difference,
    Differences,
    GeneralDifference,
    GeneralMetric,
    GeneralTest,
    SecondTest,
    SystemGeneralization,
    Williams,
)
from metaeval.services.metric_scores import Named
from metaeval.services.score_table import finite

COEFFICIENTS: Final = ("kendall_tau_b", "pearson")
MOST_NAMED: Final = 6
# Of PERM-BOTH alone: exchanging whole methods keeps to its level.
TWINS: Final = noop(
    "In simulations with equally good metrics, PERM-BOTH found a difference in 20 to 60 % of cases, the "
    "joint bootstrap in 0 to 4 %."
)
WILLIAMS: Final = noop(
    "Williams' t assumes independent methods, normal scores and known human scores, and uses no text "
    "scores. It is reported only for comparison with papers."
)


@dataclass(frozen=True, eq=False)
class SharedMethods:
    """The metrics that are compared, all on the same methods."""

    named: list[Named]
    human: HumanScores
    methods: list[str]
    left_out: dict[str, str]
    methods_left_out: list[str]
    # What each method shares with the others of its base model; its own name where none is known.
    clusters: list[str]


def compare_metrics(
    human: HumanScores,
    named: Sequence[Named],
    *,
    methods: Sequence[str],
    base_models: Sequence[Sequence[str]],
    n_resamples: int,
    seed: int,
    null: SwapNull,
    runners: Runners,
) -> dict[str, Differences]:
    """Differences by each of `COEFFICIENTS`, or why there are none.

    The joint bootstrap decides. Where metrics have scores of the same items, their exchange is reported with it,
    under the hypothesis `null`: it takes the human ranking as known, and PERM-BOTH finds differences between equally
    good metrics far too often. Both are about these methods; methods like these have their own tests, with
    base models as clusters.

    `runners` give what computes the joint resamples, and the exchanges by each coefficient.
    """
    if human.undetermined is not None:
        return {name: Differences(undetermined=human.undetermined) for name in COEFFICIENTS}
    shared = _shared_methods(human, named, methods, base_models)
    all_methods = np.ones(len(shared.methods), dtype=bool)
    joint = joint_resamples(
        shared.human,
        [entry.scores for entry in shared.named],
        [all_methods] * len(shared.named),
        run=runners("joint resamples of rivals"),
    )
    found, general = {}, _across_systems(shared, n_resamples=n_resamples, seed=seed, runners=runners)
    for coefficient in COEFFICIENTS:
        compared = [
            _compared(entry, None if rows is None else rows[coefficient])
            for entry, rows in zip(shared.named, joint, strict=True)
        ]
        differences = _differences(
            shared,
            compared,
            coefficient,
            seed=seed,
            null=null,
            run=runners(f"exchanged scores, {coefficient}"),
        )
        found[coefficient] = replace(differences, methods_like_these=general[coefficient])
    return found


def _across_systems(
    shared: SharedMethods, *, n_resamples: int, seed: int, runners: Runners
) -> dict[str, SystemGeneralization]:
    """By each coefficient, the agreement of metrics on methods like these, or why nothing is concluded."""
    one_of_each = {entry.hypothesis: entry.scores for entry in reversed(shared.named)}
    scores = [entry.scores for entry in shared.named if one_of_each[entry.hypothesis] is entry.scores]
    try:
        found = compare_across_systems(
            shared.human,
            scores,
            clusters=shared.clusters,
            n_resamples=n_resamples,
            seed=seed,
            coefficients=COEFFICIENTS,
            runners=runners,
        )
    except UndeterminedDifferencesError as refusal:
        return {name: SystemGeneralization(undetermined=error_sentence(refusal)) for name in COEFFICIENTS}
    return {name: _general(one) for name, one in found.items()}


def _general(found: GeneralResult) -> SystemGeneralization:
    return SystemGeneralization(
        coefficient=found.coefficient,
        metrics=[
            GeneralMetric(name=name, value=float(value), interval=_interval(low, high))
            for name, value, low, high in zip(found.names, found.values, found.low, found.high, strict=True)
        ],
        differences=[
            GeneralDifference(
                first=found.names[one],
                second=found.names[other],
                difference=float(found.values[one] - found.values[other]),
                tests={
                    name: GeneralTest(p=finite(tests.p[pair]), adjusted_p=finite(tests.adjusted_p[pair]))
                    for name, tests in found.tests.items()
                },
            )
            for pair, (one, other) in enumerate(zip(found.first.tolist(), found.second.tolist(), strict=True))
        ],
        smallest_adjusted_p={name: tests.smallest_adjusted_p for name, tests in found.tests.items()},
        n_methods=found.n_methods,
        n_clusters=found.n_clusters,
        n_resamples=found.n_resamples,
        seed=found.seed,
    )


def _interval(low: float, high: float) -> tuple[float, float] | None:
    return None if np.isnan(low) else (float(low), float(high))


def _shared_methods(
    human: HumanScores, named: Sequence[Named], methods: Sequence[str], base_models: Sequence[Sequence[str]]
) -> SharedMethods:
    """Metrics and methods such that every metric scores every method, and as many pairs of both as can be."""
    ranked = np.isfinite(human.values)
    scored = {entry.scores.name: ranked & ~np.isnan(entry.scores.values) for entry in named}
    left_out = {entry.scores.name: entry.scores.undetermined for entry in named if entry.scores.undetermined}
    candidates = [entry for entry in named if entry.scores.name not in left_out]
    kept = shared_systems(
        [scored[entry.scores.name] for entry in candidates],
        [entry.hypothesis for entry in candidates],
        ranked,
    )
    for entry in candidates:
        n_lacking = int((kept & ~scored[entry.scores.name]).sum())
        if n_lacking:
            left_out[entry.scores.name] = (
                f"It lacks {n_lacking} of the {int(kept.sum())} methods on which the others are compared."
            )
    return SharedMethods(
        named=[
            replace(
                entry,
                scores=_part(entry.scores, kept),
                of_items=None if entry.of_items is None else entry.of_items[kept],
            )
            for entry in candidates
            if entry.scores.name not in left_out
        ],
        human=replace(
            human,
            values=human.values[kept],
            resampled=None if human.resampled is None else human.resampled[:, kept],
        ),
        methods=[name for name, there in zip(methods, kept.tolist(), strict=True) if there],
        left_out=left_out,
        methods_left_out=[name for name, there in zip(methods, kept.tolist(), strict=True) if not there],
        clusters=[
            _cluster(name, bases)
            for name, bases, there in zip(methods, base_models, kept.tolist(), strict=True)
            if there
        ],
    )


def _cluster(method: str, base_models: Sequence[str]) -> str:
    """What a method shares with others: its base model. One system of several base models shares all of them."""
    named = sorted(base for base in base_models if base)
    # a name of its own cannot be that of a base model
    return f"base model {', '.join(named)}" if named else f"method {method}"


def _part(scores: MetricScores, kept: BoolArray) -> MetricScores:
    return replace(
        scores,
        values=scores.values[kept],
        resampled=None if scores.resampled is None else scores.resampled[:, kept],
    )


def _compared(entry: Named, resampled: FloatArray | None) -> ComparedMetric:
    scores = entry.scores
    return ComparedMetric(
        scores.name,
        scores.higher_is_better,
        entry.hypothesis,
        scores.values,
        resampled=resampled,
        scale=scores.scale,
    )


def _differences(
    shared: SharedMethods,
    compared: list[ComparedMetric],
    coefficient: str,
    *,
    seed: int,
    null: SwapNull,
    run: Runner,
) -> Differences:
    if len(shared.methods) < 2:
        return Differences(
            undetermined=noop("Fewer than two methods have both a human score and metric scores."),
            left_out=shared.left_out,
        )
    people = shared.human.values
    try:
        found = metric_differences(
            compared, people, people_scale=shared.human.scale, coefficient=coefficient, seed=seed
        )
    except UndeterminedDifferencesError as refusal:
        return Differences(undetermined=error_sentence(refusal), left_out=shared.left_out)
    exchanged = _exchanged(shared, people, coefficient, seed=seed, null=null, run=run)
    hypotheses = {entry.scores.name: entry.hypothesis for entry in shared.named}
    second = {} if exchanged is None else _second_tests(exchanged, hypotheses)
    pairs = [replace(pair, second_test=second.get(_tested(pair, hypotheses))) for pair in _pairs(found)]
    if coefficient == "pearson":
        pairs = _with_williams(pairs, compared, people)
    return Differences(
        coefficient=found.coefficient,
        metrics=[
            stored.ComparedMetric(name=name, copies=copies, value=float(value))
            for name, copies, value in zip(found.names, found.copies, found.values, strict=True)
        ],
        differences=pairs,
        groups=found.groups if any(found.tests) else [],
        groups_complete=found.groups_complete,
        left_out=shared.left_out | found.left_out,
        methods_left_out=shared.methods_left_out,
        n_methods=len(shared.methods),
        null=None if exchanged is None else exchanged.null,
        n_permutations=None if exchanged is None else exchanged.n_permutations,
        exchanged_all=None if exchanged is None else exchanged.exchanged_all,
        smallest_adjusted_p=found.smallest_adjusted_p,
        smallest_second_p=None if exchanged is None else exchanged.smallest_adjusted_p,
        seed=found.seed,
        notes=[*([_methods_sentence(shared)] if shared.methods_left_out else []), *found.notes],
        second_test_notes=[] if exchanged is None else _notes_on_exchange(exchanged, len(shared.methods)),
        williams_note=WILLIAMS if any(pair.williams_p is not None for pair in pairs) else "",
    )


def _pairs(found: MetricDifferences) -> list[Difference]:
    return [
        Difference(
            first=found.names[first],
            second=found.names[second],
            difference=float(found.difference[place]),
            interval=_interval(found.low[place], found.high[place]),
            test=test,
            p=None if test is None else float(found.p[place]),
            adjusted_p=None if test is None else float(found.adjusted_p[place]),
            at_floor=bool(found.at_floor[place]),
            n_exchanges=int(found.n_exchanges[place]) or None,
        )
        for place, (first, second, test) in enumerate(
            zip(found.first.tolist(), found.second.tolist(), found.tests, strict=True)
        )
    ]


def _with_williams(
    pairs: Sequence[Difference], compared: Sequence[ComparedMetric], people: FloatArray
) -> list[Difference]:
    """Williams' t of each Pearson difference, with Holm correction over the pairs that have one, or why there is none."""
    scores = {
        metric.name: metric.values if metric.higher_is_better else -metric.values for metric in compared
    }
    found: list[Williams] = []
    for pair in pairs:
        try:
            test = williams_from_scores(scores[pair.first], scores[pair.second], people)
        except UndeterminedWilliamsError as refusal:
            found.append(Williams(undetermined=error_sentence(refusal)))
        else:
            found.append(Williams(t=test.t, degrees=test.degrees, p=test.p))
    raw = [test.p for test in found if test.p is not None]
    adjusted = iter(holm(np.array(raw)).tolist() if raw else [])
    return [
        replace(pair, williams=test if test.p is None else replace(test, adjusted_p=next(adjusted)))
        for pair, test in zip(pairs, found, strict=True)
    ]


def _methods_sentence(shared: SharedMethods) -> str:
    named, more = shared.methods_left_out[:MOST_NAMED], len(shared.methods_left_out) - MOST_NAMED
    return (
        f"Metrics are compared on the {len(shared.methods)} methods that people and all of them score, without "
        f"{', '.join(named)}{f' and {more} more' if more > 0 else ''}."
    )


def _exchanged(
    shared: SharedMethods,
    people: FloatArray,
    coefficient: str,
    *,
    seed: int,
    null: SwapNull,
    run: Runner,
) -> MetricDifferences | None:
    """Exchange the scores of the metrics that have scores of the same items; None where fewer than two have.

    Ever more often, where the Monte Carlo error leaves Holm's decision open.
    """
    alike: dict[bytes, list[ComparedMetric]] = {}
    for entry in shared.named:
        if entry.of_items is None or entry.item_ids is None or not np.isfinite(entry.of_items).all():
            continue
        means = entry.of_items.mean(axis=1)
        if are_means(means, entry.scores.values):
            metric = replace(_compared(entry, None), item_scores=entry.exchanged)
            alike.setdefault(entry.item_ids.tobytes(), []).append(metric)
    if not alike:
        return None
    metrics = max(alike.values(), key=len)
    n_tests = comb(len(metrics), 2)
    affordable = max(permutations_needed(n_tests), MOST_WORK // max(1, n_tests * comb(len(people), 2)))
    try:
        return metric_differences(
            metrics,
            people,
            people_scale=shared.human.scale,
            coefficient=coefficient,
            null=null,
            n_permutations=min(N_EXCHANGES, affordable),
            most_permutations=MOST_EXCHANGES,
            seed=seed,
            run=run,
        )
    except UndeterminedDifferencesError:
        return None


def _notes_on_exchange(exchanged: MetricDifferences, n_methods: int) -> list[str]:
    if exchanged.null != "methods":
        return [*exchanged.notes, TWINS]
    return [
        *exchanged.notes,
        f"With permutations of {n_methods} whole methods, no p can be below {p_text(2 / 2**n_methods)}.",
    ]


def _second_tests(
    exchanged: MetricDifferences, hypotheses: Mapping[str, str]
) -> dict[frozenset[str], SecondTest]:
    return {
        _tested(pair, hypotheses): SecondTest(
            test=pair.test, p=pair.p, adjusted_p=pair.adjusted_p, n_exchanges=pair.n_exchanges
        )
        for pair in _pairs(exchanged)
    }


def _tested(pair: Difference, hypotheses: Mapping[str, str]) -> frozenset[str]:
    return frozenset((hypotheses[pair.first], hypotheses[pair.second]))

"""Which of two metrics agrees better with people: every two metrics of an agreement, compared on the same methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import comb
from typing import Any, Final

import numpy as np

from hlv.core.rendering.numbers import p_text
from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.meta_evaluation.agreement_result import HumanScores, MetricScores
from hlv.stats.meta_evaluation.joint_bootstrap import joint_resamples
from hlv.stats.meta_evaluation.methods_like_these import compare_on_methods_like_these
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
from hlv.stats.meta_evaluation.williams import UndeterminedWilliamsError, williams_from_scores
from hlv.stats.pairwise.multiple_comparisons import holm
from hlv.stats.resampling.chunks import Runner, Runners
from metaeval.services.metric_scores import Named

COEFFICIENTS: Final = ("kendall_tau_b", "pearson")
MOST_NAMED: Final = 6
# Of PERM-BOTH alone: exchanging whole methods keeps to its level.
TWINS: Final = (
    "In simulations with equally good metrics, PERM-BOTH found a difference in 20 to 60 % of cases, the "
    "joint bootstrap in 0 to 4 %."
)
WILLIAMS: Final = (
    "Williams' t assumes independent methods, normal scores and known human scores, and uses no text "
    "scores. It is reported only for comparison with papers."
)


@dataclass(frozen=True, eq=False)
class Contest:
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
) -> dict[str, Any]:
    """Differences by each of `COEFFICIENTS`, ready to be stored, or why there are none.

    The joint bootstrap decides. Where metrics have scores of the same items, the exchange of these stands beside it,
    under the hypothesis `null`: it takes the human ranking as known, and PERM-BOTH finds differences between equally
    good metrics far too often. Both speak for these methods; what holds on methods like these has tests of its own, with
    base models as clusters.

    `runners` give what computes the joint resamples, and the exchanges by each coefficient.
    """
    if human.undetermined is not None:
        return {name: _nothing(human.undetermined) for name in COEFFICIENTS}
    contest = _contest(human, named, methods, base_models)
    all_methods = np.ones(len(contest.methods), dtype=bool)
    joint = joint_resamples(
        contest.human,
        [entry.scores for entry in contest.named],
        [all_methods] * len(contest.named),
        run=runners("joint resamples of rivals"),
    )
    found, general = {}, _methods_like_these(contest, n_resamples=n_resamples, seed=seed, runners=runners)
    for coefficient in COEFFICIENTS:
        compared = [
            _compared(entry, None if rows is None else rows[coefficient])
            for entry, rows in zip(contest.named, joint, strict=True)
        ]
        found[coefficient] = _differences(
            contest,
            compared,
            coefficient,
            seed=seed,
            null=null,
            run=runners(f"exchanged scores, {coefficient}"),
        ) | {"methods_like_these": general[coefficient]}
    return found


def _methods_like_these(
    contest: Contest, *, n_resamples: int, seed: int, runners: Runners
) -> dict[str, dict[str, Any]]:
    """Of each coefficient what holds of the metrics in general, ready to be stored, or why nothing does."""
    one_of_each = {entry.hypothesis: entry.scores for entry in reversed(contest.named)}
    scores = [entry.scores for entry in contest.named if one_of_each[entry.hypothesis] is entry.scores]
    try:
        found = compare_on_methods_like_these(
            contest.human,
            scores,
            clusters=contest.clusters,
            n_resamples=n_resamples,
            seed=seed,
            coefficients=COEFFICIENTS,
            runners=runners,
        )
    except UndeterminedDifferencesError as refusal:
        return {name: {"undetermined": refusal.sentence} for name in COEFFICIENTS}
    return {name: {"undetermined": None} | one.as_dict() for name, one in found.items()}


def _nothing(reason: str, left_out: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {
        "undetermined": reason,
        "metrics": [],
        "differences": [],
        "groups": [],
        "left_out": dict(left_out or {}),
        "notes": [],
        "second_test_notes": [],
    }


def _contest(
    human: HumanScores, named: Sequence[Named], methods: Sequence[str], base_models: Sequence[Sequence[str]]
) -> Contest:
    """Metrics and methods such that every metric scores every method, and as many pairs of both as can be."""
    ranked = np.isfinite(human.values)
    scored = {entry.scores.name: ranked & ~np.isnan(entry.scores.values) for entry in named}
    left_out = {entry.scores.name: entry.scores.undetermined for entry in named if entry.scores.undetermined}
    able = [entry for entry in named if entry.scores.name not in left_out]
    kept = shared_systems(
        [scored[entry.scores.name] for entry in able], [entry.hypothesis for entry in able], ranked
    )
    for entry in able:
        n_lacking = int((kept & ~scored[entry.scores.name]).sum())
        if n_lacking:
            left_out[entry.scores.name] = (
                f"It lacks {n_lacking} of the {int(kept.sum())} methods on which the others are compared."
            )
    return Contest(
        named=[
            replace(
                entry,
                scores=_part(entry.scores, kept),
                of_items=None if entry.of_items is None else entry.of_items[kept],
            )
            for entry in able
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
    contest: Contest,
    compared: list[ComparedMetric],
    coefficient: str,
    *,
    seed: int,
    null: SwapNull,
    run: Runner,
) -> dict[str, Any]:
    if len(contest.methods) < 2:
        return _nothing("Fewer than two methods have both a human score and metric scores.", contest.left_out)
    people = contest.human.values
    try:
        found = metric_differences(
            compared, people, people_scale=contest.human.scale, coefficient=coefficient, seed=seed
        )
    except UndeterminedDifferencesError as refusal:
        return _nothing(refusal.sentence, contest.left_out)
    stored = found.as_dict()
    stored["left_out"] = contest.left_out | stored["left_out"]
    if not any(pair["test"] for pair in stored["differences"]):
        stored["groups"] = []
    if contest.methods_left_out:
        stored["notes"].insert(0, _methods_sentence(contest))
    exchanged = _exchanged(contest, people, coefficient, seed=seed, null=null, run=run)
    hypotheses = {entry.scores.name: entry.hypothesis for entry in contest.named}
    second = {} if exchanged is None else _second_tests(exchanged, hypotheses)
    for pair in stored["differences"]:
        pair["second_test"] = second.get(frozenset(hypotheses[pair[side]] for side in ("first", "second")))
    if coefficient == "pearson":
        _add_williams(stored, compared, people)
    for exchanging in ("n_permutations", "null", "exchanged_all"):
        stored[exchanging] = None if exchanged is None else getattr(exchanged, exchanging)
    stored["smallest_second_p"] = None if exchanged is None else exchanged.smallest_adjusted_p
    return stored | {
        "second_test_notes": [] if exchanged is None else _notes_on_exchange(exchanged, len(contest.methods)),
        "undetermined": None,
        "n_methods": len(contest.methods),
        "methods_left_out": contest.methods_left_out,
    }


def _add_williams(stored: dict[str, Any], compared: Sequence[ComparedMetric], people: FloatArray) -> None:
    """Williams' t beside each Pearson difference, with Holm's rule over its own pairs, or why there is none."""
    scores = {
        metric.name: metric.values if metric.higher_is_better else -metric.values for metric in compared
    }
    found: list[dict[str, Any]] = []
    for pair in stored["differences"]:
        pair["williams"] = {"undetermined": None}
        try:
            test = williams_from_scores(scores[pair["first"]], scores[pair["second"]], people)
        except UndeterminedWilliamsError as refusal:
            pair["williams"]["undetermined"] = refusal.sentence
            continue
        pair["williams"] |= {"t": test.t, "degrees": test.degrees, "p": test.p}
        found.append(pair["williams"])
    if not found:
        return
    raw = np.array([row["p"] for row in found])
    for row, adjusted in zip(found, holm(raw).tolist(), strict=True):
        row["adjusted_p"] = adjusted
    stored["williams_note"] = WILLIAMS


def _methods_sentence(contest: Contest) -> str:
    named, more = contest.methods_left_out[:MOST_NAMED], len(contest.methods_left_out) - MOST_NAMED
    return (
        f"Metrics are compared on the {len(contest.methods)} methods that people and all of them score, without "
        f"{', '.join(named)}{f' and {more} more' if more > 0 else ''}."
    )


def _exchanged(
    contest: Contest,
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
    for entry in contest.named:
        if entry.of_items is None or entry.item_ids is None or not np.isfinite(entry.of_items).all():
            continue
        means = entry.of_items.mean(axis=1)
        if are_means(means, entry.scores.values):
            metric = replace(_compared(entry, None), item_scores=entry.of_items)
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
            people_scale=contest.human.scale,
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
) -> dict[frozenset[str], dict[str, Any]]:
    return {
        frozenset((hypotheses[pair["first"]], hypotheses[pair["second"]])): {
            name: pair[name] for name in ("test", "p", "adjusted_p", "n_exchanges")
        }
        for pair in exchanged.as_dict()["differences"]
    }

"""How well each metric would agree with people if methods came in random order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.correlation import CORRELATIONS, Scale, soft_pairwise_accuracy, superiority, ties_of
from hlv.stats.meta_evaluation.agreement_result import Coefficient, HumanScores, MetricScores
from hlv.stats.meta_evaluation.permutation import (
    KENDALL_EXACT,
    NullOrders,
    Permutations,
    correlation_p_values,
    method_permutations,
    soft_accuracy_p_values,
    without_ties,
)
from hlv.stats.resampling.chunks import Runner, Runners

# Those that Kendall's exact distribution covers where there are no ties.
PAIR_COEFFICIENTS: Final = ("kendall_tau_b", "pairwise_accuracy")
NO_RESAMPLES_OF_RESAMPLES: Final = (
    "The value is computed from all resamples together, so single resamples have no value."
)


@dataclass(frozen=True, eq=False)
class Chance:
    """What orders of the methods at random say of one metric; `soft` is None without resamples of both sides.

    `nulls` are the orders that each p was taken over.
    """

    p: dict[str, float]
    nulls: dict[str, NullOrders]
    soft: Coefficient | None


def null_results(
    human: HumanScores,
    metrics: Sequence[MetricScores],
    kept: Sequence[BoolArray],
    answered: Sequence[int],
    *,
    n_permutations: int,
    seed: int,
    runners: Runners,
) -> dict[int, Chance]:
    """By the places of the metrics that have an answer: those of the same methods meet the same orders at once."""
    same_methods: dict[bytes, list[int]] = {}
    for place in answered:
        same_methods.setdefault(kept[place].tobytes(), []).append(place)
    found: dict[int, Chance] = {}
    for places in same_methods.values():
        is_kept = kept[places[0]]
        shuffles = method_permutations(int(is_kept.sum()), n_permutations=n_permutations, seed=seed)
        scores = np.stack([metrics[place].sign * metrics[place].values[is_kept] for place in places])
        people = human.values[is_kept]
        people_ties = human.ties_of(people)
        metric_ties = np.stack(
            [metrics[place].ties_of(row) for place, row in zip(places, scores, strict=True)]
        )
        p_values = correlation_p_values(
            scores,
            people,
            shuffles,
            metric_ties=metric_ties,
            people_ties=people_ties,
            run=runners("permutations"),
        )
        exact = without_ties(metric_ties, people_ties).tolist()
        soft = _soft_accuracies(
            human,
            {place: metrics[place] for place in places},
            is_kept,
            shuffles,
            run=runners("permuted shares"),
        )
        for row, place in enumerate(places):
            found[place] = Chance(
                {name: float(p_values[name][row]) for name in CORRELATIONS},
                {
                    name: KENDALL_EXACT if exact[row] and name in PAIR_COEFFICIENTS else shuffles.null
                    for name in CORRELATIONS
                },
                soft.get(place),
            )
    return found


def _soft_accuracies(
    human: HumanScores,
    metrics: Mapping[int, MetricScores],
    kept: BoolArray,
    shuffles: Permutations,
    *,
    run: Runner,
) -> dict[int, Coefficient]:
    """Soft pairwise accuracy from the shares of resamples, of the metrics of which, as of people, there are some."""
    people = None if human.resampled is None else _shares(human.resampled[:, kept], human.scale)
    if people is None:
        return {}
    tables = {
        place: shares
        for place, metric in metrics.items()
        if metric.resampled is not None
        and (shares := _shares(metric.sign * metric.resampled[:, kept], metric.scale)) is not None
    }
    if not tables:
        return {}
    p, chance = soft_accuracy_p_values(np.stack(list(tables.values())), people, shuffles, run=run)
    return {
        place: Coefficient(
            soft_pairwise_accuracy(table, people),
            p=float(p[row]),
            chance=float(chance[row]),
            p_from=shuffles.null,
            why_no_interval=NO_RESAMPLES_OF_RESAMPLES,
        )
        for row, (place, table) in enumerate(tables.items())
    }


def _shares(rows: FloatArray, scale: Scale) -> FloatArray | None:
    """`superiority` of the resamples that have an answer; None where none has."""
    answered = rows[~np.isnan(rows).any(axis=1)]
    return superiority(ties_of(answered, scale)) if len(answered) else None

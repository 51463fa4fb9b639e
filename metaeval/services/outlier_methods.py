"""Metric agreement without the methods that are outliers by the rule of WMT, and by chance without a direction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from annotations.jobs import Progress
from annotations.work_sharing import runner
from hlv.core.rendering.sentences import error_sentence
from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.meta_evaluation.absolute_agreement import chance_of_absolute_pearson
from hlv.stats.meta_evaluation.agreement_result import HumanScores, MetricScores
from hlv.stats.meta_evaluation.metric_agreement import agree
from hlv.stats.meta_evaluation.outlier_systems import OUTLIER_Z, UndeterminedOutliersError, robust_z
from metaeval.results.metric_agreement import OutlierTable
from metaeval.results.ranking_options import RankingOptions
from metaeval.services.group_means import with_other_methods
from metaeval.services.metric_scores import Named
from metaeval.services.stored_agreement import metric_row

# Of the mean |r| by chance, which two digits show: its Monte Carlo error is about .002.
N_ORDERS: Final = 9_999
WITHOUT_OUTLIERS: Final = "comparing metrics with people without outlier methods"


def outlier_table(
    human: HumanScores,
    named: Sequence[Named],
    methods: Sequence[str],
    options: RankingOptions,
    *,
    n_permutations: int,
    progress: Progress | None,
) -> OutlierTable:
    """The agreement of every metric on the methods that are no outliers by the human side.

    The rule looks at the strengths, or at the uploaded human score, of all methods that have one.
    """
    if human.undetermined is not None:
        return OutlierTable(undetermined=human.undetermined)
    everybody = np.isfinite(human.values)
    chance = _chances(human, named, everybody, seed=options.seed)
    try:
        distances = np.full(len(methods), np.nan)
        distances[everybody] = robust_z(human.values[everybody])
    except UndeterminedOutliersError as refusal:
        return OutlierTable(undetermined=error_sentence(refusal), chance=chance)
    is_outlier = np.abs(distances) > OUTLIER_Z
    kept = everybody & ~is_outlier
    found = OutlierTable(
        outliers={methods[place]: float(distances[place]) for place in np.flatnonzero(is_outlier).tolist()},
        methods=[methods[place] for place in np.flatnonzero(kept).tolist()],
        chance=chance,
    )
    if not found.outliers:
        return found

    def of_kept(values: FloatArray) -> FloatArray:
        return values[..., kept]

    agreement = agree(
        with_other_methods(human, of_kept),
        [with_other_methods(entry.scores, of_kept) for entry in named],
        methods=found.methods,
        seed=options.seed,
        n_permutations=n_permutations,
        runners=lambda work: runner(progress, name=f"{work} without outliers", note=WITHOUT_OUTLIERS),
    )
    return OutlierTable(
        **vars(found)
        | {
            "metrics": [metric_row(row, entry) for row, entry in zip(agreement.metrics, named, strict=True)],
            "chance_without": _chances(human, named, kept, seed=options.seed),
        }
    )


def _chances(
    human: HumanScores, named: Sequence[Named], kept: BoolArray, *, seed: int
) -> dict[str, float | None]:
    return {entry.scores.name: _chance(human, entry.scores, kept, seed=seed) for entry in named}


def _chance(human: HumanScores, metric: MetricScores, kept: BoolArray, *, seed: int) -> float | None:
    scored = kept & np.isfinite(metric.values)
    if metric.undetermined is not None or scored.sum() < 2:
        return None
    return chance_of_absolute_pearson(
        metric.values[scored], human.values[scored], n_permutations=N_ORDERS, seed=seed
    )


def outlier_notes(found: OutlierTable | None) -> list[str]:
    """Which methods are outliers; nothing without any."""
    if found is None or not found.outliers:
        return []
    names = ", ".join(found.farthest_first)
    return [
        f"By the rule of WMT, {'these methods are outliers' if len(found.outliers) > 1 else 'this method is an outlier'}: "
        f"{names}. Coefficients without {'them' if len(found.outliers) > 1 else 'it'} are in the table of outliers."
    ]

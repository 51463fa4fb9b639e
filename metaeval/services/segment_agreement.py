"""Agreement of uploaded metrics with an uploaded human score, text by text and over systems."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from annotations.jobs import JobRefusedError
from annotations.models import Item, Study
from hlv.core.rendering.sentences import error_sentence
from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.meta_evaluation.absolute_agreement import absolute_agreement
from hlv.stats.meta_evaluation.grouped_agreement import (
    ACCURACY,
    GroupedAgreement,
    ResampledUnit,
    grouped_agreement,
)
from hlv.stats.meta_evaluation.outlier_systems import (
    UndeterminedOutliersError,
    coefficients_of,
    outlier_systems,
)
from hlv.stats.meta_evaluation.score_cells import GROUPINGS, UndeterminedGroupedAgreementError
from hlv.stats.meta_evaluation.significance_clusters import rank_sum_p, significance_clusters
from hlv.stats.meta_evaluation.soft_pairwise_accuracy import SoftAccuracy, soft_accuracy_of_scores
from hlv.stats.meta_evaluation.weighted_mean import weighted_mean
from metaeval.models import Metric
from metaeval.results.segment_agreement import (
    HumanSystem,
    MeanOverStudies,
    MetricSegments,
    SegmentAgreement,
    SystemAgreement,
)
from metaeval.selectors.scores import UploadedScores, shown_names, uploaded_scores


def segment_agreement(
    study: Study,
    *,
    against: str,
    metrics: Sequence[str] = (),
    unit: ResampledUnit = "items",
    documents: str = "",
    n_resamples: int,
    seed: int,
) -> SegmentAgreement:
    """Compare every uploaded score of texts, or those named, with the score `against`.

    Parameters
    ----------
    documents
        A column of the texts whose value names a text's document; documents are then drawn whole.

    Raises
    ------
    JobRefusedError
        If a name is not known, a score has no values of texts, or a text has no document.
    """
    methods = list(study.methods.all())
    found = {scores.metric.name: scores for scores in uploaded_scores(study, methods=methods)}
    human = _of_texts(found, against)
    names = list(metrics) or [
        name for name, scores in found.items() if name != against and scores.of_items is not None
    ]
    if not names:
        raise JobRefusedError(
            "No other uploaded score has values of texts: import one with hlv import scores."
        )
    item_ids = np.unique(
        np.concatenate([human.item_ids, *(_of_texts(found, name).item_ids for name in names)])
    )
    people = _on(human, item_ids)
    blocks = _documents(study, item_ids, documents) if documents else None
    scored: BoolArray = np.asarray(~np.isnan(people).all(axis=1))
    outliers, why_no_outliers = _outliers(np.nanmean(people[scored], axis=1))
    is_outlier = np.zeros(len(methods), dtype=bool)
    if outliers is not None:
        is_outlier[scored] = outliers
    return SegmentAgreement(
        against=against,
        unit=unit,
        documents=documents,
        n_resamples=n_resamples,
        seed=seed,
        metrics=[
            _metric(
                found[name].metric,
                _on(found[name], item_ids),
                people,
                None if outliers is None else is_outlier,
                unit=unit,
                blocks=blocks,
                n_resamples=n_resamples,
                seed=seed,
            )
            for name in names
        ],
        systems=_systems(shown_names(methods), people, scored, is_outlier),
        why_no_outliers=why_no_outliers,
    )


def means_over_studies(
    results: Sequence[SegmentAgreement], *, weights: Sequence[float]
) -> list[MeanOverStudies]:
    """Weighted means over studies, such as language pairs, of each metric that all of them have.

    The measures are those of WMT24: soft pairwise accuracy over systems, and accuracy with tie calibration per text.
    Both are shares, so their mean needs no other scale.
    """
    of_studies = [{metric.name: metric for metric in result.metrics} for result in results]
    shared = [name for name in of_studies[0] if all(name in metrics for metrics in of_studies)]
    means = []
    for name in shared:
        found = [metrics[name] for metrics in of_studies]
        soft = weighted_mean(
            [metric.soft.value if metric.soft else None for metric in found], weights=weights
        )
        accuracy = weighted_mean([_accuracy_per_text(metric) for metric in found], weights=weights)
        both = weighted_mean([soft.value, accuracy.value])
        reasons = [mean.rule for mean in (soft, accuracy) if mean.value is None]
        means.append(MeanOverStudies(name, soft.value, accuracy.value, both.value, "; ".join(reasons)))
    return means


def _accuracy_per_text(metric: MetricSegments) -> float | None:
    per_text = metric.groupings.get("item")
    return None if per_text is None else per_text.coefficients[ACCURACY].value


def _of_texts(found: dict[str, UploadedScores], name: str) -> UploadedScores:
    if name not in found:
        known = ", ".join(sorted(found)) or "none yet"
        raise JobRefusedError(f"No uploaded score is called {name!r} (known: {known}).")
    if found[name].of_items is None:
        raise JobRefusedError(f"The score {name} has no values of texts; import it with a column of texts.")
    return found[name]


def _on(scores: UploadedScores, item_ids: IntArray) -> FloatArray:
    """Values (M, N) on these items; NaN where there is none."""
    values = np.full((len(scores.values), len(item_ids)), np.nan)
    if scores.of_items is not None:
        values[:, np.searchsorted(item_ids, scores.item_ids)] = scores.of_items
    return values


def _documents(study: Study, item_ids: IntArray, column: str) -> IntArray:
    told = dict(Item.objects.filter(study=study, pk__in=item_ids.tolist()).values_list("pk", "metadata"))
    values = [str(told[pk].get(column, "")) for pk in item_ids.tolist()]
    if not all(values):
        n = values.count("")
        raise JobRefusedError(f"{n} of {len(values)} texts have no value in the column {column!r}.")
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _outliers(means: FloatArray) -> tuple[BoolArray | None, str]:
    try:
        return outlier_systems(means), ""
    except UndeterminedOutliersError as undetermined:
        return None, error_sentence(undetermined)


def _metric(
    metric: Metric,
    scores: FloatArray,
    people: FloatArray,
    is_outlier: BoolArray | None,
    *,
    unit: ResampledUnit,
    blocks: IntArray | None,
    n_resamples: int,
    seed: int,
) -> MetricSegments:
    groupings: dict[str, GroupedAgreement] = {}
    undetermined = ""
    for grouping in GROUPINGS:
        try:
            groupings[grouping] = grouped_agreement(
                scores,
                people,
                grouping=grouping,
                higher_is_better=metric.higher_is_better,
                unit=unit,
                documents=blocks,
                n_resamples=n_resamples,
                seed=seed,
            )
        except UndeterminedGroupedAgreementError as reason:
            undetermined = error_sentence(reason)
    soft, why_no_soft = _soft(scores, people, higher_is_better=metric.higher_is_better, seed=seed)
    return MetricSegments(
        name=metric.name,
        higher_is_better=metric.higher_is_better,
        groupings=groupings,
        systems=_over_systems(scores, people, is_outlier, higher_is_better=metric.higher_is_better),
        soft=soft,
        why_no_soft=why_no_soft,
        undetermined="" if groupings else undetermined,
    )


def _over_systems(
    scores: FloatArray, people: FloatArray, is_outlier: BoolArray | None, *, higher_is_better: bool
) -> SystemAgreement | None:
    """Of means over the texts that both sides scored; None with fewer than two systems."""
    both = ~(np.isnan(scores) | np.isnan(people))
    there = both.any(axis=1)
    if there.sum() < 2:
        return None
    sign = 1 if higher_is_better else -1
    n = both[there].sum(axis=1)
    means, human = (np.where(both, side, 0.0)[there].sum(axis=1) / n for side in (sign * scores, people))
    full = coefficients_of(means, human)
    kept = None if is_outlier is None else ~is_outlier[there]
    r = full["pearson"]
    return SystemAgreement(
        n_systems=int(there.sum()),
        full=full,
        without_outliers=None if kept is None else coefficients_of(means[kept], human[kept]),
        n_without_outliers=None if kept is None else int(kept.sum()),
        strength=None if r is None else absolute_agreement(r).value,
    )


def _soft(
    scores: FloatArray, people: FloatArray, *, higher_is_better: bool, seed: int
) -> tuple[SoftAccuracy | None, str]:
    both = ~(np.isnan(scores) | np.isnan(people))
    there = both.any(axis=1)
    if there.sum() < 2:
        return None, "fewer than two systems have both scores"
    if not both[there].all(axis=0).any():
        return None, "no text has both scores of every system"
    found = soft_accuracy_of_scores(
        scores[there], people[there], higher_is_better=higher_is_better, seed=seed
    )
    return found, ""


def _systems(
    names: Sequence[str], people: FloatArray, scored: BoolArray, is_outlier: BoolArray
) -> list[HumanSystem]:
    """Best first; nothing where fewer than two systems have human scores."""
    if scored.sum() < 2:
        return []
    table = people[scored]
    means = np.nanmean(table, axis=1)
    clusters = significance_clusters(means, rank_sum_p(table))
    places = np.flatnonzero(scored)
    return [
        HumanSystem(
            name=names[int(places[row])],
            mean=float(means[row]),
            n_texts=int((~np.isnan(table[row])).sum()),
            cluster=int(clusters.cluster[row]),
            best_rank=int(clusters.best_rank[row]),
            worst_rank=int(clusters.worst_rank[row]),
            is_outlier=bool(is_outlier[places[row]]),
        )
        for row in clusters.order.tolist()
    ]

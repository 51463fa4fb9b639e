"""Weighted means of the agreement per text over studies, such as the language pairs of WMT."""

from __future__ import annotations

from collections.abc import Sequence

from hlv.stats.meta_evaluation.grouped_agreement import ACCURACY, GroupedCoefficient
from hlv.stats.meta_evaluation.weighted_mean import weighted_mean
from metaeval.results.segment_agreement import MeanOverStudies, MetricSegments, SegmentAgreement


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
        per_text = [_accuracy_per_text(metric) for metric in found]
        accuracy = weighted_mean(
            [one.value if one else None for one in per_text],
            weights=weights,
            intervals=[one.interval if one else None for one in per_text],
        )
        both = weighted_mean([soft.value, accuracy.value])
        reasons = [mean.rule for mean in (soft, accuracy) if mean.value is None]
        means.append(
            MeanOverStudies(
                name,
                soft.value,
                accuracy.value,
                accuracy.interval,
                accuracy.rule,
                both.value,
                "; ".join(reasons),
            )
        )
    return means


def _accuracy_per_text(metric: MetricSegments) -> GroupedCoefficient | None:
    per_text = metric.groupings.get("item")
    return None if per_text is None else per_text.coefficients[ACCURACY]

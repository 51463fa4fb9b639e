"""Means of a metric over studies: weighted, and undefined with a reason where a study has no value."""

from __future__ import annotations

import pytest

from hlv.stats.meta_evaluation.grouped_agreement import ACCURACY, GroupedAgreement, GroupedCoefficient
from hlv.stats.meta_evaluation.soft_pairwise_accuracy import SoftAccuracy
from metaeval.results.segment_agreement import BUILT_IN, MetricSegments, SegmentAgreement
from metaeval.services.means_over_studies import means_over_studies


def metric(
    name: str, soft: float | None, accuracy: float | None, interval: tuple[float, float] | None = None
) -> MetricSegments:
    coefficient = GroupedCoefficient(accuracy, 3, 0, 0, interval, None, "")
    per_text = GroupedAgreement("item", None, {ACCURACY: coefficient}, None, None, 3, 3, 9, 0, 9, 9, 0, 1)
    return MetricSegments(
        name=name,
        label=name,
        origin=BUILT_IN,
        higher_is_better=True,
        groupings={"item": per_text},
        systems=None,
        soft=None if soft is None else SoftAccuracy(soft, 0.5, 3, 3, 100, exact=False),
        why_no_soft="",
        undetermined="",
    )


def study(*metrics: MetricSegments) -> SegmentAgreement:
    return SegmentAgreement("people", "items", "", 0, 1, list(metrics), [], "")


def test_weights_are_divided_by_their_sum() -> None:
    (mean,) = means_over_studies([study(metric("x", 0.9, 0.4)), study(metric("x", 0.6, 0.7))], weights=[1, 2])
    # (0.9 + 2 * 0.6) / 3, (0.4 + 2 * 0.7) / 3, and the mean of both.
    assert (mean.soft, mean.accuracy, mean.both) == pytest.approx((0.7, 0.6, 0.65))
    assert mean.undefined == ""


def test_the_accuracy_has_an_interval_where_each_study_has_one() -> None:
    first, second = metric("x", 0.9, 0.6, (0.5, 0.7)), metric("x", 0.6, 0.8, (0.7, 0.9))
    (mean,) = means_over_studies([study(first), study(second)], weights=[1, 1])
    half = (0.05**2 + 0.05**2) ** 0.5
    assert mean.accuracy_interval == pytest.approx((0.7 - half, 0.7 + half))
    (mean,) = means_over_studies([study(first), study(metric("x", 0.6, 0.8))], weights=[1, 1])
    assert (mean.accuracy_interval, mean.accuracy_rule) == (None, "1 of 2 studies have no interval")


def test_metrics_that_a_study_lacks_are_left_out() -> None:
    first = study(metric("y", 0.5, 0.5), metric("x", 0.5, 0.5), metric("z", 0.5, 0.5))
    second = study(metric("x", 0.5, 0.5), metric("y", 0.5, 0.5))
    assert [mean.name for mean in means_over_studies([first, second], weights=[1, 1])] == ["y", "x"]


def test_a_mean_over_fewer_studies_is_undefined() -> None:
    (mean,) = means_over_studies(
        [study(metric("x", 0.9, 0.4)), study(metric("x", None, 0.7))], weights=[1, 1]
    )
    assert (mean.soft, mean.both) == (None, None)
    assert mean.accuracy == pytest.approx(0.55)
    assert mean.undefined == "1 of 2 studies have no value"


def test_each_undefined_mean_has_its_reason() -> None:
    (mean,) = means_over_studies(
        [study(metric("x", 0.9, None)), study(metric("x", None, None))], weights=[1, 1]
    )
    assert mean.undefined == "1 of 2 studies have no value; 2 of 2 studies have no value"


def test_a_metric_without_a_grouping_by_text_has_no_accuracy() -> None:
    found = metric("x", 0.9, 0.4)
    found.groupings.clear()
    (mean,) = means_over_studies([study(found)], weights=[1])
    assert (mean.soft, mean.accuracy) == (pytest.approx(0.9), None)

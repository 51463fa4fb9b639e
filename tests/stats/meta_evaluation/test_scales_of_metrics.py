"""Multiplying a metric by 1e-15 or 1e15 changes no coefficient and no p, wherever one is computed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import CORRELATIONS
from hlv.stats.meta_evaluation.agreement_result import Coefficient, HumanScores, MetricScores
from hlv.stats.meta_evaluation.group_means import GroupMeans, MethodGroup, agree_over_groups
from hlv.stats.meta_evaluation.judgment_agreement import judgment_agreement
from hlv.stats.meta_evaluation.method_resampling import leave_one_method_out
from hlv.stats.meta_evaluation.metric_agreement import agree
from hlv.stats.meta_evaluation.metric_differences import ComparedMetric, metric_differences
from hlv.stats.meta_evaluation.sensitivity import Metric, best_metrics
from hlv.stats.meta_evaluation.text_disagreement import contradictions
from hlv.stats.meta_evaluation.williams import williams_from_scores
from tests.stats.boards import make_random_cells

N_METHODS, N_ITEMS, N_RESAMPLES = 6, 12, 40
NAMES = [f"m{place}" for place in range(N_METHODS)]
SCALES = [1e-15, 1e15]


@st.composite
def item_scores(draw: st.DrawFn) -> FloatArray:
    """(M, N) in tenths, so that methods tie now and then; not constant, neither in cells nor in means."""
    cells = draw(
        st.lists(
            st.lists(st.integers(-3, 3), min_size=N_ITEMS, max_size=N_ITEMS),
            min_size=N_METHODS,
            max_size=N_METHODS,
        ).filter(lambda rows: len({sum(row) for row in rows}) > 2)
    )
    return np.array(cells, dtype=np.float64) / 10


def same(one: object, other: object) -> None:
    """Equal to the last bits, missing where missing."""
    if isinstance(one, dict) and isinstance(other, dict):
        assert one.keys() == other.keys()
        for name in one:
            same(one[name], other[name])
    elif other is None or isinstance(other, str):
        assert one == other
    else:
        assert one == pytest.approx(other, rel=1e-9, abs=1e-9, nan_ok=True)


def same_coefficient(one: Coefficient, other: Coefficient) -> None:
    for name in ("value", "p", "interval", "resample_mean", "chance"):
        same(getattr(one, name), getattr(other, name))


def of_methods(scores: FloatArray, *, scale: float = 1.0) -> MetricScores:
    weights = np.random.default_rng(3).multinomial(N_ITEMS, np.full(N_ITEMS, 1 / N_ITEMS), size=N_RESAMPLES)
    return MetricScores("m", True, scale * scores.mean(axis=1), scale * ((weights / N_ITEMS) @ scores.T))


def people_of(scores: FloatArray) -> HumanScores:
    generator = np.random.default_rng(4)
    strengths = scores.mean(axis=1) + generator.normal(size=N_METHODS)
    strengths[1] = strengths[0]
    return HumanScores(strengths, strengths + 0.3 * generator.normal(size=(N_RESAMPLES, N_METHODS)))


@pytest.mark.parametrize("scale", SCALES)
@settings(max_examples=15, deadline=None)
@given(scores=item_scores())
def test_agreement_does_not_know_the_scale(scores: FloatArray, scale: float) -> None:
    people = people_of(scores)

    one, other = (
        agree(people, [of_methods(scores, scale=by)], methods=NAMES, seed=1).metrics[0] for by in (1.0, scale)
    )

    assert one.undetermined == other.undetermined
    for name, coefficient in one.coefficients.items():
        same_coefficient(other.coefficients[name], coefficient)


@pytest.mark.parametrize("scale", SCALES)
@settings(max_examples=15, deadline=None)
@given(scores=item_scores())
def test_the_agreement_of_groups_does_not_know_the_scale(scores: FloatArray, scale: float) -> None:
    def means(by: float) -> GroupMeans:
        groups = [
            MethodGroup(name, people_of(table), [of_methods(table, scale=by)])
            for name, table in (("one", scores), ("other", scores[::-1]))
        ]
        return agree_over_groups(groups, NAMES, seed=1)

    one, other = means(1.0), means(scale)

    for name in CORRELATIONS:
        same_coefficient(other.metrics[0].coefficients[name], one.metrics[0].coefficients[name])
        same(other.per_group, one.per_group)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("coefficient", CORRELATIONS)
@settings(max_examples=5, deadline=None)
@given(scores=item_scores())
def test_differences_of_metrics_do_not_know_the_scale(
    scores: FloatArray, coefficient: str, scale: float
) -> None:
    rival = scores[:, ::-1] ** 2 + 0.1 * np.arange(N_METHODS)[:, None]
    metrics = [
        ComparedMetric(name, True, name, table.mean(axis=1), table)
        for name, table in (("a", scores), ("b", rival))
    ]
    scaled = [
        replace(metrics[0], values=scale * metrics[0].values, item_scores=scale * scores),
        metrics[1],
    ]

    one, other = (
        metric_differences(
            some, people_of(scores).values, coefficient=coefficient, n_permutations=199, seed=1
        )
        for some in (metrics, scaled)
    )

    np.testing.assert_allclose(other.values, one.values, atol=1e-9)
    np.testing.assert_array_equal(other.p, one.p)


@pytest.mark.parametrize("scale", SCALES)
@settings(max_examples=15, deadline=None)
@given(scores=item_scores())
def test_what_is_said_without_each_method_does_not_know_the_scale(scores: FloatArray, scale: float) -> None:
    people, values = people_of(scores).values, scores.mean(axis=1)

    one, other = (
        leave_one_method_out(people, by * values, higher_is_better=True, methods=NAMES) for by in (1.0, scale)
    )

    assert one.undetermined == other.undetermined
    for name in CORRELATIONS:
        np.testing.assert_allclose(other.coefficients[name], one.coefficients[name], atol=1e-9)


@pytest.mark.parametrize("scale", SCALES)
@settings(max_examples=15, deadline=None)
@given(scores=item_scores())
def test_verdict_by_verdict_nothing_knows_the_scale(scores: FloatArray, scale: float) -> None:
    cells = make_random_cells(2, n_judgments=200)
    table = np.resize(scores, (N_METHODS, int(cells.item.max()) + 1))

    one, other = (
        judgment_agreement(cells, by * table, higher_is_better=True, n_resamples=50, seed=1)
        for by in (1.0, scale)
    )
    said, scaled = (contradictions(cells, by * table, higher_is_better=True) for by in (1.0, scale))

    same(other.threshold, one.threshold * scale)
    for name in ("accuracy", "decided", "in_sample", "accuracy_interval", "decided_interval"):
        same(getattr(other, name), getattr(one, name))
    np.testing.assert_array_equal(scaled.share, said.share)


@pytest.mark.parametrize("scale", SCALES)
def test_williams_and_the_best_metric_do_not_know_the_scale(scale: float) -> None:
    generator = np.random.default_rng(5)
    first, second, people = generator.normal(size=(3, 8))

    one, other = (williams_from_scores(by * first, second, people) for by in (1.0, scale))
    best, scaled = (
        best_metrics(people, [Metric("a", "a", "a", by * first), Metric("b", "b", "b", second)])
        for by in (1.0, scale)
    )

    same((other.t, other.p), (one.t, one.p))
    assert best == scaled


def test_a_likelihood_is_no_constant_and_has_its_own_sign() -> None:
    """Rounded to nine decimals these were all alike; the first two are tied, and only they."""
    values = 1e-12 * np.array([3.0, 3.0 + 1e-14, 1.0, 2.0, 5.0, 4.0])
    people = HumanScores(np.array([2.0, 1.0, 0.0, 0.5, 4.0, 3.0]))

    (row,) = agree(people, [MetricScores("m", True, values)], methods=NAMES, seed=1).metrics

    assert row.undetermined is None
    assert row.coefficients["kendall_tau_b"].value == pytest.approx(14 / np.sqrt(14 * 15))
    assert row.coefficients["pairwise_accuracy"].value == pytest.approx(14.5 / 15)

"""Which of two metrics agrees better: tests, copies, and what cannot be decided."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlv.stats.correlation import CORRELATIONS
from hlv.stats.meta_evaluation.agreement_result import HumanScores, MetricScores
from hlv.stats.meta_evaluation.metric_agreement import agree
from hlv.stats.meta_evaluation.metric_differences import (
    ComparedMetric,
    UndeterminedDifferencesError,
    compared_metric,
    metric_differences,
    permutations_needed,
    smallest_adjusted_p,
)
from hlv.stats.meta_evaluation.paired_permutation import (
    SWAP_NULLS,
    SwapNull,
    standardised,
)
from tests.published.figures import HOLM_NEEDED, HOLM_PERMUTATIONS, HOLM_SMALLEST_P, HOLM_TESTS
from tests.stats.meta_evaluation.difference_making import PEOPLE, make_items, make_metric


def test_a_metric_that_follows_people_is_told_from_one_that_does_not() -> None:
    people = np.linspace(1, -1, 10)
    noise = np.random.default_rng(4).normal(size=(3, 10, 80))
    scores = np.array([1.0, 1.0, 0.0])[:, None, None] * people[None, :, None] + noise
    metrics = [make_metric(name, items) for name, items in zip("abc", scores, strict=True)]

    found = metric_differences(metrics, people, coefficient="pearson", n_permutations=999, seed=2)

    assert found.tests == ["PERM-BOTH"] * 3
    assert found.adjusted_p[0] > 0.05 > found.adjusted_p[1:].max()
    assert found.groups == [["a", "b"]]
    assert any("human ranking as fixed" in note for note in found.notes)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6), st.sampled_from(CORRELATIONS), st.sampled_from(SWAP_NULLS))
def test_turning_rescaling_and_renaming_change_no_p(seed: int, coefficient: str, null: SwapNull) -> None:
    scores = make_items(seed, [1.0, 2.0], n_items=8)
    ask = {"coefficient": coefficient, "null": null, "n_permutations": 99, "seed": seed}

    found = metric_differences([make_metric("a", scores[0]), make_metric("b", scores[1])], PEOPLE, **ask)  # type: ignore[arg-type]
    turned = metric_differences(
        [make_metric("b", scores[1] * 7 + 3), make_metric("a", scores[0], sign=-1)], PEOPLE, **ask  # type: ignore[arg-type]
    )  # fmt: skip

    assert turned.p[0] == found.p[0]
    assert turned.difference[0] == pytest.approx(-found.difference[0])
    assert 1 / 100 <= found.p[0] <= 1


def test_affine_copies_are_one_hypothesis() -> None:
    scores = make_items(9, [0.5, 3.0])
    metrics = [
        make_metric("soft accuracy", scores[0], hypothesis="tv"),
        make_metric("distance", scores[0], sign=-1, hypothesis="tv"),
        make_metric("other", scores[1]),
    ]

    found = metric_differences(metrics, PEOPLE, n_permutations=99, seed=0)

    assert found.names == ["soft accuracy", "other"]
    assert found.copies == [["soft accuracy", "distance"], ["other"]]
    assert len(found.p) == 1


def test_what_is_no_mean_takes_the_joint_bootstrap() -> None:
    resampled = np.linspace(0.0, 1.0, 1000)
    mean = make_metric("mean", make_items(1, [0.5])[0], resampled=resampled + 0.2)
    ratio = ComparedMetric("ratio", True, "ratio", np.roll(PEOPLE, 1), resampled=resampled)
    bare = ComparedMetric("bare", True, "bare", PEOPLE**3)

    found = metric_differences([mean, ratio, bare], PEOPLE, n_permutations=99, seed=0)

    assert found.tests == ["joint bootstrap", None, None]
    # every resample says the same
    assert found.p[0] == pytest.approx(2 / 1001)
    assert found.low[0] == pytest.approx(found.high[0])
    assert np.isnan(found.p[1:]).all()
    # what could not be tested is not told apart
    assert found.groups == [["mean", "bare"], ["ratio", "bare"]]
    assert any("2 pairs of metrics are not tested" in note for note in found.notes)


def test_the_resamples_of_agree_are_those_compared() -> None:
    generator = np.random.default_rng(3)
    human = HumanScores(PEOPLE, PEOPLE + generator.normal(size=(300, 6)))
    losses = [
        MetricScores(name, False, -PEOPLE + 0.1 * place, -PEOPLE + spread * generator.normal(size=(300, 6)))
        for place, (name, spread) in enumerate([("near", 0.2), ("far", 5.0)])
    ]

    found = metric_differences(
        [compared_metric(human, loss, hypothesis=loss.name) for loss in losses], PEOPLE, seed=0
    )

    means = [
        row.coefficients["kendall_tau_b"].resample_mean
        for row in agree(human, losses, methods=list("abcdef"), seed=0).metrics
    ]
    assert found.low[0] < means[0] - means[1] < found.high[0]  # type: ignore[operator]
    assert found.tests == ["joint bootstrap"]
    unsampled = compared_metric(HumanScores(PEOPLE), MetricScores("m", True, PEOPLE), hypothesis="m")
    assert unsampled.resampled is None


def test_p_of_the_bootstrap_is_twice_the_rarer_side() -> None:
    resampled = np.array([1.0] * 97 + [-1.0] * 2 + [np.nan])
    metrics = [
        ComparedMetric("a", True, "a", PEOPLE, resampled=resampled),
        ComparedMetric("b", True, "b", PEOPLE**3, resampled=np.zeros(100)),
    ]

    assert metric_differences(metrics, PEOPLE, seed=0).p[0] == pytest.approx(2 * 3 / 100)


def test_a_resample_without_a_difference_counts_on_both_sides() -> None:
    # 3 below, 5 at 0 and 91 above: 8 are not above, and 96 are not below
    resampled = np.array([-1.0] * 3 + [0.0] * 5 + [1.0] * 91)
    level = ComparedMetric("b", True, "b", PEOPLE**3, resampled=np.zeros(99))

    for drawn in (resampled, -resampled):
        found = metric_differences(
            [ComparedMetric("a", True, "a", PEOPLE, resampled=drawn), level], PEOPLE, seed=0
        )
        assert found.p[0] == pytest.approx(2 * (1 + 8) / (1 + 99))
        assert not found.at_floor[0]


def test_a_p_that_no_resample_crossed_is_a_bound_and_said_to_be_one() -> None:
    above = np.full(399, 1.0)
    metrics = [
        ComparedMetric("a", True, "a", PEOPLE, resampled=above),
        ComparedMetric("b", True, "b", PEOPLE**3, resampled=np.zeros(399)),
        ComparedMetric("c", True, "c", np.abs(PEOPLE), resampled=np.where(np.arange(399) < 4, 2.0, 0.5)),
    ]

    found = metric_differences(metrics, PEOPLE, seed=0)

    # a and b, b and c never cross; a and c do four times
    np.testing.assert_allclose(found.p, [2 / 400, 2 * 5 / 400, 2 / 400])
    np.testing.assert_allclose(found.adjusted_p, [6 / 400, 10 / 400, 6 / 400])
    assert found.at_floor.tolist() == [True, False, True]
    assert any(
        note.startswith("No resample of 399 crossed 0 for 2 differences") and "at most .015," in note
        for note in found.notes
    )


def test_of_affine_copies_the_one_with_scores_of_each_item_is_tested() -> None:
    items = make_items(2, [0.5, 1.0])
    bare = ComparedMetric("bare", True, "one", items[0].mean(axis=1))
    metrics = [bare, make_metric("whole", items[0], hypothesis="one"), make_metric("other", items[1])]

    found = metric_differences(metrics, PEOPLE, n_permutations=99, seed=0)

    assert found.names == ["whole", "other"]
    assert found.copies == [["bare", "whole"], ["other"]]
    assert found.tests == ["PERM-BOTH"]


def test_tests_that_cannot_come_below_five_per_cent_give_no_verdict() -> None:
    # 2 / 40 where no resample of 39 crossed, 2 / 41 of 40
    for n_resamples, is_said in ((39, True), (40, False)):
        metrics = [
            ComparedMetric("a", True, "a", PEOPLE, resampled=np.ones(n_resamples)),
            ComparedMetric("b", True, "b", PEOPLE**3, resampled=np.zeros(n_resamples)),
        ]
        found = metric_differences(metrics, PEOPLE, seed=0)
        assert found.adjusted_p[0] == pytest.approx(2 / (1 + n_resamples))
        assert found.smallest_adjusted_p == found.adjusted_p[0]
        assert found.groups == []
        assert any(note.startswith("The test cannot decide: with 1 test ") for note in found.notes) is is_said


def test_too_few_resamples_for_the_tests_are_said() -> None:
    # of three tests the smallest adjusted p is 3 x 2 / 120 with 119 resamples, and below .05 with 120
    for n_resamples, is_said in ((119, True), (120, False)):
        metrics = [
            ComparedMetric(name, True, name, PEOPLE**power, resampled=np.full(n_resamples, float(power)))
            for name, power in (("a", 1), ("b", 3), ("c", 5))
        ]
        found = metric_differences(metrics, PEOPLE, seed=0)
        assert any("Use 120 resamples or more" in note for note in found.notes) is is_said


def test_a_thousand_permutations_can_never_reject_among_190() -> None:
    found = smallest_adjusted_p(HOLM_TESTS, HOLM_PERMUTATIONS)

    assert found == pytest.approx(float(HOLM_SMALLEST_P), abs=1e-12)
    # there the smallest adjusted p is .05 itself; one more lies below
    assert smallest_adjusted_p(HOLM_TESTS, HOLM_NEEDED) == pytest.approx(0.05, abs=1e-15)
    assert permutations_needed(HOLM_TESTS) == HOLM_NEEDED + 1 == 20 * HOLM_TESTS


def test_too_few_permutations_for_the_tests_are_said() -> None:
    metrics = [make_metric(str(place), items) for place, items in enumerate(make_items(2, [1.0] * 4))]

    found = metric_differences(metrics, PEOPLE, n_permutations=99, seed=0)

    assert any("Use 120 permutations" in note for note in found.notes)


def test_a_constant_metric_is_left_out_with_its_reason() -> None:
    scores = make_items(2, [1.0, 1.0])
    flat = ComparedMetric("flat", True, "flat", np.ones(6))
    endless = ComparedMetric("endless", True, "endless", np.array([np.inf, 0, 0, 0, 0, 0]))
    metrics = [make_metric("a", scores[0]), flat, endless, make_metric("b", scores[1])]

    found = metric_differences(metrics, PEOPLE, n_permutations=99, seed=0)

    assert set(found.left_out) == {"flat", "endless"}
    assert "constant" in found.left_out["flat"]
    with pytest.raises(UndeterminedDifferencesError, match="is one metric"):
        metric_differences([metrics[0], flat], PEOPLE, seed=0)
    with pytest.raises(UndeterminedDifferencesError, match="rank all methods equal"):
        metric_differences(metrics, np.zeros(6), seed=0)


def test_what_does_not_fit_together_is_refused() -> None:
    a, b = (make_metric(name, items) for name, items in zip("ab", make_items(2, [1.0, 1.0]), strict=True))
    shifted = ComparedMetric("c", True, "c", a.values + 1, a.item_scores)
    longer = make_metric("c", make_items(2, [1.0], n_items=31)[0])
    for metrics, reason in (
        ([a, a], "same name"),
        ([a, shifted], "not the means"),
        ([a, longer], "same items"),
    ):
        with pytest.raises(ValueError, match=reason):
            metric_differences(metrics, PEOPLE, seed=0)
    for option in ({"coefficient": "x"}, {"null": "x"}):
        with pytest.raises(ValueError, match="unknown"):
            metric_differences([a, b], PEOPLE, seed=0, **option)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="finite"):
        standardised(np.array([[[1.0, np.nan]]]))
    with pytest.raises(ValueError, match="z-scored"):
        standardised(np.ones((1, 2, 2)))

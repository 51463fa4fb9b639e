from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau, pearsonr, spearmanr

from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import CORRELATIONS
from hlv.stats.meta_evaluation.agreement_result import HumanScores, MetricScores
from hlv.stats.meta_evaluation.group_means import MethodGroup, agree_over_groups
from hlv.stats.meta_evaluation.method_resampling import UndeterminedAgreementError, leave_one_method_out
from hlv.stats.meta_evaluation.metric_agreement import agree

NAMES = list("abcde")
INDEPENDENT = {
    "kendall_tau_b": lambda x, y: kendalltau(x, y)[0],
    "spearman": lambda x, y: spearmanr(x, y)[0],
    "pearson": lambda x, y: pearsonr(x, y)[0],
}


def make_group(name: str, people: FloatArray, *metrics: FloatArray, higher: bool = True) -> MethodGroup:
    return MethodGroup(
        name, HumanScores(people), [MetricScores(f"m{k}", higher, values) for k, values in enumerate(metrics)]
    )


def make_sides(seed: int, n_groups: int) -> tuple[FloatArray, FloatArray]:
    generator = np.random.default_rng(seed)
    people = generator.normal(size=(n_groups, 5))
    return people, np.round(people + generator.normal(size=(n_groups, 5)), 1)


def test_one_method_can_make_a_metric_look_good() -> None:
    people = np.array([9.0, 1.0, 2.0, 3.0])
    scores = np.array([9.0, 3.0, 2.0, 1.0])

    found = leave_one_method_out(people, scores, higher_is_better=True, methods=list("abcd"))

    # without a the order is reversed; without any other, one of three pairs is
    np.testing.assert_allclose(found.coefficients["kendall_tau_b"], [-1, 1 / 3, 1 / 3, 1 / 3])
    np.testing.assert_allclose(found.coefficients["pairwise_accuracy"], [0, 2 / 3, 2 / 3, 2 / 3])
    assert found.undetermined == [None] * 4


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 10**6))
def test_leaving_out_is_deleting(seed: int) -> None:
    (people,), (scores,) = make_sides(seed, 1)

    found = leave_one_method_out(people, scores, higher_is_better=False, methods=NAMES)

    for left_out in range(5):
        x, y = -np.delete(scores, left_out), np.delete(people, left_out)
        for name, coefficient in INDEPENDENT.items():
            if found.undetermined[left_out] is None:
                assert found.coefficients[name][left_out] == pytest.approx(coefficient(x, y))


def test_what_leaving_out_cannot_say_has_a_reason() -> None:
    found = leave_one_method_out(
        np.array([1.0, 2, 3, np.nan]), np.array([0.0, 0, 5, 1]), higher_is_better=True, methods=list("abcd")
    )

    assert found.methods == list("abc")
    assert found.undetermined == [None, None, "The metric gives the other methods the same score."]
    assert np.isnan(found.coefficients["pearson"][2])
    with pytest.raises(UndeterminedAgreementError, match="Only 2 methods"):
        leave_one_method_out(np.ones(2), np.ones(2), higher_is_better=True, methods=["a", "b"])
    with pytest.raises(UndeterminedAgreementError, match="infinite"):
        leave_one_method_out(
            np.arange(3.0), np.array([0, 1, np.inf]), higher_is_better=True, methods=["a", "b", "c"]
        )


@settings(deadline=None, max_examples=3)
@given(st.integers(0, 10**6), st.integers(1, 3))
def test_one_order_of_the_methods_is_drawn_for_all_groups(seed: int, n_groups: int) -> None:
    people, scores = make_sides(seed, n_groups)
    groups = [make_group(str(g), people[g], scores[g]) for g in range(n_groups)]

    (row,) = agree_over_groups(groups, NAMES, seed=0).metrics

    if row.undetermined is not None:
        return
    orders = [list(order) for order in itertools.permutations(range(5))]
    for name, coefficient in INDEPENDENT.items():
        null = [
            np.mean([coefficient(x, y[order]) for x, y in zip(scores, people, strict=True)])
            for order in orders
        ]
        assert row.coefficients[name].value == pytest.approx(null[0])
        assert row.coefficients[name].p == pytest.approx(np.mean(np.abs(null) >= abs(null[0]) - 1e-12))


def test_the_mean_of_two_groups_by_hand() -> None:
    people = np.array([4.0, 3, 2, 1])
    groups = [
        # the last two change places: one of six pairs
        make_group("one", people, -np.array([4.0, 3, 1, 2]), higher=False),
        make_group("other", people, -np.array([8.0, 4, 2, 0]), higher=False),
    ]

    found = agree_over_groups(groups, list("abcd"), seed=0)

    (row,) = found.metrics
    values = {name: coefficient.value for name, coefficient in row.coefficients.items()}
    # sum of d^2 is 2: 1 - 6 x 2 / (4 x 15); Pearson of the other: 13 / sqrt(5 x 35)
    expected = {
        "kendall_tau_b": [(5 - 1) / 6, 1],
        "spearman": [0.8, 1],
        "pearson": [0.8, 13 / np.sqrt(175)],
        "pairwise_accuracy": [5 / 6, 1],
    }
    for name, of_groups in expected.items():
        assert found.per_group["m0"][name] == pytest.approx(of_groups)
        assert values[name] == pytest.approx(sum(of_groups) / 2)
    # of 24 orders only people's, the one that suits the first group, and their reverses lie as far from chance
    for name in ("kendall_tau_b", "spearman", "pairwise_accuracy"):
        assert row.coefficients[name].p == pytest.approx(4 / 24)


def test_one_group_is_the_board_itself() -> None:
    people, scores = make_sides(3, 1)
    generator = np.random.default_rng(3)
    human = HumanScores(people[0], people[0] + generator.normal(size=(200, 5)))
    metric = MetricScores("m", True, scores[0], scores[0] + generator.normal(size=(200, 5)))
    human.resampled[7] = np.nan  # type: ignore[index]

    (expected,) = agree(human, [metric], methods=NAMES, seed=0).metrics
    (found,) = agree_over_groups([MethodGroup("g", human, [metric])], NAMES, seed=0).metrics

    for name in CORRELATIONS:
        one, other = found.coefficients[name], expected.coefficients[name]
        assert (one.value, one.p) == (pytest.approx(other.value), pytest.approx(other.p))
        assert one.interval == pytest.approx(other.interval)
        assert one.resample_mean == pytest.approx(other.resample_mean)
    assert (found.n_resamples, found.n_resamples_without_answer) == (200, 1)


def test_many_methods_take_random_orders() -> None:
    generator = np.random.default_rng(1)
    people = generator.normal(size=(2, 12))
    groups = [make_group(str(g), people[g], people[g] + 0.1, generator.normal(size=12)) for g in range(2)]

    found = agree_over_groups(groups, [str(k) for k in range(12)], n_permutations=999, seed=5)

    good, noise = (row.coefficients["kendall_tau_b"] for row in found.metrics)
    assert (good.value, good.p) == (1.0, 1 / 1000)
    assert noise.p is not None
    assert noise.p > 0.05


def test_methods_that_a_group_lacks_are_left_out_of_all_and_undefined_metrics_say_where() -> None:
    people, scores = make_sides(2, 2)
    people[1, 4] = np.nan
    groups = [
        make_group("left", people[0], scores[0], np.ones(5), higher=False),
        make_group("right", people[1], scores[1], scores[1], higher=False),
    ]

    found = agree_over_groups(groups, NAMES, seed=0)

    assert (found.methods, found.left_out) == (list("abcd"), ["e"])
    assert str(found.metrics[1].undetermined).startswith("left: The metric gives all methods the same")
    assert found.metrics[0].coefficients["pearson"].value == pytest.approx(
        np.mean([pearsonr(-scores[g, :4], people[g, :4])[0] for g in range(2)])
    )
    assert len(found.per_group[found.metrics[0].name]["spearman"]) == 2


def test_groups_without_a_common_order_are_refused() -> None:
    people, scores = make_sides(2, 2)
    fine = make_group("fine", people[0], scores[0])
    nobody = MethodGroup("none", HumanScores(people[1], undetermined="No judgments."), fine.metrics)
    flat = make_group("flat", np.ones(5), scores[1])
    difference_errors = make_group("apart", np.array([1.0, np.nan, np.nan, np.nan, np.nan]), scores[1])
    for groups, reason in (
        ([], "no group"),
        ([nobody], "none: No judgments"),
        ([flat], "flat: people"),
        ([fine, difference_errors], "Only 1"),
    ):
        with pytest.raises(UndeterminedAgreementError, match=reason):
            agree_over_groups(groups, NAMES, seed=0)
    other = MethodGroup("other", fine.human, [MetricScores("x", True, scores[0])])
    short = make_group("short", people[0][:4], scores[0])
    uneven = MethodGroup("uneven", HumanScores(people[0], np.ones((3, 4))), fine.metrics)
    for group, reason in ((other, "same metrics"), (short, "4 values"), (uneven, "equally many")):
        with pytest.raises(ValueError, match=reason):
            agree_over_groups([fine, group], NAMES, seed=0)

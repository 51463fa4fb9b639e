"""Metrics of whole distributions, and the correlation of entropies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy, pearsonr

from hlv.stats.metrics.registry import METRICS, UndefinedScoreError
from hlv.stats.metrics.soft import jensen_shannon_divergences

counts_of_two = arrays(np.int64, (2, 7, 3), elements=st.integers(1, 9))


def shares(counts: np.ndarray) -> np.ndarray:
    return np.asarray(counts / counts.sum(axis=-1, keepdims=True))


def score(name: str, human: object, predicted: object, task: str = "single") -> float:
    return METRICS[name].score(human, predicted, task=task)  # type: ignore[arg-type]


def test_soft_accuracy_by_hand() -> None:
    assert score("soft_accuracy", [[0.2, 0.8], [1, 0]], [[0.6, 0.4], [0.5, 0.5]]) == pytest.approx(0.55)


def test_soft_micro_f1_of_memberships_by_hand() -> None:
    human, predicted = [[0.5, 1.0], [0.0, 0.25]], [[1.0, 0.5], [0.25, 0.25]]
    assert score("soft_micro_f1", human, predicted, "multilabel") == pytest.approx(2 * 1.25 / 3.75)


def test_soft_micro_f1_is_one_where_nobody_chooses_anything() -> None:
    assert score("soft_micro_f1", [[0.0, 0.0]], [[0.0, 0.0]], "multilabel") == 1.0


def test_soft_macro_by_hand() -> None:
    human, predicted = [[0.5, 0.5], [1.0, 0.0]], [[0.25, 0.75], [0.75, 0.25]]
    # shared .25 + .75 and .5 + 0; predicted 1 and 1; human 1.5 and .5
    assert score("soft_macro_precision", human, predicted) == pytest.approx((1 + 0.5) / 2)
    assert score("soft_macro_recall", human, predicted) == pytest.approx((1 / 1.5 + 1) / 2)
    assert score("soft_macro_f1", human, predicted) == pytest.approx((2 / 2.5 + 1 / 1.5) / 2)


def test_a_label_without_any_mass_counts_as_one() -> None:
    human, predicted = [[0.5, 0.5, 0.0]], [[1.0, 0.0, 0.0]]
    # 2 x .5 / 1.5, 0 and 0/0
    assert score("soft_macro_f1", human, predicted) == pytest.approx((2 / 3 + 0 + 1) / 3)


def test_a_trace_on_an_unused_label_moves_the_macro_mean_and_not_the_one_beside() -> None:
    metric = METRICS["soft_macro_f1"]
    human = [[0.5, 0.5, 0.0]]
    without, with_trace = [[0.5, 0.5, 0.0]], [[0.5, 0.499, 0.001]]
    assert metric.companion is not None
    assert metric.score(human, without, task="single") == 1.0
    assert metric.score(human, with_trace, task="single") < 0.67
    assert metric.companion.score(human, without, task="single") == 1.0
    assert metric.companion.score(human, with_trace, task="single") > 0.99


def test_without_human_mass_the_mean_over_human_labels_is_undefined() -> None:
    beside = METRICS["soft_macro_recall"].companion
    assert beside is not None
    with pytest.raises(UndefinedScoreError, match="nobody chose any label"):
        beside.score([[0.0, 0.0]], [[0.5, 0.0]], task="multilabel")


@settings(deadline=None)
@given(counts_of_two)
def test_po_jsd_agrees_with_scipy(counts: np.ndarray) -> None:
    human, predicted = shares(counts)
    expected = 1 - (jensenshannon(human, predicted, axis=1, base=2) ** 2).mean()
    assert score("po_jsd", human, predicted) == pytest.approx(expected, abs=1e-12)


def test_po_jsd_of_memberships_averages_binary_divergences() -> None:
    human, predicted = np.array([[0.2, 1.0], [0.5, 0.0]]), np.array([[0.4, 0.9], [0.1, 0.3]])
    expected = [
        jensenshannon([p, 1 - p], [q, 1 - q], base=2) ** 2
        for p, q in zip(human.ravel(), predicted.ravel(), strict=True)
    ]
    assert score("po_jsd", human, predicted, "multilabel") == pytest.approx(1 - np.mean(expected), abs=1e-12)


def test_disjoint_distributions_have_po_jsd_zero() -> None:
    assert score("po_jsd", [[1, 0, 0]], [[0, 0.5, 0.5]]) == pytest.approx(0.0, abs=1e-15)


@settings(deadline=None)
@given(counts_of_two)
def test_entropy_correlation_agrees_with_scipy(counts: np.ndarray) -> None:
    human, predicted = shares(counts)
    left, right = (np.asarray(entropy(table, axis=1)) for table in (human, predicted))
    assume(np.ptp(left) > 1e-6 and np.ptp(right) > 1e-6)
    expected = pearsonr(left, right).statistic
    assert score("entropy_correlation", human, predicted) == pytest.approx(expected, abs=1e-9)


def test_entropies_that_hardly_vary_keep_their_digits() -> None:
    shift = np.linspace(0, 1, 12)
    human = np.column_stack([0.3 + 0.1 * shift, 0.7 - 0.1 * shift])
    predicted = np.column_stack([0.3 + 1e-6 * shift**2, 0.7 - 1e-6 * shift**2])
    expected = pearsonr(np.asarray(entropy(human, axis=1)), shift**2).statistic
    # the entropy is linear over so short a way
    assert score("entropy_correlation", human, predicted) == pytest.approx(expected, abs=1e-5)


def test_a_label_whose_human_entropy_is_constant_is_left_out_for_all_methods() -> None:
    human = np.array([[0.5, 0.2], [0.5, 0.5], [0.5, 1.0]])
    predicted = np.array([[0.1, 0.3], [0.9, 0.4], [0.3, 0.9]])
    alone = score("entropy_correlation", human[:, 1:], predicted[:, 1:], "multilabel")
    assert score("entropy_correlation", human, predicted, "multilabel") == pytest.approx(alone, abs=1e-12)


def test_entropy_is_constant_where_only_the_order_of_labels_changes() -> None:
    human = [[0.1, 0.2, 0.7], [0.7, 0.1, 0.2], [0.2, 0.7, 0.1]]
    predicted = [[1, 0, 0], [0.5, 0.5, 0], [0.2, 0.3, 0.5]]
    with pytest.raises(UndefinedScoreError, match="human labels is the same for all items"):
        score("entropy_correlation", human, predicted)


def test_a_method_of_constant_entropy_has_no_correlation() -> None:
    human = [[1, 0], [0.5, 0.5], [0.2, 0.8]]
    with pytest.raises(UndefinedScoreError, match="method's output is the same for all items"):
        score("entropy_correlation", human, [[1, 0], [0, 1], [1, 0]])


def test_a_method_constant_on_one_of_several_labels_has_no_correlation() -> None:
    human = np.array([[0.1, 0.2], [0.2, 0.5], [0.4, 1.0]])
    predicted = np.array([[0.1, 0.3], [0.9, 0.4], [0.1, 0.9]])
    with pytest.raises(UndefinedScoreError, match="on 1 of the labels"):
        score("entropy_correlation", human, predicted, "multilabel")


def test_one_item_has_no_correlation() -> None:
    with pytest.raises(UndefinedScoreError):
        score("entropy_correlation", [[0.5, 0.5]], [[0.4, 0.6]])


def test_a_resample_without_variation_is_marked_and_not_hidden() -> None:
    metric = METRICS["entropy_correlation"]
    parts = metric.parts(
        [[1.0, 0.0], [0.5, 0.5], [0.2, 0.8]], [[0.9, 0.1], [0.4, 0.6], [0.3, 0.7]], task="single"
    )
    scores = metric.combine(np.array([[3, 0, 0], [1, 1, 1], [0, 0, 0]]) @ parts)
    assert np.isnan(scores).tolist() == [True, False, True]


def test_jensen_shannon_divergence_of_certain_and_opposite_answers_is_one_bit() -> None:
    found = jensen_shannon_divergences(np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([[0.0, 1.0], [0.5, 0.5]]))
    assert found.sum(axis=1).tolist() == [1.0, 0.0]

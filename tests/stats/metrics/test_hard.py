"""Metrics of winning labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from hlv.stats.metrics.hard import combine_macro_f1, combine_micro_f1, label_scores
from hlv.stats.metrics.registry import METRICS

KINDS = ("precision", "recall", "f1")


def macro_by_scikit_learn(human: np.ndarray, predicted: np.ndarray) -> list[float]:
    return list(precision_recall_fscore_support(human, predicted, average="macro", zero_division=1)[:3])


@settings(deadline=None)
@given(arrays(np.int64, (2, 15), elements=st.integers(0, 3)))
def test_single_label_metrics_agree_with_scikit_learn(labels: np.ndarray) -> None:
    one_hot = np.eye(4)[labels]
    assert METRICS["hard_accuracy"].score(*one_hot, task="single") == pytest.approx(accuracy_score(*labels))
    expected = macro_by_scikit_learn(*one_hot.astype(int))
    found = [METRICS[f"hard_macro_{kind}"].score(*one_hot, task="single") for kind in KINDS]
    assert found == pytest.approx(expected, abs=1e-12)


@settings(deadline=None)
@given(arrays(np.float64, (2, 8, 3), elements=st.floats(0, 1)))
def test_multilabel_metrics_agree_with_scikit_learn(memberships: np.ndarray) -> None:
    hard = (memberships > 0.5).astype(int)
    found = [METRICS[f"hard_macro_{kind}"].score(*memberships, task="multilabel") for kind in KINDS]
    assert found == pytest.approx(macro_by_scikit_learn(*hard), abs=1e-12)
    micro = precision_recall_fscore_support(*hard, average="micro", zero_division=1)[2]
    assert METRICS["hard_micro_f1"].score(*memberships, task="multilabel") == pytest.approx(micro, abs=1e-12)


def test_the_first_label_wins_a_tie() -> None:
    accuracy = METRICS["hard_accuracy"]
    assert accuracy.score([[0.5, 0.5]], [[0.6, 0.4]], task="single") == 1.0
    assert accuracy.score([[0.5, 0.5]], [[0.4, 0.6]], task="single") == 0.0


def test_one_half_is_no_majority() -> None:
    micro = METRICS["hard_micro_f1"]
    assert micro.score([[0.5, 1.0]], [[0.5, 1.0]], task="multilabel") == 1.0
    assert micro.score([[0.5, 1.0]], [[0.51, 1.0]], task="multilabel") == pytest.approx(2 / 3)


def test_micro_f1_is_one_where_neither_side_chooses_anything() -> None:
    assert METRICS["hard_micro_f1"].score([[0.2, 0.5]], [[0.1, 0.0]], task="multilabel") == 1.0


def test_a_label_that_neither_side_chooses_counts_as_one() -> None:
    human, predicted = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
    for kind in KINDS:
        assert METRICS[f"hard_macro_{kind}"].score(human, predicted, task="single") == pytest.approx(1 / 3)


def test_label_scores_from_shared_predicted_and_true_counts() -> None:
    # label 0: 2 right of 4 predicted and 2 true; label 1: nowhere, so 0/0 is 1
    sums = np.array([2.0, 0.0, 4.0, 0.0, 2.0, 0.0])
    precision, recall, f1 = label_scores(sums)
    assert (precision.tolist(), recall.tolist()) == ([0.5, 1.0], [1.0, 1.0])
    assert f1.tolist() == pytest.approx([2 / 3, 1.0])
    assert combine_macro_f1(sums) == pytest.approx(5 / 6)
    assert combine_micro_f1(np.array([2.0, 6.0])) == pytest.approx(2 / 3)

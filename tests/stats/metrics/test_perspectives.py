"""How often an output misses what single annotators said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, hamming_loss

from hlv.stats.labels.distributions import Task
from hlv.stats.metrics.perspectives import annotator_errors
from hlv.stats.metrics.registry import METRICS
from hlv.stats.resampling.item_weights import Weights

ERROR_RATE = METRICS["perspectivist_error_rate"]


def test_one_label_by_hand() -> None:
    # two of three annotators said the first label; the output says the second
    assert ERROR_RATE.score([[2 / 3, 1 / 3]], [[0.2, 0.8]], task="single") == pytest.approx(2 / 3)
    assert ERROR_RATE.score([[2 / 3, 1 / 3]], [[0.8, 0.2]], task="single") == pytest.approx(1 / 3)


def test_several_labels_by_hand() -> None:
    # the output chooses the first label only; of ten memberships 0.2 + 0.3 are missed, over two labels
    assert ERROR_RATE.score([[0.8, 0.3]], [[0.9, 0.1]], task="multilabel") == pytest.approx(0.25)


def test_each_annotator_has_a_rate_of_their_own() -> None:
    found = annotator_errors(
        item=np.array([0, 0, 1, 1, 2]),
        annotator=np.array([7, 9, 7, 9, 9]),
        chosen=np.eye(2, dtype=bool)[[0, 1, 0, 1, 1]],
        predicted=np.array([[[1.0, 0.0]] * 3, [[0.0, 1.0]] * 3]),
        task="single",
        n_resamples=0,
        seed=1,
    )
    assert found.annotators.tolist() == [7, 9]
    assert found.n_answers.tolist() == [2, 3]
    assert found.rates.tolist() == [[0.0, 1.0], [1.0, 0.0]]
    assert found.means.tolist() == [0.5, 0.5], "annotators count alike however much they answered"


@pytest.mark.parametrize("task", ["single", "multilabel", "ordinal"])
@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_rates_are_those_of_scikit_learn_and_agree_with_the_metric(task: Task, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_items, n_annotators, n_labels = 6, 4, 3
    item, annotator = np.divmod(np.arange(n_items * n_annotators), n_annotators)
    predicted = rng.random((n_items, n_labels))
    if task == "multilabel":
        chosen = rng.random((len(item), n_labels)) < 0.5
    else:
        chosen = np.eye(n_labels, dtype=bool)[rng.integers(n_labels, size=len(item))]
        predicted /= predicted.sum(axis=1, keepdims=True)
    found = annotator_errors(
        item=item,
        annotator=annotator,
        chosen=chosen,
        predicted=predicted[None],
        task=task,
        n_resamples=150,
        seed=1,
    )
    hard = predicted > 0.5
    for who in range(n_annotators):
        mine = chosen[annotator == who]
        expected = (
            hamming_loss(mine, hard)
            if task == "multilabel"
            else 1 - accuracy_score(mine.argmax(axis=1), predicted.argmax(axis=1))
        )
        assert found.rates[0, who] == pytest.approx(expected, abs=1e-12)
    human = chosen.reshape(n_items, n_annotators, n_labels).mean(axis=1)
    # where everybody answered everything, the mean over annotators is the mean over items
    assert found.means[0] == pytest.approx(ERROR_RATE.score(human, predicted, task=task), abs=1e-12)
    parts = ERROR_RATE.parts(human, predicted, task=task)
    resampled = ERROR_RATE.combine(Weights.drawn(n_items, n_resamples=150, seed=1).sums(parts))
    np.testing.assert_allclose(found.resampled[:, 0], resampled, atol=1e-12)


def test_without_answers_there_is_nothing_to_miss() -> None:
    with pytest.raises(ValueError, match="no answers of annotators"):
        annotator_errors(
            item=np.empty(0, dtype=np.int64),
            annotator=np.empty(0, dtype=np.int64),
            chosen=np.empty((0, 2), dtype=bool),
            predicted=np.ones((1, 1, 2)) / 2,
            task="single",
            n_resamples=0,
            seed=1,
        )

"""Precision, recall and F1 of each label."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.labels.distributions import InvalidDistributionError, Task
from hlv.stats.metrics.label_scores import LabelScoreKind, LabelScores
from hlv.stats.metrics.registry import METRICS

HUMAN = np.array([[0.75, 0.25, 0.0], [0.5, 0.5, 0.0], [0.25, 0.75, 0.0]])
PREDICTED = np.array([[0.5, 0.5, 0.0], [0.25, 0.75, 0.0], [0.25, 0.5, 0.25]])


def test_hard_scores_of_labels_by_hand() -> None:
    """The first label wins a tie, so people choose 0, 0, 1 and the method 0, 1, 1."""
    found = LabelScores.of(HUMAN, PREDICTED, task="single", kind="hard")
    assert found.precision.tolist() == [1.0, 0.5, 1.0]
    assert found.recall.tolist() == [0.5, 1.0, 1.0]
    assert found.f1.tolist() == pytest.approx([2 / 3, 2 / 3, 1.0])
    assert found.support.tolist() == [2.0, 1.0, 0.0]


def test_soft_scores_of_labels_by_hand() -> None:
    found = LabelScores.of(HUMAN, PREDICTED, task="single", kind="soft")
    assert found.precision.tolist() == pytest.approx([1.0 / 1.0, 1.25 / 1.75, 0.0])
    assert found.recall.tolist() == pytest.approx([1.0 / 1.5, 1.25 / 1.5, 1.0])
    assert found.f1.tolist() == pytest.approx([2 / 2.5, 2.5 / 3.25, 0.0])
    assert found.support.tolist() == [1.5, 1.5, 0.0]


def test_a_multilabel_label_is_chosen_above_one_half_and_not_at_it() -> None:
    """Argmax, which the paper's script for folds uses, would choose one label for each item: another answer."""
    human, predicted = np.array([[0.9, 0.8], [0.5, 0.1]]), np.array([[0.7, 0.6], [0.4, 0.5]])
    found = LabelScores.of(human, predicted, task="multilabel", kind="hard")
    assert found.support.tolist() == [1.0, 1.0]
    assert found.f1.tolist() == [1.0, 1.0]
    as_single = (human.argmax(axis=1) == 0).sum()
    assert as_single == 2, "argmax gives the first label twice and the second never"


@pytest.mark.parametrize("task", ["single", "multilabel"])
@pytest.mark.parametrize("kind", ["hard", "soft"])
def test_macro_scores_are_means_of_the_scores_of_labels(task: Task, kind: LabelScoreKind) -> None:
    random = np.random.default_rng(3)
    human, predicted = random.dirichlet(np.ones(4), 50), random.dirichlet(np.ones(4), 50)
    found = LabelScores.of(human, predicted, task=task, kind=kind)
    for name, values in (("precision", found.precision), ("recall", found.recall), ("f1", found.f1)):
        score = METRICS[f"{kind}_macro_{name}"].score(human, predicted, task=task)
        assert values.mean() == pytest.approx(score, abs=1e-12)


def test_tables_of_two_shapes_are_refused() -> None:
    with pytest.raises(InvalidDistributionError, match="shape"):
        LabelScores.of(HUMAN, PREDICTED[:2], task="single", kind="hard")

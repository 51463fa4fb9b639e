"""A metric from its parts: a function of their sums."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hlv.stats.metrics.metric import (
    ANY_TASK,
    Means,
    Metric,
    UndefinedScoreError,
    UnsupportedTaskError,
    combine_mean,
    quotient,
)

FIRST_LABEL = Metric(
    name="first_label",
    label="Mean output of the first label",
    source="This test",
    range=(0.0, 1.0),
    tasks=frozenset({"single"}),
    item_parts=Means(lambda truth, prediction: prediction.distributions[:, 0]),
    combination=combine_mean,
    explanation=lambda sums: "there is no item",
    item_mean_tasks=ANY_TASK,
    higher_is_better=True,
    optimum=None,
)
HUMAN, OUTPUT = [[0.5, 0.5], [1.0, 0.0]], [[0.25, 0.75], [0.75, 0.25]]


def test_the_score_is_the_combination_of_the_summed_parts() -> None:
    assert FIRST_LABEL.score(HUMAN, OUTPUT, task="single") == 0.5
    parts = FIRST_LABEL.parts(HUMAN, OUTPUT, task="single")
    assert FIRST_LABEL.combine(np.array([[2.0, 0.0]]) @ parts) == pytest.approx([0.25])
    assert FIRST_LABEL.item_scores(HUMAN, OUTPUT, task="single").tolist() == [0.25, 0.75]


def test_another_task_is_refused() -> None:
    with pytest.raises(UnsupportedTaskError, match="multilabel"):
        FIRST_LABEL.score(HUMAN, OUTPUT, task="multilabel")


def test_sums_that_determine_nothing_have_a_reason() -> None:
    assert FIRST_LABEL.undefined_reason(np.zeros(2)).endswith("is undefined: there is no item")
    assert FIRST_LABEL.undefined_reason(np.ones(2)) == ""


def test_an_undefined_score_raises_its_reason() -> None:
    constant = Metric(**{**vars(FIRST_LABEL), "combination": lambda sums: np.full(sums.shape[:-1], math.nan)})
    with pytest.raises(UndefinedScoreError, match="there is no item"):
        constant.score(HUMAN, OUTPUT, task="single")


def test_a_quotient_over_nothing_is_the_value_asked_for() -> None:
    assert quotient(np.array([1.0, 3.0]), np.array([0.0, 2.0]), where_empty=1.0).tolist() == [1.0, 1.5]

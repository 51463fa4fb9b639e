"""Losses, divergences and distances, and calibration to human disagreement."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cityblock, jensenshannon
from scipy.stats import entropy, wasserstein_distance
from sklearn.metrics import log_loss

from hlv.stats.metrics.distances import CALIBRATION_METRICS, DISTANCES
from hlv.stats.metrics.registry import METRICS, UndefinedScoreError

counts_of_two = arrays(np.int64, (2, 5, 4), elements=st.integers(1, 9))


def shares(counts: np.ndarray) -> np.ndarray:
    return np.asarray(counts / counts.sum(axis=-1, keepdims=True))


def score(name: str, human: object, predicted: object, task: str = "single") -> float:
    return METRICS[name].score(human, predicted, task=task)  # type: ignore[arg-type]


@settings(deadline=None)
@given(counts_of_two)
def test_distances_agree_with_scipy(counts: np.ndarray) -> None:
    human, predicted = shares(counts)
    rows = list(zip(human, predicted, strict=True))
    expected = {
        "kl_divergence": np.mean([entropy(p, q) for p, q in rows]),
        "reverse_kl_divergence": np.mean([entropy(q, p) for p, q in rows]),
        "jensen_shannon_distance": np.mean([jensenshannon(p, q, base=2) for p, q in rows]),
        "manhattan_distance": np.mean([cityblock(p, q) for p, q in rows]),
        "hellinger_distance": np.mean(
            [np.linalg.norm(np.sqrt(p) - np.sqrt(q)) / math.sqrt(2) for p, q in rows]
        ),
        "brier_loss": np.mean([np.sum((p - q) ** 2) for p, q in rows]),
        "rmse": math.sqrt(np.mean((human - predicted) ** 2)),
        "ent_ce": np.mean([abs(entropy(q) - entropy(p)) for p, q in rows]),
    }
    for name, value in expected.items():
        # a distance is the root of a difference of logarithms: half the digits near 0
        tolerance = 1e-7 if name == "jensen_shannon_distance" else 1e-10
        assert score(name, human, predicted) == pytest.approx(value, abs=tolerance), name


@settings(deadline=None)
@given(counts_of_two)
def test_wasserstein_agrees_with_scipy_on_equal_steps(counts: np.ndarray) -> None:
    human, predicted = shares(counts)
    steps = np.arange(4)
    expected = np.mean(
        [wasserstein_distance(steps, steps, p, q) for p, q in zip(human, predicted, strict=True)]
    )
    assert score("wasserstein_distance", human, predicted, "ordinal") == pytest.approx(expected, abs=1e-12)


def test_wasserstein_grows_with_the_steps_between_labels() -> None:
    human = [[1.0, 0.0, 0.0]]
    near = score("wasserstein_distance", human, [[0.0, 1.0, 0.0]], "ordinal")
    far = score("wasserstein_distance", human, [[0.0, 0.0, 1.0]], "ordinal")
    assert (near, far) == (1.0, 2.0)


def test_cross_entropy_of_hard_labels_is_the_log_loss() -> None:
    predicted = [[0.7, 0.2, 0.1], [0.3, 0.3, 0.4]]
    expected = log_loss([0, 2], predicted, labels=[0, 1, 2])
    assert score("soft_cross_entropy", [[1, 0, 0], [0, 0, 1]], predicted) == pytest.approx(expected)


def test_a_certain_and_right_answer_costs_nothing() -> None:
    assert str(score("soft_cross_entropy", [[1, 0]], [[1, 0]])) == "0.0"


@pytest.mark.parametrize(
    "name",
    sorted(
        metric.name
        for metric in METRICS.values()
        if "multilabel" in metric.tasks and not metric.higher_is_better
    ),
)
@settings(deadline=None)
@given(memberships=arrays(np.int64, (2, 4, 3), elements=st.integers(1, 9)))
def test_a_membership_is_a_distribution_of_two_outcomes(name: str, memberships: np.ndarray) -> None:
    if METRICS[name].breaks_ties_by_index:
        # at one half a label is not chosen, where of two outcomes the first is
        memberships[1][memberships[1] == 5] = 6
    human, predicted = memberships / 10
    binary = [np.stack([side.ravel(), 1 - side.ravel()], axis=1) for side in (human, predicted)]
    assert score(name, human, predicted, "multilabel") == pytest.approx(
        score(name, binary[0], binary[1]), abs=1e-12
    )


@pytest.mark.parametrize("name", ["soft_cross_entropy", "kl_divergence"])
def test_no_probability_for_a_chosen_label_is_undefined_and_said(name: str) -> None:
    human, predicted = [[0.5, 0.5], [1, 0], [0.2, 0.8]], [[1, 0], [1, 0], [0, 1]]
    with pytest.raises(UndefinedScoreError, match="infinite, as 2 items give probability 0"):
        score(name, human, predicted)


def test_the_reverse_divergence_is_infinite_where_the_output_goes_further() -> None:
    assert score("reverse_kl_divergence", [[0.5, 0.5]], [[1, 0]]) == pytest.approx(math.log(2))
    with pytest.raises(UndefinedScoreError, match="1 item gives probability to a label that nobody chose"):
        score("reverse_kl_divergence", [[1, 0]], [[0.5, 0.5]])


def test_resamples_without_the_infinite_item_are_finite() -> None:
    metric = METRICS["kl_divergence"]
    parts = metric.parts([[0.5, 0.5], [1.0, 0.0]], [[1.0, 0.0], [0.5, 0.5]], task="single")
    scores = metric.combine(np.array([[0, 2], [1, 1]]) @ parts)
    assert scores[0] == pytest.approx(math.log(2))
    assert math.isnan(scores[1])


def test_entropy_errors_of_both_signs_show_in_the_signed_mean_beside() -> None:
    metric = METRICS["ent_ce"]
    human, predicted = [[0.5, 0.5], [1.0, 0.0]], [[1.0, 0.0], [0.5, 0.5]]
    assert metric.companion is not None
    assert metric.score(human, predicted, task="single") == pytest.approx(math.log(2))
    assert metric.companion.score(human, predicted, task="single") == pytest.approx(0, abs=1e-15)
    assert metric.companion.score([[1.0, 0.0]], [[0.5, 0.5]], task="single") == pytest.approx(math.log(2))


def test_rank_cs_is_the_share_of_items_in_the_same_full_order() -> None:
    human = [[0.5, 0.3, 0.2], [0.6, 0.3, 0.1], [0.2, 0.2, 0.6]]
    predicted = [[0.4, 0.35, 0.25], [0.6, 0.1, 0.3], [0.25, 0.15, 0.6]]
    assert score("rank_cs", human, predicted) == pytest.approx(2 / 3)


def test_equal_labels_stand_in_the_order_of_the_label_set() -> None:
    assert score("rank_cs", [[0.5, 0.5]], [[0.6, 0.4]]) == 1.0
    assert score("rank_cs", [[0.5, 0.5]], [[0.4, 0.6]]) == 0.0


def test_every_distance_of_an_output_from_itself_is_its_optimum() -> None:
    rows = [[0.6, 0.4], [0.3, 0.7]]
    for metric in (*DISTANCES, *CALIBRATION_METRICS):
        task = "single" if "single" in metric.tasks else "ordinal"
        if metric.optimum is not None:
            assert metric.score(rows, rows, task=task) == pytest.approx(metric.optimum, abs=1e-12)

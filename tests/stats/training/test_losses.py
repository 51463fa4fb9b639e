"""Losses of training: by hand, by finite differences, finite everywhere, and one minus the metric they are named after."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from hlv.stats.arrays import FloatArray
from hlv.stats.metrics import METRICS
from hlv.stats.training.losses import (
    Loss,
    aggregated_cross_entropy,
    annotator_cross_entropy,
    cross_entropy,
    jensen_shannon,
    predicted_shares,
    soft_macro_f1,
    soft_micro_f1,
)

LossOfLogits = Callable[[FloatArray], Loss]
STEP = 1e-6
ANSWERS = np.array([[[1, 0, 0], [0, 1, 0]], [[0, 0, 1], [0, 1, 0]], [[0, 1, 0], [0, 0, 0]]], dtype=float)
TIMES = np.array([[2.0, 1.0], [1.0, 1.0], [3.0, 0.0]])
SETS = np.array([[[1, 1, 0], [0, 0, 0]], [[0, 1, 1], [0, 1, 0]], [[1, 0, 1], [0, 0, 0]]], dtype=float)
SHARES = np.array([[2 / 3, 1 / 3, 0.0], [0.0, 0.5, 0.5], [0.0, 1.0, 0.0]])
MEMBERSHIPS = np.array([[2 / 3, 1 / 3, 0.0], [1.0, 0.5, 0.0], [0.0, 1.0, 1.0]])
LOGITS = np.array([[0.3, -1.1, 0.4], [2.0, 0.1, -0.7], [-0.2, 0.9, 0.6]])


def make_losses(*, multilabel: bool) -> dict[str, LossOfLogits]:
    shares = MEMBERSHIPS if multilabel else SHARES
    answers = SETS if multilabel else ANSWERS
    found: dict[str, LossOfLogits] = {
        "cross entropy": partial(cross_entropy, shares=shares, multilabel=multilabel),
        "weighted": partial(
            cross_entropy, shares=shares, multilabel=multilabel, weights=np.array([0.5, 2.0, 0.0])
        ),
        "jsd": partial(jensen_shannon, shares=shares, multilabel=multilabel),
        "micro": partial(soft_micro_f1, shares=shares, multilabel=multilabel),
        "macro": partial(soft_macro_f1, shares=shares, multilabel=multilabel),
        "annotators": partial(
            annotator_cross_entropy,
            answers=answers[:, 0] * np.array([[1.0], [2.0], [1.0]]),
            times=np.array([1.0, 2.0, 1.0]),
            n_rows=2,
            multilabel=multilabel,
        ),
    }
    for how in ("min", "mean", "max"):
        found[how] = partial(
            aggregated_cross_entropy, answers=answers, times=TIMES, how=how, multilabel=multilabel
        )
    return found


def finite_differences(loss: LossOfLogits, logits: FloatArray) -> FloatArray:
    found = np.empty_like(logits)
    for place in np.ndindex(logits.shape):
        ends = []
        for step in (STEP, -STEP):
            moved = logits.copy()
            moved[place] += step
            ends.append(loss(moved).value)
        found[place] = (ends[0] - ends[1]) / (2 * STEP)
    return found


@pytest.mark.parametrize("multilabel", [False, True])
@pytest.mark.parametrize("name", make_losses(multilabel=False))
def test_the_gradient_is_that_of_finite_differences(name: str, multilabel: bool) -> None:
    loss = make_losses(multilabel=multilabel)[name]
    np.testing.assert_allclose(loss(LOGITS).gradient, finite_differences(loss, LOGITS), atol=1e-8)


@pytest.mark.parametrize("how", ["min", "max"])
def test_of_two_equal_answers_the_gradient_is_their_mean(how: str) -> None:
    loss = partial(aggregated_cross_entropy, answers=ANSWERS[:1], times=TIMES[:1], how=how, multilabel=False)
    logits = np.array([[0.4, 0.4, -0.2]])
    np.testing.assert_allclose(loss(logits).gradient, finite_differences(loss, logits), atol=1e-8)


@pytest.mark.parametrize("of", [soft_micro_f1, soft_macro_f1])
def test_where_output_and_share_are_equal_the_gradient_is_between_both_sides(of: Callable[..., Loss]) -> None:
    loss = partial(of, shares=np.array([[0.5, 0.5]]), multilabel=True)
    logits = np.array([[0.0, 1.0]])
    np.testing.assert_allclose(loss(logits).gradient, finite_differences(loss, logits), atol=1e-7)


@pytest.mark.parametrize("multilabel", [False, True])
@pytest.mark.parametrize("name", make_losses(multilabel=False))
@pytest.mark.parametrize("size", [200.0, 1e4])
def test_extreme_logits_give_finite_values(name: str, multilabel: bool, size: float) -> None:
    found = make_losses(multilabel=multilabel)[name](size * np.sign(LOGITS))
    assert np.isfinite(found.value)
    assert np.isfinite(found.gradient).all()


@pytest.mark.parametrize("multilabel", [False, True])
@pytest.mark.parametrize("name", make_losses(multilabel=False))
def test_models_side_by_side_have_the_values_of_single_ones(name: str, multilabel: bool) -> None:
    loss = make_losses(multilabel=multilabel)[name]
    both = loss(np.stack([LOGITS, -2 * LOGITS]))
    for place, logits in enumerate((LOGITS, -2 * LOGITS)):
        np.testing.assert_allclose(both.value[place], loss(logits).value, rtol=1e-14)
        np.testing.assert_allclose(both.gradient[place], loss(logits).gradient, rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize(
    ("of", "metric"),
    [(jensen_shannon, "po_jsd"), (soft_micro_f1, "soft_micro_f1"), (soft_macro_f1, "soft_macro_f1")],
)
@pytest.mark.parametrize("multilabel", [False, True])
@pytest.mark.parametrize("size", [1.0, 200.0])
def test_a_loss_is_one_minus_its_metric(
    of: Callable[..., Loss], metric: str, multilabel: bool, size: float
) -> None:
    task = "multilabel" if multilabel else "single"
    shares = MEMBERSHIPS if multilabel else SHARES
    score = METRICS[metric].score(shares, predicted_shares(size * LOGITS, multilabel=multilabel), task=task)
    assert 1 - of(size * LOGITS, shares, multilabel=multilabel).value == pytest.approx(score, abs=1e-12)


def test_a_label_without_mass_counts_as_right() -> None:
    shares = np.array([[1.0, 0.0]])
    logits = np.array([[800.0, -800.0]])
    assert soft_macro_f1(logits, shares, multilabel=True).value == 0
    assert not soft_macro_f1(logits, shares, multilabel=True).gradient.any()


def test_losses_by_hand() -> None:
    logits = np.log([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]])
    shares = np.array([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]])
    value = cross_entropy(logits, shares, multilabel=False).value
    assert value == pytest.approx(-(np.log(0.5) + 0.5 * np.log(0.2) + 0.5 * np.log(0.6)) / 2)
    # min: .5, 0, 0 and 0, .2, .5
    assert soft_micro_f1(logits, shares, multilabel=False).value == pytest.approx(1 - 2 * 1.2 / 4)
    macro = (2 * 0.5 / 1.7 + 2 * 0.2 / 1.0 + 2 * 0.5 / 1.3) / 3
    assert soft_macro_f1(logits, shares, multilabel=False).value == pytest.approx(1 - macro)
    # one person: label 0; then one for label 1 and two for label 2
    answers = np.array([[[1, 0, 0], [0, 0, 0]], [[0, 1, 0], [0, 0, 1]]], dtype=float)
    times = np.array([[1.0, 0.0], [1.0, 2.0]])
    by_hand = {"min": (0.5, 0.6), "max": (0.5, 0.2)}
    for how, shown in by_hand.items():
        found = aggregated_cross_entropy(logits, answers, times, how=how, multilabel=False)  # type: ignore[arg-type]
        assert found.value == pytest.approx(-np.log(shown).mean())
    mean = aggregated_cross_entropy(logits, answers, times, how="mean", multilabel=False).value
    assert mean == pytest.approx(-(np.log(0.5) + (np.log(0.2) + 2 * np.log(0.6)) / 3) / 2)


def test_one_label_makes_soft_micro_f1_the_total_variation() -> None:
    q = predicted_shares(LOGITS, multilabel=False)
    variation = np.abs(q - SHARES).sum(axis=1).mean() / 2
    assert soft_micro_f1(LOGITS, SHARES, multilabel=False).value == pytest.approx(variation, abs=1e-15)

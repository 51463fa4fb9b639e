"""The losses of torch: equal to those of numpy with their gradients, 1 minus the metrics, and finite."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

import hlv.losses
from hlv.losses import (
    aggregated_loss,
    annotator_loss,
    jsd_loss,
    soft_cross_entropy,
    soft_macro_f1_loss,
    soft_micro_f1_loss,
)
from hlv.stats.metrics.predictions import Targets
from hlv.stats.metrics.registry import METRICS
from hlv.stats.training import losses

PAIRS: dict[str, tuple[Callable[..., torch.Tensor], Callable[..., losses.Loss]]] = {
    "soft cross-entropy": (soft_cross_entropy, losses.cross_entropy),
    "JSD": (jsd_loss, losses.jensen_shannon),
    "SmF1": (soft_micro_f1_loss, losses.soft_micro_f1),
    "SMF1": (soft_macro_f1_loss, losses.soft_macro_f1),
}
METRIC_OF = {"JSD": "po_jsd", "SmF1": "soft_micro_f1", "SMF1": "soft_macro_f1"}
BOTH_TASKS = pytest.mark.parametrize("multilabel", [False, True], ids=["single", "multilabel"])


def make_batch(*, multilabel: bool, n_rows: int = 7, n_labels: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Logits from small to such as underflow, and shares with zeros and ones."""
    generator = np.random.default_rng(5)
    logits = generator.normal(size=(n_rows, n_labels)) * 3
    logits[0] = [200, -200, 0, 1]
    counts = generator.integers(0, 4, size=(n_rows, n_labels)).astype(float)
    counts[1] = [3, 0, 0, 0]
    counts[:, 3] = 0
    counts[counts.sum(axis=1) == 0, 0] = 1
    return logits, counts / 3 if multilabel else counts / counts.sum(axis=1, keepdims=True)


def value_and_gradient(
    loss: Callable[..., torch.Tensor], logits: np.ndarray, *given: np.ndarray, **options: object
) -> tuple[float, np.ndarray]:
    leaf = torch.tensor(logits, requires_grad=True)
    value = loss(leaf, *map(torch.tensor, given), **options)
    value.backward()
    assert leaf.grad is not None
    return float(value.detach()), leaf.grad.numpy()


@BOTH_TASKS
@pytest.mark.parametrize("name", PAIRS)
def test_torch_equals_numpy_with_its_gradient(name: str, multilabel: bool) -> None:
    of_torch, of_numpy = PAIRS[name]
    logits, shares = make_batch(multilabel=multilabel)
    value, gradient = value_and_gradient(of_torch, logits, shares, multilabel=multilabel)
    wanted = of_numpy(logits, shares, multilabel=multilabel)
    assert_allclose(value, wanted.value, rtol=1e-12)
    assert_allclose(gradient, wanted.gradient, rtol=1e-10, atol=1e-14)


@BOTH_TASKS
@pytest.mark.parametrize("name", METRIC_OF)
def test_one_minus_the_loss_is_the_metric(name: str, multilabel: bool) -> None:
    logits, shares = make_batch(multilabel=multilabel)
    task = "multilabel" if multilabel else "single"
    metric = METRICS[METRIC_OF[name]]
    if task not in metric.tasks:
        metric = METRICS["soft_accuracy"]
    output = losses.predicted_shares(logits, multilabel=multilabel)
    score = metric.combine(metric.sums(Targets.of(shares, task=task), output, task=task))
    value = PAIRS[name][0](torch.tensor(logits), torch.tensor(shares), multilabel=multilabel)
    assert_allclose(1 - float(value), float(score), rtol=1e-12)


@BOTH_TASKS
@pytest.mark.parametrize("name", PAIRS)
def test_values_and_gradients_are_finite_where_float32_underflows(name: str, multilabel: bool) -> None:
    logits = np.array([[150.0, -150.0, 0.0], [-150.0, 150.0, 150.0]], dtype=np.float32)
    shares = np.array([[0.0, 1.0, 0.0], [0.5, 0.0, 0.5]], dtype=np.float32)
    value, gradient = value_and_gradient(PAIRS[name][0], logits, shares, multilabel=multilabel)
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()
    if name in METRIC_OF:
        assert 0 <= value <= 1


@BOTH_TASKS
@pytest.mark.parametrize("name", PAIRS)
def test_gradients_are_those_of_finite_differences(name: str, multilabel: bool) -> None:
    generator = np.random.default_rng(2)
    logits = torch.tensor(generator.normal(size=(4, 3)), requires_grad=True)
    shares = generator.random((4, 3))
    shares = torch.tensor(shares if multilabel else shares / shares.sum(axis=1, keepdims=True))
    loss = PAIRS[name][0]
    assert torch.autograd.gradcheck(lambda given: loss(given, shares, multilabel=multilabel), (logits,))


def make_answers(*, multilabel: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logits of 3 rows over 3 labels, 4 answers each, and which of them exist."""
    generator = np.random.default_rng(8)
    logits = generator.normal(size=(3, 3))
    if multilabel:
        answers = (generator.random((3, 4, 3)) < 0.5).astype(float)
    else:
        answers = np.eye(3)[generator.integers(3, size=(3, 4))]
    exists = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 0, 0]], dtype=bool)
    return logits, answers, exists


@BOTH_TASKS
@pytest.mark.parametrize("how", ["min", "mean", "max"])
def test_aggregated_losses_equal_those_of_numpy(how: losses.Aggregate, multilabel: bool) -> None:
    logits, answers, exists = make_answers(multilabel=multilabel)
    value, gradient = value_and_gradient(
        aggregated_loss, logits, answers, how=how, multilabel=multilabel, mask=torch.tensor(exists)
    )
    wanted = losses.aggregated_cross_entropy(
        logits, answers, exists.astype(float), how=how, multilabel=multilabel
    )
    assert_allclose(value, wanted.value, rtol=1e-12)
    assert_allclose(gradient, wanted.gradient, rtol=1e-10, atol=1e-14)


def test_the_mean_of_the_answers_losses_is_soft_cross_entropy() -> None:
    logits, answers, _exists = make_answers(multilabel=False)
    of_answers = aggregated_loss(torch.tensor(logits), torch.tensor(answers), how="mean")
    of_shares = soft_cross_entropy(torch.tensor(logits), torch.tensor(answers.mean(axis=1)))
    assert_allclose(float(of_answers), float(of_shares), rtol=1e-14)


@BOTH_TASKS
def test_annotators_losses_equal_those_of_numpy(multilabel: bool) -> None:
    generator = np.random.default_rng(4)
    _logits, answers, exists = make_answers(multilabel=multilabel)
    logits = generator.normal(size=answers.shape)
    value, gradient = value_and_gradient(
        annotator_loss, logits, answers, mask=torch.tensor(exists), multilabel=multilabel
    )
    wanted = losses.annotator_cross_entropy(
        logits[exists], answers[exists], np.ones(exists.sum()), len(logits), multilabel=multilabel
    )
    assert_allclose(value, wanted.value, rtol=1e-12)
    assert_allclose(gradient[exists], wanted.gradient, rtol=1e-10, atol=1e-14)
    assert not gradient[~exists].any()


@pytest.mark.parametrize("name", PAIRS)
def test_masked_rows_have_no_part(name: str) -> None:
    logits, shares = make_batch(multilabel=False)
    mask = np.arange(len(logits)) % 2 == 0
    loss = PAIRS[name][0]
    value, gradient = value_and_gradient(loss, logits, shares, mask=torch.tensor(mask))
    alone = loss(torch.tensor(logits[mask]), torch.tensor(shares[mask]))
    assert_allclose(value, float(alone), rtol=1e-14)
    assert not gradient[~mask].any()


@pytest.mark.parametrize("loss", [soft_cross_entropy, jsd_loss])
def test_losses_of_rows_are_reduced_as_asked(loss: Callable[..., torch.Tensor]) -> None:
    logits, shares = map(torch.tensor, make_batch(multilabel=False))
    each = loss(logits, shares, reduction="none")
    assert each.shape == (7,)
    assert_allclose(float(loss(logits, shares, reduction="sum")), float(each.sum()), rtol=1e-14)
    assert_allclose(float(loss(logits, shares)), float(each.mean()), rtol=1e-14)


def test_soft_micro_f1_of_single_labels_is_total_variation() -> None:
    logits, shares = map(torch.tensor, make_batch(multilabel=False))
    distance = (shares - torch.softmax(logits, dim=-1)).abs().sum(dim=-1).mean() / 2
    assert_allclose(float(soft_micro_f1_loss(logits, shares)), float(distance), rtol=1e-12)


def test_without_any_mass_there_is_no_loss() -> None:
    logits, shares = torch.full((2, 3), -200.0), torch.zeros(2, 3)
    assert float(soft_micro_f1_loss(logits, shares, multilabel=True)) == 0
    assert float(soft_macro_f1_loss(logits, shares, multilabel=True)) == 0


def test_what_is_public_is_documented() -> None:
    assert all(getattr(hlv.losses, name).__doc__ for name in hlv.losses.__all__)

"""Heads on fixed features: linear, or with one hidden layer, trained by AdamW in float64.

Models that differ only in the learning rate are trained side by side, on the same batches from the same start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.resampling.chunks import PackedFields
from hlv.stats.training.methods import Objective

# Of AdamW.
_DECAYS: Final = (0.9, 0.999)
_EPSILON: Final = 1e-8


# Tried by default; the texts of the dev part choose.
LEARNING_RATES: Final = (0.003, 0.01, 0.03)


@dataclass(frozen=True, eq=False)
class HeadOptions(PackedFields):
    """How heads are trained.

    Attributes
    ----------
    learning_rates
        One model each.
    n_hidden : int
        Units of a hidden layer; 0: linear heads.
    batch_size : int
        Texts of a batch. Where a text has several training rows, a batch has so many more, and the number of steps is the
        same for all methods.
    fewest_steps, fewest_epochs : int
    weight_decay : float
    warm_up : float
        Portion of the steps in which the learning rate rises; then it falls to 0.
    clip : float
        Largest norm of the gradient of a batch's mean loss.
    """

    learning_rates: list[float] = field(default_factory=lambda: list(LEARNING_RATES))
    n_hidden: int = 0
    batch_size: int = 32
    fewest_steps: int = 300
    fewest_epochs: int = 10
    weight_decay: float = 0.01
    warm_up: float = 0.1
    clip: float = 5.0

    def n_batches(self, n_texts: int) -> int:
        return -(-n_texts // self.batch_size)

    def n_epochs(self, n_texts: int) -> int:
        return max(self.fewest_epochs, -(-self.fewest_steps // self.n_batches(n_texts)))


class Heads:
    """L models of H heads each over K labels; all parameters of a model are one row of `parameters` (L, P)."""

    def __init__(
        self, *, n_models: int, n_features: int, n_heads: int, n_labels: int, n_hidden: int = 0
    ) -> None:
        self._shape = (n_heads, n_labels)
        width = n_hidden or n_features
        self._layers = [(n_features, n_hidden)] if n_hidden else []
        self._layers.append((width, n_heads * n_labels))
        self.parameters = np.zeros((n_models, sum((rows + 1) * columns for rows, columns in self._layers)))
        self._gradient = np.zeros_like(self.parameters)

    def draw(self, generator: np.random.Generator) -> None:
        """Start weights (Glorot and Bengio 2010), the same in each model; biases are 0."""
        layers = self._split(self.parameters)
        for weights, _ in layers:
            rows, columns = weights.shape[1:]
            bound = np.sqrt(6 / (rows + (self._shape[1] if weights is layers[-1][0] else columns)))
            weights[:] = generator.uniform(-bound, bound, (rows, columns))

    def logits(self, features: FloatArray) -> FloatArray:
        """(L, B, H, K)"""
        return self._as_logits(self._activations(features, self.parameters)[-1])

    def logits_of(self, parameters: FloatArray, features: FloatArray) -> FloatArray:
        """(B, H, K) of one model's parameters (P,)."""
        return np.asarray(self._as_logits(self._activations(features, parameters[None])[-1])[0])

    def gradient(self, features: FloatArray, loss: Callable[[FloatArray], FloatArray]) -> FloatArray:
        """By the parameters (L, P), where `loss` gives the gradient by logits; overwritten by the next call."""
        activations = self._activations(features, self.parameters)
        errors = loss(self._as_logits(activations[-1])).reshape(activations[-1].shape)
        inputs = [features, *activations[:-1]]
        layers = zip(self._split(self.parameters), self._split(self._gradient), inputs, strict=True)
        for (weights, _), (by_weights, by_biases), given in reversed(list(layers)):
            np.matmul(np.swapaxes(given, -1, -2), errors, out=by_weights)
            errors.sum(axis=1, out=by_biases)
            if given is not features:
                errors = (errors @ weights.swapaxes(1, 2)) * (given > 0)
        return self._gradient

    def _as_logits(self, activations: FloatArray) -> FloatArray:
        return activations.reshape(*activations.shape[:2], *self._shape)

    def _activations(self, features: FloatArray, parameters: FloatArray) -> list[FloatArray]:
        """Of each layer (L, B, width)."""
        found: list[FloatArray] = []
        given = features
        for place, (weights, biases) in enumerate(self._split(parameters)):
            given = given @ weights + biases[:, None]
            if place < len(self._layers) - 1:
                given = np.maximum(given, 0.0)
            found.append(given)
        return found

    def _split(self, parameters: FloatArray) -> list[tuple[FloatArray, FloatArray]]:
        """Views of the weights (L, rows, columns) and biases (L, columns) of each layer."""
        views, start = [], 0
        for rows, columns in self._layers:
            middle = start + rows * columns
            weights = parameters[:, start:middle].reshape(len(parameters), rows, columns)
            views.append((weights, parameters[:, middle : middle + columns]))
            start = middle + columns
        return views


def trained_epochs(
    heads: Heads,
    objective: Objective,
    features: FloatArray,
    *,
    options: HeadOptions,
    generator: np.random.Generator,
) -> Iterator[int]:
    """Train the heads, and pause after each epoch with its number from 0; features (N, D) are of the texts."""
    heads.draw(generator)
    n_batches, n_epochs = options.n_batches(len(features)), options.n_epochs(len(features))
    optimizer = _AdamW(heads.parameters, options, n_steps=n_batches * n_epochs)
    for epoch in range(n_epochs):
        for rows in np.array_split(generator.permutation(len(objective.item)), n_batches):
            optimizer.step(_batch_gradient(heads, objective, features, rows))
        yield epoch


def _batch_gradient(heads: Heads, objective: Objective, features: FloatArray, rows: IntArray) -> FloatArray:
    return heads.gradient(
        features[objective.item[rows]], lambda logits: objective.loss(logits, rows).gradient
    )


class _AdamW:
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019), warm-up, linear decay and clipped gradients."""

    def __init__(self, parameters: FloatArray, options: HeadOptions, *, n_steps: int) -> None:
        self._parameters = parameters
        self._options = options
        self._rates = np.array(options.learning_rates)[:, None]
        self._n_steps = n_steps
        self._n_warm = round(options.warm_up * n_steps)
        self._mean, self._square = np.zeros_like(parameters), np.zeros_like(parameters)
        self._n_done = 0

    def step(self, gradient: FloatArray) -> None:
        """Change the parameters; the gradient is overwritten."""
        norms = np.sqrt(np.einsum("lp,lp->l", gradient, gradient))[:, None]
        gradient *= self._options.clip / np.maximum(norms, self._options.clip)
        rates = self._rates * self._schedule()
        self._n_done += 1
        first, second = _DECAYS
        self._mean *= first
        self._mean += (1 - first) * gradient
        self._square *= second
        gradient *= gradient
        self._square += (1 - second) * gradient
        scale = np.sqrt(self._square, out=gradient)
        scale /= np.sqrt(1 - second**self._n_done)
        scale += _EPSILON
        self._parameters *= 1 - rates * self._options.weight_decay
        self._parameters -= rates / (1 - first**self._n_done) * self._mean / scale

    def _schedule(self) -> float:
        if self._n_done < self._n_warm:
            return (self._n_done + 1) / self._n_warm
        return (self._n_steps - self._n_done) / (self._n_steps - self._n_warm)

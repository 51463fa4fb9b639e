"""Coefficients of the data and of resamples of its items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from annotations.science.agreement.sums import Estimator, FloatArray

# numbers held at once in one table of weights or sums: 32 MB
NUMBERS_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Estimates:
    """Values of some coefficients and of their resamples.

    Attributes
    ----------
    names : tuple of (str, int or None)
        Coefficient and label of each column.
    values : (V,) ndarray
    resamples : (R, V) ndarray
        NaN where a resample has no answer.
    """

    names: tuple[tuple[str, int | None], ...]
    values: FloatArray
    resamples: FloatArray


def estimate_with_resamples(
    estimators: Sequence[Estimator], *, n_items: int, n_resamples: int, rng: np.random.Generator
) -> Estimates:
    """Compute all coefficients, then on `n_resamples` draws of `n_items` items with replacement.

    All coefficients see the same resamples.
    """
    names = tuple(name for estimator in estimators for name in estimator.names)
    values = np.concatenate([estimator(np.ones((1, n_items)))[0] for estimator in estimators])
    resamples = np.empty((n_resamples, len(names)))
    row = 0
    for weights in _item_weights(n_items, n_resamples=n_resamples, rng=rng):
        block = np.concatenate([_within_memory(estimator, weights) for estimator in estimators], axis=1)
        resamples[row : row + len(block)] = block
        row += len(block)
    return Estimates(names, values, resamples)


def _item_weights(n_items: int, *, n_resamples: int, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Yield blocks of how often each item is drawn, shape (rows, n_items)."""
    at_once = max(1, NUMBERS_AT_ONCE // n_items)
    for start in range(0, n_resamples, at_once):
        weights = np.empty((min(at_once, n_resamples - start), n_items))
        for row in weights:
            # drawn resample by resample, so that the block size does not change the draws
            row[:] = np.bincount(rng.integers(n_items, size=n_items), minlength=n_items)
        yield weights


def _within_memory(estimator: Estimator, weights: FloatArray) -> FloatArray:
    at_once = max(1, NUMBERS_AT_ONCE // max(1, estimator.width))
    blocks = [estimator(weights[start : start + at_once]) for start in range(0, len(weights), at_once)]
    return np.concatenate(blocks)

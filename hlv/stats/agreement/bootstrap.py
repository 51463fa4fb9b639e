"""Coefficients on weighted items, and on items drawn again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hlv.stats.agreement.weighted_sums import Estimator
from hlv.stats.arrays import FloatArray
from hlv.stats.resampling.chunks import PackedFields, chunk_generator, chunks

# Fewer items give resamples that are too much alike for an interval to hold what it claims.
FEWEST_ITEMS = 5
NO_SPREAD = "Every resample of the items gives the same value, as if nothing varied: no interval."
# Percentiles of equal numbers may differ from them by rounding.
ROUNDING = 1e-9
# numbers held at once in one table of weights or sums: 32 MB
NUMBERS_AT_ONCE = 4_000_000


def values_on(estimators: Sequence[Estimator], weights: FloatArray) -> FloatArray:
    """The coefficients of all estimators side by side, (R, V), on weights (R, N)."""
    return np.concatenate([_within_memory(estimator, weights) for estimator in estimators], axis=1)


def resampled(
    estimators: Sequence[Estimator], n_items: int, *, n_resamples: int, rng: np.random.Generator
) -> list[FloatArray]:
    """Coefficients on `n_resamples` draws of `n_items` items with replacement, a table (rows, V) for each block."""
    blocks = _item_weights(n_items, n_resamples=n_resamples, rng=rng)
    return [values_on(estimators, weights) for weights in blocks]


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


@dataclass(frozen=True, eq=False)
class MeansResampling(PackedFields):
    """Means of several samples, each on draws of its own values with replacement.

    Attributes
    ----------
    samples : V arrays of float, none empty
    seed : int
        Of the chunks of resamples.
    n_resamples : int
    """

    kind: ClassVar[str] = "resampled means"

    samples: tuple[FloatArray, ...]
    seed: int
    n_resamples: int

    @property
    def n_chunks(self) -> int:
        return len(chunks(self.n_resamples))

    def compute(self, first: int, stop: int) -> FloatArray:
        """(R, V)"""
        drawn = chunks(self.n_resamples)[first:stop]
        means = np.empty((sum(rows.stop - rows.start for rows in drawn), len(self.samples)))
        begin = 0
        for index, rows in enumerate(drawn, start=first):
            generator = chunk_generator(self.seed, index)
            end = begin + rows.stop - rows.start
            for column, values in enumerate(self.samples):
                means[begin:end, column] = _drawn_means(values, end - begin, generator)
            begin = end
        return means


def _drawn_means(values: FloatArray, n_resamples: int, generator: np.random.Generator) -> FloatArray:
    n = len(values)
    at_once = max(1, NUMBERS_AT_ONCE // n)
    return np.concatenate(
        [
            values[generator.integers(n, size=(min(at_once, n_resamples - begin), n))].mean(axis=1)
            for begin in range(0, n_resamples, at_once)
        ]
    )

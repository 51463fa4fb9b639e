"""The resampling of means over items as work in chunks, which any worker can compute from its packed arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hlv.stats.agreement.bootstrap import NUMBERS_AT_ONCE
from hlv.stats.arrays import FloatArray
from hlv.stats.resampling.chunks import PackedFields, chunk_generator, chunks


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


unpacked = MeansResampling.unpacked

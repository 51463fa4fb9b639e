"""The resampling of scores that are means of uploaded values, which any worker can compute from its packed arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hlv.stats.arrays import FloatArray
from hlv.stats.metrics.item_weights import Weights
from hlv.stats.resampling.chunks import PackedFields, chunks
from hlv.stats.resampling.item_draws import ItemDraws


@dataclass(frozen=True, eq=False)
class ScoreMeansResampling(PackedFields):
    """Means of values on draws of their units with replacement.

    Attributes
    ----------
    values : arrays (M, N)
        Rows of one array share the draws of its N units; NaN where a row has no value of a unit.
    streams : list of int
        Of the draws of each array.
    seed, n_resamples
        As `Weights.drawn` takes them.
    shared
        How a ranking draws the N items of every array, which are then drawn alike here.
    """

    kind: ClassVar[str] = "resampled means of scores"
    nested: ClassVar[Mapping[str, type[PackedFields]]] = {"shared": ItemDraws}

    values: tuple[FloatArray, ...]
    streams: list[int]
    seed: int
    n_resamples: int
    shared: ItemDraws | None = None

    @property
    def n_chunks(self) -> int:
        return len(chunks(self.n_resamples))

    def compute(self, first: int, stop: int) -> FloatArray:
        """Of the rows of all arrays in turn (R, M); NaN where a resample holds none of a row's values."""
        drawn = chunks(self.n_resamples)[first:stop]
        n_rows = sum(rows.stop - rows.start for rows in drawn)
        found = [np.empty((n_rows, 0))]
        for values, stream in zip(self.values, self.streams, strict=True):
            if not values.shape[1]:
                found.append(np.full((n_rows, len(values)), np.nan))
                continue
            weights = Weights.draw_chunks(
                values.shape[1],
                first=first,
                stop=stop,
                n_resamples=self.n_resamples,
                seed=self.seed,
                stream=stream,
                shared=self.shared,
            )
            found.append(_weighted_means(weights, values))
        return np.concatenate(found, axis=1)


def _weighted_means(weights: Weights, values: FloatArray) -> FloatArray:
    is_present = ~np.isnan(values)
    sums = weights.sums(np.where(is_present, values, 0.0).T)
    numbers = weights.sums(is_present.astype(np.float64).T)
    means: FloatArray = np.divide(sums, numbers, out=np.full(sums.shape, np.nan), where=numbers > 0)
    return means

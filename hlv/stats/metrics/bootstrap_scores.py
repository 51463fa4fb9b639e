"""The bootstrap of scores over items as work in chunks: metrics of outputs, and means of uploaded values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import numpy as np

from hlv.stats.arrays import FloatArray
from hlv.stats.labels.distributions import Task
from hlv.stats.metrics.predictions import Targets
from hlv.stats.metrics.registry import METRICS
from hlv.stats.metrics.score_resampling import PreparedScores
from hlv.stats.resampling.chunks import Arrays, PackedFields, chunks
from hlv.stats.resampling.item_weights import ItemDraws, Weights


@dataclass(frozen=True, eq=False)
class ScoreResampling:
    """Scores of outputs on resampled items.

    Attributes
    ----------
    truth
        Of N items.
    outputs : (T, N, K)
    metrics
        Names in the registry.
    seed, stream, n_resamples
        As `Weights.drawn` takes them: the same items for every metric and output.
    shared
        How a ranking draws the N items, which are then drawn alike here.
    """

    kind: ClassVar[str] = "resampled scores"

    truth: Targets
    outputs: FloatArray
    metrics: Sequence[str]
    seed: int
    stream: int
    n_resamples: int
    shared: ItemDraws | None = None

    @property
    def n_chunks(self) -> int:
        return len(chunks(self.n_resamples))

    def weights(self, first: int = 0, stop: int | None = None) -> Weights:
        """How often each item is drawn in the resamples of some chunks, of all by default."""
        return Weights.draw_chunks(
            len(self.truth.distributions),
            first=first,
            stop=self.n_chunks if stop is None else stop,
            n_resamples=self.n_resamples,
            seed=self.seed,
            stream=self.stream,
            shared=self.shared,
        )

    def compute(self, first: int, stop: int) -> FloatArray:
        """(R, metrics, T), NaN where a score is undefined on a resample."""
        return self._scores.on(self.weights(first, stop))

    @cached_property
    def _scores(self) -> PreparedScores:
        return PreparedScores([METRICS[name] for name in self.metrics], self.truth, self.outputs)

    def packed(self) -> Arrays:
        return _PackedScores(
            self.truth.task,
            self.truth.distributions,
            self.outputs,
            list(self.metrics),
            self.seed,
            self.stream,
            self.n_resamples,
            self.shared,
        ).packed()

    @classmethod
    def unpacked(cls, arrays: Arrays) -> Self:
        """The work that was packed, whose chunks are the same bits here."""
        found = _PackedScores.unpacked(arrays)
        return cls(
            truth=Targets.of(found.human, task=found.task),
            outputs=found.outputs,
            metrics=found.metrics,
            seed=found.seed,
            stream=found.stream,
            n_resamples=found.n_resamples,
            shared=found.shared,
        )


@dataclass(frozen=True, eq=False)
class _PackedScores(PackedFields):
    nested: ClassVar[Mapping[str, type[PackedFields]]] = {"shared": ItemDraws}

    task: Task
    human: FloatArray
    outputs: FloatArray
    metrics: list[str]
    seed: int
    stream: int
    n_resamples: int
    shared: ItemDraws | None


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

"""The resampling of metric scores over items as work in chunks, which any worker can compute from its packed arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

from hlv.stats.arrays import FloatArray
from hlv.stats.labels.distributions import Task
from hlv.stats.metrics.item_weights import Weights
from hlv.stats.metrics.registry import METRICS
from hlv.stats.metrics.score_resampling import PreparedScores
from hlv.stats.metrics.targets import Targets
from hlv.stats.resampling.chunks import Arrays, PackedFields, chunks
from hlv.stats.resampling.item_draws import ItemDraws


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

"""The resampling of verdicts beside metrics as work in chunks, which any worker can compute from its packed arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final, Self

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.meta_evaluation.tie_calibration import TieCalibration
from hlv.stats.pairwise.bootstrap import ResamplingUnit, chunk_generator, chunks, multinomial_weights
from hlv.stats.resampling.chunks import Arrays, PackedFields

# streams of the seed that no other resampling uses
_STREAM_OF_JUDGES: Final = 11
_STREAM_OF_ITEMS: Final = 12
_STREAM_OF_JUDGMENTS: Final = 13


@dataclass(frozen=True, eq=False, kw_only=True)
class JudgmentSample:
    """Verdicts beside the differences of a metric.

    Attributes
    ----------
    differences : (n,)
        The metric's score of the first output less that of the second, as `tied_differences` gives them; it grows with
        quality.
    verdicts : (n,)
        1 where the first was preferred, -1 where the second, 0 for a tie.
    fold, judge, item : (n,)
        Numbered from 0.
    count : (n,)
        How many judgments say this.
    n_folds
    unit
        What is drawn again.
    seed
        Of the resamples.
    n_items, n_left_out, notes
        What entered and what did not, and what should be known of the resamples.
    """

    differences: FloatArray
    verdicts: IntArray
    fold: IntArray
    judge: IntArray
    item: IntArray
    count: IntArray
    n_folds: int
    unit: ResamplingUnit
    seed: int
    n_items: int = 0
    n_left_out: int = 0
    notes: tuple[str, ...] = ()

    @cached_property
    def calibration(self) -> TieCalibration:
        return TieCalibration.of(self.differences, self.verdicts, self.fold, n_folds=self.n_folds)

    def resampled(self, index: int, n_resamples: int) -> FloatArray:
        """Of a chunk with this index the share of verdicts met, cross-fitted, and `decided`: (n_resamples, 2)."""
        weights = self._weights(index, n_resamples)
        return np.column_stack([self.calibration.cross_fitted(weights)[0], self.decided(weights)])

    def decided(self, weights: FloatArray) -> FloatArray:
        """Share (R,) of the preferences whose sign the difference has, half where it is 0; NaN without any."""
        decided = (self.verdicts != 0).astype(np.float64)
        met = decided * (1 + self.verdicts * np.sign(self.differences)) / 2
        total = weights @ decided
        return np.asarray(np.divide(weights @ met, total, out=np.full(len(total), np.nan), where=total > 0))

    def _weights(self, index: int, n_resamples: int) -> FloatArray:
        """(n_resamples, n)"""
        weights = np.broadcast_to(self.count.astype(np.float64), (n_resamples, len(self.count)))
        if self.unit == "judgments":
            generator = chunk_generator(self.seed, index, _STREAM_OF_JUDGMENTS)
            return generator.poisson(weights).astype(np.float64)
        if self.unit in ("both", "judges"):
            weights = weights * self._drawn(index, n_resamples, self.judge, _STREAM_OF_JUDGES)
        if self.unit in ("both", "items"):
            weights = weights * self._drawn(index, n_resamples, self.item, _STREAM_OF_ITEMS)
        return weights

    def _drawn(self, index: int, n_resamples: int, codes: IntArray, stream: int) -> FloatArray:
        generator = chunk_generator(self.seed, index, stream)
        return multinomial_weights(generator, int(codes.max()) + 1, n_resamples)[:, codes]


@dataclass(frozen=True, eq=False)
class JudgmentBootstrap:
    """`n_resamples` resamples of each of several samples: the chunks of the first, then those of the next."""

    kind: ClassVar[str] = "resampled verdicts"

    samples: Sequence[JudgmentSample]
    n_resamples: int

    @property
    def n_chunks(self) -> int:
        return len(self.samples) * len(chunks(self.n_resamples))

    def compute(self, first: int, stop: int) -> FloatArray:
        """(R, 2): rows of the chunks, as `JudgmentSample.resampled` gives them."""
        of_sample = chunks(self.n_resamples)
        found = [np.empty((0, 2))]
        for place in range(first, min(stop, self.n_chunks)):
            sample, index = divmod(place, len(of_sample))
            rows = of_sample[index]
            found.append(self.samples[sample].resampled(index, rows.stop - rows.start))
        return np.concatenate(found)

    def of_samples(self, rows: FloatArray) -> list[FloatArray]:
        """What `compute` gave for all chunks, by sample (n_resamples, 2)."""
        return list(rows.reshape(len(self.samples), self.n_resamples, 2))

    def packed(self) -> Arrays:
        small = [[one.verdicts, one.fold, one.judge, one.item, one.count] for one in self.samples]
        return _PackedJudgments(
            tuple(one.differences for one in self.samples),
            tuple(np.stack(arrays).astype(np.int32) for arrays in small),
            [one.n_folds for one in self.samples],
            [one.unit for one in self.samples],
            [one.seed for one in self.samples],
            self.n_resamples,
        ).packed()

    @classmethod
    def unpacked(cls, arrays: Arrays) -> Self:
        """The work that was packed, whose chunks are the same bits here."""
        found = _PackedJudgments.unpacked(arrays)
        samples = []
        for differences, small, n_folds, unit, seed in zip(
            found.differences, found.small, found.n_folds, found.units, found.seeds, strict=True
        ):
            verdicts, fold, judge, item, count = small.astype(np.int64)
            samples.append(
                JudgmentSample(
                    differences=differences,
                    verdicts=verdicts,
                    fold=fold,
                    judge=judge,
                    item=item,
                    count=count,
                    n_folds=n_folds,
                    unit=unit,
                    seed=seed,
                )
            )
        return cls(samples, found.n_resamples)


@dataclass(frozen=True, eq=False)
class _PackedJudgments(PackedFields):
    """Of each sample its differences, and in `small` (5, n) its verdicts, folds, judges, items and counts."""

    differences: tuple[FloatArray, ...]
    small: tuple[npt.NDArray[np.int32], ...]
    n_folds: list[int]
    units: list[ResamplingUnit]
    seeds: list[int]
    n_resamples: int

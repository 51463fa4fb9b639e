"""Exchanging the scores of two metrics as work in chunks, which any worker can compute from its packed arrays alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final, Literal

import numpy as np

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.correlation import TieArray, tie_groups
from hlv.stats.resampling.chunks import PackedFields, chunk_generator, chunks

# What is exchanged: see `paired_permutation`.
SwapNull = Literal["methods-xor-items", "cells", "methods"]
SWAP_NULLS: Final[tuple[SwapNull, ...]] = ("methods-xor-items", "cells", "methods")

# a stream of the seed that no resampling uses
_STREAM_OF_EXCHANGES: Final = 21
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class ExchangedScores(PackedFields):
    """How often the metrics of each pair lie as far apart once their scores are exchanged.

    Attributes are the parameters of `swap_p_values`, but for the scores (N, M, L), which are z-scored, the tie groups
    of people (M,), and how far apart scores of each pair may lie and still be tied (P,). The draws are those of the
    chunks from `first_chunk` on; `enumerated` takes all 2^M exchanges of whole methods instead.
    """

    kind: ClassVar[str] = "exchanged scores"

    scores: FloatArray
    people: FloatArray
    people_ties: TieArray
    tolerance: FloatArray
    first: IntArray
    second: IntArray
    coefficient: str
    null: SwapNull
    n_permutations: int
    seed: int
    first_chunk: int = 0
    enumerated: bool = False
    clusters: IntArray | None = None

    @property
    def n_chunks(self) -> int:
        return len(chunks(self.n_permutations))

    def compute(self, first: int, stop: int) -> FloatArray:
        """Hits in each chunk; (chunks, P)."""
        found = np.empty((stop - first, len(self.first)))
        for chunk, rows in enumerate(chunks(self.n_permutations)[first:stop], start=first):
            found[chunk - first] = self._hits(chunk, rows)
        return found

    def _hits(self, chunk: int, rows: slice) -> IntArray:
        size = rows.stop - rows.start
        generator = chunk_generator(self.seed, self.first_chunk + chunk, _STREAM_OF_EXCHANGES)
        if self.null == "methods":
            moved = self._units(rows, generator)[..., None] * self.scores.sum(axis=0)[:, None, :]
        else:
            moved = _sums_of_exchanged(self.scores, null=self.null, size=size, generator=generator)
        moved /= len(self.scores)
        gain = moved[:, :, self.second] - moved[:, :, self.first]
        left = (self._means[:, None, self.first] + gain).reshape(len(self.people), -1)
        right = (self._means[:, None, self.second] - gain).reshape(len(self.people), -1)
        tolerance = np.tile(self.tolerance, size)
        difference = self._target.of(left, tolerance) - self._target.of(right, tolerance)
        difference = np.abs(difference).reshape(size, -1)
        # an undefined difference of constants counts as a hit: that can only make p larger
        return np.asarray((~(difference < self._observed - _ROUNDING)).sum(axis=0))

    def _units(self, rows: slice, generator: np.random.Generator) -> FloatArray:
        """Which methods are exchanged in each draw; (M, size)"""
        n_methods = len(self.people)
        unit = np.arange(n_methods) if self.clusters is None else self.clusters
        if self.enumerated:
            # bit u of the number of an exchange says whether unit u is exchanged
            taken = (np.arange(rows.start, rows.stop)[None, :] >> np.arange(unit.max() + 1)[:, None]) & 1
        else:
            taken = generator.integers(2, size=(int(unit.max()) + 1, rows.stop - rows.start))
        return np.asarray(taken[unit].astype(np.float64))

    @cached_property
    def _means(self) -> FloatArray:
        return np.asarray(self.scores.mean(axis=0))

    @cached_property
    def _target(self) -> _Target:
        return _Target(self.people, self.people_ties, self.coefficient)

    @cached_property
    def _observed(self) -> FloatArray:
        one, other = (
            self._target.of(self._means[:, metric], self.tolerance) for metric in (self.first, self.second)
        )
        return np.asarray(np.abs(one - other))


def _sums_of_exchanged(
    scores: FloatArray, *, null: SwapNull, size: int, generator: np.random.Generator
) -> FloatArray:
    """Sum over the exchanged items of each method's scores (N, M, L), for each draw; (M, size, L)."""
    n_items, n_methods, n_metrics = scores.shape
    if null == "methods-xor-items":
        items = generator.integers(2, size=(size, n_items)).astype(np.float64)
        methods = generator.integers(2, size=(n_methods, size, 1))
        drawn = (items @ scores.reshape(n_items, -1)).reshape(size, n_methods, n_metrics).swapaxes(0, 1)
        remaining = scores.sum(axis=0)[:, None, :] - drawn
        return np.asarray(np.where(methods == 1, remaining, drawn))
    sums = np.empty((n_methods, size, n_metrics))
    for method in range(n_methods):
        coins = generator.integers(2, size=(size, n_items), dtype=np.uint8).astype(np.float64)
        sums[method] = coins @ scores[:, method]
    return sums


class _Target:
    """A coefficient with one fixed side, for very many rows; methods come first, which keeps rows side by side."""

    def __init__(self, people: FloatArray, ties: TieArray, coefficient: str) -> None:
        self._coefficient = coefficient
        self._people = ties
        centred = people - people.mean()
        if coefficient == "spearman":
            centred = np.sign(self._people[:, None] - self._people[None, :]).sum(axis=1)
        self._unit = centred / np.sqrt((centred**2).sum())

    def of(self, scores: FloatArray, tolerance: FloatArray) -> FloatArray:
        """Coefficient (n,) of scores (M, n), tied within (n,); NaN for a constant one."""
        if self._coefficient == "pearson":
            return self._product(scores - scores.mean(axis=0))
        rows = np.ascontiguousarray(tie_groups(scores.T, tolerance[:, None]).T)
        n_methods, n_rows = rows.shape
        agreeing, untied = np.zeros(n_rows, dtype=np.int32), np.zeros(n_rows, dtype=np.int32)
        # twice the centred mean rank: how many others stand below less how many stand above
        standing = np.zeros((n_methods, n_rows), dtype=np.int32)
        n_ordered = 0
        for i in range(n_methods):
            for j in range(i + 1, n_methods):
                sign = (rows[i] > rows[j]).view(np.int8) - (rows[i] < rows[j]).view(np.int8)
                wanted = int(self._people[i] > self._people[j]) - int(self._people[i] < self._people[j])
                n_ordered += wanted != 0
                if self._coefficient == "spearman":
                    standing[i] += sign
                    standing[j] -= sign
                    continue
                untied += sign != 0
                if wanted:
                    agreeing += wanted * sign
        if self._coefficient == "spearman":
            return self._product(standing.astype(np.float64))
        defined = untied > 0
        scale = np.sqrt(untied * float(n_ordered)) if self._coefficient == "kendall_tau_b" else n_ordered
        value = np.full(n_rows, np.nan)
        np.divide(agreeing, scale, out=value, where=defined)
        return value if self._coefficient == "kendall_tau_b" else 0.5 + 0.5 * value

    def _product(self, centred: FloatArray) -> FloatArray:
        length = np.sqrt((centred**2).sum(axis=0))
        value = np.full(len(length), np.nan)
        return np.asarray(np.divide(self._unit @ centred, length, out=value, where=length > _ROUNDING))

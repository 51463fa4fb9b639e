"""Bootstrap weights of items, by chunk: the scores of metrics draw items as often as the ranking does.

A text that people judged and a metric scored has one weight in a resample, on both sides: what the ranking drew. Texts
that the ranking lacks have Poisson weights that depend on the seed, the resample and the text alone, so that metrics
which score different texts agree on those they share.

References
----------
Efron, B. (1979). Bootstrap methods: another look at the jackknife. Annals of Statistics 7(1), 1-26.
Hanley, J. A., & MacGibbon, B. (2006). Creating non-parametric bootstrap samples using Poisson frequencies. Computer
Methods and Programs in Biomedicine 83(1), 57-62.
Steele, G. L., Lea, D., & Flood, C. H. (2014). Fast splittable pseudorandom number generators. Proceedings of OOPSLA,
453-472.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray, IntArray, SparseTable
from hlv.stats.resampling.chunks import WORTH_THREADS, PackedFields, chunk_generator, chunks, map_threads

# draws counted at once
_DRAWS_AT_ONCE = 1 << 17


def multinomial_weights(generator: np.random.Generator, n_units: int, n_resamples: int) -> FloatArray:
    """How often each unit is drawn, (n_resamples, n_units)."""
    return multinomial_counts(generator, n_units, n_resamples).astype(np.float64)


def multinomial_counts(generator: np.random.Generator, n_units: int, n_resamples: int) -> IntArray:
    """The same as whole numbers: single draws, counted, take a seventh of the time of numpy's multinomial."""
    counts = np.empty((n_resamples, n_units), dtype=np.int64)
    for rows, drawn in multinomial_rows(generator, n_units, n_resamples):
        counts[rows] = drawn
    return counts


def multinomial_rows(
    generator: np.random.Generator, n_units: int, n_resamples: int
) -> Iterator[tuple[slice, IntArray]]:
    """The same, some resamples at a time, for who keeps them in another form."""
    at_once = max(1, _DRAWS_AT_ONCE // n_units)
    for start in range(0, n_resamples, at_once):
        rows = slice(start, min(start + at_once, n_resamples))
        n_rows = rows.stop - start
        drawn = generator.integers(0, n_units, size=(n_rows, n_units))
        if n_rows > 1:
            drawn += np.arange(n_rows)[:, None] * n_units
        counts = np.bincount(drawn.ravel(), minlength=n_rows * n_units)
        yield rows, counts.reshape(n_rows, n_units)


# The place of an item that the ranking lacks.
NOT_RANKED: Final = -1
# Of the one seed: no chunk of a ranking or of scores draws from it.
_STREAM_OF_KEYS: Final = 2000
# Cumulative probabilities of a Poisson variable of mean 1.
_POISSON: Final = np.cumsum(np.exp(-1.0) / np.array([math.factorial(k) for k in range(18)], dtype=np.float64))


@dataclass(frozen=True, eq=False)
class ItemDraws(PackedFields):
    """Weights of N items in the resamples of a ranking.

    Attributes
    ----------
    seed, n_judges, n_ranked
        As `RankingDraws` has them; `n_ranked` items are drawn.
    place : (N,)
        Of each item among those; `NOT_RANKED` where the ranking lacks it.
    key : (N,)
        Of each item.
    """

    seed: int
    n_judges: int
    n_ranked: int
    place: IntArray
    key: IntArray

    def counts(self, index: int, n_resamples: int) -> IntArray:
        """How often each item is drawn in the chunk with this index, (n_resamples, N)."""
        counts = np.empty((n_resamples, len(self.place)), dtype=np.int64)
        known = self.place != NOT_RANKED
        if known.any():
            generator = chunk_generator(self.seed, index)
            if self.n_judges:
                multinomial_counts(generator, self.n_judges, n_resamples)
            counts[:, known] = multinomial_counts(generator, self.n_ranked, n_resamples)[:, self.place[known]]
        if not known.all():
            counts[:, ~known] = _poisson_counts(self.seed, index, n_resamples, self.key[~known])
        # Of very few items a resample may hold none: it then holds each once, for nothing has no score.
        counts[counts.sum(axis=1) == 0] = 1
        return counts


def _poisson_counts(seed: int, index: int, n_resamples: int, keys: IntArray) -> IntArray:
    """Poisson counts of mean 1 (n_resamples, N) that depend on seed, chunk, row and key alone."""
    rows = np.random.SeedSequence(seed, spawn_key=(_STREAM_OF_KEYS, index)).generate_state(
        n_resamples, np.uint64
    )
    mixed = _mixed(rows[:, None] ^ _mixed(keys.astype(np.uint64))[None, :])
    uniform = (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return np.searchsorted(_POISSON, uniform, side="right")


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finaliser of SplitMix64: neighbouring numbers become unrelated ones."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


@dataclass(frozen=True, eq=False)
class Weights:
    """Multinomial bootstrap weights, by chunk as the rankings' are, for the side of the metrics.

    Kept as small counts: of 100,000 items an eighth of the memory of numbers.

    Attributes
    ----------
    counts : (R, N)
        How often each unit was drawn.
    """

    counts: npt.NDArray[np.uint8] | npt.NDArray[np.uint32]

    @classmethod
    def drawn(cls, n_units: int, *, n_resamples: int, seed: int, stream: int = 0) -> Weights:
        """Draw them.

        Raises
        ------
        ValueError
            If there is no unit, or the number of resamples is negative.
        """
        n_chunks = len(chunks(n_resamples))
        return cls.draw_chunks(
            n_units, first=0, stop=n_chunks, n_resamples=n_resamples, seed=seed, stream=stream
        )

    @classmethod
    def draw_chunks(
        cls,
        n_units: int,
        *,
        first: int,
        stop: int,
        n_resamples: int,
        seed: int,
        stream: int = 0,
        shared: ItemDraws | None = None,
    ) -> Weights:
        """The rows of the chunks from `first` to before `stop` alone.

        With `shared`, the units are its items and drawn as the ranking draws them; `seed` and `stream` are not used.
        """
        if n_units < 1:
            raise ValueError("nothing to resample")
        slices = chunks(n_resamples)[first:stop]
        start = slices[0].start if slices else 0
        counts = np.empty((slices[-1].stop - start if slices else 0, n_units), dtype=np.uint8)
        # what does not fit stands here instead
        larger: dict[int, npt.NDArray[np.uint32]] = {}

        def draw(index: int) -> None:
            rows = slices[index - first]
            place = slice(rows.start - start, rows.stop - start)
            drawn = counts[place]
            rows_drawn = (
                multinomial_rows(chunk_generator(seed, index, stream), n_units, len(drawn))
                if shared is None
                else [(slice(0, len(drawn)), shared.counts(index, len(drawn)))]
            )
            for block, block_counts in rows_drawn:
                if drawn.dtype == np.uint8 and block_counts.max() > np.iinfo(np.uint8).max:
                    drawn = larger[place.start] = drawn.astype(np.uint32)
                drawn[block] = block_counts

        map_threads(draw, range(first, first + len(slices)), worth_it=counts.size > WORTH_THREADS)
        if larger:
            counts = counts.astype(np.uint32)
            for begin, drawn in larger.items():
                counts[begin : begin + len(drawn)] = drawn
        return cls(counts)

    def sums(self, parts: FloatArray | SparseTable) -> FloatArray:
        """Sums (R, P) of parts (N, P) over each resample, a chunk of resamples at a time."""
        found = np.empty((len(self.counts), parts.shape[1]))
        for rows in chunks(len(self.counts)):
            found[rows] = np.asarray(self.counts[rows].astype(np.float64) @ parts)
        return found


@dataclass(frozen=True, eq=False)
class ItemBlocks:
    """The block of each item, such as its document: the key of the block's first item.

    Attributes
    ----------
    items : (N,)
        Keys, rising.
    blocks : (N,)
    """

    items: IntArray
    blocks: IntArray

    def of(self, keys: IntArray) -> IntArray:
        """The blocks of these items; an unknown item is a block by itself.

        Examples
        --------
        >>> ItemBlocks(np.array([2, 5, 7]), np.array([2, 2, 7])).of(np.array([5, -1, 7, 2]))
        array([ 2, -1,  7,  2])
        """
        if not len(self.items):
            return keys
        place = np.minimum(np.searchsorted(self.items, keys), len(self.items) - 1)
        return np.where(self.items[place] == keys, self.blocks[place], keys)


def block_sums(of_items: FloatArray, blocks: IntArray) -> FloatArray:
    """Sums (M, B) over the items (M, N) of each block, times B / N: their mean over blocks is the mean over items.

    Examples
    --------
    >>> block_sums(np.array([[1.0, 2.0, 6.0]]), np.array([4, 4, 9]))
    array([[2., 4.]])
    """
    codes, place = np.unique(blocks, return_inverse=True)
    sums = np.stack([np.bincount(place, row, len(codes)) for row in of_items])
    return np.asarray(sums * (len(codes) / of_items.shape[1]), dtype=np.float64)


def block_weights(
    generator: np.random.Generator, n_items: int, n_resamples: int, *, blocks: IntArray | None = None
) -> FloatArray:
    """How often each item is drawn in each resample, (n_resamples, n_items).

    As many blocks are drawn with replacement as there are, so the number of items varies where blocks differ in
    size.

    Parameters
    ----------
    blocks : (n_items,) or None
        A code for each item, such as its document. Without blocks each item is one block.

    Raises
    ------
    ValueError
        If there is no item, or not one code for each item.

    Examples
    --------
    >>> block_weights(np.random.default_rng(1), 5, 2, blocks=np.array([7, 7, 3, 3, 3]))
    array([[1., 1., 1., 1., 1.],
           [2., 2., 0., 0., 0.]])
    """
    if n_items < 1:
        raise ValueError("at least one item is needed")
    if blocks is None:
        return multinomial_counts(generator, n_items, n_resamples).astype(np.float64)
    if np.shape(blocks) != (n_items,):
        raise ValueError(f"{n_items} items need one block each, not blocks of shape {np.shape(blocks)}")
    codes, place = np.unique(blocks, return_inverse=True)
    return multinomial_counts(generator, len(codes), n_resamples)[:, place].astype(np.float64)


def n_blocks(n_items: int, blocks: IntArray | None) -> int:
    """How many units are drawn: blocks, or items where there are no blocks."""
    return n_items if blocks is None else len(np.unique(blocks))

"""Bootstrap weights of items, for the side of the metrics: drawn by chunks as the rankings' are.

References
----------
Efron, B. (1979). Bootstrap methods: another look at the jackknife. Annals of Statistics 7(1), 1-26.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray, SparseTable
from hlv.stats.resampling.chunks import chunk_generator, chunks
from hlv.stats.resampling.item_draws import ItemDraws
from hlv.stats.resampling.threads import WORTH_THREADS, map_threads
from hlv.stats.resampling.weights import multinomial_rows


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

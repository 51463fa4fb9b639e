"""Bootstrap weights of items, for the side of the metrics: drawn by chunks as the rankings' are.

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
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from annotations.science.chunked import chunk_generator, chunks
from annotations.science.threads import WORTH_THREADS, for_each
from metaeval.science.board_resampler import ResamplingUnit, multinomial_counts, multinomial_rows
from metaeval.science.comparisons import UNKNOWN, Cells, FloatArray, IntArray

# Of the one seed: no chunk of a ranking or of scores draws from it.
_STREAM_OF_KEYS: Final = 2000
# Cumulative probabilities of a Poisson variable of mean 1.
_POISSON: Final = np.cumsum(np.exp(-1.0) / np.array([math.factorial(k) for k in range(18)], dtype=np.float64))


@dataclass(frozen=True, eq=False)
class RankingDraws:
    """How a ranking draws its items again.

    Attributes
    ----------
    seed
        Of the ranking's resamples.
    n_judges
        Judges that each chunk draws before its items; 0 for none.
    items : (n,)
        Keys of the items in the order in which the ranking draws them; empty where it draws none.
    """

    seed: int
    n_judges: int
    items: IntArray

    @classmethod
    def of(cls, cells: Cells, *, unit: ResamplingUnit | None, seed: int) -> RankingDraws:
        """Those of a board whose items (and judges) are drawn; without items where `unit` draws none."""
        counted = cells.count > 0
        n_judges = len(np.unique(cells.judge[counted])) if unit == "both" else 0
        items = np.unique(cells.item[counted]) if unit in ("both", "items") else np.empty(0, dtype=np.int64)
        return cls(seed, n_judges, items)

    @classmethod
    def by_text(cls, seed: int) -> RankingDraws:
        """Those of no ranking: the weight of every text depends on the seed, the resample and the text alone."""
        return cls(seed, 0, np.empty(0, dtype=np.int64))

    def of_items(self, keys: IntArray) -> ItemDraws:
        """The weights of these items (N,), all different."""
        place = np.searchsorted(self.items, keys)
        known = np.zeros(len(keys), dtype=bool)
        inside = place < len(self.items)
        known[inside] = self.items[place[inside]] == keys[inside]
        return ItemDraws(self.seed, self.n_judges, len(self.items), np.where(known, place, UNKNOWN), keys)


@dataclass(frozen=True, eq=False)
class ItemDraws:
    """Weights of N items in the resamples of a ranking.

    Attributes
    ----------
    seed, n_judges, n_ranked
        As `RankingDraws` has them; `n_ranked` items are drawn.
    place : (N,)
        Of each item among those; `UNKNOWN` where the ranking lacks it.
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
        known = self.place != UNKNOWN
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


def packed_draws(draws: ItemDraws | None) -> dict[str, npt.NDArray[Any]]:
    """As arrays of a packed work; none for none."""
    if draws is None:
        return {}
    return {
        "ranking draws": np.array([draws.seed, draws.n_judges, draws.n_ranked], dtype=np.int64),
        "drawn place": draws.place,
        "drawn key": draws.key,
    }


def unpacked_draws(arrays: Mapping[str, npt.NDArray[Any]]) -> ItemDraws | None:
    """What `packed_draws` laid out among the arrays of a work."""
    if "ranking draws" not in arrays:
        return None
    seed, n_judges, n_ranked = arrays["ranking draws"].tolist()
    return ItemDraws(seed, n_judges, n_ranked, arrays["drawn place"], arrays["drawn key"])


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
        return cls.drawn_of_chunks(
            n_units, first=0, stop=n_chunks, n_resamples=n_resamples, seed=seed, stream=stream
        )

    @classmethod
    def drawn_of_chunks(
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
            for some, now in rows_drawn:
                if drawn.dtype == np.uint8 and now.max() > np.iinfo(np.uint8).max:
                    drawn = larger[place.start] = drawn.astype(np.uint32)
                drawn[some] = now

        for_each(draw, range(first, first + len(slices)), worth_it=counts.size > WORTH_THREADS)
        if larger:
            counts = counts.astype(np.uint32)
            for begin, drawn in larger.items():
                counts[begin : begin + len(drawn)] = drawn
        return cls(counts)

    def sums(self, parts: FloatArray | csr_array[np.float64, tuple[int, int]]) -> FloatArray:
        """Sums (R, P) of parts (N, P) over each resample, a chunk of resamples at a time."""
        found = np.empty((len(self.counts), parts.shape[1]))
        for rows in chunks(len(self.counts)):
            found[rows] = np.asarray(self.counts[rows].astype(np.float64) @ parts)
        return found

"""How often each item is drawn in a ranking's resamples, by chunk: its metrics' scores draw them as often.

A text that people judged and a metric scored has one weight in a resample, on both sides: what the ranking drew. Texts
that the ranking lacks have Poisson weights that depend on the seed, the resample and the text alone, so that metrics
which score different texts agree on those they share.

References
----------
Hanley, J. A., & MacGibbon, B. (2006). Creating non-parametric bootstrap samples using Poisson frequencies. Computer
Methods and Programs in Biomedicine 83(1), 57-62.
Steele, G. L., Lea, D., & Flood, C. H. (2014). Fast splittable pseudorandom number generators. Proceedings of OOPSLA,
453-472.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import IntArray
from hlv.stats.resampling.chunks import PackedFields, chunk_generator
from hlv.stats.resampling.weights import multinomial_counts

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

"""Circular triads: three methods of which each was preferred to the next.

References
----------
Kendall, M. G., & Babington Smith, B. (1940). On the method of paired comparisons. Biometrika 31(3/4), 324-345.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import comb
from typing import Final

import numpy as np
import scipy

from hlv.stats.arrays import BoolArray, FloatArray, IntArray

CHANCE: Final = 0.25
EXACT_UP_TO: Final = 10
_AT_ONCE = 256


@dataclass(frozen=True, eq=False)
class Triads:
    """Circular triads of tournaments.

    Attributes
    ----------
    n_circular : (T,)
        Circular triads.
    n_complete : (T,)
        Triads whose three pairs are all decided; only those can be circular.
    share : (T,)
        n_circular / n_complete, `CHANCE` (1/4) for preferences at random; NaN without a complete triad.
    zeta : (T,)
        Kendall and Babington Smith's coefficient of consistence, 0 to 1; NaN unless every pair is decided and
        there are three methods or more.
    """

    n_circular: IntArray
    n_complete: IntArray
    share: FloatArray
    zeta: FloatArray

    def undetermined(self) -> list[str | None]:
        """Of each tournament, why there is no share; None where there is."""
        reason = "No three methods were all compared with each other without a tie."
        return [reason if n == 0 else None for n in self.n_complete.tolist()]


def circular_triads(above: BoolArray) -> Triads:
    """Count circular triads.

    zeta = 1 - d / d_max with d circular triads of the most that n methods allow, (n^3 - n) / 24 for odd and
    (n^3 - 4n) / 24 for even n. It is defined for complete tournaments without ties only; otherwise the share of
    complete triads stands in its place.

    Parameters
    ----------
    above : (T, M, M)
        `above[t, i, j]` if i was preferred to j; a pair that is preferred neither way is tied or missing.

    Raises
    ------
    ValueError
        If the shape is wrong, or a pair is preferred both ways.
    """
    if above.ndim != 3 or above.shape[1] != above.shape[2]:
        raise ValueError("tournaments need the shape (T, M, M)")
    if (above & np.swapaxes(above, 1, 2)).any():
        raise ValueError("a pair cannot be preferred both ways")
    n_circular = np.zeros(len(above), dtype=np.int64)
    n_complete = np.zeros(len(above), dtype=np.int64)
    for start in range(0, len(above), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        won = above[rows].astype(np.float64)
        decided = won + np.swapaxes(won, 1, 2)
        # closed walks of length three: each cycle of three is walked from three ends (and both ways round)
        n_circular[rows] = np.rint(np.einsum("tij,tji->t", won @ won, won) / 3)
        n_complete[rows] = np.rint(np.einsum("tij,tji->t", decided @ decided, decided) / 6)
    share = np.full(len(above), np.nan)
    np.divide(n_circular, n_complete, out=share, where=n_complete > 0)
    n_methods = above.shape[1]
    zeta = np.full(len(above), np.nan)
    complete = (n_complete == comb(n_methods, 3)) & (n_methods >= 3)
    if complete.any():
        zeta[complete] = 1 - n_circular[complete] / most_circular(n_methods)
    return Triads(n_circular, n_complete, share, zeta)


def most_circular(n_methods: int) -> int:
    """The most circular triads that a complete tournament of three methods or more can have."""
    odd = n_methods % 2
    return (n_methods**3 - (1 if odd else 4) * n_methods) // 24


def circular_triads_p(n_circular: int, n_methods: int) -> float:
    """P(at most so many circular triads) in a complete tournament decided by coins.

    Exact up to `EXACT_UP_TO` methods, by Kendall and Babington Smith's chi-squared approximation above.

    Raises
    ------
    ValueError
        If there are fewer than three methods, or more circular triads than possible.
    """
    if n_methods < 3 or not 0 <= n_circular <= most_circular(n_methods):
        raise ValueError(f"{n_methods} methods cannot have {n_circular} circular triads")
    if n_methods <= EXACT_UP_TO:
        counts = _null_counts(n_methods)
        return sum(n for d, n in counts if d <= n_circular) / float(2 ** comb(n_methods, 2))
    degrees = n_methods * (n_methods - 1) * (n_methods - 2) / (n_methods - 4) ** 2
    # half a triad less: the chance is of at most so many, of which the last counts whole
    statistic = 8 / (n_methods - 4) * (comb(n_methods, 3) / 4 - n_circular - 0.5) + degrees
    return float(scipy.stats.chi2.sf(statistic, degrees))


@cache
def _null_counts(n_methods: int) -> tuple[tuple[int, int], ...]:
    """How many tournaments have d circular triads: (d, number); d = C(n, 3) - sum C(wins, 2)."""
    # states are sorted win counts; some of those with equally many wins beat the next method
    states: Counter[tuple[int, ...]] = Counter({(0,): 1})
    for size in range(1, n_methods):
        grown: Counter[tuple[int, ...]] = Counter()
        for wins, number in states.items():
            classes = sorted(Counter(wins).items())
            for chosen in product(*(range(count + 1) for _, count in classes)):
                ways = number
                new = [size - sum(chosen)]
                for (won, count), n_winners in zip(classes, chosen, strict=True):
                    ways *= comb(count, n_winners)
                    new.extend([won + 1] * n_winners + [won] * (count - n_winners))
                grown[tuple(sorted(new))] += ways
        states = grown
    circular: Counter[int] = Counter()
    for wins, number in states.items():
        circular[comb(n_methods, 3) - sum(comb(w, 2) for w in wins)] += number
    return tuple(sorted(circular.items()))

"""Exchanges of paired scores: signs that keep or reverse the difference of each unit.

References
----------
Fisher, R. A. (1935). The Design of Experiments, section 21. Oliver and Boyd.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from hlv.stats.arrays import FloatArray

# With so many units or fewer, all 2^N exchanges are taken.
MOST_EXACT_UNITS: Final = 12
_CELLS_AT_ONCE: Final = 2_000_000


def sign_flips(n_units: int, n_permutations: int, *, seed: int) -> Iterator[FloatArray]:
    """Signs (rows, N) that keep (1) or exchange (-1) the scores of a unit, some rows at a time.

    Up to `MOST_EXACT_UNITS` units all exchanges are taken, the first of which keeps all; else random ones.

    Examples
    --------
    >>> next(sign_flips(2, 99, seed=0))
    array([[ 1.,  1.],
           [-1.,  1.],
           [ 1., -1.],
           [-1., -1.]])
    """
    if n_units <= MOST_EXACT_UNITS:
        numbers = np.arange(2**n_units)[:, None] >> np.arange(n_units) & 1
        yield np.asarray(1.0 - 2.0 * numbers, dtype=np.float64)
        return
    generator = np.random.default_rng(seed)
    n_rows = max(1, _CELLS_AT_ONCE // n_units)
    for start in range(0, n_permutations, n_rows):
        yield generator.choice(np.array([1.0, -1.0]), size=(min(n_rows, n_permutations - start), n_units))

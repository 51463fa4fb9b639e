"""Which methods the judgments order: adjusted tests, rank intervals and sets without an order.

References
----------
Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics
6(2), 65-70.
Bron, C., & Kerbosch, J. (1973). Algorithm 457: finding all cliques of an undirected graph. Communications of
the ACM 16(9), 575-577.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from hlv.stats.arrays import BoolArray, FloatArray, IntArray

MOST_GROUPS: Final = 500


@dataclass(frozen=True, eq=False)
class Separation:
    """What stands above what.

    Attributes
    ----------
    above : (M, M)
        `above[i, j]` if i is stronger than j and their difference is significant after Holm's adjustment.
    adjusted_p : (M, M)
        Holm-adjusted p of each difference; NaN on the diagonal.
    """

    above: BoolArray
    adjusted_p: FloatArray

    def rank_intervals(self) -> tuple[IntArray, IntArray]:
        """Best and worst rank (M,): 1 + the number separated above, M - the number separated below."""
        return 1 + self.above.sum(axis=0), len(self.above) - self.above.sum(axis=1)

    def inseparable(self) -> tuple[list[list[int]], bool]:
        """Maximal sets of two or more methods without a separated pair; False if there were too many to list.

        Sets may overlap, as in a letter display. Past `MOST_GROUPS` the list stops.
        """
        return maximal_cliques(~(self.above | self.above.T))


def holm(p_values: FloatArray) -> FloatArray:
    """Adjusted p (K,) of K tests.

    Raises
    ------
    ValueError
        If a p-value is not in [0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> from hlv.stats.pairwise import holm
    >>> holm(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    if not ((p_values >= 0) & (p_values <= 1)).all():
        raise ValueError("a p value must be between 0 and 1")
    order = np.argsort(p_values, kind="stable")
    stepped = np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1))
    adjusted = np.empty_like(stepped)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def bonferroni_level(n_methods: int, *, level: float) -> float:
    """Share of error left to each of the M(M-1)/2 differences."""
    return (1 - level) / (n_methods * (n_methods - 1) / 2)


def compare_all_pairs(strengths: FloatArray, p_values: FloatArray, *, alpha: float = 0.05) -> Separation:
    """Separated pairs.

    Parameters
    ----------
    strengths : (M,)
    p_values : (M, M)
        Two-sided and symmetric; the diagonal is not read.
    """
    n_methods = len(strengths)
    upper = np.triu_indices(n_methods, k=1)
    adjusted = np.full((n_methods, n_methods), np.nan)
    adjusted[upper] = holm(p_values[upper])
    adjusted.T[upper] = adjusted[upper]
    significant = adjusted < alpha
    return Separation(significant & (strengths[:, None] > strengths[None, :]), adjusted)


def maximal_cliques(adjacency: BoolArray) -> tuple[list[list[int]], bool]:
    """Maximal cliques of two or more vertices, by first member, and whether all of them are there.

    Parameters
    ----------
    adjacency : (M, M)
        Symmetric; the diagonal is not read.
    """
    n = len(adjacency)
    neighbours = [sum(1 << int(j) for j in np.flatnonzero(adjacency[i]) if j != i) for i in range(n)]
    found: list[list[int]] = []
    # Bron-Kerbosch on bit sets, with an explicit stack: (clique, candidates, excluded)
    waiting = [(0, (1 << n) - 1, 0)]
    while waiting and len(found) <= MOST_GROUPS:
        clique, candidates, excluded = waiting.pop()
        if not candidates and not excluded:
            if clique.bit_count() > 1:
                found.append(_members(clique))
            continue
        pivot = max(_members(candidates | excluded), key=lambda v: (neighbours[v] & candidates).bit_count())
        for vertex in _members(candidates & ~neighbours[pivot]):
            bit = 1 << vertex
            waiting.append((clique | bit, candidates & neighbours[vertex], excluded & neighbours[vertex]))
            candidates &= ~bit
            excluded |= bit
    complete = len(found) <= MOST_GROUPS
    return sorted(found[:MOST_GROUPS]), complete


def _members(bits: int) -> list[int]:
    members = []
    while bits:
        lowest = bits & -bits
        members.append(lowest.bit_length() - 1)
        bits ^= lowest
    return members

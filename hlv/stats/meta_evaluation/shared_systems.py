"""On which methods metrics can be compared: agreement over other methods is another question, and not a better metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import comb
from typing import Final

import numpy as np

from hlv.stats.arrays import BoolArray

# As many sets of methods as are weighed: all of them, unless a dozen metrics or more each lack other methods.
MAX_SUBSETS: Final = 4096


def shared_systems(scored: Sequence[BoolArray], hypotheses: Sequence[str], ranked: BoolArray) -> BoolArray:
    """The methods on which most can be compared: their pairs, once for each different metric that scores them all.

    The best set is what some of the metrics have in common, so nothing else is weighed. Of sets that are worth the same
    it is the one with more methods.

    Parameters
    ----------
    scored
        Of each metric the methods (M,) that it scores; those outside `ranked` do not count.
    hypotheses
        Of each metric; copies of one share it and count once.
    ranked : (M,)
        Methods that may be among them.

    Returns
    -------
    BoolArray
        (M,). A metric that lacks one of these cannot be compared with the others; all `ranked` where no two metrics
        can be compared anywhere.
    """
    hypotheses_by_methods: dict[bytes, set[str]] = {}
    for key, scored_methods in zip(hypotheses, scored, strict=True):
        hypotheses_by_methods.setdefault((scored_methods & ranked).tobytes(), set()).add(key)
    best, largest = ranked, (0, 0)
    for shared in _intersections(hypotheses_by_methods, ranked):
        n_methods = int(shared.sum())
        shared_hypotheses = {
            key
            for scored_methods, keys in hypotheses_by_methods.items()
            if _contains(scored_methods, shared)
            for key in keys
        }
        worth = comb(n_methods, 2) * len(shared_hypotheses) if len(shared_hypotheses) > 1 else 0
        if worth and (worth, n_methods) > largest:
            best, largest = shared, (worth, n_methods)
    return best


def _intersections(hypotheses_by_methods: Mapping[bytes, set[str]], ranked: BoolArray) -> list[BoolArray]:
    """What any of these sets of methods have in common, the sets of most methods first."""
    scored_sets = sorted(
        (np.frombuffer(scored_methods, dtype=bool) for scored_methods in hypotheses_by_methods),
        key=lambda one: -int(one.sum()),
    )
    found = {ranked.tobytes(): ranked}
    for scored_methods in scored_sets:
        for other in list(found.values()):
            shared = scored_methods & other
            if len(found) < MAX_SUBSETS and shared.sum() > 1:
                found.setdefault(shared.tobytes(), shared)
    return list(found.values())


def _contains(scored_methods: bytes, shared: BoolArray) -> bool:
    return bool(np.frombuffer(scored_methods, dtype=bool)[shared].all())

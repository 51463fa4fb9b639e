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
    metrics_of: dict[bytes, set[str]] = {}
    for key, there in zip(hypotheses, scored, strict=True):
        metrics_of.setdefault((there & ranked).tobytes(), set()).add(key)
    best, largest = ranked, (0, 0)
    for shared in _intersections(metrics_of, ranked):
        n_methods = int(shared.sum())
        different = {key for there, keys in metrics_of.items() if _holds(there, shared) for key in keys}
        worth = comb(n_methods, 2) * len(different) if len(different) > 1 else 0
        if worth and (worth, n_methods) > largest:
            best, largest = shared, (worth, n_methods)
    return best


def _intersections(metrics_of: Mapping[bytes, set[str]], ranked: BoolArray) -> list[BoolArray]:
    """What any of these sets of methods have in common, the sets of most methods first."""
    sets = sorted((np.frombuffer(there, dtype=bool) for there in metrics_of), key=lambda one: -int(one.sum()))
    found = {ranked.tobytes(): ranked}
    for there in sets:
        for other in list(found.values()):
            shared = there & other
            if len(found) < MAX_SUBSETS and shared.sum() > 1:
                found.setdefault(shared.tobytes(), shared)
    return list(found.values())


def _holds(there: bytes, shared: BoolArray) -> bool:
    return bool(np.frombuffer(there, dtype=bool)[shared].all())

"""On which methods metrics can be compared: agreement over other methods is another question, and not a better metric."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

from metaeval.science.comparisons import BoolArray


def common_methods(scored: Sequence[BoolArray], hypotheses: Sequence[str], ranked: BoolArray) -> BoolArray:
    """The methods on which most can be compared: their pairs, once for each different metric that scores them all.

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
        (M,). A metric that lacks one of these cannot be compared with the others.
    """
    scored = [there & ranked for there in scored]
    best, largest = ranked, -1
    for least in sorted({int(there.sum()) for there in scored}, reverse=True):
        shared = ranked.copy()
        for there in scored:
            if there.sum() >= least:
                shared &= there
        different = {key for key, there in zip(hypotheses, scored, strict=True) if there[shared].all()}
        size = comb(int(shared.sum()), 2) * (len(different) if len(different) > 1 else 0)
        if size > largest:
            best, largest = shared, size
    return best

"""Ties that say "both good" apart from those that say "neither good": a ranking takes them for the same."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from hlv.stats.arrays import BoolArray, IntArray


@dataclass(frozen=True, kw_only=True)
class TiesOfMethod:
    """Of the verdicts with one method; the shares are None where it has none."""

    method: str
    n_verdicts: int
    n_both: int
    n_neither: int
    share_both: float | None
    share_neither: float | None


@dataclass(frozen=True)
class TieTypes:
    """How many verdicts say “both good” and “neither good”, in all and by method: each counts for two methods."""

    n_both: int = 0
    n_neither: int = 0
    by_method: list[TiesOfMethod] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class TieTypeCounts:
    """How verdicts with each method ended.

    Attributes
    ----------
    verdicts, both, neither : (M,)
        Verdicts with the method that enter the ranking, and those of them that say "both good" and "neither good".
        Each verdict counts for two methods.
    """

    verdicts: IntArray
    both: IntArray
    neither: IntArray

    def named(self, names: list[str]) -> TieTypes:
        rows = zip(names, self.verdicts.tolist(), self.both.tolist(), self.neither.tolist(), strict=True)
        return TieTypes(
            n_both=int(self.both.sum()) // 2,
            n_neither=int(self.neither.sum()) // 2,
            by_method=[
                TiesOfMethod(
                    method=name,
                    n_verdicts=n,
                    n_both=both,
                    n_neither=neither,
                    share_both=both / n if n else None,
                    share_neither=neither / n if n else None,
                )
                for name, n, both, neither in rows
            ],
        )


def tie_types(
    *,
    first: IntArray,
    second: IntArray,
    count: IntArray,
    is_both: BoolArray,
    is_neither: BoolArray,
    n_methods: int,
) -> TieTypeCounts:
    """Count rows (G,) of equal verdicts of two of the M methods.

    Parameters
    ----------
    first, second
        Places of the methods.
    count
        How many verdicts a row stands for.
    is_both, is_neither
        What they say, if not a preference or a tie of unspecified kind.
    """

    def of_methods(rows: BoolArray) -> IntArray:
        places = np.append(first[rows], second[rows])
        counts = np.append(count[rows], count[rows])
        return np.bincount(places, weights=counts, minlength=n_methods).astype(np.int64)

    every = np.ones(len(count), dtype=bool)
    return TieTypeCounts(of_methods(every), of_methods(is_both), of_methods(is_neither))

"""Whether each judge's own preferences form an order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.pairwise.circular_triads import circular_triads, circular_triads_p
from hlv.stats.raters.rater_counts import RaterCounts

_AT_ONCE = 128


@dataclass(frozen=True, eq=False)
class JudgeTriads:
    """Circular triads among each judge's preferences.

    Attributes
    ----------
    codes : (J,)
        Judges by rising code.
    n_circular, n_complete : (J,)
        Circular triads, and triads whose three pairs this judge decided.
    share : (J,)
        Circular among complete triads, 1/4 by chance; NaN without a complete one.
    zeta : (J,)
        Kendall and Babington Smith's coefficient; NaN unless the judge decided every pair of methods.
    zeta_p : (J,)
        Chance of so few circular triads with preferences by coin; NaN where zeta is.
    """

    codes: IntArray
    n_circular: IntArray
    n_complete: IntArray
    share: FloatArray
    zeta: FloatArray
    zeta_p: FloatArray

    def undetermined(self) -> list[str | None]:
        """Of each judge, why there is no share; None where there is."""
        reason = "This judge decided all three pairs of no three methods."
        return [reason if n == 0 else None for n in self.n_complete.tolist()]


def judge_triads(boards: RaterCounts) -> JudgeTriads:
    """Circular triads of each judge.

    A pair counts for the method that the judge preferred more often, over all items; as often each is a tie. Triads
    of several items can be circular without any fault of the judge: methods may excel on different items.
    """
    n_methods = boards.pairs.n_methods
    parts = []
    for start in range(0, boards.n_judges, _AT_ONCE):
        own = boards.tables(slice(start, start + _AT_ONCE))
        above = np.zeros((len(own.wins), n_methods, n_methods), dtype=bool)
        above[:, own.upper, own.lower] = own.wins > own.losses
        above[:, own.lower, own.upper] = own.losses > own.wins
        parts.append(circular_triads(above))
    n_circular = np.concatenate([part.n_circular for part in parts])
    zeta = np.concatenate([part.zeta for part in parts])
    zeta_p = np.full(len(zeta), np.nan)
    for judge in np.flatnonzero(~np.isnan(zeta)).tolist():
        zeta_p[judge] = circular_triads_p(int(n_circular[judge]), n_methods)
    return JudgeTriads(
        codes=boards.codes,
        n_circular=n_circular,
        n_complete=np.concatenate([part.n_complete for part in parts]),
        share=np.concatenate([part.share for part in parts]),
        zeta=zeta,
        zeta_p=zeta_p,
    )

"""How far each judge's agreement with the others depends on the texts that were drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from metaeval.science.comparisons import Cells, FloatArray, IntArray
from metaeval.science.judges.consistency import shared_pairs
from metaeval.science.resampling import Progress, chunks, draw_weights, percentile_intervals

FEWEST_ITEMS: Final = 5


@dataclass(frozen=True, eq=False)
class AgreementIntervals:
    """Resampling intervals of `SharedAgreement.same`.

    Attributes
    ----------
    codes : (J,)
        Judges, by rising code.
    low, high : (J,)
        95 % percentile interval; NaN for a judge who shares fewer than five items, or whose share more than 5 % of
        the resamples leave undetermined.
    n_resamples
        How many were drawn.
    """

    codes: IntArray
    low: FloatArray
    high: FloatArray
    n_resamples: int


def agreement_intervals(
    cells: Cells, *, n_resamples: int, seed: int, progress: Progress | None = None
) -> AgreementIntervals:
    """Draw the items again, with all their verdicts.

    The judges stay as they are: the interval says how the judge agrees with *these* others on other items of the
    kind. Pairs of verdicts are no units to be drawn, as they share judges and items.

    Raises
    ------
    UndeterminedJudgesError
        As `shared_agreement`.
    """
    shared = shared_pairs(cells)
    shape = (len(shared.codes), int(shared.item.max()) + 1)
    same, pairs = (
        csr_array((values, (shared.judge, shared.item)), shape=shape)
        for values in (shared.same, shared.n_pairs)
    )
    shares = np.full((n_resamples, shape[0]), np.nan)
    weights = draw_weights(shape[1], n_resamples=n_resamples, seed=seed)
    for rows in chunks(n_resamples):
        drawn, total = (np.asarray((table @ weights[rows].T).T) for table in (same, pairs))
        shares[rows] = np.divide(drawn, total, out=np.full(total.shape, np.nan), where=total > 0)
        if progress is not None:
            progress(rows.stop, n_resamples)
    seen = np.unique(np.stack([shared.judge, shared.item])[:, shared.n_pairs > 0], axis=1)
    enough = np.bincount(seen[0], minlength=shape[0]) >= FEWEST_ITEMS
    low, high = np.full(shape[0], np.nan), np.full(shape[0], np.nan)
    for judge in np.flatnonzero(enough).tolist():
        found = percentile_intervals(shares[:, [judge]])
        if found.low is not None and found.high is not None:
            low[judge], high[judge] = found.low[0], found.high[0]
    return AgreementIntervals(shared.codes, low, high, n_resamples)

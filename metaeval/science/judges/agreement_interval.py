"""How far each judge's agreement with the others depends on the texts that were drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from annotations.science.chunked import Runner, in_turn
from metaeval.science.comparisons import Cells, FloatArray, IntArray
from metaeval.science.judges.agreement_work import SharesResampling
from metaeval.science.judges.consistency import shared_pairs
from metaeval.science.resampling import percentile_intervals

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
    cells: Cells, *, n_resamples: int, seed: int, run: Runner = in_turn
) -> AgreementIntervals:
    """Draw the items again, with all their verdicts.

    The judges stay as they are: the interval says how the judge agrees with *these* others on other items of the
    kind. Pairs of verdicts are no units to be drawn, as they share judges and items.

    Parameters
    ----------
    cells
    n_resamples, seed
    run
        Computes the chunks of resamples, by itself or with others.

    Raises
    ------
    UndeterminedJudgesError
        As `shared_agreement`.
    """
    shared = shared_pairs(cells)
    n_judges = len(shared.codes)
    work = SharesResampling(
        judge=shared.judge,
        item=shared.item,
        same=shared.same,
        n_pairs=shared.n_pairs,
        n_judges=n_judges,
        seed=seed,
        n_resamples=n_resamples,
    )
    shares = run(work)
    seen = np.unique(np.stack([shared.judge, shared.item])[:, shared.n_pairs > 0], axis=1)
    enough = np.bincount(seen[0], minlength=n_judges) >= FEWEST_ITEMS
    low, high = np.full(n_judges, np.nan), np.full(n_judges, np.nan)
    for judge in np.flatnonzero(enough).tolist():
        found = percentile_intervals(shares[:, [judge]])
        if found.low is not None and found.high is not None:
            low[judge], high[judge] = found.low[0], found.high[0]
    return AgreementIntervals(shared.codes, low, high, n_resamples)

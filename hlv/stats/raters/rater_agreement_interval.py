"""How far each judge's agreement with the others depends on the texts that were drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final

import numpy as np
from scipy.sparse import csr_array

from hlv.stats.arrays import FloatArray, IntArray, SparseTable
from hlv.stats.pairwise.analytic_intervals import SMALLEST_ERROR
from hlv.stats.pairwise.bootstrap import chunks
from hlv.stats.pairwise.comparisons import Cells
from hlv.stats.raters.rater_consistency import shared_pairs
from hlv.stats.resampling.chunks import PackedFields, Runner, run_in_sequence
from hlv.stats.resampling.item_weights import Weights
from hlv.stats.resampling.percentiles import percentile_intervals


@dataclass(frozen=True, eq=False)
class SharesResampling(PackedFields):
    """Each judge's share of verdicts that another judge gave as well, on draws of the items with replacement.

    Attributes
    ----------
    judge, item : (P,)
        Numbered from 0; a row for each judge and comparison, as in `SharedPairs`.
    same, n_pairs : (P,)
        Pairs of verdicts that are the same, and all.
    n_judges
    seed, n_resamples
        As `Weights.drawn` takes them.
    """

    kind: ClassVar[str] = "resampled agreement of judges"

    judge: IntArray
    item: IntArray
    same: FloatArray
    n_pairs: FloatArray
    n_judges: int
    seed: int
    n_resamples: int

    @property
    def n_chunks(self) -> int:
        return len(chunks(self.n_resamples))

    def compute(self, first: int, stop: int) -> FloatArray:
        """(R, J), NaN where a resample leaves a judge without a pair."""
        weights = Weights.draw_chunks(
            self._tables[0].shape[0], first=first, stop=stop, n_resamples=self.n_resamples, seed=self.seed
        )
        same, pairs = (weights.sums(table) for table in self._tables)
        found: FloatArray = np.divide(same, pairs, out=np.full(pairs.shape, np.nan), where=pairs > 0)
        return found

    @cached_property
    def _tables(self) -> tuple[SparseTable, SparseTable]:
        """Pairs that are the same, and all, by item and judge."""
        shape = (int(self.item.max()) + 1, self.n_judges)
        same, pairs = (
            csr_array((values, (self.item, self.judge)), shape=shape) for values in (self.same, self.n_pairs)
        )
        return same, pairs


FEWEST_ITEMS: Final = 5
FEW_ITEMS: Final = f"Too few shared items for an interval: it takes {FEWEST_ITEMS}."
RARELY_SHARED: Final = "Too many resamples of the items leave nothing shared for an interval."
NO_SPREAD: Final = "No interval: all resamples give the same share."


@dataclass(frozen=True, eq=False)
class AgreementIntervals:
    """Resampling intervals of `SharedAgreement.same`.

    Attributes
    ----------
    codes : (J,)
        Judges, by rising code.
    low, high : (J,)
        95 % percentile interval; NaN for a judge who shares fewer than five items, whose share more than 5 % of
        the resamples leave undetermined, or to whom every resample gives the same.
    why_none : J sentences or None
        Why an interval that was asked for is missing.
    n_resamples
        How many were drawn.
    """

    codes: IntArray
    low: FloatArray
    high: FloatArray
    why_none: Sequence[str | None]
    n_resamples: int


def agreement_intervals(
    cells: Cells, *, n_resamples: int, seed: int, run: Runner = run_in_sequence
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
    judged_items = np.unique(np.stack([shared.judge, shared.item])[:, shared.n_pairs > 0], axis=1)
    enough = np.bincount(judged_items[0], minlength=n_judges) >= FEWEST_ITEMS
    low, high = np.full(n_judges, np.nan), np.full(n_judges, np.nan)
    why_none: list[str | None] = [None] * n_judges
    for judge in range(n_judges) if n_resamples else ():
        found = percentile_intervals(shares[:, [judge]])
        if not enough[judge]:
            why_none[judge] = FEW_ITEMS
        elif found.low is None or found.high is None:
            why_none[judge] = RARELY_SHARED
        elif found.high[0] - found.low[0] < SMALLEST_ERROR:
            why_none[judge] = NO_SPREAD
        else:
            low[judge], high[judge] = found.low[0], found.high[0]
    return AgreementIntervals(shared.codes, low, high, why_none, n_resamples)

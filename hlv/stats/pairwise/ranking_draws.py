"""How a ranking draws its items again, for metrics that score the same texts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hlv.stats.arrays import IntArray
from hlv.stats.pairwise.comparison_resampler import ResamplingUnit
from hlv.stats.pairwise.comparisons import Cells
from hlv.stats.resampling.item_draws import NOT_RANKED, ItemDraws


@dataclass(frozen=True, eq=False)
class RankingDraws:
    """How a ranking draws its items again.

    Attributes
    ----------
    seed
        Of the ranking's resamples.
    n_judges
        Judges that each chunk draws before its items; 0 for none.
    items : (n,)
        Keys of the items in the order in which the ranking draws them; empty where it draws none.
    """

    seed: int
    n_judges: int
    items: IntArray

    @classmethod
    def of(cls, cells: Cells, *, unit: ResamplingUnit | None, seed: int) -> RankingDraws:
        """Those of a board whose items (and judges) are drawn; without items where `unit` draws none."""
        counted = cells.count > 0
        n_judges = len(np.unique(cells.judge[counted])) if unit == "both" else 0
        items = np.unique(cells.item[counted]) if unit in ("both", "items") else np.empty(0, dtype=np.int64)
        return cls(seed, n_judges, items)

    @classmethod
    def by_text(cls, seed: int) -> RankingDraws:
        """Those of no ranking: the weight of every text depends on the seed, the resample and the text alone."""
        return cls(seed, 0, np.empty(0, dtype=np.int64))

    def of_items(self, keys: IntArray) -> ItemDraws:
        """The weights of these items (N,), all different."""
        place = np.searchsorted(self.items, keys)
        known = np.zeros(len(keys), dtype=bool)
        inside = place < len(self.items)
        known[inside] = self.items[place[inside]] == keys[inside]
        return ItemDraws(self.seed, self.n_judges, len(self.items), np.where(known, place, NOT_RANKED), keys)

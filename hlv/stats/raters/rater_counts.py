"""Who judged which pair how: the judgments counted once for each judge and pair, whatever their number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.pairwise.comparisons import SECOND, TIE, UNKNOWN, Cells, pair_counts
from hlv.stats.pairwise.mle_existence import require_judgments
from hlv.stats.pairwise.pair_likelihoods import PairTable, pair_table
from hlv.stats.reporting import UndeterminedError


class UndeterminedJudgesError(UndeterminedError):
    """The judgments say nothing about the judges."""


@dataclass(frozen=True, eq=False)
class RaterCounts:
    """The board of each known judge, and that of all judgments.

    Attributes
    ----------
    codes : (J,)
        The judges' codes, rising; every array over judges follows this order.
    pairs
        Counts of all judgments, those of unknown judges among them.
    judge, pair : (R,)
        Place of a row's judge in `codes`, and of its pair in `pairs`.
    wins, losses, ties : (R,)
        How often this judge saw the upper method of the pair win, lose and tie.
    n_unknown
        Judgments of unknown judges: they enter `pairs` and no row.
    """

    codes: IntArray
    pairs: PairTable
    judge: IntArray
    pair: IntArray
    wins: FloatArray
    losses: FloatArray
    ties: FloatArray
    n_unknown: int

    @classmethod
    def of(cls, cells: Cells, n_methods: int) -> RaterCounts:
        """Count the judgments.

        Raises
        ------
        NoRankingError
            If there are fewer than two methods, or no judgment.
        UndeterminedJudgesError
            If no judge is known.
        ValueError
            If a cell names a method beyond `n_methods`.
        """
        won, tied = pair_counts(cells, n_methods)
        require_judgments(won, tied)
        pairs = pair_table(won, tied)
        kept = cells.count > 0
        known = kept & (cells.judge != UNKNOWN)
        if not known.any():
            raise UndeterminedJudgesError("No judgment names its judge.")
        codes, judge = np.unique(cells.judge[known], return_inverse=True)
        pair, kind = _oriented(cells, pairs)
        keys, row = np.unique(judge * pairs.n_pairs + pair[known], return_inverse=True)
        size = len(keys)
        counts = np.bincount(kind[known] * size + row, weights=cells.count[known], minlength=3 * size)
        wins, losses, ties = counts.astype(np.float64).reshape(3, size)
        return cls(
            codes=codes,
            pairs=pairs,
            judge=keys // pairs.n_pairs,
            pair=keys % pairs.n_pairs,
            wins=wins,
            losses=losses,
            ties=ties,
            n_unknown=int(cells.count[kept & ~known].sum()),
        )

    @property
    def n_judges(self) -> int:
        return len(self.codes)

    def n_judgments(self) -> IntArray:
        """Judgments of each judge (J,)."""
        return self.per_judge(self.wins + self.losses + self.ties).astype(np.int64)

    def per_judge(self, values: FloatArray) -> FloatArray:
        """Sums (J,) of a value of each row."""
        return np.bincount(self.judge, weights=values, minlength=self.n_judges).astype(np.float64)

    def per_pair(self, values: FloatArray) -> FloatArray:
        """Sums (n_pairs,) of a value of each row."""
        return np.bincount(self.pair, weights=values, minlength=self.pairs.n_pairs).astype(np.float64)

    def known_pairs(self) -> PairTable:
        """Counts (n_pairs,) of the known judges alone."""
        counts = [self.per_pair(values) for values in (self.wins, self.losses, self.ties)]
        return PairTable(self.pairs.n_methods, self.pairs.upper, self.pairs.lower, *counts)

    def tables(self, judges: slice) -> PairTable:
        """The own counts (n, n_pairs) of a range of judges."""
        start, stop, _ = judges.indices(self.n_judges)
        rows = (self.judge >= start) & (self.judge < stop)
        shape = (stop - start, self.pairs.n_pairs)
        place = (self.judge[rows] - start, self.pair[rows])
        columns = []
        for values in (self.wins, self.losses, self.ties):
            table = np.zeros(shape)
            table[place] = values[rows]
            columns.append(table)
        return PairTable(self.pairs.n_methods, self.pairs.upper, self.pairs.lower, *columns)


def _oriented(cells: Cells, pairs: PairTable) -> tuple[IntArray, IntArray]:
    """Of each cell, its pair, and 0, 1 or 2 where the pair's upper method won, lost or tied."""
    place = np.zeros((pairs.n_methods, pairs.n_methods), dtype=np.int64)
    place[pairs.upper, pairs.lower] = np.arange(pairs.n_pairs)
    pair = place[np.minimum(cells.first, cells.second), np.maximum(cells.first, cells.second)]
    upper_won = (cells.outcome == SECOND) == (cells.first > cells.second)
    return pair, np.where(cells.outcome == TIE, 2, np.where(upper_won, 0, 1))

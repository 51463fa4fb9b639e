"""How well a perfect metric could agree with people: the ranking of one half of the judges against the other's.

References
----------
Spearman, C. (1910). Correlation calculated from faulty data. British Journal of Psychology 3, 271-295.
Brown, W. (1910). Some experimental results in the correlation of mental abilities. British Journal of Psychology 3,
296-322.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import comb
from typing import ClassVar, Final, Self

import numpy as np
from scipy.sparse import csr_array

from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.correlation import is_constant, pearson, ties_of
from hlv.stats.pairwise.bradley_terry import BradleyTerryFit, fit_bradley_terry, fit_resamples
from hlv.stats.pairwise.mle_existence import TiesRule, rankings_exist
from hlv.stats.pairwise.pair_likelihoods import PairTable, square_tables
from hlv.stats.raters.rater_counts import RaterCounts
from hlv.stats.reporting import UndeterminedError
from hlv.stats.resampling.chunks import PackedFields, Runner, chunks, run_in_sequence
from hlv.stats.resampling.percentiles import LARGEST_SHARE_WITHOUT_ANSWER

N_SPLITS: Final = 200


class UndeterminedCeilingError(UndeterminedError):
    """The judges cannot be compared with one another."""


@dataclass(frozen=True, eq=False)
class NoiseCeiling:
    """Agreement of two halves of the judges, and what it leaves to a metric.

    Attributes
    ----------
    half_correlation
        Mean over splits of Pearson's r between the strengths of the two halves.
    reliability
        2r / (1 + r): the squared correlation of all judges' strengths with those of endlessly many such judges.
    ceiling
        Its root: the Pearson correlation with these judges' strengths that a perfect metric would have.
    correlations : (S,)
        r of each split; NaN where a half has no ranking.
    exact
        Whether the splits are all that there are.
    n_without_answer
        Splits without an answer, left out.
    n_judges
        Known judges.
    """

    half_correlation: float
    reliability: float
    ceiling: float
    correlations: FloatArray
    exact: bool
    n_without_answer: int
    n_judges: int

    @property
    def n_splits(self) -> int:
        return len(self.correlations)


def noise_ceiling(
    rater_counts: RaterCounts,
    *,
    ties_rule: TiesRule = "half",
    ridge: float = 0.0,
    n_splits: int = N_SPLITS,
    seed: int,
    run: Runner = run_in_sequence,
) -> NoiseCeiling:
    """Split the judges in two at random, again and again.

    Both halves saw the same items, so what is peculiar to the items counts as agreement: the ceiling is that of
    more judges, not of more items. An odd judge makes one half larger.

    Parameters
    ----------
    rater_counts
        The judgments; those of unknown judges do not enter.
    ties_rule, ridge
        As in `fit_bradley_terry`, for each half.
    n_splits
        Random splits; where there are no more than that, each is taken once.
    seed
        Of the splits.
    run
        Computes them.

    Raises
    ------
    UndeterminedCeilingError
        If there are fewer than two judges, too many halves have no ranking, all halves rank the methods equal,
        or the halves agree no better than by chance.
    NoRankingError
        If all known judges together have no ranking.
    ValueError
        If no split is asked for.
    """
    if n_splits < 1:
        raise ValueError("at least one split is needed")
    if rater_counts.n_judges < 2:
        raise UndeterminedCeilingError("There is one judge: two halves need two judges or more.")
    halves, exact = _halves(rater_counts.n_judges, n_splits=n_splits, seed=seed)
    work = HalvedJudges.of(rater_counts, halves, ties_rule=ties_rule, ridge=ridge)
    # raises where all judges together have no ranking
    _ = work.full
    values = run(work)
    missing = int(np.isnan(values).sum())
    if missing > LARGEST_SHARE_WITHOUT_ANSWER * len(values):
        raise UndeterminedCeilingError(
            "%(missing)s of %(n_values)s splits have a half without a ranking (more than %(largest_share_without_answer)s): there are too few judgments.",
            missing=missing,
            n_values=len(values),
            largest_share_without_answer=f"{LARGEST_SHARE_WITHOUT_ANSWER:.0%}",
        )
    r = float(values[~np.isnan(values)].mean())
    if r <= 0:
        raise UndeterminedCeilingError(
            "Two halves of the judges do not agree (mean r = %(r)s): there is no noise ceiling.", r=f"{r:.2f}"
        )
    reliability = 2 * r / (1 + r)
    return NoiseCeiling(
        r, reliability, float(np.sqrt(reliability)), values, exact, missing, rater_counts.n_judges
    )


def _halves(n_judges: int, *, n_splits: int, seed: int) -> tuple[BoolArray, bool]:
    """Who is in the first half (S, J), and whether these are all splits."""
    size = n_judges // 2
    n_possible = comb(n_judges, size) // (2 if n_judges % 2 == 0 else 1)
    if n_possible <= n_splits:
        # of an even number each split would come twice, but for the half without the first judge
        first = range(1, n_judges) if n_judges % 2 == 0 else range(n_judges)
        chosen = np.array(list(combinations(first, size)))
    else:
        generator = np.random.default_rng(seed)
        orders = generator.permuted(np.tile(np.arange(n_judges), (n_splits, 1)), axis=1)
        chosen = orders[:, :size]
    halves = np.zeros((len(chosen), n_judges), dtype=bool)
    np.put_along_axis(halves, chosen, True, axis=1)
    return halves, n_possible <= n_splits


@dataclass(frozen=True, eq=False)
class HalvedJudges(PackedFields):
    """Pearson's r between the strengths of two halves of the judges, for each split.

    Attributes
    ----------
    halves : (S, J)
        Who is in the first half.
    n_methods : int
    upper, lower : (n_pairs,)
    judge, pair, wins, losses, ties : (R,)
        As `RaterCounts` has them.
    ties_rule, ridge
        As in `fit_bradley_terry`.
    """

    kind: ClassVar[str] = "halved judges"

    halves: BoolArray
    n_methods: int
    upper: IntArray
    lower: IntArray
    judge: IntArray
    pair: IntArray
    wins: FloatArray
    losses: FloatArray
    ties: FloatArray
    ties_rule: TiesRule
    ridge: float

    @classmethod
    def of(cls, rater_counts: RaterCounts, halves: BoolArray, *, ties_rule: TiesRule, ridge: float) -> Self:
        return cls(
            halves=halves,
            n_methods=rater_counts.pairs.n_methods,
            upper=rater_counts.pairs.upper,
            lower=rater_counts.pairs.lower,
            judge=rater_counts.judge,
            pair=rater_counts.pair,
            wins=rater_counts.wins,
            losses=rater_counts.losses,
            ties=rater_counts.ties,
            ties_rule=ties_rule,
            ridge=ridge,
        )

    @property
    def n_chunks(self) -> int:
        return len(chunks(len(self.halves)))

    def compute(self, first: int, stop: int) -> FloatArray:
        """r of each split (S,); NaN where a half has no ranking, or ranks all methods equal."""
        rows = chunks(len(self.halves))[first:stop]
        return np.concatenate([np.empty(0), *(self._correlations(self.halves[slice_]) for slice_ in rows)])

    @cached_property
    def full(self) -> BradleyTerryFit:
        """Of all known judges."""
        return fit_bradley_terry(*square_tables(self._known), ties_rule=self.ties_rule, ridge=self.ridge)

    @cached_property
    def _known(self) -> PairTable:
        counts = [
            np.bincount(self.pair, weights=values, minlength=len(self.upper)).astype(np.float64)
            for values in (self.wins, self.losses, self.ties)
        ]
        return PairTable(self.n_methods, self.upper, self.lower, *counts)

    def _correlations(self, halves: BoolArray) -> FloatArray:
        known, shape = self._known, (halves.shape[1], len(self.upper))
        columns = []
        for values, total in ((self.wins, known.wins), (self.losses, known.losses), (self.ties, known.ties)):
            first_half = halves.astype(np.float64) @ csr_array((values, (self.judge, self.pair)), shape=shape)
            columns.append(np.concatenate([first_half, total - first_half]))
        drawn = PairTable(self.n_methods, self.upper, self.lower, *columns)
        wins, ties = square_tables(drawn)
        exists = rankings_exist(wins, ties, ties_rule=self.ties_rule, ridge=self.ridge)
        both = np.flatnonzero(exists[: len(halves)] & exists[len(halves) :])
        values = np.full(len(halves), np.nan)
        if len(both):
            rows = np.concatenate([both, both + len(halves)])
            strengths = fit_resamples(drawn.at(rows), full=self.full, full_pairs=known, ridge=self.ridge)
            first_strengths, second_strengths = strengths[: len(both)], strengths[len(both) :]
            varied = ~(
                is_constant(ties_of(first_strengths, "strength"))
                | is_constant(ties_of(second_strengths, "strength"))
            )
            values[both[varied]] = pearson(first_strengths[varied], second_strengths[varied])
        return values

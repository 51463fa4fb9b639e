"""Noise ceiling from halves that share neither judges nor texts.

Two halves of the judges who saw the same texts agree on what is peculiar to those texts. So the ceiling of
`noise_ceiling` is that of more judges on the same texts; for new texts it is inflated. Here each split halves the
judges and the texts, which gives four quarters of the judgments. Their correlations have three kinds:

- neither judges nor texts in common (`disjoint`),
- the same texts (`same_texts`),
- the same judges (`same_judges`).

All three come from quarters, so they are compared like with like. Generalizability theory gives the reliability of
all judgments from them. With t, a, b and e the shares of the variance of a quarter's strengths that are the methods',
the judges', the texts' and the rest,

    t = disjoint, a = same_judges - t, b = same_texts - t, e = 1 - t - a - b,

and all judgments have twice as many judges and texts, and four times as many judgments: t / (t + a / 2 + b / 2 + e / 4).
Negative a or b count as 0.

*Assumption*: judges and texts are crossed, as where judges see a random part of the texts. Where each judge has texts of
their own, judge and text cannot be separated and `disjoint` alone is right.

References
----------
Brennan, R. L. (2001). Generalizability Theory. Springer.
Cronbach, L. J., Gleser, G. C., Nanda, H., & Rajaratnam, N. (1972). The Dependability of Behavioral Measurements. Wiley.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.correlation import is_constant, pearson, ties_of
from hlv.stats.pairwise.bradley_terry import BradleyTerryFit, fit_bradley_terry, fit_resamples
from hlv.stats.pairwise.comparisons import SECOND, TIE, UNKNOWN, Cells, pair_counts
from hlv.stats.pairwise.mle_existence import TiesRule, rankings_exist
from hlv.stats.pairwise.pair_likelihoods import PairTable, pair_table, square_tables
from hlv.stats.raters.noise_ceiling import N_SPLITS, UndeterminedCeilingError
from hlv.stats.resampling.percentiles import LARGEST_SHARE_WITHOUT_ANSWER

# Quarters of a split: judges 1 and 2 on texts 1, judges 1 and 2 on texts 2. Pairs of each kind.
_DISJOINT: Final = ((0, 3), (1, 2))
_SAME_TEXTS: Final = ((0, 1), (2, 3))
_SAME_JUDGES: Final = ((0, 2), (1, 3))


@dataclass(frozen=True)
class DisjointCeiling:
    """Agreement of quarters of the judgments, and the ceiling for new judges and new texts.

    Attributes
    ----------
    disjoint, same_texts, same_judges
        Mean Pearson's r of the strengths of two quarters.
    reliability
        Squared correlation of all judgments' strengths with those of endlessly many such judges and texts.
    ceiling
        Its root: the Pearson correlation that a perfect metric would have.
    reliability_same_texts
        As `reliability`, for endlessly many judges on these texts: the texts' share counts as agreement.
    ceiling_same_texts
        Its root. It is larger where texts differ.
    n_splits, n_without_answer
        Splits, and those left out because a quarter has no ranking.
    n_judges, n_texts
    """

    disjoint: float
    same_texts: float
    same_judges: float
    reliability: float
    ceiling: float
    reliability_same_texts: float
    ceiling_same_texts: float
    n_splits: int
    n_without_answer: int
    n_judges: int
    n_texts: int


def disjoint_noise_ceiling(
    cells: Cells,
    n_methods: int,
    *,
    ties_rule: TiesRule = "half",
    ridge: float = 0.0,
    n_splits: int = N_SPLITS,
    seed: int,
) -> DisjointCeiling:
    """Split the judges and the texts in two at random, again and again.

    Parameters
    ----------
    cells
        Those of unknown judges or texts do not enter.
    n_methods
    ties_rule, ridge
        As in `fit_bradley_terry`, for each quarter.
    n_splits, seed

    Raises
    ------
    UndeterminedCeilingError
        If there are fewer than two known judges or texts, too many quarters have no ranking, or quarters without a
        judge or text in common agree no better than by chance.
    NoRankingError
        If these judgments together have no ranking.
    ValueError
        If no split is asked for.
    """
    if n_splits < 1:
        raise ValueError("at least one split is needed")
    known = (cells.count > 0) & (cells.judge != UNKNOWN) & (cells.item != UNKNOWN)
    judges, judge = np.unique(cells.judge[known], return_inverse=True)
    texts, text = np.unique(cells.item[known], return_inverse=True)
    if len(judges) < 2 or len(texts) < 2:
        raise UndeterminedCeilingError(
            "There are %(n_judges)s known judges and %(n_texts)s known texts: halves need two or more of both.",
            n_judges=len(judges),
            n_texts=len(texts),
        )
    counts = _Counts.of(cells, known, n_methods, ties_rule=ties_rule, ridge=ridge)
    generator = np.random.default_rng(seed)
    first_judges, first_texts = (_halves(n, n_splits, generator) for n in (len(judges), len(texts)))
    found = np.stack(
        [
            counts.correlations(of_judges[judge], of_texts[text])
            for of_judges, of_texts in zip(first_judges, first_texts, strict=True)
        ]
    )
    missing = int(np.isnan(found).any(axis=1).sum())
    if missing > LARGEST_SHARE_WITHOUT_ANSWER * n_splits:
        raise UndeterminedCeilingError(
            "%(missing)s of %(n_splits)s splits leave a quarter without a ranking (more than %(largest_share_without_answer)s): there are too few judgments to halve judges and texts.",
            missing=missing,
            n_splits=n_splits,
            largest_share_without_answer=f"{LARGEST_SHARE_WITHOUT_ANSWER:.0%}",
        )
    disjoint, same_texts, same_judges = (
        float(value) for value in found[~np.isnan(found).any(axis=1)].mean(axis=0)
    )
    if disjoint <= 0:
        raise UndeterminedCeilingError(
            "Halves of the judges on different texts do not agree (mean r = %(disjoint)s): nothing is left for a metric to agree with.",
            disjoint=f"{disjoint:.2f}",
        )
    reliability, of_these_texts = reliabilities(disjoint, same_texts=same_texts, same_judges=same_judges)
    return DisjointCeiling(
        disjoint=disjoint,
        same_texts=same_texts,
        same_judges=same_judges,
        reliability=reliability,
        ceiling=float(np.sqrt(reliability)),
        reliability_same_texts=of_these_texts,
        ceiling_same_texts=float(np.sqrt(of_these_texts)),
        n_splits=n_splits,
        n_without_answer=missing,
        n_judges=len(judges),
        n_texts=len(texts),
    )


def reliabilities(disjoint: float, *, same_texts: float, same_judges: float) -> tuple[float, float]:
    """Reliability of all judgments for new judges and texts, and for new judges on these texts.

    Examples
    --------
    >>> [round(value, 4) for value in reliabilities(0.5, same_texts=0.7, same_judges=0.6)]
    [0.7143, 0.8571]
    """
    of_judges, of_texts = max(same_judges - disjoint, 0.0), max(same_texts - disjoint, 0.0)
    rest = max(1 - disjoint - of_judges - of_texts, 0.0)
    total = disjoint + of_judges / 2 + of_texts / 2 + rest / 4
    return disjoint / total, (disjoint + of_texts / 2) / total


def _halves(n_units: int, n_splits: int, generator: np.random.Generator) -> BoolArray:
    """Who is in the first half (S, n_units); an odd unit makes one half larger."""
    first = np.arange(n_units) < n_units // 2
    return generator.permuted(np.tile(first, (n_splits, 1)), axis=1)


@dataclass(frozen=True, eq=False)
class _Counts:
    """Judgments by cell (C,): their pair of methods, whether the upper one won, lost or tied, and how many."""

    pairs: PairTable
    full: BradleyTerryFit
    table: csr_array
    ties_rule: TiesRule
    ridge: float

    @classmethod
    def of(
        cls, cells: Cells, known: BoolArray, n_methods: int, *, ties_rule: TiesRule, ridge: float
    ) -> _Counts:
        kept = Cells(*(column[known] for column in vars(cells).values()))
        wins, ties = pair_counts(kept, n_methods)
        pairs = pair_table(wins, ties)
        place = np.zeros((n_methods, n_methods), dtype=np.int64)
        place[pairs.upper, pairs.lower] = np.arange(pairs.n_pairs)
        pair = place[np.minimum(kept.first, kept.second), np.maximum(kept.first, kept.second)]
        upper_won = (kept.outcome == SECOND) == (kept.first > kept.second)
        kind = np.where(kept.outcome == TIE, 2, np.where(upper_won, 0, 1))
        columns = kind * pairs.n_pairs + pair
        values = kept.count.astype(np.float64)
        return cls(
            pairs=pairs,
            full=fit_bradley_terry(wins, ties, ties_rule=ties_rule, ridge=ridge),
            table=csr_array(
                (values, (np.arange(len(values)), columns)), shape=(len(values), 3 * pairs.n_pairs)
            ),
            ties_rule=ties_rule,
            ridge=ridge,
        )

    def correlations(self, first_judges: BoolArray, first_texts: BoolArray) -> FloatArray:
        """Mean r of the quarters of each kind (3,), by the half of each cell (C,); NaN where one has no ranking."""
        quarters = np.stack(
            [
                first_judges & first_texts,
                ~first_judges & first_texts,
                first_judges & ~first_texts,
                ~first_judges & ~first_texts,
            ]
        )
        columns = np.split(quarters.astype(np.float64) @ self.table, 3, axis=1)
        drawn = PairTable(self.pairs.n_methods, self.pairs.upper, self.pairs.lower, *columns)
        wins, ties = square_tables(drawn)
        if not rankings_exist(wins, ties, ties_rule=self.ties_rule, ridge=self.ridge).all():
            return np.full(3, np.nan)
        strengths = fit_resamples(drawn, full=self.full, full_pairs=self.pairs, ridge=self.ridge)
        if is_constant(ties_of(strengths, "strength")).any():
            return np.full(3, np.nan)
        return np.array(
            [
                np.mean([pearson(strengths[one], strengths[other]) for one, other in kind])
                for kind in (_DISJOINT, _SAME_TEXTS, _SAME_JUDGES)
            ]
        )

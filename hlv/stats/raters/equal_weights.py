"""The ranking in which every judge has the same say, however much each judged."""

from __future__ import annotations

from collections.abc import Sequence

from hlv.stats.pairwise.bradley_terry import BradleyTerryFit, fit_bradley_terry
from hlv.stats.pairwise.mle_existence import TiesRule
from hlv.stats.pairwise.pair_likelihoods import PairTable, square_tables
from hlv.stats.raters.rater_counts import RaterCounts


def fit_with_equal_judges(
    boards: RaterCounts,
    *,
    ties_rule: TiesRule = "half",
    ridge: float = 0.0,
    names: Sequence[str] | None = None,
) -> BradleyTerryFit:
    """Strengths from judgments weighted by one over the number that their judge gave.

    The weights are scaled to the number of judgments, so that a prior weighs as before. Judgments of unknown judges
    do not enter. No interval belongs to it: it stands beside the ranking, to see whether busy judges make the order.

    Raises
    ------
    NoRankingError
        If the known judges' board has no ranking.
    ValueError
        If the rule or the prior is not known.
    """
    given = boards.n_judgments().astype(float)
    weight = given.mean() / given[boards.judge]
    pairs = boards.known_pairs()
    counts = [boards.per_pair(values * weight) for values in (boards.wins, boards.losses, boards.ties)]
    table = PairTable(pairs.n_methods, pairs.upper, pairs.lower, *counts)
    return fit_bradley_terry(*square_tables(table), ties_rule=ties_rule, ridge=ridge, names=names)

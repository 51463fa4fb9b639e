"""The ranking without each judge in turn: who carries it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.correlation import kendall_tau_b, mean_ranks, ties_of
from hlv.stats.pairwise.bradley_terry import BradleyTerryFit, fit_bradley_terry, fit_resamples
from hlv.stats.pairwise.comparisons import default_names
from hlv.stats.pairwise.mle_existence import NoRankingError, TiesRule, rankings_exist, require_ranking
from hlv.stats.pairwise.pair_likelihoods import PairTable, square_tables
from hlv.stats.raters.rater_counts import RaterCounts, UndeterminedJudgesError

_AT_ONCE = 128


@dataclass(frozen=True, eq=False)
class LeaveOneOut:
    """Strengths without each judge, beside those of all.

    Attributes
    ----------
    codes : (J,)
        Judges by rising code.
    strengths : (J, M)
        Row j without judge j; NaN rows have no ranking, and `undetermined` says why.
    undetermined
        Of each judge, why there is no ranking without her; None where there is one.
    largest_change : (J,)
        The largest change of a strength.
    largest_rank_change : (J,)
        The largest change of a rank (mean ranks for equal strengths).
    tau : (J,)
        Kendall's tau-b of the two rankings; NaN besides where one side ranks all methods equal.
    changes_leader : list of bool or None
        Whether another method leads; None where there is no ranking.
    """

    codes: IntArray
    strengths: FloatArray
    undetermined: list[str | None]
    largest_change: FloatArray
    largest_rank_change: FloatArray
    tau: FloatArray
    changes_leader: list[bool | None]


def leave_one_judge_out(
    rater_counts: RaterCounts, fit: BradleyTerryFit, *, names: Sequence[str] | None = None
) -> LeaveOneOut:
    """Fit the board again without each judge, under the same rule of ties and the same prior.

    Parameters
    ----------
    rater_counts
        The judgments.
    fit
        Of all of them.
    names
        Methods' names for the sentence of a refusal.

    Raises
    ------
    UndeterminedJudgesError
        If there is only one judge: without her nothing is left.
    """
    if rater_counts.n_judges + (rater_counts.n_unknown > 0) < 2:
        raise UndeterminedJudgesError("There is one judge: without her no judgment is left.")
    names = default_names(rater_counts.pairs.n_methods, names)
    strengths = np.full((rater_counts.n_judges, rater_counts.pairs.n_methods), np.nan)
    reasons: list[str | None] = [None] * rater_counts.n_judges
    for start in range(0, rater_counts.n_judges, _AT_ONCE):
        judges = slice(start, min(start + _AT_ONCE, rater_counts.n_judges))
        remaining = _counts_without(rater_counts, judges)
        wins, ties = square_tables(remaining)
        exists = rankings_exist(wins, ties, ties_rule=fit.ties_rule, ridge=fit.ridge)
        rows = np.flatnonzero(exists)
        if len(rows):
            strengths[start + rows] = fit_resamples(
                remaining.at(rows), full=fit, full_pairs=rater_counts.pairs, ridge=fit.ridge
            )
        for row in np.flatnonzero(~exists).tolist():
            try:
                require_ranking(wins[row], ties[row], ties_rule=fit.ties_rule, names=names, ridge=fit.ridge)
            except NoRankingError as refusal:
                reasons[start + row] = refusal.sentence
    return _comparison_with_all(rater_counts, fit, strengths, reasons)


def _counts_without(rater_counts: RaterCounts, judges: slice) -> PairTable:
    full, own = rater_counts.pairs, rater_counts.tables(judges)
    return PairTable(
        full.n_methods,
        full.upper,
        full.lower,
        full.wins - own.wins,
        full.losses - own.losses,
        full.ties - own.ties,
    )


def _comparison_with_all(
    rater_counts: RaterCounts, fit: BradleyTerryFit, strengths: FloatArray, reasons: list[str | None]
) -> LeaveOneOut:
    answered = ~np.isnan(strengths).any(axis=1)
    change, rank_change, tau = (np.full(rater_counts.n_judges, np.nan) for _ in range(3))
    leads: list[bool | None] = [None] * rater_counts.n_judges
    if answered.any():
        found = strengths[answered]
        ties, full_ties = ties_of(found, "strength"), ties_of(fit.strengths, "strength")
        ranks, full_ranks = mean_ranks(ties), mean_ranks(full_ties)
        change[answered] = np.abs(found - fit.strengths).max(axis=1)
        rank_change[answered] = np.abs(ranks - full_ranks).max(axis=1)
        tau[answered] = kendall_tau_b(ties, full_ties[None])
        best = ranks == ranks.max(axis=1, keepdims=True)
        has_other_leaders = (best != (full_ranks == full_ranks.max())).any(axis=1)
        for judge, has_other_leader in zip(
            np.flatnonzero(answered).tolist(), has_other_leaders.tolist(), strict=True
        ):
            leads[judge] = bool(has_other_leader)
    return LeaveOneOut(rater_counts.codes, strengths, reasons, change, rank_change, tau, leads)


def fit_with_equal_judges(
    rater_counts: RaterCounts,
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
    n_judgments = rater_counts.n_judgments().astype(float)
    weight = n_judgments.mean() / n_judgments[rater_counts.judge]
    pairs = rater_counts.known_pairs()
    counts = [
        rater_counts.per_pair(values * weight)
        for values in (rater_counts.wins, rater_counts.losses, rater_counts.ties)
    ]
    table = PairTable(pairs.n_methods, pairs.upper, pairs.lower, *counts)
    return fit_bradley_terry(*square_tables(table), ties_rule=ties_rule, ridge=ridge, names=names)

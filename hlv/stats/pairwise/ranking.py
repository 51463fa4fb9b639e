"""A ranking of methods from judgments: strengths, intervals, rank intervals, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import scipy

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.correlation import ties_of
from hlv.stats.pairwise.analytic_intervals import (
    SMALLEST_DEGREES_OF_FREEDOM,
    SMALLEST_ERROR,
    AnalyticIntervals,
    analytic_intervals,
)
from hlv.stats.pairwise.bootstrap import (
    RESAMPLING_UNITS,
    WEAK_PRIOR,
    WITHOUT_RANKING,
    Resamples,
    ResamplingUnit,
    comparison_resampler,
    few_judges_note,
    resampling_unit,
)
from hlv.stats.pairwise.cluster_variance import UndeterminedIntervalError
from hlv.stats.pairwise.comparison_resampler import RankingDraws
from hlv.stats.pairwise.comparisons import Cells, default_names, pair_counts
from hlv.stats.pairwise.fixed_judges import fixed_judge_intervals
from hlv.stats.pairwise.method_differences import method_differences
from hlv.stats.pairwise.mle_existence import TIE_MODELS, NoRankingError, require_judgments
from hlv.stats.pairwise.multiple_comparisons import MOST_GROUPS, Separation, compare_all_pairs
from hlv.stats.pairwise.pair_likelihoods import PairTable, pair_table
from hlv.stats.pairwise.ranking_models import (
    ComparisonBootstrap,
    Estimate,
    RankingModel,
    check_model,
    estimate_strengths,
)
from hlv.stats.pairwise.ranking_result import Ranking
from hlv.stats.resampling.chunks import Runner, run_in_sequence
from hlv.stats.resampling.percentiles import LEVEL, Percentiles, percentile_intervals

__all__ = ["Ranking", "rank_methods", "ranks_from_strengths"]

# of strengths as they are stored
DECIMALS: Final = 9
_MANY_TIES = 0.1


def rank_methods(
    cells: Cells,
    names: Sequence[str],
    *,
    model: RankingModel = "bradley-terry",
    ties: str = "half",
    resample: ResamplingUnit | None = None,
    n_resamples: int = 2000,
    seed: int,
    ridge: float = 0.0,
    draws: RankingDraws | None = None,
    run: Runner = run_in_sequence,
) -> Ranking:
    """Rank methods by pairwise judgments.

    Parameters
    ----------
    cells
        The judgments, methods numbered as in `names`; without "cannot judge".
    names
        One per method, all different.
    model
        "bradley-terry", "rank-centrality" or "win-rate".
    ties
        "half", "drop", and "davidson" or "rao-kupper" (Bradley-Terry) or "denominator" (rank centrality).
    resample
        What is drawn again, "both", "judges", "items" or "judgments"; None takes the widest that is known.
    n_resamples
        0 for none.
    seed
        The same seed and judgments give the same resamples.
    ridge
        Precision of a Gaussian prior on Bradley-Terry strengths; its intervals are not calibrated.
    draws
        Another ranking, whose resamples draw the items as often as these; None draws them here.
    run
        Computes the chunks of resamples, by itself or with other workers: the same bits either way.

    Returns
    -------
    Ranking
        With `undetermined` set where the judgments determine no ranking: that is an answer, not an error.

    Raises
    ------
    ValueError
        If an option is not known, or does not go with the model.

    Examples
    --------
    >>> import numpy as np
    >>> from hlv.stats.pairwise import make_cells, rank_methods
    >>> rng = np.random.default_rng(1)
    >>> n, first = 400, rng.integers(3, size=400)
    >>> second = (first + rng.integers(1, 3, size=n)) % 3
    >>> outcome = (rng.random(n) > 0.5 + 0.2 * (second - first)).astype(int)
    >>> judge, item = rng.integers(20, size=n), rng.integers(40, size=n)
    >>> cells = make_cells(first=first, second=second, outcome=outcome, judge=judge, item=item)
    >>> ranking = rank_methods(cells, ["a", "b", "c"], n_resamples=100, seed=1)
    >>> [(method.name, method.rank, method.rank_interval) for method in ranking.summary().methods]
    [('a', 1, (1, 1)), ('b', 2, (2, 2)), ('c', 3, (3, 3))]
    """
    check_model(model, ties=ties, ridge=ridge)
    if resample is not None and resample not in RESAMPLING_UNITS:
        raise ValueError(f"cannot resample {resample!r}; one of {', '.join(RESAMPLING_UNITS)}")
    names = default_names(len(names), names)
    wins, tied = pair_counts(cells, len(names))
    missing = np.full(len(names), np.nan)
    ranking = Ranking(
        model=model,
        ties=ties,
        ridge=ridge,
        seed=seed,
        names=names,
        n_judgments=cells.n_judgments,
        n_judgments_in_fit=cells.n_judgments - (cells.n_ties if ties == "drop" else 0),
        n_ties=cells.n_ties,
        n_judges=cells.n_judges,
        n_items=cells.n_items,
        method_judgments=(wins + wins.T + tied).sum(axis=1).astype(np.int64),
        strengths=missing,
        low=missing,
        high=missing,
    )
    try:
        require_judgments(wins, tied)
        estimate = estimate_strengths(wins, tied, names, model=model, ties=ties, ridge=ridge)
    except NoRankingError as refusal:
        return replace(
            ranking,
            undetermined=f"{refusal.sentence} {refusal.alternatives}".rstrip(),
            unconnected=refusal.groups,
            joins=refusal.joins,
        )
    unit, notes = resampling_unit(cells, resample)
    pairs = pair_table(wins, tied)
    drawn_items = None if draws is None else draws.of_items(np.unique(cells.item[cells.count > 0]))
    resampler = comparison_resampler(cells, pairs, unit=unit, seed=seed, drawn_items=drawn_items)
    work = ComparisonBootstrap(resampler, estimate, wins, tied, model, ties, ridge, n_resamples)
    ranking = replace(
        ranking,
        strengths=estimate.strengths,
        tie_parameter=None if estimate.fit is None else estimate.fit.tie_parameter,
        log_likelihood=None if estimate.fit is None else estimate.fit.log_likelihood,
        ranks=ranks_from_strengths(estimate.strengths),
        resampling_unit=unit,
        notes=[*_model_notes(cells, estimate, model=model, ties=ties, ridge=ridge), *notes],
    )
    return _with_uncertainty(ranking, cells, estimate, pairs, work.resamples(run(work)), unit=unit)


def _with_uncertainty(
    ranking: Ranking,
    cells: Cells,
    estimate: Estimate,
    pairs: PairTable,
    resamples: Resamples,
    *,
    unit: ResamplingUnit,
) -> Ranking:
    """The ranking with its intervals and separations; what should be known of them goes to its notes."""
    names, notes = ranking.names, ranking.notes
    bootstrap = percentile_intervals(resamples.strengths)
    analytic = _analytic(cells, estimate, pairs, names, unit=unit, notes=notes)
    low, high, method = _intervals(
        analytic, bootstrap, estimate, notes, n_methods=len(names), n_resamples=resamples.n_resamples
    )
    separation = _separation(cells, estimate, analytic, resamples, bootstrap, unit=unit)
    if resamples.n_without_answer:
        notes.append(_without_answer_note(resamples, model=ranking.model))
    best, worst = (None, None) if separation is None else separation.rank_intervals()
    fixed = None
    if estimate.fit is not None and unit in ("both", "judges"):
        fixed = fixed_judge_intervals(cells, estimate.fit, pairs, by_default=separation)
        notes += [fixed.sentence] if fixed.matters else []
    inseparable = _inseparable(separation, estimate.strengths, names, notes)
    if method is not None:
        notes += few_judges_note(unit, cells)
    return replace(
        ranking,
        resamples=resamples,
        given_judges=fixed,
        low=low,
        high=high,
        interval_method=method,
        bootstrap=bootstrap,
        analytic=analytic,
        separation=separation,
        best_rank=best,
        worst_rank=worst,
        inseparable=inseparable,
        differences=method_differences(
            estimate.strengths,
            names,
            fit=estimate.fit,
            pairs=pairs,
            analytic=analytic,
            separation=separation,
            resamples=resamples,
            n_judgments=cells.n_judgments,
            n_judges=cells.n_judges,
        ),
    )


def _without_answer_note(resamples: Resamples, *, model: RankingModel) -> str:
    solved = (
        f"solved with a weak prior (precision {WEAK_PRIOR:g})" if model == "bradley-terry" else "left out"
    )
    return (
        f"{resamples.n_without_answer:,} of {resamples.n_resamples:,} resamples have {WITHOUT_RANKING}; "
        f"where the agreement of metrics needs them, they are {solved}."
    )


def ranks_from_strengths(strengths: FloatArray) -> IntArray:
    """Ranks (M,) from 1, the strongest first; equal strengths share the better rank."""
    ties = ties_of(strengths, "strength")
    return np.asarray(1 + (ties[None, :] > ties[:, None]).sum(axis=1), dtype=np.int64)


def _analytic(
    cells: Cells,
    estimate: Estimate,
    pairs: PairTable,
    names: list[str],
    *,
    unit: ResamplingUnit,
    notes: list[str],
) -> AnalyticIntervals | None:
    if estimate.fit is None:
        return None
    try:
        found = analytic_intervals(cells, estimate.fit, pairs, unit=unit)
    except UndeterminedIntervalError as reason:
        notes.append(
            f"No analytic interval: {reason.sentence} Therefore no methods are reported as separated."
        )
        return None
    if few := found.few_units_sentence(names, unit=unit):
        notes.append(few)
    return found


def _intervals(
    analytic: AnalyticIntervals | None,
    bootstrap: Percentiles,
    estimate: Estimate,
    notes: list[str],
    *,
    n_methods: int,
    n_resamples: int,
) -> tuple[FloatArray, FloatArray, str | None]:
    """Low, high and how they were made: analytic where defined, else the bootstrap, else none."""
    missing = np.full(n_methods, np.nan)
    if analytic is not None:
        low, high = analytic.bounds()
        method = analytic.method
        if estimate.fit is not None and estimate.fit.ridge:
            method += "; with a prior, not calibrated"
        return low, high, method
    if bootstrap.low is not None and bootstrap.high is not None:
        constant = bootstrap.high - bootstrap.low < SMALLEST_ERROR
        if constant.all():
            notes.append("No bootstrap interval: all resamples give the same values.")
            return missing, missing, None
        if constant.any():
            low, high = (np.where(constant, np.nan, bound) for bound in (bootstrap.low, bootstrap.high))
            notes.append("A method with the same strength in all resamples has no interval.")
            return low, high, f"bootstrap, {bootstrap.rule}, {LEVEL:.0%}"
        return bootstrap.low, bootstrap.high, f"bootstrap, {bootstrap.rule}, {LEVEL:.0%}"
    reason = "nothing was resampled" if n_resamples == 0 else bootstrap.rule
    notes.append(f"No interval from the bootstrap: {reason}.")
    return missing, missing, None


def _separation(
    cells: Cells,
    estimate: Estimate,
    analytic: AnalyticIntervals | None,
    resamples: Resamples,
    bootstrap: Percentiles,
    *,
    unit: ResamplingUnit,
) -> Separation | None:
    if analytic is not None:
        return compare_all_pairs(estimate.strengths, analytic.p_values())
    n_units = _effective_units(cells, unit)
    if estimate.fit is not None or bootstrap.low is None or n_units - 1 < SMALLEST_DEGREES_OF_FREEDOM:
        # Where the errors of Bradley-Terry are refused, the bootstrap's would call methods separated that are equal.
        return None
    # rank centrality and win rates have no analytic error: the spread of the resampled differences stands for it
    covariance = np.atleast_2d(np.cov(resamples.strengths[~resamples.without_answer], rowvar=False))
    spread = np.diagonal(covariance)
    error = np.sqrt(np.maximum(spread[:, None] + spread[None, :] - 2 * covariance, 0.0))
    difference = np.abs(estimate.strengths[:, None] - estimate.strengths[None, :])
    ratio = np.divide(difference, error, out=np.zeros_like(difference), where=error > 0)
    return compare_all_pairs(estimate.strengths, 2 * scipy.stats.t.sf(ratio, n_units - 1))


def _effective_units(cells: Cells, unit: ResamplingUnit) -> float:
    """How many equally busy judges, items (the fewer of both) or judgments would be worth those resampled."""
    if unit == "judgments":
        return float(cells.n_judgments)
    codes = {"judges": [cells.judge], "items": [cells.item], "both": [cells.judge, cells.item]}[unit]
    return min(_worth(code, cells.count) for code in codes)


def _worth(codes: IntArray, count: IntArray) -> float:
    share = np.bincount(np.unique(codes, return_inverse=True)[1], weights=count) / count.sum()
    return float(1 / (share**2).sum())


def _inseparable(
    separation: Separation | None, strengths: FloatArray, names: list[str], notes: list[str]
) -> list[list[str]]:
    if separation is None:
        return []
    groups, complete = separation.inseparable()
    if not complete:
        notes.append(
            f"More than {MOST_GROUPS} sets of methods are not ordered; the first {MOST_GROUPS} are listed."
        )
    place = {int(method): rank for rank, method in enumerate(np.argsort(-strengths, kind="stable"))}
    ordered = sorted(sorted(group, key=place.__getitem__) for group in groups)
    ordered.sort(key=lambda group: [place[method] for method in group])
    return [[names[method] for method in group] for group in ordered]


def _model_notes(
    cells: Cells, estimate: Estimate, *, model: RankingModel, ties: str, ridge: float
) -> list[str]:
    notes = []
    share = cells.n_ties / cells.n_judgments
    if model == "bradley-terry" and ties == "half" and share > _MANY_TIES:
        notes.append(f"{share:.0%} of the judgments are ties, counted as half a win each.")
    if ties == "drop" and cells.n_ties:
        notes.append(f"{cells.n_ties:,} {'tie is' if cells.n_ties == 1 else 'ties are'} left out.")
    if estimate.fit is not None and ties in TIE_MODELS and not cells.n_ties:
        notes.append("No judgment is a tie, so the tie parameter is on its boundary and only wins count.")
    if ridge:
        notes.append(
            f"Strengths are shrunk by a Gaussian prior of precision {ridge:g}; intervals are not calibrated."
        )
    if model == "win-rate":
        notes.append("A win rate depends on the opponents of a method.")
    return notes

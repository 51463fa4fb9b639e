"""What a campaign of so many judges and judgments would find: simulated with the estimators that will be used.

References
----------
Bell, R. M., & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with
multi-stage samples. Survey Methodology 28(2), 169-181.
Morris, T. P., White, I. R., & Crowther, M. J. (2019). Using simulation studies to evaluate statistical
methods. Statistics in Medicine 38(11), 2074-2102.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from scipy.stats import t as student

from metaeval.science.bradley_terry import fit_bradley_terry
from metaeval.science.cluster_variance import UndeterminedIntervalError
from metaeval.science.comparisons import BoolArray, FloatArray, make_cells, pair_counts
from metaeval.science.correlation import kendall_tau_b, rounded
from metaeval.science.existence import NoRankingError
from metaeval.science.intervals import AnalyticIntervals, analytic_intervals
from metaeval.science.pair_models import pair_table
from metaeval.science.plan import Plan
from metaeval.science.planned_metrics import (
    METRIC_TESTS,
    MetricTest,
    MetricVerdict,
    metric_verdicts,
    no_verdicts,
)
from metaeval.science.planning_result import Forecast
from metaeval.science.resampling import LEVEL, board_resampler, resample_fits, resampling_unit
from metaeval.science.separation import separate
from metaeval.science.simulate import (
    SimulatedJudgments,
    even_strengths,
    population_strengths,
    simulate_judgments,
)
from metaeval.science.still_needed import times_the_judges

Progress = Callable[[int, int], None]

# Of each simulation, for the joint bootstrap of metrics.
N_RESAMPLES: Final = 199


def forecast(plan: Plan, *, n_simulations: int, seed: int, progress: Progress | None = None) -> Forecast:
    """Simulate a campaign many times and rank each by Bradley-Terry with half ties and CR3 intervals.

    The truth is the limit for endless judges and items, `population_strengths`, not the strengths that single
    judges stray from: tastes draw the odds of all judges together towards even.

    Parameters
    ----------
    plan
    n_simulations
        At least 1; 200 tell a share within about .07.
    seed
        Simulation k has its own child of this seed: more simulations leave the first ones as they were.
    progress
        Told (done, total) now and then.

    Raises
    ------
    ValueError
        An impossible plan, or no simulations.
    """
    plan.checked()
    if n_simulations < 1:
        raise ValueError(f"n_simulations must be 1 or more, not {n_simulations}")
    strengths = even_strengths(plan.n_methods, spread=plan.spread)
    true = population_strengths(
        strengths, tie_share=plan.tie_share, taste_sd=plan.taste_sd, item_sd=plan.item_sd
    )
    found = []
    for child in np.random.SeedSequence(seed).spawn(n_simulations):
        found.append(_simulated(plan, strengths, true, np.random.default_rng(child)))
        if progress is not None:
            progress(len(found), n_simulations)
    return Forecast(
        plan=plan,
        n_simulations=n_simulations,
        seed=seed,
        n_without_ranking=sum(not one.has_ranking for one in found),
        n_without_interval=sum(one.has_ranking and not one.has_interval for one in found),
        widths=np.stack([one.widths for one in found]),
        holds=np.stack([one.holds for one in found]),
        ordered=np.stack([one.ordered for one in found]),
        separated=np.stack([one.separated for one in found]),
        times=np.stack([one.times for one in found]),
        tau=np.array([one.tau for one in found]),
        verdicts={test: [one.verdicts[test] for one in found] for test in METRIC_TESTS},
        holds_together=np.array([one.holds_together for one in found if one.has_interval]),
        ranks_hold=np.array([one.ranks_hold for one in found if one.has_interval]),
    )


@dataclass(eq=False)
class _Simulated:
    """One simulation; until it is ranked, nothing is found."""

    widths: FloatArray
    holds: BoolArray
    ordered: BoolArray
    separated: BoolArray
    times: FloatArray
    tau: float = float("nan")
    verdicts: dict[MetricTest, MetricVerdict] = field(default_factory=no_verdicts)
    has_ranking: bool = False
    has_interval: bool = False
    holds_together: bool = False
    ranks_hold: bool = False


def _simulated(plan: Plan, strengths: FloatArray, true: FloatArray, rng: np.random.Generator) -> _Simulated:
    shape = (plan.n_methods, plan.n_methods)
    nowhere = np.zeros(shape, dtype=bool)
    unknown = np.full(shape, np.nan)
    found = _Simulated(unknown, holds=nowhere, ordered=nowhere, separated=nowhere, times=unknown)
    try:
        estimate, intervals, resampled = _ranked(plan, _drawn(plan, strengths, rng), rng)
    except NoRankingError:
        return found
    found.has_ranking = True
    found.ordered = rounded(estimate)[:, None] > rounded(estimate)[None, :]
    if plan.spread:
        found.tau = float(kendall_tau_b(rounded(estimate)[None], rounded(true)[None])[0])
    if plan.compares_metrics:
        found.verdicts = metric_verdicts(
            strengths,
            estimate,
            resampled,
            better=plan.better,
            worse=plan.worse,
            n_items=plan.n_items,
            rng=rng,
        )
    if intervals is not None:
        found.has_interval = True
        half = intervals.difference_error * student.ppf(1 - (1 - LEVEL) / 2, intervals.difference_degrees)
        off = (estimate[:, None] - estimate[None, :]) - (true[:, None] - true[None, :])
        found.widths, found.holds = 2 * half, np.abs(off) <= half
        upper = np.triu_indices(plan.n_methods, k=1)
        found.holds_together = bool((np.abs(off) <= intervals.simultaneous_half_widths())[upper].all())
        separation = separate(estimate, intervals.p_values())
        found.separated = separation.above
        found.times = times_the_judges(
            true[:, None] - true[None, :],
            intervals.difference_error,
            intervals.difference_degrees,
            n_methods=plan.n_methods,
        )
        best, worst = separation.rank_intervals()
        true_rank = np.arange(1, plan.n_methods + 1)
        found.ranks_hold = bool(((best <= true_rank) & (true_rank <= worst)).all())
    return found


def _drawn(plan: Plan, strengths: FloatArray, rng: np.random.Generator) -> SimulatedJudgments:
    return simulate_judgments(
        strengths,
        n_judgments=plan.n_judgments,
        n_judges=plan.n_judges,
        n_items=plan.n_items,
        rng=rng,
        tie_share=plan.tie_share,
        taste_sd=plan.taste_sd,
        item_sd=plan.item_sd,
        evenness=plan.evenness,
    )


def _ranked(
    plan: Plan, drawn: SimulatedJudgments, rng: np.random.Generator
) -> tuple[FloatArray, AnalyticIntervals | None, FloatArray]:
    """Strengths, their intervals, and the strengths of resamples where metrics are to be compared."""
    cells = make_cells(
        first=drawn.first,
        second=drawn.second,
        outcome=drawn.outcome,
        judge=drawn.judge,
        item=drawn.item,
    )
    wins, ties = pair_counts(cells, plan.n_methods)
    fit = fit_bradley_terry(wins, ties, ties_rule="half")
    pairs = pair_table(wins, ties)
    unit, _ = resampling_unit(cells, None)
    resampler = board_resampler(cells, pairs, unit=unit, seed=int(rng.integers(2**63)))
    n_resamples = N_RESAMPLES if plan.compares_metrics else 0
    resampled = resample_fits(resampler, fit, n_resamples=n_resamples).strengths
    try:
        return fit.strengths, analytic_intervals(cells, fit, pairs, unit=unit), resampled
    except UndeterminedIntervalError:
        return fit.strengths, None, resampled

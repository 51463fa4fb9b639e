"""Campaigns of a scenario, simulated and ranked: work in chunks of one campaign each, which any worker can compute."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final, NamedTuple, Self

import numpy as np

from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import kendall_tau_b, ties_of
from hlv.stats.pairwise.analytic_intervals import AnalyticIntervals, analytic_intervals
from hlv.stats.pairwise.bootstrap import ResamplingUnit, comparison_resampler, resample_fits, resampling_unit
from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.cluster_variance import UndeterminedIntervalError
from hlv.stats.pairwise.comparisons import make_cells, pair_counts
from hlv.stats.pairwise.mle_existence import NoRankingError
from hlv.stats.pairwise.multiple_comparisons import compare_all_pairs
from hlv.stats.pairwise.pair_likelihoods import pair_table
from hlv.stats.pairwise.sample_size import widest_multiple
from hlv.stats.power.forecast import Forecast
from hlv.stats.power.metric_power import METRIC_TESTS, metric_power
from hlv.stats.power.scenario import Scenario
from hlv.stats.power.simulate import (
    SimulatedJudgments,
    even_strengths,
    population_strengths,
    simulate_judgments,
)
from hlv.stats.resampling.chunks import PackedFields, Runner, run_in_sequence

# Of each simulation, for the joint bootstrap of metrics.
N_RESAMPLES: Final = 199


class CampaignRows(NamedTuple):
    """What was found of S simulated campaigns of M methods: floats only, so that they are also one table.

    Attributes
    ----------
    has_ranking, has_interval : (S,)
        Whether the judgments determine a ranking, and a ranking with an interval.
    leaves_out : (S,)
        Whether such an interval leaves out how much judges, or texts, differ, because one gave or was given all
        judgments.
    covered_together, ranks_covered : (S,)
        Whether all simultaneous (Bonferroni) intervals hold their truth, and all rank intervals.
    tau : (S,)
        Kendall's tau-b of estimates and truth.
    leads, twin_differs : (S, tests)
        Of each of `METRIC_TESTS`, see `MetricTestResults`.
    widths : (S, M, M)
        Of the 95 % intervals of differences; NaN on the diagonal and where there is none.
    covered, ordered, separated : (S, M, M)
        Where such an interval holds the truth, where the estimates have the order of the truth, and where a
        Holm-adjusted test separates the two methods in the true order.
    times : (S, M, M)
        How many times the judges, each as active, it would take to separate the two methods by a chance of .8.
    """

    has_ranking: FloatArray
    has_interval: FloatArray
    leaves_out: FloatArray
    covered_together: FloatArray
    ranks_covered: FloatArray
    tau: FloatArray
    leads: FloatArray
    twin_differs: FloatArray
    widths: FloatArray
    covered: FloatArray
    ordered: FloatArray
    separated: FloatArray
    times: FloatArray

    @classmethod
    def of_table(cls, table: FloatArray, n_methods: int) -> Self:
        """The rows of a table (S, numbers), as views of it."""
        square = (n_methods, n_methods)
        shapes = [*[()] * 6, *[(len(METRIC_TESTS),)] * 2, *[square] * 5]
        ends = np.cumsum([math.prod(shape) for shape in shapes])
        columns = np.split(table, ends[:-1], axis=1)
        return cls(
            *(column.reshape(len(table), *shape) for column, shape in zip(columns, shapes, strict=True))
        )


def _n_columns(n_methods: int) -> int:
    return 6 + 2 * len(METRIC_TESTS) + 5 * n_methods**2


@dataclass(frozen=True, eq=False)
class SimulatedCampaigns(PackedFields):
    """Simulation k has its own child of the seed, so more simulations leave the first ones as they were."""

    kind: ClassVar[str] = "simulated campaigns"
    nested: ClassVar[Mapping[str, type[PackedFields]]] = {"plan": Scenario}

    plan: Scenario
    n_simulations: int
    seed: int

    @property
    def n_chunks(self) -> int:
        return self.n_simulations

    def compute(self, first: int, stop: int) -> FloatArray:
        """A table of `CampaignRows`, one for each simulation."""
        n_methods = self.plan.n_methods
        table = np.zeros((stop - first, _n_columns(n_methods)))
        rows = CampaignRows.of_table(table, n_methods)
        for row, simulation in enumerate(range(first, stop)):
            child = np.random.SeedSequence(self.seed, spawn_key=(simulation,))
            self._simulate(rows, row, np.random.default_rng(child))
        return table

    @cached_property
    def strengths(self) -> FloatArray:
        return even_strengths(self.plan.n_methods, spread=self.plan.spread)

    @cached_property
    def truth(self) -> FloatArray:
        """The strengths that endless judges and items would give."""
        plan = self.plan
        return population_strengths(
            self.strengths, tie_share=plan.tie_share, taste_sd=plan.taste_sd, item_sd=plan.item_sd
        )

    def _simulate(self, rows: CampaignRows, row: int, rng: np.random.Generator) -> None:
        """Fill the row of one simulation; until it is ranked, nothing is found."""
        plan = self.plan
        rows.widths[row] = rows.times[row] = rows.tau[row] = np.nan
        try:
            ranked = _ranked(plan, _drawn(plan, self.strengths, rng), rng)
        except NoRankingError:
            return
        estimate, intervals = ranked.strengths, ranked.intervals
        rows.has_ranking[row] = True
        ties = ties_of(estimate, "strength")
        rows.ordered[row] = ties[:, None] > ties[None, :]
        if plan.spread:
            rows.tau[row] = kendall_tau_b(ties, ties_of(self.truth, "strength"))
        if plan.compares_metrics:
            rows.leads[row], rows.twin_differs[row] = metric_power(
                self.strengths,
                estimate,
                ranked.resampled,
                better=plan.better,
                worse=plan.worse,
                n_items=plan.n_items,
                rng=rng,
            )
        if intervals is not None:
            rows.leaves_out[row] = ranked.unit != "both"
            self._compare_with_truth(rows, row, estimate, intervals)

    def _compare_with_truth(
        self, rows: CampaignRows, row: int, estimate: FloatArray, intervals: AnalyticIntervals
    ) -> None:
        plan, distances = self.plan, self.truth[:, None] - self.truth[None, :]
        half = intervals.difference_errors.half_widths()
        off = np.abs((estimate[:, None] - estimate[None, :]) - distances)
        rows.has_interval[row] = True
        rows.widths[row], rows.covered[row] = 2 * half, off <= half
        upper = np.triu_indices(plan.n_methods, k=1)
        rows.covered_together[row] = (off <= intervals.simultaneous_half_widths())[upper].all()
        separation = compare_all_pairs(estimate, intervals.p_values())
        # of equal methods there is no true order, and either one above the other is a separation
        rows.separated[row] = separation.above if plan.spread else separation.above | separation.above.T
        if not rows.leaves_out[row]:
            rows.times[row] = widest_multiple(
                distances, intervals.difference_errors, n_methods=plan.n_methods
            )
        best, worst = separation.rank_intervals()
        true_rank = np.arange(1, plan.n_methods + 1)
        rows.ranks_covered[row] = ((best <= true_rank) & (true_rank <= worst)).all()


@dataclass(frozen=True, eq=False)
class _Ranked:
    """Strengths, their intervals, the strengths of resamples where metrics are to be compared, and what was resampled."""

    strengths: FloatArray
    intervals: AnalyticIntervals | None
    resampled: FloatArray
    unit: ResamplingUnit


def _drawn(plan: Scenario, strengths: FloatArray, rng: np.random.Generator) -> SimulatedJudgments:
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


def _ranked(plan: Scenario, drawn: SimulatedJudgments, rng: np.random.Generator) -> _Ranked:
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
    resampler = comparison_resampler(cells, pairs, unit=unit, seed=int(rng.integers(2**63)))
    n_resamples = N_RESAMPLES if plan.compares_metrics else 0
    resampled = resample_fits(resampler, fit, n_resamples=n_resamples).strengths
    try:
        intervals = analytic_intervals(cells, fit, pairs, unit=unit)
    except UndeterminedIntervalError:
        intervals = None
    return _Ranked(fit.strengths, intervals, resampled, unit)


def power_analysis(
    plan: Scenario, *, n_simulations: int, seed: int, run: Runner = run_in_sequence
) -> Forecast:
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
    run
        Computes the simulations, by itself or with others.

    Raises
    ------
    ValueError
        An impossible plan, or no simulations.

    Examples
    --------
    >>> from hlv.stats.power import Scenario, power_analysis
    >>> scenario = Scenario(n_methods=4, n_judges=12, n_judgments=600)
    >>> found = power_analysis(scenario, n_simulations=5, seed=1).result()
    >>> found.n_with_ranking, round(found.true_order.share, 1)
    (5, 1.0)
    """
    plan.checked()
    if n_simulations < 1:
        raise ValueError(f"n_simulations must be 1 or more, not {n_simulations}")
    work = SimulatedCampaigns(plan, n_simulations, seed)
    found = CampaignRows.of_table(run(work), plan.n_methods)
    has_ranking, has_interval = found.has_ranking > 0, found.has_interval > 0
    return Forecast(
        plan=plan,
        n_simulations=n_simulations,
        seed=seed,
        has_ranking=has_ranking,
        n_without_interval=int((has_ranking & ~has_interval).sum()),
        n_leaving_out=int((found.leaves_out > 0).sum()),
        widths=found.widths,
        covered=found.covered > 0,
        ordered=found.ordered > 0,
        separated=found.separated > 0,
        times=found.times,
        tau=found.tau,
        leads=found.leads,
        twin_differs=found.twin_differs > 0,
        covered_together=found.covered_together[has_interval] > 0,
        ranks_covered=found.ranks_covered[has_interval] > 0,
    )

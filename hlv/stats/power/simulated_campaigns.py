"""Campaigns of a plan, simulated and ranked: work in chunks, of one campaign each, that any worker can compute.

What is found of a campaign is a row of numbers. Its fields:

has_ranking, has_interval
    Whether the judgments determine a ranking, and a ranking with an interval.
leaves_out
    Whether such an interval leaves out how much judges, or texts, differ, because one gave or was given all judgments.
holds_together, ranks_hold
    Whether all simultaneous (Bonferroni) intervals hold their truth, and all rank intervals.
tau
    Kendall's tau-b of estimates and truth.
leads, twin_told_apart : (tests,)
    Of each of `METRIC_TESTS`, what its `MetricTestResult` says.
widths : (M, M)
    Of the 95 % intervals of differences; NaN on the diagonal and where there is none.
holds, ordered, separated : (M, M)
    Where such an interval holds the truth, where the estimates have the order of the truth, and where a Holm-adjusted
    test separates the two methods in the true order.
times : (M, M)
    How many times the judges, each as active, it would take to separate the two methods by a chance of .8.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar, Final, Self

import numpy as np
import numpy.typing as npt

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
from hlv.stats.power.metric_power import METRIC_TESTS, MetricTestResult, metric_power
from hlv.stats.power.scenario import Scenario
from hlv.stats.power.simulate import (
    SimulatedJudgments,
    even_strengths,
    population_strengths,
    simulate_judgments,
)
from hlv.stats.resampling.chunks import Arrays, Runner, options_array, run_in_sequence, unpack_options

# Of each simulation, for the joint bootstrap of metrics.
N_RESAMPLES: Final = 199

Row = Any


@dataclass(frozen=True, eq=False)
class SimulatedCampaigns:
    """Simulation k has its own child of the seed, so more simulations leave the first ones as they were."""

    kind: ClassVar[str] = "simulated campaigns"

    plan: Scenario
    n_simulations: int
    seed: int

    @property
    def n_chunks(self) -> int:
        return self.n_simulations

    @cached_property
    def fields(self) -> np.dtype[np.void]:
        """Of a row; all are 64-bit floats, so that rows are a table of numbers as well."""
        square = (self.plan.n_methods, self.plan.n_methods)
        numbers = ("has_ranking", "has_interval", "leaves_out", "holds_together", "ranks_hold", "tau")
        tables = ("widths", "holds", "ordered", "separated", "times")
        return np.dtype(
            [(name, np.float64) for name in numbers]
            + [(name, np.float64, (len(METRIC_TESTS),)) for name in ("leads", "twin_told_apart")]
            + [(name, np.float64, square) for name in tables]
        )

    def compute(self, first: int, stop: int) -> FloatArray:
        """(S, numbers of a row)"""
        rows = np.zeros(stop - first, dtype=self.fields)
        for row, simulation in zip(rows, range(first, stop), strict=True):
            child = np.random.SeedSequence(self.seed, spawn_key=(simulation,))
            self._simulate(row, np.random.default_rng(child))
        return rows.view(np.float64).reshape(len(rows), self.fields.itemsize // 8)

    def named(self, rows: FloatArray) -> npt.NDArray[np.void]:
        """Computed rows, whose fields have names; (S,)"""
        return np.ascontiguousarray(rows).view(self.fields).reshape(len(rows))

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

    def _simulate(self, row: Row, rng: np.random.Generator) -> None:
        """Fill the row of one simulation; until it is ranked, nothing is found."""
        row["widths"] = row["times"] = row["tau"] = np.nan
        try:
            ranked = _ranked(self.plan, _drawn(self.plan, self.strengths, rng), rng)
        except NoRankingError:
            return
        estimate, intervals = ranked.strengths, ranked.intervals
        row["has_ranking"] = True
        ties = ties_of(estimate, "strength")
        row["ordered"] = ties[:, None] > ties[None, :]
        if self.plan.spread:
            row["tau"] = kendall_tau_b(ties, ties_of(self.truth, "strength"))
        if self.plan.compares_metrics:
            self._compare_metrics(row, estimate, ranked.resampled, rng)
        if intervals is not None:
            row["leaves_out"] = ranked.unit != "both"
            self._hold_against_truth(row, estimate, intervals)

    def _compare_metrics(
        self, row: Row, estimate: FloatArray, resampled: FloatArray, rng: np.random.Generator
    ) -> None:
        verdicts = metric_power(
            self.strengths,
            estimate,
            resampled,
            better=self.plan.better,
            worse=self.plan.worse,
            n_items=self.plan.n_items,
            rng=rng,
        )
        row["leads"] = [verdicts[test].better_or_worse for test in METRIC_TESTS]
        row["twin_told_apart"] = [verdicts[test].twin_told_apart for test in METRIC_TESTS]

    def _hold_against_truth(self, row: Row, estimate: FloatArray, intervals: AnalyticIntervals) -> None:
        plan, distances = self.plan, self.truth[:, None] - self.truth[None, :]
        half = intervals.apart.half_widths()
        off = np.abs((estimate[:, None] - estimate[None, :]) - distances)
        row["has_interval"] = True
        row["widths"], row["holds"] = 2 * half, off <= half
        upper = np.triu_indices(plan.n_methods, k=1)
        row["holds_together"] = (off <= intervals.simultaneous_half_widths())[upper].all()
        separation = compare_all_pairs(estimate, intervals.p_values())
        # of equal methods there is no true order, and either one above the other is a separation
        row["separated"] = separation.above if plan.spread else separation.above | separation.above.T
        if not row["leaves_out"]:
            row["times"] = widest_multiple(distances, intervals.apart, n_methods=plan.n_methods)
        best, worst = separation.rank_intervals()
        true_rank = np.arange(1, plan.n_methods + 1)
        row["ranks_hold"] = ((best <= true_rank) & (true_rank <= worst)).all()

    def packed(self) -> Arrays:
        options = {"plan": asdict(self.plan), "n_simulations": self.n_simulations, "seed": self.seed}
        return {"options": options_array(options)}

    @classmethod
    def unpacked(cls, arrays: dict[str, npt.NDArray[Any]]) -> Self:
        """The work that `packed` laid out, whose chunks are the same bits here."""
        options = unpack_options(arrays)
        return cls(Scenario(**options["plan"]), options["n_simulations"], options["seed"])


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


unpacked = SimulatedCampaigns.unpacked


def forecast(plan: Scenario, *, n_simulations: int, seed: int, run: Runner = run_in_sequence) -> Forecast:
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
    """
    plan.checked()
    if n_simulations < 1:
        raise ValueError(f"n_simulations must be 1 or more, not {n_simulations}")
    work = SimulatedCampaigns(plan, n_simulations, seed)
    found = work.named(run(work))
    has_ranking, has_interval = (found[name] > 0 for name in ("has_ranking", "has_interval"))
    return Forecast(
        plan=plan,
        n_simulations=n_simulations,
        seed=seed,
        has_ranking=has_ranking,
        n_without_interval=int((has_ranking & ~has_interval).sum()),
        n_leaving_out=int((found["leaves_out"] > 0).sum()),
        widths=found["widths"],
        holds=found["holds"] > 0,
        ordered=found["ordered"] > 0,
        separated=found["separated"] > 0,
        times=found["times"],
        tau=found["tau"],
        verdicts={
            test: [
                MetricTestResult(int(leads), twin_told_apart=bool(told))
                for leads, told in zip(
                    found["leads"][:, place], found["twin_told_apart"][:, place], strict=True
                )
            ]
            for place, test in enumerate(METRIC_TESTS)
        },
        holds_together=found["holds_together"][has_interval] > 0,
        ranks_hold=found["ranks_hold"][has_interval] > 0,
    )

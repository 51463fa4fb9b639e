"""`make coverage`: how often the intervals hold the truth, over simulated campaigns whose truth is known.

The control resamples bare judgments, as much software does: judges vote many times, so it claims far too much.
"""

from __future__ import annotations

import sys

import numpy as np

from benchmarks import agreement_coverage
from benchmarks.coverage_given_judges import table_of_given_judges
from benchmarks.coverage_of_segments import table_of_segments
from benchmarks.coverage_of_systems import table_of_systems
from hlv.stats.pairwise.bootstrap import comparison_resampler, resample_fits
from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.comparisons import make_cells, pair_counts
from hlv.stats.pairwise.pair_likelihoods import pair_table
from hlv.stats.power.scenario import Scenario
from hlv.stats.power.simulate import even_strengths, population_strengths, simulate_judgments
from hlv.stats.power.simulated_campaigns import power_analysis

SEED = 1
N_RUNS = 500
PEOPLE = {"tie_share": 0.2, "taste_sd": 0.35, "item_sd": 0.15, "evenness": 2.0}
LAYOUTS = {
    "20 judges, 4,000 judgments": Scenario(
        n_methods=14, n_judges=20, n_judgments=4_000, n_items=200, **PEOPLE
    ),
    "50 judges, 20,000 judgments": Scenario(
        n_methods=14, n_judges=50, n_judgments=20_000, n_items=500, **PEOPLE
    ),
    "13 methods, 40 judges, 12,480 judgments of 80 texts": Scenario(
        n_methods=13, n_judges=40, n_judgments=12_480, n_items=80, **PEOPLE
    ),
}
# Each share has to lie here; the bare bootstrap is to fail by as much as it is known to.
WANTED = {"differences": (0.93, 0.97), "together": (0.93, 1.0), "ranks": (0.95, 1.0), "control": (0.71, 0.85)}


def bare_bootstrap(plan: Scenario, n_runs: int) -> float:
    """Share of the differences whose percentile interval from resampled judgments holds the truth."""
    strengths = even_strengths(plan.n_methods, spread=plan.spread)
    true = population_strengths(
        strengths, tie_share=plan.tie_share, taste_sd=plan.taste_sd, item_sd=plan.item_sd
    )
    upper = np.triu_indices(plan.n_methods, k=1)
    shares = []
    for child in np.random.SeedSequence(SEED).spawn(n_runs):
        drawn = simulate_judgments(
            strengths,
            n_judgments=plan.n_judgments,
            n_judges=plan.n_judges,
            n_items=plan.n_items,
            rng=np.random.default_rng(child),
            tie_share=plan.tie_share,
            taste_sd=plan.taste_sd,
            item_sd=plan.item_sd,
            evenness=plan.evenness,
        )
        cells = make_cells(first=drawn.first, second=drawn.second, outcome=drawn.outcome)
        wins, ties = pair_counts(cells, plan.n_methods)
        fit = fit_bradley_terry(wins, ties, ties_rule="half")
        resampler = comparison_resampler(cells, pair_table(wins, ties), unit="judgments", seed=SEED)
        drawn_again = resample_fits(resampler, fit, n_resamples=500).strengths
        differences = drawn_again[:, upper[0]] - drawn_again[:, upper[1]]
        low, high = np.quantile(differences, [0.025, 0.975], axis=0)
        truth = true[upper[0]] - true[upper[1]]
        shares.append(float(((low <= truth) & (truth <= high)).mean()))
    return float(np.mean(shares))


def main() -> int:
    print(f"{N_RUNS} simulated campaigns each, seed {SEED}; {PEOPLE}")
    failed = []
    for name, plan in LAYOUTS.items():
        coverage = vars(power_analysis(plan, n_simulations=N_RUNS, seed=SEED).result().coverage)
        coverage = coverage | {"control": bare_bootstrap(plan, N_RUNS)}
        print(
            f"{name}: differences {coverage['differences']:.1%}, all together {coverage['together']:.1%}, "
            f"all rank intervals {coverage['ranks']:.1%}; bootstrap of bare judgments {coverage['control']:.1%}",
            flush=True,
        )
        failed += [
            f"{name}: {what} {coverage[what]:.1%} is not within {low:.0%} to {high:.0%}"
            for what, (low, high) in WANTED.items()
            if not low <= coverage[what] <= high
        ]
    failed += table_of_given_judges() + table_of_systems() + table_of_segments()
    print("\n".join(failed) or "All within what they claim.", flush=True)
    return max(1 if failed else 0, agreement_coverage.main())


if __name__ == "__main__":
    sys.exit(main())

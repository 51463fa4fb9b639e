"""What the simulations of a plan found, in shares that say how sure they are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

import numpy as np
from scipy.stats import binomtest

from metaeval.science.comparisons import BoolArray, FloatArray
from metaeval.science.plan import Plan
from metaeval.science.planned_metrics import ALPHA, MetricTest, MetricVerdict, told_apart
from metaeval.science.resampling import LEVEL


@dataclass(frozen=True, eq=False)
class Forecast:
    """What the simulations of one plan found.

    Attributes
    ----------
    n_simulations, seed
    n_without_ranking, n_without_interval
        Simulations whose judgments determine no ranking, or a ranking without an interval.
    widths : (S, M, M)
        Widths of the 95 % intervals of differences; NaN on the diagonal and where there is none.
    holds : (S, M, M)
        Where such an interval holds the truth.
    ordered : (S, M, M)
        Where the estimates have the order of the truth.
    separated : (S, M, M)
        Where a Holm-adjusted test separates the two methods, in the true order.
    times : (S, M, M)
        How many times the judges, each as active, it would take to separate the two methods by a chance of .8.
    tau : (S,)
        Kendall's tau-b of estimates and truth.
    verdicts
        Of each test of the two metrics' difference, what it said in each simulation.
    holds_together, ranks_hold : (at most S,)
        Of the simulations with intervals: where all simultaneous (Bonferroni) intervals hold their truth, and
        where all rank intervals do.
    """

    plan: Plan
    n_simulations: int
    seed: int
    n_without_ranking: int
    n_without_interval: int
    widths: FloatArray
    holds: BoolArray
    ordered: BoolArray
    separated: BoolArray
    times: FloatArray
    tau: FloatArray
    verdicts: dict[MetricTest, list[MetricVerdict]]
    holds_together: BoolArray
    ranks_hold: BoolArray

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON; a share comes with its 95 % Clopper-Pearson interval, for S simulations are not all."""
        plan = self.plan
        upper = np.triu_indices(plan.n_methods, k=1)
        all_widths = self.widths[:, *upper]
        neighbours = self.widths[:, np.arange(plan.n_methods - 1), np.arange(1, plan.n_methods)]
        in_order = self.ordered[:, *upper]
        return {
            "plan": {**asdict(plan), "evenness": plan.evenness if np.isfinite(plan.evenness) else None},
            "n_simulations": self.n_simulations,
            "seed": self.seed,
            "n_without_ranking": self.n_without_ranking,
            "n_without_interval": self.n_without_interval,
            "difference_width": _spread(all_widths),
            "neighbour_width": _spread(neighbours),
            "coverage": {
                "differences": _mean(self.holds[:, *upper][~np.isnan(all_widths)]),
                "together": _mean(self.holds_together),
                "ranks": _mean(self.ranks_hold) if plan.spread else None,
            },
            "true_order": _share(np.asarray(in_order.all(axis=1))) if plan.spread else None,
            "true_best": _share(np.asarray(self.ordered[:, 0, 1:].all(axis=1))) if plan.spread else None,
            "pairs_in_true_order": _mean(in_order) if plan.spread else None,
            "separated_by_places_apart": [
                {
                    "places": places,
                    "log_odds": plan.spread * places / (plan.n_methods - 1),
                    "share": _mean(np.diagonal(self.separated, places, axis1=1, axis2=2)),
                    **self._needed(np.diagonal(self.times, places, axis1=1, axis2=2)),
                }
                for places in range(1, plan.n_methods)
            ],
            "tau_with_truth": _mean(self.tau[~np.isnan(self.tau)]),
            "metric_comparison": self._metric_comparison(),
        }

    def _needed(self, times: FloatArray) -> dict[str, int | None]:
        """Judgments and judges in all that separate two such methods, by the median of what simulations say."""
        known = times[~np.isnan(times)]
        # Of two middle values the larger: infinity has no mean with a number.
        middle = float(np.quantile(known, 0.5, method="higher")) if known.size else np.inf
        if not np.isfinite(middle):
            return {"judgments_needed": None, "judges_needed": None}
        return {
            "judgments_needed": ceil(middle * self.plan.n_judgments),
            "judges_needed": ceil(middle * self.plan.n_judges),
        }

    def _metric_comparison(self) -> dict[str, Any] | None:
        if not self.plan.compares_metrics:
            return None
        tests = {}
        for test, verdicts in self.verdicts.items():
            better, worse, twin = told_apart(verdicts)
            tests[test] = {"power": _share(better), "wrong_one": _share(worse), "false_alarms": _share(twin)}
        return {
            "better": self.plan.better,
            "worse": self.plan.worse,
            "coefficient": "pearson",
            "alpha": ALPHA,
            "tests": tests,
        }


def _share(hits: BoolArray) -> dict[str, Any]:
    found = binomtest(int(hits.sum()), len(hits))
    interval = found.proportion_ci(LEVEL)
    return {"share": float(found.statistic), "interval": [float(interval.low), float(interval.high)]}


def _mean(values: FloatArray | BoolArray) -> float | None:
    return float(values.mean()) if values.size else None


def _spread(widths: FloatArray) -> dict[str, float] | None:
    known = widths[~np.isnan(widths)]
    if not known.size:
        return None
    low, middle, high = np.quantile(known, [0.025, 0.5, 0.975])
    return {"median": float(middle), "low": float(low), "high": float(high)}

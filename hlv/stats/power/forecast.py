"""What the simulations of a plan found, in shares that say how sure they are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

import numpy as np
from scipy.stats import binomtest

from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.power.cautions import (
    LEAST_SHARE,
    cautions,
    metrics_undetermined,
    needed_undetermined,
)
from hlv.stats.power.metric_power import ALPHA, MetricTest, MetricTestResult, n_distinguished
from hlv.stats.power.scenario import Scenario
from hlv.stats.resampling.percentiles import LEVEL


@dataclass(frozen=True, eq=False)
class Forecast:
    """What the simulations of one plan found.

    Attributes
    ----------
    n_simulations, seed
    has_ranking : (S,)
        Where the judgments determine a ranking.
    n_without_interval
        Simulations whose ranking has no interval.
    n_leaving_out
        Simulations whose intervals leave out how much judges, or texts, differ: one gave, or got, all judgments.
    widths : (S, M, M)
        Widths of the 95 % intervals of differences; NaN on the diagonal and where there is none.
    holds : (S, M, M)
        Where such an interval holds the truth.
    ordered : (S, M, M)
        Where the estimates have the order of the truth.
    separated : (S, M, M)
        Where a Holm-adjusted test separates the two methods, in the true order.
    times : (S, M, M)
        How many times the judges, each as active, it would take to separate the two methods by a chance of .8; NaN
        where intervals leave something out.
    tau : (S,)
        Kendall's tau-b of estimates and truth.
    verdicts
        Of each test of the two metrics' difference, what it said in each simulation.
    holds_together, ranks_hold : (at most S,)
        Of the simulations with intervals: where all simultaneous (Bonferroni) intervals hold their truth, and
        where all rank intervals do.
    """

    plan: Scenario
    n_simulations: int
    seed: int
    has_ranking: BoolArray
    n_without_interval: int
    n_leaving_out: int
    widths: FloatArray
    holds: BoolArray
    ordered: BoolArray
    separated: BoolArray
    times: FloatArray
    tau: FloatArray
    verdicts: dict[MetricTest, list[MetricTestResult]]
    holds_together: BoolArray
    ranks_hold: BoolArray

    @property
    def n_without_ranking(self) -> int:
        return int((~self.has_ranking).sum())

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON; a share comes with its 95 % Clopper-Pearson interval, for S simulations are not all.

        `cautions` are sentences without which the numbers look better than they are.
        """
        found = self._numbers()
        found["metric_comparison"] = self._metric_comparison(metrics_undetermined(found))
        undetermined = needed_undetermined(found)
        for row in found["separated_by_places_apart"]:
            times = np.diagonal(self.times, row["places"], axis1=1, axis2=2)
            row.update(self._needed(times, undetermined))
        return found | {"cautions": cautions(found)}

    def _numbers(self) -> dict[str, Any]:
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
            "n_leaving_out": self.n_leaving_out,
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
                }
                for places in range(1, plan.n_methods)
            ],
            "tau_with_truth": _mean(self.tau[~np.isnan(self.tau)]),
        }

    def _needed(self, times: FloatArray, undetermined: str | None) -> dict[str, int | str | None]:
        """Judgments and judges in all that separate two such methods, by the median of what simulations say.

        None without a reason where no number is enough.
        """
        nothing: dict[str, int | str | None] = {"judgments_needed": None, "judges_needed": None}
        known = times[~np.isnan(times)]
        if undetermined is None and known.size < LEAST_SHARE * times.size:
            undetermined = "Fewer than half of the intervals between such methods have a width."
        if undetermined is not None:
            return nothing | {"needed_undetermined": undetermined}
        # Of two middle values the larger: infinity has no mean with a number.
        middle = float(np.quantile(known, 0.5, method="higher"))
        if not np.isfinite(middle):
            return nothing | {"needed_undetermined": None}
        return {
            "judgments_needed": ceil(middle * self.plan.n_judgments),
            "judges_needed": ceil(middle * self.plan.n_judges),
            "needed_undetermined": None,
        }

    def _metric_comparison(self, undetermined: str | None) -> dict[str, Any] | None:
        """Power is of all simulations; a false alarm needs a ranking, and a share of all would make tests look safe."""
        if not self.plan.compares_metrics:
            return None
        tests: dict[MetricTest, dict[str, Any]] = {}
        for test, verdicts in self.verdicts.items():
            better, worse, twin = n_distinguished(verdicts)
            shares = {"power": better, "wrong_one": worse, "false_alarms": twin[self.has_ranking]}
            tests[test] = {
                name: None if undetermined is not None else _share(hits) for name, hits in shares.items()
            }
        return {
            "better": self.plan.better,
            "worse": self.plan.worse,
            "coefficient": "pearson",
            "alpha": ALPHA,
            "n_rankings": int(self.has_ranking.sum()),
            "undetermined": undetermined,
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

"""What the simulations of a scenario found, as it is stored; shares have a 95 % Clopper-Pearson interval."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from math import ceil
from typing import Final

import numpy as np
import scipy

from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.power.metric_power import ALPHA, METRIC_TESTS
from hlv.stats.power.scenario import Scenario
from hlv.stats.resampling.percentiles import LEVEL


@dataclass(frozen=True, kw_only=True)
class StoredScenario:
    """A `Scenario`; `evenness` is None where all judges are equally active."""

    n_methods: int
    n_judges: int
    n_judgments: int
    n_items: int = 100
    spread: float = 2.0
    tie_share: float = 0.0
    taste_sd: float = 0.3
    item_sd: float = 0.3
    evenness: float | None = 1.0
    better: float = 0.9
    worse: float = 0.5


@dataclass(frozen=True, kw_only=True)
class Share:
    share: float
    interval: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Spread:
    """The median, and the middle 95 %."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How often intervals hold the truth: each, all of a simulation together, and those of ranks."""

    differences: float | None = None
    together: float | None = None
    ranks: float | None = None


@dataclass(frozen=True, kw_only=True)
class Separation:
    """Of two methods so many places apart in the true order; no number and no reason where none is enough."""

    places: int
    log_odds: float
    share: float | None
    judgments_needed: int | None = None
    judges_needed: int | None = None
    needed_undetermined: str | None = None


@dataclass(frozen=True, kw_only=True)
class MetricTestPower:
    """Of a test of two metrics: how often it finds the better one, the worse one, and a difference of two alike."""

    power: Share | None = None
    wrong_one: Share | None = None
    false_alarms: Share | None = None


@dataclass(frozen=True, kw_only=True)
class MetricComparison:
    """By the name of a test; `undetermined` says why there are no shares."""

    better: float = 0.9
    worse: float = 0.5
    coefficient: str = "pearson"
    alpha: float = 0.05
    n_rankings: int | None = None
    undetermined: str | None = None
    tests: dict[str, MetricTestPower] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ForecastResult:
    """See `Forecast`; what is None is undefined.

    Attributes
    ----------
    cautions
        Sentences without which the numbers look better than they are.
    """

    plan: StoredScenario
    n_simulations: int
    seed: int
    n_without_ranking: int = 0
    n_without_interval: int = 0
    n_leaving_out: int = 0
    difference_width: Spread | None = None
    neighbour_width: Spread | None = None
    coverage: Coverage = Coverage()
    true_order: Share | None = None
    true_best: Share | None = None
    pairs_in_true_order: float | None = None
    separated_by_places_apart: list[Separation] = field(default_factory=list)
    tau_with_truth: float | None = None
    metric_comparison: MetricComparison | None = None
    cautions: list[str] = field(default_factory=list)

    @property
    def n_with_ranking(self) -> int:
        return self.n_simulations - self.n_without_ranking

    @property
    def n_with_interval(self) -> int:
        return self.n_with_ranking - self.n_without_interval


# What a median of those simulations that have an answer needs: fewer than half are the lucky ones.
LEAST_SHARE: Final = 0.5
# Below this share of intervals that hold the truth, they are not what they say; 200 simulations tell .95 from it.
LEAST_COVERAGE: Final = 0.93
# From so many simulations on a share is told within about 15 points.
ENOUGH_SIMULATIONS: Final = 50


def ignored_variation(plan: StoredScenario) -> str | None:
    """What intervals of such a campaign leave out, as `hlv rank` says it; None where they leave out nothing."""
    one_judge, one_text = plan.n_judges == 1, plan.n_items == 1
    if one_judge and one_text:
        return (
            "There is one judge and one text: single judgments are resampled, so the intervals ignore "
            "differences between judges and texts."
        )
    if one_judge:
        return "There is one judge: items are resampled, so the intervals ignore differences between judges."
    if one_text:
        return "There is one text: judges are resampled, so the intervals ignore differences between texts."
    return None


def needed_undetermined(found: ForecastResult) -> str | None:
    """Why no number of judgments is said that would separate methods; None where there is one, or none is enough."""
    leaves_out = ignored_variation(found.plan)
    if leaves_out is not None:
        return leaves_out
    complete = "a complete interval" if found.n_leaving_out else "an interval"
    return _too_few(found, found.n_with_interval - found.n_leaving_out, complete)


def metrics_undetermined(found: ForecastResult) -> str | None:
    """Why nothing is said of tests of metrics: too few simulations have a ranking to hold them against."""
    return _too_few(found, found.n_with_ranking, "a ranking")


def _too_few(found: ForecastResult, number: int, of_what: str) -> str | None:
    n_simulations = found.n_simulations
    if number >= LEAST_SHARE * n_simulations:
        return None
    if number == 0:
        return f"No simulation of {n_simulations} gave {of_what}."
    return (
        f"Only {number} of {n_simulations} simulations gave {of_what}, fewer than half: they are not typical."
    )


def misses_coverage(found: ForecastResult) -> bool:
    """Whether intervals, each or all together, hold the truth clearly less often than they say."""
    shares = (found.coverage.differences, found.coverage.together)
    return any(share is not None and share < LEAST_COVERAGE for share in shares)


def cautions(found: ForecastResult) -> list[str]:
    """Sentences without which the numbers would be read as better than they are, the gravest first."""
    sentences = []
    leaves_out = ignored_variation(found.plan)
    if leaves_out is not None:
        sentences.append(
            f"{leaves_out} Widths and power are too optimistic, and the number of judgments needed is not determined. With "
            "more judges and texts, intervals become wider because they include these differences."
        )
    elif found.n_leaving_out:
        sentences.append(
            f"In {found.n_leaving_out} of {found.n_simulations} simulations all judgments are from one judge "
            "or on one text: their intervals ignore differences between judges or texts and are too narrow."
        )
    if misses_coverage(found):
        sentences.append(_coverage_sentence(found))
    n_simulations, n_ranked, n_known = found.n_simulations, found.n_with_ranking, found.n_with_interval
    if n_known < n_simulations:
        few = _too_few(found, n_known, "an interval")
        sentences.append(
            f"Widths and coverage are those of the {n_known} of {n_simulations} simulations with an interval."
            if few is None
            else f"{few} Widths and coverage come from them; the number of judgments needed is not determined."
            if n_known
            else f"{few} The number of judgments needed is not determined."
        )
    if n_ranked < n_simulations and found.metric_comparison is not None:
        few = _too_few(found, n_ranked, "a ranking")
        sentences.append(
            "Metrics: a simulation without a ranking counts as no significant difference; false alarms come from the "
            f"{n_ranked} of {n_simulations} simulations with a ranking."
            if few is None
            else f"{few} The power to separate metrics is not determined."
        )
    if n_simulations < ENOUGH_SIMULATIONS:
        sentences.append(_precision_sentence(n_simulations))
    return sentences


def _coverage_sentence(found: ForecastResult) -> str:
    covered_shares = [
        f"{share:.0%} {of_what}"
        for share, of_what in (
            (found.coverage.differences, "of differences"),
            (found.coverage.together, "of simulations for all differences jointly"),
        )
        if share is not None
    ]
    chance = (
        " (possibly by chance: there are few simulations)"
        if found.n_with_interval < ENOUGH_SIMULATIONS
        else ""
    )
    return (
        f"{100 * LEVEL:.0f} % intervals contained the truth in only {' and '.join(covered_shares)}{chance}."
    )


def _precision_sentence(n_simulations: int) -> str:
    if n_simulations == 1:
        return "There is only one simulation: shares are 0 or 100 %, and medians come from it alone."
    interval = scipy.stats.binomtest(n_simulations // 2, n_simulations).proportion_ci(LEVEL)
    return (
        f"There are only {n_simulations} simulations: a share near a half is known within "
        f"{100 * (interval.high - interval.low) / 2:.0f} points, and medians are as unsteady."
    )


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
    covered : (S, M, M)
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
    leads, twin_differs : (S, tests)
        Of each of `METRIC_TESTS`, see `MetricTestResults`.
    covered_together, ranks_covered : (at most S,)
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
    covered: BoolArray
    ordered: BoolArray
    separated: BoolArray
    times: FloatArray
    tau: FloatArray
    leads: FloatArray
    twin_differs: BoolArray
    covered_together: BoolArray
    ranks_covered: BoolArray

    @property
    def n_without_ranking(self) -> int:
        return int((~self.has_ranking).sum())

    def result(self) -> ForecastResult:
        """What is stored of it."""
        found = self._numbers()
        undetermined = needed_undetermined(found)
        found = replace(
            found,
            metric_comparison=self._metric_comparison(metrics_undetermined(found)),
            separated_by_places_apart=[
                self._separation(places, undetermined) for places in range(1, self.plan.n_methods)
            ],
        )
        return replace(found, cautions=cautions(found))

    def _numbers(self) -> ForecastResult:
        plan = self.plan
        upper = np.triu_indices(plan.n_methods, k=1)
        all_widths = self.widths[:, *upper]
        neighbours = self.widths[:, np.arange(plan.n_methods - 1), np.arange(1, plan.n_methods)]
        in_order = self.ordered[:, *upper]
        evenness = plan.evenness if np.isfinite(plan.evenness) else None
        return ForecastResult(
            plan=StoredScenario(**{**asdict(plan), "evenness": evenness}),
            n_simulations=self.n_simulations,
            seed=self.seed,
            n_without_ranking=self.n_without_ranking,
            n_without_interval=self.n_without_interval,
            n_leaving_out=self.n_leaving_out,
            difference_width=_spread(all_widths),
            neighbour_width=_spread(neighbours),
            coverage=Coverage(
                differences=_mean(self.covered[:, *upper][~np.isnan(all_widths)]),
                together=_mean(self.covered_together),
                ranks=_mean(self.ranks_covered) if plan.spread else None,
            ),
            true_order=_share(np.asarray(in_order.all(axis=1))) if plan.spread else None,
            true_best=_share(np.asarray(self.ordered[:, 0, 1:].all(axis=1))) if plan.spread else None,
            pairs_in_true_order=_mean(in_order) if plan.spread else None,
            tau_with_truth=_mean(self.tau[~np.isnan(self.tau)]),
        )

    def _separation(self, places: int, undetermined: str | None) -> Separation:
        """Judgments and judges in all that separate two such methods, by the median of what simulations say.

        None without a reason where no number is enough.
        """
        plan = self.plan
        found = Separation(
            places=places,
            log_odds=plan.spread * places / (plan.n_methods - 1),
            share=_mean(np.diagonal(self.separated, places, axis1=1, axis2=2)),
        )
        times = np.diagonal(self.times, places, axis1=1, axis2=2)
        known = times[~np.isnan(times)]
        if undetermined is None and known.size < LEAST_SHARE * times.size:
            undetermined = "Fewer than half of the intervals between such methods have a width."
        if undetermined is not None:
            return replace(found, needed_undetermined=undetermined)
        # Of two middle values the larger: infinity has no mean with a number.
        middle = float(np.quantile(known, 0.5, method="higher"))
        if not np.isfinite(middle):
            return found
        return replace(
            found,
            judgments_needed=ceil(middle * plan.n_judgments),
            judges_needed=ceil(middle * plan.n_judges),
        )

    def _metric_comparison(self, undetermined: str | None) -> MetricComparison | None:
        """Power is of all simulations; a false alarm needs a ranking, and a share of all would make tests look safe."""
        if not self.plan.compares_metrics:
            return None
        tests: dict[str, MetricTestPower] = {}
        for place, test in enumerate(METRIC_TESTS):
            leads, twin = self.leads[:, place], self.twin_differs[:, place]
            tests[test] = (
                MetricTestPower()
                if undetermined is not None
                else MetricTestPower(
                    power=_share(leads > 0),
                    wrong_one=_share(leads < 0),
                    false_alarms=_share(twin[self.has_ranking]),
                )
            )
        return MetricComparison(
            better=self.plan.better,
            worse=self.plan.worse,
            alpha=ALPHA,
            n_rankings=int(self.has_ranking.sum()),
            undetermined=undetermined,
            tests=tests,
        )


def _share(hits: BoolArray) -> Share:
    found = scipy.stats.binomtest(int(hits.sum()), len(hits))
    interval = found.proportion_ci(LEVEL)
    return Share(share=float(found.statistic), interval=(float(interval.low), float(interval.high)))


def _mean(values: FloatArray | BoolArray) -> float | None:
    return float(values.mean()) if values.size else None


def _spread(widths: FloatArray) -> Spread | None:
    known = widths[~np.isnan(widths)]
    if not known.size:
        return None
    low, middle, high = np.quantile(known, [0.025, 0.5, 0.975])
    return Spread(median=float(middle), low=float(low), high=float(high))

"""What the simulations of a plan found, as it is stored; a share comes with its 95 % Clopper-Pearson interval."""

from __future__ import annotations

from dataclasses import dataclass, field


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

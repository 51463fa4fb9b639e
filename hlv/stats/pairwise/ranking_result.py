"""The result of a ranking, and its summary to be stored."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.pairwise.analytic_intervals import AnalyticIntervals
from hlv.stats.pairwise.bootstrap import Resamples, ResamplingUnit
from hlv.stats.pairwise.method_differences import MethodDifference, finite
from hlv.stats.pairwise.multiple_comparisons import Separation
from hlv.stats.pairwise.ranking_models import SCALES, RankingModel
from hlv.stats.resampling.percentiles import Percentiles


@dataclass(frozen=True, kw_only=True)
class RankedMethod:
    """One method of a ranking; what is None is undefined.

    Attributes
    ----------
    strength, interval
        On the scale of the model, with its 95 % interval; `degrees_of_freedom` where that is analytic.
    bootstrap_interval
        Percentiles of the resamples.
    rank, rank_interval
        From 1; the interval holds every rank that the Holm-separated pairs leave possible.
    n_judgments
        Judgments that it took part in.
    """

    name: str
    strength: float | None
    interval: tuple[float, float] | None = None
    bootstrap_interval: tuple[float, float] | None = None
    degrees_of_freedom: float | None = None
    rank: int | None = None
    rank_interval: tuple[int, int] | None = None
    n_judgments: int | None = None


@dataclass(frozen=True, kw_only=True)
class RankingSummary:
    """A ranking without the resamples and errors behind it, the strongest method first: see `Ranking`."""

    methods: list[RankedMethod]
    model: RankingModel = "bradley-terry"
    scale: str = ""
    ties: str = ""
    tie_parameter: float | None = None
    ridge: float = 0.0
    log_likelihood: float | None = None
    n_judgments: int = 0
    n_judgments_in_fit: int = 0
    n_ties: int = 0
    n_judges: int = 0
    n_items: int = 0
    seed: int = 0
    n_resamples: int = 0
    n_resamples_without_answer: int = 0
    resampling_unit: ResamplingUnit | None = None
    interval_method: str | None = None
    bootstrap_rule: str | None = None
    undetermined: str | None = None
    unconnected: list[list[str]] = field(default_factory=list)
    joins: list[tuple[str, str]] = field(default_factory=list)
    inseparable: list[list[str]] = field(default_factory=list)
    differences: list[MethodDifference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Ranking:
    """What the judgments say about M methods.

    Attributes
    ----------
    names
        The methods, in the order of every array here.
    strengths : (M,)
        NaN where there is no ranking; the scale is `SCALES[model]`.
    low, high : (M,)
        The interval of each strength; NaN where there is none.
    bootstrap
        Percentile intervals of the resamples, beside them.
    ranks, best_rank, worst_rank : (M,)
        None where there is no ranking (or no interval).
    n_judgments, n_judgments_in_fit
        All that were judged, and those that the rule for ties leaves in the fit.
    method_judgments : (M,)
        Judgments that each method took part in.
    resamples
        Strengths of the resampled boards; None if there is no ranking.
    analytic
        Standard errors; None where undefined.
    separation
        Holm-separated pairs; None where there are no standard errors at all.
    undetermined
        Why there is no ranking, in a sentence.
    differences
        Of every two methods, see `method_differences`.
    """

    names: list[str]
    model: RankingModel
    ties: str
    ridge: float
    seed: int
    n_judgments: int
    n_judgments_in_fit: int
    n_ties: int
    n_judges: int
    n_items: int
    method_judgments: IntArray
    strengths: FloatArray
    low: FloatArray
    high: FloatArray
    interval_method: str | None = None
    resampling_unit: ResamplingUnit | None = None
    tie_parameter: float | None = None
    log_likelihood: float | None = None
    bootstrap: Percentiles | None = None
    ranks: IntArray | None = None
    best_rank: IntArray | None = None
    worst_rank: IntArray | None = None
    resamples: Resamples | None = None
    analytic: AnalyticIntervals | None = None
    separation: Separation | None = None
    undetermined: str | None = None
    unconnected: list[list[str]] = field(default_factory=list)
    joins: list[tuple[str, str]] = field(default_factory=list)
    inseparable: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    differences: list[MethodDifference] = field(default_factory=list)

    def summary(self) -> RankingSummary:
        """What is stored of it."""
        order = (
            range(len(self.names)) if self.ranks is None else np.argsort(self.ranks, kind="stable").tolist()
        )
        resamples = self.resamples
        return RankingSummary(
            methods=[self._method(index) for index in order],
            model=self.model,
            scale=SCALES[self.model],
            ties=self.ties,
            tie_parameter=self.tie_parameter,
            ridge=self.ridge,
            log_likelihood=self.log_likelihood,
            n_judgments=self.n_judgments,
            n_judgments_in_fit=self.n_judgments_in_fit,
            n_ties=self.n_ties,
            n_judges=self.n_judges,
            n_items=self.n_items,
            seed=self.seed,
            n_resamples=0 if resamples is None else resamples.n_resamples,
            n_resamples_without_answer=0 if resamples is None else resamples.n_without_answer,
            resampling_unit=self.resampling_unit,
            interval_method=self.interval_method,
            bootstrap_rule=None if self.bootstrap is None else self.bootstrap.rule,
            undetermined=self.undetermined,
            unconnected=self.unconnected,
            joins=self.joins,
            inseparable=self.inseparable,
            differences=self.differences,
            notes=self.notes,
        )

    def _method(self, index: int) -> RankedMethod:
        bootstrap, best, worst = self.bootstrap, self.best_rank, self.worst_rank
        return RankedMethod(
            name=self.names[index],
            strength=finite(self.strengths[index]),
            interval=_interval(self.low, self.high, index),
            bootstrap_interval=None if bootstrap is None else _interval(bootstrap.low, bootstrap.high, index),
            degrees_of_freedom=None
            if self.analytic is None
            else finite(self.analytic.degrees_of_freedom[index]),
            rank=None if self.ranks is None else int(self.ranks[index]),
            rank_interval=None if best is None or worst is None else (int(best[index]), int(worst[index])),
            n_judgments=int(self.method_judgments[index]),
        )


def _interval(low: FloatArray | None, high: FloatArray | None, index: int) -> tuple[float, float] | None:
    if low is None or high is None or not (np.isfinite(low[index]) and np.isfinite(high[index])):
        return None
    return float(low[index]), float(high[index])

"""The result of a ranking, and its summary to be stored."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.pairwise.analytic_intervals import AnalyticIntervals
from hlv.stats.pairwise.bootstrap import Resamples, ResamplingUnit
from hlv.stats.pairwise.fixed_judges import FixedJudges, FixedJudgesSummary
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
    interval_given_judges, rank_interval_given_judges
        The same with these judges as given, where `Ranking.given_judges` has them.
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
    interval_given_judges: tuple[float, float] | None = None
    rank_interval_given_judges: tuple[int, int] | None = None
    n_judgments: int | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class RankingFacts:
    """What a ranking and its summary have alike.

    Attributes
    ----------
    n_judgments, n_judgments_in_fit
        All that were judged, and those that the rule for ties leaves in the fit.
    undetermined
        Why there is no ranking, in a sentence.
    unconnected, joins
        Then the groups that no chain of wins joins both ways, and the comparisons that would join them.
    inseparable
        Sets of methods without a separated pair.
    differences
        Of every two methods, see `method_differences`.
    """

    model: RankingModel = "bradley-terry"
    ties: str = ""
    ridge: float = 0.0
    seed: int = 0
    n_judgments: int = 0
    n_judgments_in_fit: int = 0
    n_ties: int = 0
    n_judges: int = 0
    n_items: int = 0
    interval_method: str | None = None
    resampling_unit: ResamplingUnit | None = None
    tie_parameter: float | None = None
    log_likelihood: float | None = None
    undetermined: str | None = None
    unconnected: list[list[str]] = field(default_factory=list)
    joins: list[tuple[str, str]] = field(default_factory=list)
    inseparable: list[list[str]] = field(default_factory=list)
    differences: list[MethodDifference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, eq=False)
class RankingSummary(RankingFacts):
    """A ranking without the resamples and errors behind it, the strongest method first."""

    methods: list[RankedMethod]
    scale: str = ""
    n_resamples: int = 0
    n_resamples_without_answer: int = 0
    given_judges: FixedJudgesSummary | None = None
    bootstrap_rule: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Ranking(RankingFacts):
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
    method_judgments : (M,)
        Judgments that each method took part in.
    resamples
        Strengths of the resampled boards; None if there is no ranking.
    analytic
        Standard errors; None where undefined.
    separation
        Holm-separated pairs; None where there are no standard errors at all.
    given_judges
        The intervals with these judges as given; None where judges are no sample, or the model has no standard errors.
    """

    names: list[str]
    method_judgments: IntArray
    strengths: FloatArray
    low: FloatArray
    high: FloatArray
    bootstrap: Percentiles | None = None
    ranks: IntArray | None = None
    best_rank: IntArray | None = None
    worst_rank: IntArray | None = None
    resamples: Resamples | None = None
    analytic: AnalyticIntervals | None = None
    separation: Separation | None = None
    given_judges: FixedJudges | None = None

    def summary(self) -> RankingSummary:
        """What is stored of it."""
        order = (
            range(len(self.names)) if self.ranks is None else np.argsort(self.ranks, kind="stable").tolist()
        )
        resamples = self.resamples
        return RankingSummary(
            **{one.name: getattr(self, one.name) for one in fields(RankingFacts)},
            methods=[self._method(index) for index in order],
            scale=SCALES[self.model],
            n_resamples=0 if resamples is None else resamples.n_resamples,
            n_resamples_without_answer=0 if resamples is None else resamples.n_without_answer,
            given_judges=None if self.given_judges is None else self.given_judges.summary(),
            bootstrap_rule=None if self.bootstrap is None else self.bootstrap.rule,
        )

    def _method(self, index: int) -> RankedMethod:
        bootstrap, fixed = self.bootstrap, self.given_judges
        return RankedMethod(
            name=self.names[index],
            strength=finite(self.strengths[index]),
            interval=_interval(self.low, self.high, index),
            bootstrap_interval=None if bootstrap is None else _interval(bootstrap.low, bootstrap.high, index),
            degrees_of_freedom=None
            if self.analytic is None
            else finite(self.analytic.degrees_of_freedom[index]),
            rank=None if self.ranks is None else int(self.ranks[index]),
            rank_interval=_rank_interval(self.best_rank, self.worst_rank, index),
            interval_given_judges=None if fixed is None else _interval(fixed.low, fixed.high, index),
            rank_interval_given_judges=None
            if fixed is None
            else _rank_interval(fixed.best_rank, fixed.worst_rank, index),
            n_judgments=int(self.method_judgments[index]),
        )


def _interval(low: FloatArray | None, high: FloatArray | None, index: int) -> tuple[float, float] | None:
    if low is None or high is None or not (np.isfinite(low[index]) and np.isfinite(high[index])):
        return None
    return float(low[index]), float(high[index])


def _rank_interval(best: IntArray | None, worst: IntArray | None, index: int) -> tuple[int, int] | None:
    return None if best is None or worst is None else (int(best[index]), int(worst[index]))

"""The result of a ranking, ready to be stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from metaeval.science.comparisons import FloatArray, IntArray
from metaeval.science.given_judges import GivenJudges
from metaeval.science.intervals import AnalyticIntervals
from metaeval.science.ranking_models import SCALES, RankingModel
from metaeval.science.resampling import Percentiles, Resamples, ResamplingUnit
from metaeval.science.separation import Separation


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
    given_judges
        The intervals with these judges as given; None where judges are no sample, or the model has no standard errors.
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
    given_judges: GivenJudges | None = None
    undetermined: str | None = None
    unconnected: list[list[str]] = field(default_factory=list)
    joins: list[tuple[str, str]] = field(default_factory=list)
    inseparable: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    differences: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The stored snapshot, ready for JSON: finite numbers, null where there is none."""
        order = (
            range(len(self.names)) if self.ranks is None else np.argsort(self.ranks, kind="stable").tolist()
        )
        resamples = self.resamples
        return {
            "methods": [self._method(index) for index in order],
            "model": self.model,
            "scale": SCALES[self.model],
            "ties": self.ties,
            "tie_parameter": self.tie_parameter,
            "ridge": self.ridge,
            "log_likelihood": self.log_likelihood,
            "n_judgments": self.n_judgments,
            "n_judgments_in_fit": self.n_judgments_in_fit,
            "n_ties": self.n_ties,
            "n_judges": self.n_judges,
            "n_items": self.n_items,
            "seed": self.seed,
            "n_resamples": 0 if resamples is None else resamples.n_resamples,
            "n_resamples_without_answer": 0 if resamples is None else resamples.n_without_answer,
            "resampling_unit": self.resampling_unit,
            "interval_method": self.interval_method,
            "given_judges": None if self.given_judges is None else self.given_judges.as_dict(),
            "bootstrap_rule": None if self.bootstrap is None else self.bootstrap.rule,
            "undetermined": self.undetermined,
            "unconnected": self.unconnected,
            "joins": [list(pair) for pair in self.joins],
            "inseparable": self.inseparable,
            "differences": self.differences,
            "notes": self.notes,
        }

    def _method(self, index: int) -> dict[str, Any]:
        bootstrap, given = self.bootstrap, self.given_judges
        return {
            "name": self.names[index],
            "strength": _number(self.strengths[index]),
            "interval": _interval(self.low, self.high, index),
            "bootstrap_interval": None
            if bootstrap is None
            else _interval(bootstrap.low, bootstrap.high, index),
            "degrees_of_freedom": (
                None if self.analytic is None else _number(self.analytic.degrees_of_freedom[index])
            ),
            "rank": None if self.ranks is None else int(self.ranks[index]),
            "rank_interval": (
                None
                if self.best_rank is None or self.worst_rank is None
                else [int(self.best_rank[index]), int(self.worst_rank[index])]
            ),
            "interval_given_judges": None if given is None else _interval(given.low, given.high, index),
            "rank_interval_given_judges": (
                None
                if given is None or given.best_rank is None or given.worst_rank is None
                else [int(given.best_rank[index]), int(given.worst_rank[index])]
            ),
            "n_judgments": int(self.method_judgments[index]),
        }


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _interval(low: FloatArray | None, high: FloatArray | None, index: int) -> list[float] | None:
    if low is None or high is None or not (np.isfinite(low[index]) and np.isfinite(high[index])):
        return None
    return [float(low[index]), float(high[index])]

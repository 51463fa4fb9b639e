"""Agreement of automatic metrics with a human ranking."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import CORRELATIONS
from hlv.stats.display import Columns, Shown
from hlv.stats.frames.columns import Frame, is_missing
from hlv.stats.frames.rankings import MethodRanking
from hlv.stats.frames.scores import MethodScores
from hlv.stats.meta_evaluation.agreement_result import Agreement, Coefficient, HumanScores, MetricScores
from hlv.stats.meta_evaluation.metric_agreement import agree, human_scores


@dataclass(frozen=True, eq=False, repr=False)
class AgreementOfMetrics(Shown):
    """How far each metric ranks the methods as people do."""

    agreement: Agreement

    @property
    def caption(self) -> str:
        if self.agreement.undetermined is not None:
            return f"No agreement of metrics: {self.agreement.undetermined}"
        return f"Agreement of {len(self.agreement.metrics)} metrics with people on {len(self.agreement.methods)} methods"

    def columns(self) -> Columns:
        rows = self.agreement.metrics
        tau = [row.coefficients["kendall_tau_b"] for row in rows]
        others = {
            name: [row.coefficients[name].value for row in rows]
            for name in CORRELATIONS
            if name != "kendall_tau_b"
        }
        return {
            "metric": [row.name for row in rows],
            "kendall_tau_b": [one.value for one in tau],
            "low": [None if one.interval is None else one.interval[0] for one in tau],
            "high": [None if one.interval is None else one.interval[1] for one in tau],
            "p": [one.p for one in tau],
            **others,
            "n_methods": [row.n_methods for row in rows],
            "reason": [row.undetermined or "" for row in rows],
        }

    def coefficient(self, metric: str, name: str = "kendall_tau_b") -> Coefficient:
        """One coefficient of a metric, with value, interval and p.

        Raises
        ------
        KeyError
            If there is no such metric or coefficient.
        """
        found = {row.name: row for row in self.agreement.metrics}
        return found[metric].coefficients[name]


def metric_agreement(
    people: MethodRanking | Mapping[str, float],
    scores: MethodScores | Mapping[str, Mapping[str, float]] | Frame,
    *,
    lower_is_better: Collection[str] = (),
    seed: int = 1,
) -> AgreementOfMetrics:
    """Correlate the scores of every metric with a human ranking of the same methods.

    Parameters
    ----------
    people
        A ranking, or a mapping of method to human score (larger is better), such as a column of pandas.
    scores
        Scores as `score_methods` returns them: then items that were judged and scored are drawn together, and the
        intervals hold the errors of both sides. Or a mapping of metric to {method: score}, or a data frame of pandas
        with a row for each method (its index) and a column for each metric: scores without errors.
    lower_is_better
        Metrics of a mapping or data frame that are losses or distances.
    seed
        Of permutations and intervals.

    Returns
    -------
    AgreementOfMetrics

    Raises
    ------
    ValueError
        If no method has both, or two methods have identical predictions.

    Examples
    --------
    >>> from hlv.stats import metric_agreement
    >>> people = {"a": 1.2, "b": 0.4, "c": -0.1, "d": -0.5, "e": -1.0}
    >>> accuracy = {"a": 0.8, "b": 0.6, "c": 0.7, "d": 0.4, "e": 0.3}
    >>> metric_agreement(people, {"accuracy": accuracy}).coefficient("accuracy").value
    0.8
    """
    if isinstance(people, MethodRanking):
        methods, human = people.ranking.names, human_scores(people.ranking)
    else:
        methods = [str(name) for name in people.keys()]  # noqa: SIM118 - a column of pandas iterates over its values
        human = HumanScores(np.array([float(people[name]) for name in people.keys()]))  # noqa: SIM118
    if isinstance(scores, MethodScores):
        named = _with_errors(scores, people, methods)
    else:
        named = _without_errors(scores, methods, set(lower_is_better))
    if all(np.isnan(metric.values).all() for metric in named):
        raise ValueError(
            "No method has both a human score and a score of a metric: compare the names of the methods."
        )
    return AgreementOfMetrics(agree(human, named, methods=methods, seed=seed))


def _with_errors(
    scores: MethodScores, people: MethodRanking | Mapping[str, float], methods: Sequence[str]
) -> list[MetricScores]:
    """Values and resamples in the order of the methods, items drawn as the ranking draws them."""
    _refuse_identical(scores, methods)
    resampled = scores.resampled()
    if isinstance(people, MethodRanking):
        n_resamples = 0 if people.ranking.resamples is None else people.ranking.resamples.n_resamples
        if n_resamples != scores.resampling.n_resamples:
            raise ValueError(
                f"The ranking has {n_resamples:,} resamples and the scores {scores.resampling.n_resamples:,}: "
                "give both the same n_resamples."
            )
        if scores.items is not None and people.items:
            resampled = scores.resampled(people.draws, people.item_keys(scores.items))
    place = {name: row for row, name in enumerate(scores.methods)}
    rows = [place.get(name) for name in methods]
    n_items = len(scores.resampling.truth.distributions)
    return [
        MetricScores(
            metric.name,
            metric.higher_is_better,
            _of_rows(scores.values[:, column], rows),
            _of_rows(resampled[:, column].T, rows).T if len(resampled) else None,
            undetermined=_why_undefined(scores, metric.name),
            n_units=n_items,
        )
        for column, metric in enumerate(scores.metrics)
    ]


def _why_undefined(scores: MethodScores, metric: str) -> str | None:
    """The reason where a metric is undefined for every method."""
    reasons = [
        scores.reasons[method, metric] for method in scores.methods if (method, metric) in scores.reasons
    ]
    return reasons[0] if len(reasons) == len(scores.methods) else None


def _of_rows(values: FloatArray, rows: Sequence[int | None]) -> FloatArray:
    """Rows of an array (M, ...), NaN where there is none."""
    found = np.full((len(rows), *values.shape[1:]), np.nan)
    for place, row in enumerate(rows):
        if row is not None:
            found[place] = values[row]
    return found


def _refuse_identical(scores: MethodScores, methods: Sequence[str]) -> None:
    seen: dict[bytes, str] = {}
    for name, output in zip(scores.methods, scores.resampling.outputs, strict=True):
        if name not in methods:
            continue
        other = seen.setdefault(output.tobytes(), name)
        if other != name:
            raise ValueError(
                f"{other!r} and {name!r} have identical predictions, so they are one method: give them one name."
            )


def _without_errors(
    scores: Mapping[str, Mapping[str, float]] | Frame, methods: Sequence[str], lower_is_better: set[str]
) -> list[MetricScores]:
    names = [str(name) for name in (scores.columns if isinstance(scores, Frame) else scores)]
    if unknown := sorted(lower_is_better - set(names)):
        raise ValueError(f"lower_is_better names {unknown[0]!r}, which is none of the metrics.")
    return [
        MetricScores(
            name, name not in lower_is_better, np.array([_cell(scores[name], method) for method in methods])
        )
        for name in names
    ]


def _cell(column: Any, method: str) -> float:
    value = column.get(method)
    return float("nan") if is_missing(value) else float(value)

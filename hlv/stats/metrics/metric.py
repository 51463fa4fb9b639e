"""What a metric is: per-item parts, a function of their sums, and what is known about it.

A metric is a function of a few sums over items. Its parts are a table with a row for each item, so that scores on
resampled items are `combine(weights @ parts)`: one matrix product instead of a pass for each resample.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray
from hlv.stats.labels.distributions import Task, checked_task
from hlv.stats.metrics.predictions import Predictions, Targets
from hlv.stats.reporting import StatisticsError

Table: TypeAlias = npt.NDArray[Any]
EVERY_ITEM = slice(None)


class SufficientStatistics(ABC):
    """Parts that can be summed with less work than making them takes."""

    @abstractmethod
    def __call__(self, truth: Targets, prediction: Predictions) -> FloatArray:
        """The parts (N, S)."""

    @abstractmethod
    def sums(self, truth: Targets, prediction: Predictions) -> FloatArray:
        """Their sums (S,)."""


@dataclass(frozen=True)
class SummedStatistics(SufficientStatistics):
    """Parts beside a way of their own to the sums."""

    item_parts: Callable[[Targets, Predictions], FloatArray]
    sums_of: Callable[[Targets, Predictions], FloatArray]

    def __call__(self, truth: Targets, prediction: Predictions) -> FloatArray:
        return self.item_parts(truth, prediction)

    def sums(self, truth: Targets, prediction: Predictions) -> FloatArray:
        return self.sums_of(truth, prediction)


@dataclass(frozen=True)
class Means(SufficientStatistics):
    """Parts of a mean over items: the value of each item, and 1.

    Attributes
    ----------
    values_of : callable
        (truth, prediction) -> values (N,).
    """

    values_of: Callable[[Targets, Predictions], FloatArray]

    def __call__(self, truth: Targets, prediction: Predictions) -> FloatArray:
        return mean_statistics(self.values_of(truth, prediction))

    def sums(self, truth: Targets, prediction: Predictions) -> FloatArray:
        values = self.values_of(truth, prediction)
        return np.array([values.sum(), len(values)])


@dataclass(frozen=True)
class LabelTables(SufficientStatistics):
    """Parts that are three tables of labels side by side: what both sides share, the output's and the people's.

    Wide as they are, they are made for some items at a time. The people's table serves all outputs, and nothing is
    shared of a label that nobody chose.

    Attributes
    ----------
    shared_table, output_table : callable
        (truth, prediction, items) -> table (n, K).
    human_table : callable
        (truth, items) -> table (n, K).
    sums_of : callable
        (truth, prediction) -> sums of all of them over all items.
    is_boolean : bool
        Whether the cells are booleans.
    """

    shared_table: Callable[[Targets, Predictions, slice], Table]
    output_table: Callable[[Targets, Predictions, slice], Table]
    human_table: Callable[[Targets, slice], Table]
    sums_of: Callable[[Targets, Predictions], FloatArray]
    is_boolean: bool = False

    def __call__(self, truth: Targets, prediction: Predictions) -> FloatArray:
        output_tables = [of(truth, prediction, EVERY_ITEM) for of in (self.shared_table, self.output_table)]
        tables = [*output_tables, self.human_table(truth, EVERY_ITEM)]
        return np.concatenate(tables, axis=1).astype(np.float64, copy=False)

    def sums(self, truth: Targets, prediction: Predictions) -> FloatArray:
        return self.sums_of(truth, prediction)


def mean_statistics(values: FloatArray) -> FloatArray:
    """Parts of a mean over items: the value, shape (N,), and 1."""
    return np.column_stack([values, np.ones(len(values))])


ItemParts: TypeAlias = Callable[[Targets, Predictions], FloatArray]
Combination: TypeAlias = Callable[[FloatArray], FloatArray]
Explanation: TypeAlias = Callable[[FloatArray], str]

ONE_LABEL: frozenset[Task] = frozenset({"single", "ordinal"})
ANY_TASK: frozenset[Task] = frozenset({"single", "multilabel", "ordinal"})


class UndefinedScoreError(StatisticsError, ValueError):
    """The data do not determine the score; the message says why."""


class UnsupportedTaskError(StatisticsError, ValueError):
    """The metric has no meaning in this kind of task."""


def _no_reason(sums: FloatArray) -> str:
    return "the sums over items do not determine it"


@dataclass(frozen=True, kw_only=True)
class Statistic:
    """A number that compares human distributions with a method's output.

    Attributes
    ----------
    name, label : str
        Key, and words for display.
    source : str
        Where it is defined.
    range : (float, float)
        Smallest and largest possible value.
    tasks : frozenset of {"single", "multilabel", "ordinal"}
    item_parts : callable
        (truth, prediction) -> parts (N, S); those of a class of `Parts` can be summed with less work.
    combination : callable
        sums (..., S) -> values (...).
    explanation : callable
        sums (S,) -> why the value is undefined there.
    item_mean_tasks : frozenset of tasks
        Where it is a mean over items of a score of each item.
    breaks_ties_by_index : bool
        Renaming labels can change it where two labels of a row are equal.
    """

    name: str
    label: str
    source: str
    range: tuple[float, float]
    tasks: frozenset[Task]
    item_parts: ItemParts = field(repr=False)
    combination: Combination = field(repr=False)
    explanation: Explanation = field(default=_no_reason, repr=False)
    item_mean_tasks: frozenset[Task] = frozenset()
    breaks_ties_by_index: bool = False

    def parts(
        self, human: npt.ArrayLike | Targets, predicted: npt.ArrayLike | Predictions, *, task: Task
    ) -> FloatArray:
        """Per-item parts whose sums determine the score.

        Parameters
        ----------
        human : (N, K) array_like or Truth
            Human distributions; a `Truth` shares the work between methods.
        predicted : (N, K) array_like or Predictions
            A method's output for the same items and labels; `Predictions` share the work between metrics.
        task : {"single", "multilabel", "ordinal"}

        Returns
        -------
        (N, S) ndarray
            Finite. Their scale is the metric's own; use them through `combine` only, and only sums of parts that
            came from one call: some are centred on the means of the items given.

        Raises
        ------
        UnsupportedTaskError
        InvalidDistributionError
        """
        truth = self._truth(human, task)
        return self.item_parts(truth, Predictions.of(predicted, truth))

    def sums(
        self, human: npt.ArrayLike | Targets, predicted: npt.ArrayLike | Predictions, *, task: Task
    ) -> FloatArray:
        """The sums (S,) of the parts over all items; parameters and errors are those of `parts`."""
        truth = self._truth(human, task)
        prediction = Predictions.of(predicted, truth)
        if isinstance(self.item_parts, SufficientStatistics):
            return self.item_parts.sums(truth, prediction)
        return np.asarray(self.item_parts(truth, prediction).sum(axis=0))

    def _truth(self, human: npt.ArrayLike | Targets, task: Task) -> Targets:
        if checked_task(task) not in self.tasks:
            raise UnsupportedTaskError(
                "%(name)s is not defined for %(task)s tasks", name=self.name, task=task
            )
        return Targets.of(human, task=task)

    def combine(self, sums: npt.ArrayLike) -> FloatArray:
        """Scores from sums of parts.

        Parameters
        ----------
        sums : (..., S) array_like
            Such as weights (R, N) @ parts (N, S).

        Returns
        -------
        (...) ndarray
            NaN exactly where the score is undefined, so that callers can count those resamples.
        """
        return self.combination(np.asarray(sums, dtype=np.float64))

    def score(
        self, human: npt.ArrayLike | Targets, predicted: npt.ArrayLike | Predictions, *, task: Task
    ) -> float:
        """Score of a method on all items: `combine` of the summed parts.

        Raises
        ------
        UndefinedScoreError
        UnsupportedTaskError
        InvalidDistributionError
        """
        sums = self.sums(human, predicted, task=task)
        if reason := self.undefined_reason(sums):
            raise UndefinedScoreError(reason)
        return float(self.combine(sums))

    def undefined_reason(self, sums: FloatArray) -> str:
        """A sentence where sums (S,) determine no score, and nothing where they do."""
        if math.isnan(float(self.combine(sums))):
            return f"{self.label} is undefined: {self.explanation(sums)}"
        return ""

    def item_scores(
        self, human: npt.ArrayLike | Targets, predicted: npt.ArrayLike | Predictions, *, task: Task
    ) -> FloatArray:
        """Score of each item, shape (N,), whose mean is `score`; NaN where an item has none.

        Raises
        ------
        UnsupportedTaskError
            The metric is not a mean over items in this task.
        InvalidDistributionError
        """
        if not self.is_item_mean(task):
            raise UnsupportedTaskError(
                "%(name)s is not a mean over items in %(task)s tasks", name=self.name, task=task
            )
        return self.combine(self.parts(human, predicted, task=task))

    def is_item_mean(self, task: Task) -> bool:
        return task in self.item_mean_tasks


@dataclass(frozen=True, kw_only=True)
class Metric(Statistic):
    """A statistic that ranks methods.

    Attributes
    ----------
    higher_is_better : bool
    optimum : float or None
        Score of a perfect prediction where it is defined; None where it depends on the human distributions.
    uses_label_order : bool
        Reordering labels changes it.
    affine_family : str or None
        Metrics of one family are affine copies of one another on given items: one hypothesis in tests.
    affine_tasks : frozenset of tasks
        Where it belongs to the family.
    companion : Statistic or None
        A number to show next to it that does not rank methods by itself.
    """

    higher_is_better: bool
    optimum: float | None
    uses_label_order: bool = False
    affine_family: str | None = None
    affine_tasks: frozenset[Task] = ANY_TASK
    companion: Statistic | None = None

    def hypothesis(self, task: Task) -> str:
        """Name shared by all metrics that are one hypothesis with this one."""
        if self.affine_family is not None and task in self.affine_tasks:
            return self.affine_family
        return self.name


def quotient(numerator: FloatArray, denominator: FloatArray, *, where_empty: float) -> FloatArray:
    """numerator / denominator, and `where_empty` where the denominator is 0."""
    above, below = np.broadcast_arrays(numerator, denominator)
    result: FloatArray = np.divide(above, below, out=np.full(below.shape, where_empty), where=below != 0)
    return result


def combine_mean(sums: FloatArray) -> FloatArray:
    """The mean (...) from sums (..., 2) of values and of how many there are; NaN where there is none."""
    return quotient(sums[..., 0], sums[..., 1], where_empty=math.nan)

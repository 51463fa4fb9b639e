"""Parts of a metric whose shape is known beforehand, so that they can be summed without being made.

Calling one gives the plain parts (N, S). What it has besides lets scores on all items, and on resampled ones, be
computed with less work; both ways agree to the last digits of a sum.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray
from hlv.stats.metrics.predictions import Predictions
from hlv.stats.metrics.targets import Targets

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

    parts_of: Callable[[Targets, Predictions], FloatArray]
    sums_of: Callable[[Targets, Predictions], FloatArray]

    def __call__(self, truth: Targets, prediction: Predictions) -> FloatArray:
        return self.parts_of(truth, prediction)

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
    of_both, of_output : callable
        (truth, prediction, items) -> table (n, K).
    of_humans : callable
        (truth, items) -> table (n, K).
    sums_of : callable
        (truth, prediction) -> sums of all of them over all items.
    yes_or_no : bool
        Whether the cells are booleans.
    """

    of_both: Callable[[Targets, Predictions, slice], Table]
    of_output: Callable[[Targets, Predictions, slice], Table]
    of_humans: Callable[[Targets, slice], Table]
    sums_of: Callable[[Targets, Predictions], FloatArray]
    yes_or_no: bool = False

    def __call__(self, truth: Targets, prediction: Predictions) -> FloatArray:
        of_methods = [of(truth, prediction, EVERY_ITEM) for of in (self.of_both, self.of_output)]
        tables = [*of_methods, self.of_humans(truth, EVERY_ITEM)]
        return np.concatenate(tables, axis=1).astype(np.float64, copy=False)

    def sums(self, truth: Targets, prediction: Predictions) -> FloatArray:
        return self.sums_of(truth, prediction)


def mean_statistics(values: FloatArray) -> FloatArray:
    """Parts of a mean over items: the value, shape (N,), and 1."""
    return np.column_stack([values, np.ones(len(values))])

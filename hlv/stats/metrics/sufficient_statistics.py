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

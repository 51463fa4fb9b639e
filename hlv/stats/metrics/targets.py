"""The human side of a metric, prepared once for all methods."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray
from hlv.stats.labels.distributions import (
    CheckedTable,
    InvalidDistributionError,
    Task,
    checked_distributions,
    checked_table,
    checked_task,
)
from hlv.stats.labels.entropy import entropy_in_nats, scaled_entropy
from hlv.stats.metrics.sparse_labels import SparseLabels

# in multilabel tasks a label counts as chosen where more than half of the people chose it
MAJORITY = 0.5
# entropies in [0, 1] closer to one another than this are equal: logarithms round differently by label order
SAME_ENTROPY = 1e-12


@dataclass(frozen=True)
class Targets:
    """Checked human distributions and what several metrics need of them.

    Attributes
    ----------
    distributions : (N, K) ndarray
    task : {"single", "multilabel", "ordinal"}
    """

    distributions: FloatArray
    task: Task

    @classmethod
    def of(cls, human: npt.ArrayLike | Targets, *, task: Task) -> Targets:
        """Check human distributions, or return those that were checked before.

        Raises
        ------
        InvalidDistributionError
            Not a table of distributions.
        ValueError
            An unknown task, or a truth that was prepared for another one.
        """
        if isinstance(human, Targets):
            if human.task != task:
                raise ValueError(f"this truth was prepared for task {human.task!r}, not {task!r}")
            return human
        known = checked_task(task)
        return cls(checked_distributions(human, task=known, name="human"), known)

    def checked_prediction(self, predicted: npt.ArrayLike) -> CheckedTable:
        """Return a method's output for the same items and labels as floats, with what its check found.

        Raises
        ------
        InvalidDistributionError
            Not a table of distributions, or of another shape than the human one.
        """
        checked = checked_table(predicted, task=self.task, name="predicted")
        if checked.table.shape != self.distributions.shape:
            raise InvalidDistributionError(
                f"predicted has shape {checked.table.shape}, but the human distributions {self.distributions.shape}"
            )
        return checked

    @cached_property
    def hard(self) -> npt.NDArray[np.bool_]:
        """Labels that win, shape (N, K)."""
        if self.task == "multilabel":
            return hard_labels(self.distributions, task=self.task)
        return winning_cells(self.winners, self.distributions.shape[1])

    @cached_property
    def winners(self) -> npt.NDArray[np.intp]:
        """The label that wins, shape (N,); not for multilabel."""
        return np.asarray(self.distributions.argmax(axis=1))

    @cached_property
    def support(self) -> SparseLabels | None:
        """The cells with mass; None where most have."""
        return SparseLabels.of(self.distributions)

    @cached_property
    def item_masses(self) -> FloatArray:
        """Shape (N,)."""
        return np.asarray(np.einsum("ij->i", self.distributions))

    @cached_property
    def label_masses(self) -> FloatArray:
        """Shape (K,)."""
        return np.ones(len(self.distributions)) @ self.distributions

    @cached_property
    def entropies_in_nats(self) -> FloatArray:
        """Shape (N, 1), or (N, K) in multilabel tasks."""
        return entropy_columns(self.distributions, task=self.task)

    @cached_property
    def normalised_entropies(self) -> FloatArray:
        """Shape (N, 1), or (N, K) in multilabel tasks; in [0, 1]."""
        return scaled_entropy(self.entropies_in_nats, n_labels=self.distributions.shape[1], task=self.task)

    @cached_property
    def centred_entropies(self) -> FloatArray:
        """The normalised ones less their mean; an exact 0 where they are constant."""
        return centred(self.normalised_entropies)

    @cached_property
    def label_wins(self) -> FloatArray:
        """How often each label wins, shape (K,); not for multilabel."""
        return np.bincount(self.winners, minlength=self.distributions.shape[1]).astype(np.float64)


def centred(columns: FloatArray) -> FloatArray:
    """Columns (N, L) less their means; an exact 0 in those that are constant."""
    # a row for each column: where there is one, it lies in memory in one piece
    rows = columns.T
    varies = np.ptp(rows, axis=1) > SAME_ENTROPY
    return np.asarray(np.where(varies[:, None], rows - rows.mean(axis=1)[:, None], 0.0).T)


def hard_labels(distributions: FloatArray, *, task: Task) -> npt.NDArray[np.bool_]:
    """Winning labels, shape (N, K): the first largest one, or in multilabel tasks all above one half."""
    if task == "multilabel":
        return distributions > MAJORITY
    return winning_cells(distributions.argmax(axis=1), distributions.shape[1])


def winning_cells(winners: npt.NDArray[np.intp], n_labels: int) -> npt.NDArray[np.bool_]:
    """A row for each item, with its winner (N,) true, shape (N, K)."""
    hard = np.zeros((len(winners), n_labels), dtype=bool)
    hard[np.arange(len(winners)), winners] = True
    return hard


def entropy_columns(distributions: FloatArray, *, task: Task) -> FloatArray:
    """Entropies in nats as columns: one, or one for each label in multilabel tasks."""
    return entropy_in_nats(distributions, task=task).reshape(len(distributions), -1)

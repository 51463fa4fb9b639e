"""The human distributions and a method's output, checked once and shared by all metrics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

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
    entropy_in_nats,
    row_entropies,
    scaled_entropy,
)
from hlv.stats.metrics.sparse_labels import Compared, SparseLabels, item_blocks, n_blocks
from hlv.stats.resampling.chunks import WORTH_THREADS, map_threads

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
                "predicted has shape %(shape)s, but the human distributions %(shape_2)s",
                shape=checked.table.shape,
                shape_2=self.distributions.shape,
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


_ROWS_AT_ONCE = 2048


@dataclass(frozen=True, eq=False)
class _Summary:
    """Of an output whose rows are distributions: winners and entropies (N,), masses of labels (K,)."""

    winners: npt.NDArray[np.intp]
    entropies: FloatArray
    label_masses: FloatArray
    compared: Compared | None


@dataclass(frozen=True, eq=False)
class Predictions:
    """A method's checked output beside the human distributions, and what several metrics need of the two.

    Attributes
    ----------
    truth
    distributions : (N, K)
    item_masses : (N,)
        The sums of its rows.
    smallest : float
        Of all its values.
    """

    truth: Targets
    distributions: FloatArray
    item_masses: FloatArray
    smallest: float

    @classmethod
    def of(cls, predicted: npt.ArrayLike | Predictions, truth: Targets) -> Predictions:
        """Check an output, or return one that was checked before.

        Raises
        ------
        InvalidDistributionError
            Not a table of distributions, or of another shape than the human one.
        ValueError
            A prediction that was prepared beside another truth.
        """
        if isinstance(predicted, Predictions):
            if predicted.truth is not truth:
                raise ValueError("this prediction was prepared for another target")
            return predicted
        return cls(truth, *truth.checked_prediction(predicted))

    @cached_property
    def hard(self) -> npt.NDArray[np.bool_]:
        """Labels that win, (N, K)."""
        if self.truth.task == "multilabel":
            return hard_labels(self.distributions, task=self.truth.task)
        return winning_cells(self.winners, self.distributions.shape[1])

    @property
    def winners(self) -> npt.NDArray[np.intp]:
        """The label that wins, (N,); not for multilabel."""
        return self._summary.winners

    @cached_property
    def entropies_in_nats(self) -> FloatArray:
        """(N, 1), or (N, K) in multilabel tasks."""
        if self.truth.task == "multilabel":
            return entropy_columns(self.distributions, task=self.truth.task)
        return self._summary.entropies[:, None]

    @cached_property
    def normalised_entropies(self) -> FloatArray:
        """(N, 1), or (N, K) in multilabel tasks; in [0, 1]."""
        return scaled_entropy(
            self.entropies_in_nats, n_labels=self.distributions.shape[1], task=self.truth.task
        )

    @cached_property
    def centred_entropies(self) -> FloatArray:
        """The normalised ones less their mean; an exact 0 where they are constant."""
        return centred(self.normalised_entropies)

    @cached_property
    def label_masses(self) -> FloatArray:
        """(K,)"""
        if self.truth.task == "multilabel":
            return np.ones(len(self.distributions)) @ self.distributions
        return self._summary.label_masses

    @cached_property
    def item_differences(self) -> FloatArray:
        """Sum of the absolute differences, (N,): what both have, without what they have in common."""
        masses = self.truth.item_masses + self.item_masses
        return np.maximum(masses - 2 * self.item_overlaps, 0.0)

    @property
    def divergences_in_nats(self) -> FloatArray:
        """Jensen-Shannon divergence, (N,), exact to the last digits of an entropy; not for multilabel."""
        return self._divergences if self._compared is None else self._compared.divergences_in_nats

    @property
    def item_overlaps(self) -> FloatArray:
        """What human and predicted distribution have in common, (N,)."""
        return self._shared[0] if self._compared is None else self._compared.item_overlaps

    @property
    def label_overlaps(self) -> FloatArray:
        """(K,)"""
        return self._shared[1] if self._compared is None else self._compared.label_overlaps

    @cached_property
    def _compared(self) -> Compared | None:
        """Where few cells have human mass."""
        if self.truth.task != "multilabel":
            return self._summary.compared
        support = self.truth.support
        return None if support is None else support.compared(self.distributions, self.item_masses)

    @cached_property
    def _summary(self) -> _Summary:
        """What most metrics want, in one pass over blocks that stay in the cache; not for multilabel."""
        table, support = self.distributions, self.truth.support
        n_items, n_labels = table.shape
        winners, entropies = np.empty(n_items, dtype=np.intp), np.empty(n_items)
        masses = np.empty((n_blocks(n_items), n_labels))
        compared = None if support is None else Compared.empty(n_items, n_labels)

        def summarise(items: slice) -> None:
            rows = table[items]
            rows.argmax(axis=1, out=winners[items])
            entropies[items] = row_entropies(rows, smallest=self.smallest)

        def compare() -> None:
            for block, items in enumerate(item_blocks(n_items)):
                masses[block] = np.ones(items.stop - items.start) @ table[items]
                if support is not None and compared is not None:
                    support.compare(block, items, table, self.item_masses, compared)

        # what falls into many small steps is for one thread, which would only wait for others that do the like
        steps: list[Callable[[], None]] = [compare]
        steps += [partial(summarise, items) for items in item_blocks(n_items)]
        map_threads(lambda step: step(), steps, worth_it=table.size > WORTH_THREADS)
        return _Summary(winners, entropies, masses.sum(axis=0), compared)

    @cached_property
    def _divergences(self) -> FloatArray:
        middle = row_entropies(self.truth.distributions, self.distributions)
        return middle - (self.truth.entropies_in_nats + self.entropies_in_nats)[:, 0] / 2

    @cached_property
    def _shared(self) -> tuple[FloatArray, FloatArray]:
        """Sums over labels (N,) and over items (K,), by blocks that stay in the cache."""
        human, predicted = self.truth.distributions, self.distributions
        item_sums, label_sums = np.empty(len(human)), np.zeros(human.shape[1])
        for start in range(0, len(human), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            cells = np.minimum(human[rows], predicted[rows])
            np.einsum("ij->i", cells, out=item_sums[rows])
            label_sums += np.ones(len(cells)) @ cells
        return item_sums, label_sums

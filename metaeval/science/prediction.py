"""The side of a method in a metric, checked once and shared by all metrics."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from annotations.science.distributions import FloatArray
from annotations.science.entropy import row_entropies, scaled_entropy
from metaeval.science.support import Compared
from metaeval.science.truth import Truth, entropy_columns, hard_labels, winning_cells

_ROWS_AT_ONCE = 2048


@dataclass(frozen=True, eq=False)
class Prediction:
    """A method's checked output beside the human distributions, and what several metrics need of the two.

    Attributes
    ----------
    truth
    distributions : (N, K)
    masses_of_items : (N,)
        The sums of its rows.
    """

    truth: Truth
    distributions: FloatArray
    masses_of_items: FloatArray

    @classmethod
    def of(cls, predicted: npt.ArrayLike | Prediction, truth: Truth) -> Prediction:
        """Check an output, or return one that was checked before.

        Raises
        ------
        InvalidDistributionError
            Not a table of distributions, or of another shape than the human one.
        ValueError
            A prediction that was prepared beside another truth.
        """
        if isinstance(predicted, Prediction):
            if predicted.truth is not truth:
                raise ValueError("this prediction was prepared beside another truth")
            return predicted
        return cls(truth, *truth.checked_prediction(predicted))

    @cached_property
    def hard(self) -> npt.NDArray[np.bool_]:
        """Labels that win, (N, K)."""
        if self.truth.task == "multilabel":
            return hard_labels(self.distributions, task=self.truth.task)
        return winning_cells(self.winners, self.distributions.shape[1])

    @cached_property
    def winners(self) -> npt.NDArray[np.intp]:
        """The label that wins, (N,); not for multilabel."""
        return np.asarray(self.distributions.argmax(axis=1))

    @cached_property
    def entropies_in_nats(self) -> FloatArray:
        """(N, 1), or (N, K) in multilabel tasks."""
        return entropy_columns(self.distributions, task=self.truth.task)

    @cached_property
    def normalised_entropies(self) -> FloatArray:
        """(N, 1), or (N, K) in multilabel tasks; in [0, 1]."""
        return scaled_entropy(
            self.entropies_in_nats, n_labels=self.distributions.shape[1], task=self.truth.task
        )

    @cached_property
    def masses_of_labels(self) -> FloatArray:
        """(K,)"""
        return np.ones(len(self.distributions)) @ self.distributions

    @cached_property
    def differences_of_items(self) -> FloatArray:
        """Sum of the absolute differences, (N,): what both have, without what they have in common."""
        masses = self.truth.masses_of_items + self.masses_of_items
        return np.maximum(masses - 2 * self.shared_of_items, 0.0)

    @property
    def divergences_in_nats(self) -> FloatArray:
        """Jensen-Shannon divergence, (N,), exact to the last digits of an entropy; not for multilabel."""
        return self._divergences if self._compared is None else self._compared.divergences_in_nats

    @property
    def shared_of_items(self) -> FloatArray:
        """What human and predicted distribution have in common, (N,)."""
        return self._shared[0] if self._compared is None else self._compared.shared_of_items

    @property
    def shared_of_labels(self) -> FloatArray:
        """(K,)"""
        return self._shared[1] if self._compared is None else self._compared.shared_of_labels

    @cached_property
    def _compared(self) -> Compared | None:
        """Where few cells have human mass."""
        support = self.truth.support
        return None if support is None else support.compared(self.distributions, self.masses_of_items)

    @cached_property
    def _divergences(self) -> FloatArray:
        middle = row_entropies(self.truth.distributions, self.distributions)
        return middle - (self.truth.entropies_in_nats + self.entropies_in_nats)[:, 0] / 2

    @cached_property
    def _shared(self) -> tuple[FloatArray, FloatArray]:
        """Sums over labels (N,) and over items (K,), by blocks that stay in the cache."""
        human, predicted = self.truth.distributions, self.distributions
        of_items, of_labels = np.empty(len(human)), np.zeros(human.shape[1])
        for start in range(0, len(human), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            cells = np.minimum(human[rows], predicted[rows])
            np.einsum("ij->i", cells, out=of_items[rows])
            of_labels += np.ones(len(cells)) @ cells
        return of_items, of_labels

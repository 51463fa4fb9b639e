"""The answers of which agreement is computed, as integer arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hlv.stats.agreement.weighted_sums import CategoryCounts, sparse_table
from hlv.stats.arrays import BoolArray, FloatArray, IntArray, SparseTable
from hlv.stats.reporting import StatisticsError


class InvalidAnswersError(StatisticsError, ValueError):
    """Arrays of answers do not fit together; the message names the first offending row."""


@dataclass(frozen=True)
class Entered:
    """What entered a coefficient."""

    n_items: int
    n_items_with_two_or_more: int
    # None where the answers do not name who gave them.
    n_annotators: int | None
    n_answers: int


@dataclass(frozen=True)
class Answers:
    """One answer for each row, sorted by item and annotator.

    Attributes
    ----------
    item, annotator : (A,) ndarray of int
        Codes 0, 1, ... without gaps.
    category : (A,) ndarray of int
        The label, or the code of the whole set.
    chosen : (A, n_labels) sparse table of 0 and 1
        Which labels the answer contains.
    sets : (S, n_labels) ndarray of bool or None
        Multilabel: the distinct sets that `category` counts. Otherwise None.
    n_items, n_annotators, n_labels : int
    """

    item: IntArray
    annotator: IntArray
    category: IntArray
    chosen: SparseTable
    sets: BoolArray | None
    n_items: int
    n_annotators: int
    n_labels: int

    @classmethod
    def of_labels(
        cls, *, items: npt.ArrayLike, annotators: npt.ArrayLike, labels: npt.ArrayLike, n_labels: int
    ) -> Answers:
        """Read answers that name one label each.

        Parameters
        ----------
        items, annotators : (A,) array_like of int
            Any integer identifiers. An annotator answers an item at most once.
        labels : (A,) array_like of int
            In 0 ... n_labels - 1; ordinal labels in their order.
        n_labels : int
            Labels of the label set, used or not.

        Raises
        ------
        InvalidAnswersError
        """
        category = checked_labels(labels, n_labels=n_labels)
        item, annotator, n_items, n_annotators, order = _sorted_codes(
            items, annotators, n_answers=len(category)
        )
        category = category[order]
        chosen = sparse_table(
            np.arange(len(category)), category, np.ones(len(category)), shape=(len(category), n_labels)
        )
        return cls(item, annotator, category, chosen, None, n_items, n_annotators, n_labels)

    @classmethod
    def of_sets(
        cls, *, items: npt.ArrayLike, annotators: npt.ArrayLike, memberships: npt.ArrayLike
    ) -> Answers:
        """Read answers that are sets of labels.

        Parameters
        ----------
        items, annotators : (A,) array_like of int
            As in `of_labels`.
        memberships : (A, K) array_like of bool
            Which labels each answer contains; a row of False is the empty set, which is an answer.

        Raises
        ------
        InvalidAnswersError
        """
        table = np.asarray(memberships)
        if table.ndim != 2 or not np.isin(table, (0, 1)).all():
            raise InvalidAnswersError("memberships must be a table of answers x labels of true and false")
        item, annotator, n_items, n_annotators, order = _sorted_codes(items, annotators, n_answers=len(table))
        ordered = table.astype(np.bool_)[order]
        sets, category = _distinct_rows(ordered)
        answer, label = np.nonzero(ordered)
        chosen = sparse_table(answer, label, np.ones(len(answer)), shape=ordered.shape)
        return cls(item, annotator, category, chosen, sets, n_items, n_annotators, table.shape[1])

    @cached_property
    def answers_per_item(self) -> FloatArray:
        """Shape (n_items,)."""
        return np.bincount(self.item, minlength=self.n_items).astype(np.float64)

    @property
    def n_categories(self) -> int:
        return self.n_labels if self.sets is None else len(self.sets)

    @cached_property
    def category_counts(self) -> CategoryCounts:
        """Counts of labels, or of whole sets."""
        return CategoryCounts.of_pairs(
            self.item, self.category, n_answers=self.answers_per_item, n_categories=self.n_categories
        )

    @cached_property
    def label_counts(self) -> CategoryCounts:
        """Counts of the labels that the answers contain."""
        if self.sets is None:
            return self.category_counts
        answer, label = self.chosen.nonzero()
        return CategoryCounts.of_pairs(
            self.item[answer],
            label.astype(np.int64),
            n_answers=self.answers_per_item,
            n_categories=self.n_labels,
        )

    @cached_property
    def entered(self) -> Entered:
        return Entered(
            n_items=self.n_items,
            n_items_with_two_or_more=int((self.answers_per_item >= 2).sum()),
            n_annotators=self.n_annotators,
            n_answers=len(self.item),
        )


def checked_labels(labels: npt.ArrayLike, *, n_labels: int) -> IntArray:
    """The labels (A,) as integers.

    Raises
    ------
    InvalidAnswersError
        If there are none, or one is not in 0 ... n_labels - 1.
    """
    category = _integers(labels, name="labels")
    if category.min() < 0 or category.max() >= n_labels:
        row = int(np.argmax((category < 0) | (category >= n_labels)))
        raise InvalidAnswersError(
            "answer %(at_row)s has label %(category)s, outside 0 ... %(n_labels)s",
            at_row=row,
            category=category[row],
            n_labels=n_labels - 1,
        )
    return category


def _integers(values: npt.ArrayLike, *, name: str) -> IntArray:
    array = np.asarray(values)
    if array.ndim != 1:
        raise InvalidAnswersError(
            "%(name)s must have one dimension, got %(ndim)s", name=name, ndim=array.ndim
        )
    if array.size == 0:
        raise InvalidAnswersError("there are no answers")
    if not np.issubdtype(array.dtype, np.integer):
        raise InvalidAnswersError("%(name)s must be integers, got %(dtype)s", name=name, dtype=array.dtype)
    return array.astype(np.int64, copy=False)


def _sorted_codes(
    items: npt.ArrayLike, annotators: npt.ArrayLike, *, n_answers: int
) -> tuple[IntArray, IntArray, int, int, npt.NDArray[np.intp]]:
    item_ids_given, annotator_ids_given = (
        _integers(items, name="items"),
        _integers(annotators, name="annotators"),
    )
    if not len(item_ids_given) == len(annotator_ids_given) == n_answers:
        raise InvalidAnswersError(
            "%(n_item_ids_given)s items, %(n_annotator_ids_given)s annotators and %(n_answers)s answers do not pair up",
            n_item_ids_given=len(item_ids_given),
            n_annotator_ids_given=len(annotator_ids_given),
            n_answers=n_answers,
        )
    item_ids, item = np.unique(item_ids_given, return_inverse=True)
    annotator_ids, annotator = np.unique(annotator_ids_given, return_inverse=True)
    key = item.astype(np.int64) * len(annotator_ids) + annotator
    order = np.argsort(key, kind="stable")
    repeated = np.flatnonzero(np.diff(key[order]) == 0)
    if repeated.size:
        first, second = order[repeated[0]], order[repeated[0] + 1]
        raise InvalidAnswersError(
            "answers %(first)s and %(second)s are both of annotator %(annotator_ids_given)s for item %(item_ids_given)s",
            first=first,
            second=second,
            annotator_ids_given=annotator_ids_given[first],
            item_ids_given=item_ids_given[first],
        )
    return (
        item[order].astype(np.int64),
        annotator[order].astype(np.int64),
        len(item_ids),
        len(annotator_ids),
        order,
    )


def _distinct_rows(memberships: BoolArray) -> tuple[BoolArray, IntArray]:
    """Distinct rows, shape (S, K), and the code of each row, shape (A,)."""
    packed = np.packbits(memberships, axis=1)
    if packed.shape[1] > 8:
        _, first, code = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    else:
        # eight bytes fit one integer, which sorts many times faster than rows do
        padded = np.zeros((len(packed), 8), dtype=np.uint8)
        padded[:, : packed.shape[1]] = packed
        _, first, code = np.unique(padded.view(np.uint64).ravel(), return_index=True, return_inverse=True)
    return memberships[first], code.reshape(-1).astype(np.int64)

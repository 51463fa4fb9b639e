"""Human label distributions: what share of the people chose each label.

Shapes are (N, K): N items, K labels. In a single-label (or ordinal) task a row is a distribution over the labels
and sums to 1; in a multilabel task each cell is a membership of its own, the share of annotators whose set
contains the label, and a row has no fixed sum.

A row without answers has no distribution. It is refused by name rather than filled with zeros or NaN; select the
answered rows first (`answered_items`).
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
from scipy.special import entr

from hlv.stats.arrays import FloatArray
from hlv.stats.reporting import StatisticsError
from hlv.stats.resampling.chunks import WORTH_THREADS, map_threads

Task: TypeAlias = Literal["single", "multilabel", "ordinal"]
TASKS: tuple[Task, ...] = get_args(Task)
# How the answers of an item's annotators count: alike, or by the certainty given with them.
Weights: TypeAlias = Literal["equal", "certainty"]
WEIGHTS: tuple[Weights, ...] = get_args(Weights)

ROW_SUM_TOLERANCE = 1e-6
# a block of so many rows of some dozen labels stays in the cache
_ROWS_AT_ONCE = 4096


class InvalidDistributionError(StatisticsError, ValueError):
    """An array is not a table of distributions; `row` is the first offending row, None where its shape is wrong."""

    def __init__(self, template: str, /, *, row: int | None = None, **values: object) -> None:
        super().__init__(template, **values)
        self.row = row


class UndefinedDistributionError(StatisticsError, ValueError):
    """Some items have nothing to make a distribution of; `rows` are their indices."""

    def __init__(self, rows: npt.NDArray[np.intp], reason: str) -> None:
        self.rows = tuple(int(row) for row in rows)
        super().__init__(
            "%(n)s items have no distribution (%(reason)s): rows %(rows)s",
            n=len(self.rows),
            reason=reason,
            rows=", ".join(str(row) for row in self.rows[:5]) + (", ..." if len(self.rows) > 5 else ""),
        )


def checked_task(task: str) -> Task:
    """Return `task`, or raise ValueError where it is none of `TASKS`."""
    for known in TASKS:
        if task == known:
            return known
    raise ValueError(f"unknown task {task!r}: one of {', '.join(TASKS)}")


def checked_distributions(values: npt.ArrayLike, *, task: Task, name: str = "distribution") -> FloatArray:
    """Return a table of distributions as floats after checking it.

    Parameters
    ----------
    values : (N, K) array_like
        Single and ordinal: rows summing to 1 within 1e-6, K >= 2. Multilabel: memberships in [0, 1], K >= 1.
    task : {"single", "multilabel", "ordinal"}
    name : str
        Word used in error messages, such as "human".

    Returns
    -------
    (N, K) ndarray of float64
        The same numbers; rows are not rescaled.

    Raises
    ------
    InvalidDistributionError
        Wrong shape, no rows, too few labels, a value that is not finite or out of range, a wrong row sum.
    """
    return checked_table(values, task=task, name=name).table


class CheckedTable(NamedTuple):
    """A table of distributions, and what its check found: the sum of each row (N,), and the smallest value."""

    table: FloatArray
    masses: FloatArray
    smallest: float


def checked_table(values: npt.ArrayLike, *, task: Task, name: str = "distribution") -> CheckedTable:
    """`checked_distributions` with what the check needs; parameters and errors are the same."""
    table = np.asarray(values, dtype=np.float64)
    _check_shape(table, at_least=1 if task == "multilabel" else 2, name=name)
    masses, smallest = _masses_and_smallest(table)
    checked = CheckedTable(table, masses, smallest)
    # a value that is not finite makes its row's sum so, and no comparison with it holds
    with np.errstate(invalid="ignore"):
        if task != "multilabel" and smallest >= 0 and np.abs(masses - 1).max() <= ROW_SUM_TOLERANCE / 2:
            return checked
    _raise_first_error(table, task=task, name=name)
    return checked


def _masses_and_smallest(table: FloatArray) -> tuple[FloatArray, float]:
    """Sums of rows (N,), and the smallest of all values, in one pass over blocks that stay in the cache."""
    starts = range(0, len(table), _ROWS_AT_ONCE)
    masses, smallest = np.empty(len(table)), np.empty(len(starts))

    def check_rows(start: int) -> None:
        rows = table[start : start + _ROWS_AT_ONCE]
        # said here: a thread does not know what others ignore
        with np.errstate(invalid="ignore", over="ignore"):
            np.einsum("ij->i", rows, out=masses[start : start + _ROWS_AT_ONCE])
            smallest[start // _ROWS_AT_ONCE] = rows.min()

    map_threads(check_rows, starts, worth_it=table.size > WORTH_THREADS)
    return masses, float(smallest.min())


def _raise_first_error(table: FloatArray, *, task: Task, name: str) -> None:
    """Name the first row that is at fault, if there is one."""
    _raise_at_row(
        ~np.isfinite(table), "%(name)s row %(at_row)s has a value that is not a finite number", name=name
    )
    _raise_at_row(table < 0, "%(name)s row %(at_row)s has a negative value", name=name)
    if task == "multilabel":
        _raise_at_row(table > 1, "%(name)s row %(at_row)s has a membership above 1", name=name)
        return
    sums = table.sum(axis=1)
    wrong = np.abs(sums - 1) > ROW_SUM_TOLERANCE
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InvalidDistributionError(
            "%(name)s row %(at_row)s sums to %(sums)s, not to 1",
            row=row,
            name=name,
            at_row=row,
            sums=f"{sums[row]:.9g}",
        )


def answered_items(counts: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Say which rows of a single-label count table, shape (N, K), hold at least one answer."""
    answered: npt.NDArray[np.bool_] = _checked_sums(counts, what="counts").sum(axis=1) > 0
    return answered


def single_label_distributions(counts: npt.ArrayLike) -> FloatArray:
    """Share of an item's annotators who chose each label.

    Parameters
    ----------
    counts : (N, K) array_like
        Annotators who chose label k for item n.

    Returns
    -------
    (N, K) ndarray
        Rows summing to 1.

    Raises
    ------
    UndefinedDistributionError
        An item without answers.
    InvalidDistributionError
        Wrong shape, negative or infinite counts.

    Examples
    --------
    >>> from hlv.stats.labels import single_label_distributions
    >>> single_label_distributions([[3, 1, 0], [2, 2, 0]]).tolist()
    [[0.75, 0.25, 0.0], [0.5, 0.5, 0.0]]
    """
    return _rows_over_their_sum(_checked_sums(counts, what="counts"), reason="nobody answered")


def multilabel_distributions(counts: npt.ArrayLike, n_annotators: npt.ArrayLike) -> FloatArray:
    """Share of an item's annotators whose set contains each label.

    Parameters
    ----------
    counts : (N, K) array_like
        Annotators whose set for item n contains label k.
    n_annotators : (N,) array_like
        Annotators who answered item n; one who chose the empty set is among them.

    Returns
    -------
    (N, K) ndarray
        Memberships in [0, 1].

    Raises
    ------
    UndefinedDistributionError
        An item that nobody answered.
    InvalidDistributionError
        Wrong shapes, negative counts, or more choices of a label than annotators.

    Examples
    --------
    >>> from hlv.stats.labels import multilabel_distributions
    >>> multilabel_distributions([[3, 1, 0]], n_annotators=[4]).tolist()
    [[0.75, 0.25, 0.0]]
    """
    return _share_of_annotators(_checked_sums(counts, what="counts"), n_annotators)


def certainty_weighted_single_label_distributions(certainty_sums: npt.ArrayLike) -> FloatArray:
    """Certainties of those who chose a label over the sum of all certainties.

    Parameters
    ----------
    certainty_sums : (N, K) array_like
        Sum of the certainties, each in [0, 1], of the annotators who chose label k for item n.

    Returns
    -------
    (N, K) ndarray
        Rows summing to 1.

    Raises
    ------
    UndefinedDistributionError
        An item whose certainties are all zero, or that nobody answered.
    InvalidDistributionError
        Wrong shape, negative or infinite sums.
    """
    sums = _checked_sums(certainty_sums, what="certainty sums")
    return _rows_over_their_sum(sums, reason="all certainties are zero")


def certainty_weighted_multilabel_distributions(
    certainty_sums: npt.ArrayLike, n_annotators: npt.ArrayLike
) -> FloatArray:
    """Mean over annotators of the certainty given to each label, 0 where it was not chosen.

    Parameters
    ----------
    certainty_sums : (N, K) array_like
        Sum of the certainties, each in [0, 1], that annotators gave to label k of item n.
    n_annotators : (N,) array_like
        Annotators who answered item n, with those who chose the empty set.

    Returns
    -------
    (N, K) ndarray
        Memberships in [0, 1].

    Raises
    ------
    UndefinedDistributionError
        An item that nobody answered.
    InvalidDistributionError
        Wrong shapes, negative sums, or a sum above the number of annotators.
    """
    return _share_of_annotators(_checked_sums(certainty_sums, what="certainty sums"), n_annotators)


def _check_shape(table: FloatArray, *, at_least: int, name: str) -> None:
    if table.ndim != 2:
        raise InvalidDistributionError(
            "%(name)s: expected a table of items x labels, got %(ndim)s dimensions",
            name=name,
            ndim=table.ndim,
        )
    n_items, n_labels = table.shape
    if n_items == 0:
        raise InvalidDistributionError("%(name)s: there are no items", name=name)
    if n_labels < at_least:
        raise InvalidDistributionError(
            "%(name)s: expected %(at_least)s or more labels, got %(n_labels)s",
            name=name,
            at_least=at_least,
            n_labels=n_labels,
        )


def _raise_at_row(refused: npt.NDArray[np.bool_], message: str, **values: object) -> None:
    rows = np.nonzero(refused)[0]
    if rows.size:
        row = int(rows[0])
        raise InvalidDistributionError(message, row=row, at_row=row, **values)


def _checked_sums(values: npt.ArrayLike, *, what: str) -> FloatArray:
    sums = np.asarray(values, dtype=np.float64)
    _check_shape(sums, at_least=1, name=what)
    _raise_at_row(
        ~np.isfinite(sums), "%(name)s row %(at_row)s has a value that is not a finite number", name=what
    )
    _raise_at_row(sums < 0, "%(name)s row %(at_row)s has a negative value", name=what)
    return sums


def _rows_over_their_sum(sums: FloatArray, *, reason: str) -> FloatArray:
    totals = sums.sum(axis=1)
    empty = np.flatnonzero(totals == 0)
    if empty.size:
        raise UndefinedDistributionError(empty, reason)
    shares: FloatArray = sums / totals[:, None]
    return shares


def _share_of_annotators(sums: FloatArray, n_annotators: npt.ArrayLike) -> FloatArray:
    annotators = np.asarray(n_annotators, dtype=np.float64)
    if annotators.shape != sums.shape[:1]:
        raise InvalidDistributionError(
            "n_annotators has shape %(shape)s, expected one number for each of %(n_sums)s items",
            shape=annotators.shape,
            n_sums=len(sums),
        )
    _raise_at_row(
        ~np.isfinite(annotators) | (annotators < 0), "n_annotators of row %(at_row)s is not a count"
    )
    unanswered = np.flatnonzero(annotators == 0)
    if unanswered.size:
        raise UndefinedDistributionError(unanswered, "nobody answered")
    # certainties such as 0.1 x 3 add up to a last bit above the count; that is rounding, not a fourth annotator
    excess = sums > annotators[:, None] * (1 + 1e-12)
    _raise_at_row(excess, "row %(at_row)s has more of a label than annotators")
    return np.minimum(sums / annotators[:, None], 1.0)


EQUAL: Weights = "equal"


# such a block and its logarithms stay in the cache; of smaller ones the calls would take as long as the work
_ENTROPY_ROWS_AT_ONCE = 4096
_TINY = 1e-300


def entropy_in_nats(distributions: FloatArray, *, task: Task) -> FloatArray:
    """Shannon entropy of checked distributions, in nats.

    Parameters
    ----------
    distributions : (N, K) ndarray
        As returned by `checked_distributions`.
    task : {"single", "multilabel", "ordinal"}

    Returns
    -------
    (N,) or (N, K) ndarray
        Single and ordinal: one number per item, in [0, log K]. Multilabel: the binary entropy of each label, in
        [0, log 2].
    """
    if task == "multilabel":
        return np.asarray(entr(distributions) + entr(1.0 - distributions), dtype=np.float64)
    return row_entropies(distributions)


def row_entropies(table: FloatArray, other: FloatArray | None = None, *, smallest: float = 0.0) -> FloatArray:
    """-sum x log x of each row, (N,), in nats; with `other`, of the rows midway between the two tables.

    A block of rows at a time, which stays in the cache: a tenth of the time of a pass for each step. Where the table
    is known to hold nothing below `smallest`, and that is not 0, a step is saved.
    """
    sums = np.empty(len(table))
    room = np.empty((min(len(table), _ENTROPY_ROWS_AT_ONCE), table.shape[1]))
    for start in range(0, len(table), _ENTROPY_ROWS_AT_ONCE):
        rows = slice(start, start + _ENTROPY_ROWS_AT_ONCE)
        values = table[rows] if other is None else (table[rows] + other[rows]) / 2
        logarithms = room[: len(values)]
        if smallest >= 2 * _TINY:
            np.log(values, out=logarithms)
        else:
            # 0 log 0 is 0, and the smallest number that is not 0 would be slow
            np.maximum(values, _TINY, out=logarithms)
            np.log(logarithms, out=logarithms)
        np.einsum("ij,ij->i", values, logarithms, out=sums[rows])
    return 0.0 - sums


def normalised_entropy(distributions: npt.ArrayLike, *, task: Task) -> FloatArray:
    """Entropy over its largest possible value.

    The largest value is log K over all K labels of the label set, not over the labels that were chosen: a 50/50
    split over 2 of 10 labels has log 2 / log 10 = 0.301. Order plays no part, so ordinal is as single.

    Parameters
    ----------
    distributions : (N, K) array_like
        Single and ordinal: rows summing to 1, K >= 2. Multilabel: memberships in [0, 1].
    task : {"single", "multilabel", "ordinal"}

    Returns
    -------
    (N,) or (N, K) ndarray
        In [0, 1]; multilabel: the binary entropy of each label over log 2.

    Raises
    ------
    InvalidDistributionError
        The array is not a table of distributions.

    References
    ----------
    Shannon, C. E. (1948). A mathematical theory of communication. Bell System Technical Journal 27, 379-423.

    Examples
    --------
    >>> from hlv.stats.labels import normalised_entropy
    >>> normalised_entropy([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]], task="single").round(3).tolist()
    [0.631, 0.0]
    """
    table = checked_distributions(distributions, task=task)
    return scaled_entropy(entropy_in_nats(table, task=task), n_labels=table.shape[1], task=task)


def scaled_entropy(nats: FloatArray, *, n_labels: int, task: Task) -> FloatArray:
    """Entropies in nats over the largest possible entropy: log `n_labels`, or log 2 for multilabel."""
    largest = math.log(2) if task == "multilabel" else math.log(n_labels)
    # rows may sum to 1 + 1e-6, and the logarithms round: the range is [0, 1] by definition
    return np.clip(nats / largest, 0.0, 1.0)

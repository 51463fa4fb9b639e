"""Human label distributions from a table with one answer in each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hlv.stats.agreement.answer_arrays import Answers
from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.display import Columns, Shown
from hlv.stats.frames.columns import Column, InvalidColumnError, Name, codes_of, read_column, sorted_names
from hlv.stats.labels.distributions import (
    Task,
    checked_task,
    multilabel_distributions,
    normalised_entropy,
    single_label_distributions,
)

_SETS = (list, tuple, set, frozenset, np.ndarray)


@dataclass(frozen=True, eq=False, repr=False)
class LabelDistributions(Shown):
    """What share of its annotators chose each label of an item.

    Attributes
    ----------
    items : list, length N
        Identifiers, sorted.
    labels : list of str, length K
    task : {"single", "multilabel", "ordinal"}
    counts : (N, K) ndarray
        Annotators who chose label k of item n.
    n_annotators : (N,) ndarray
    answers : Answers
        The single answers, of which agreement is computed.
    annotators_are_known : bool
    """

    items: list[Name]
    labels: list[str]
    task: Task
    counts: IntArray
    n_annotators: IntArray
    answers: Answers
    annotators_are_known: bool

    @cached_property
    def distributions(self) -> FloatArray:
        """Shape (N, K): rows sum to 1, or in multilabel tasks each cell is the share that chose the label."""
        if self.task == "multilabel":
            return multilabel_distributions(self.counts, self.n_annotators)
        return single_label_distributions(self.counts)

    @cached_property
    def entropies(self) -> FloatArray:
        """Normalised entropy of each item (N,), in [0, 1]; in multilabel tasks its mean over the labels."""
        found = normalised_entropy(self.distributions, task=self.task)
        return found.mean(axis=1) if found.ndim == 2 else found

    @property
    def caption(self) -> str:
        n_answers = int(self.n_annotators.sum())
        return f"{len(self.items):,} items, {len(self.labels)} labels, {n_answers:,} answers ({self.task})"

    def columns(self) -> Columns:
        shares = {label: self.distributions[:, place].tolist() for place, label in enumerate(self.labels)}
        return {
            "item": [item if isinstance(item, str | int | float) else str(item) for item in self.items],
            "n_annotators": self.n_annotators.tolist(),
            **shares,
            "entropy": self.entropies.tolist(),
        }

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> npt.NDArray[np.float64]:
        return np.array(self.distributions, dtype=dtype)


def label_distributions(
    *,
    items: Column,
    labels: Column,
    annotators: Column | None = None,
    task: Task | None = None,
    label_names: Sequence[str] | None = None,
) -> LabelDistributions:
    """Count the answers of each item; the columns have one row for each answer.

    Parameters
    ----------
    items, labels, annotators
        Lists, arrays, or columns of a data frame. A label is a name, or in multilabel tasks a list of names; the empty
        list is an answer. Without annotators every row is another person.
    task
        By default "multilabel" where labels are lists, else "single".
    label_names
        The labels in their order, with those that nobody chose; by default those that occur, sorted.

    Returns
    -------
    LabelDistributions

    Raises
    ------
    InvalidColumnError
        If columns differ in length, a cell is missing, an annotator answers an item twice, or a label is not among
        `label_names`.

    Examples
    --------
    >>> from hlv.stats import label_distributions
    >>> found = label_distributions(
    ...     items=["a", "a", "b", "b"], annotators=["Ana", "Ben", "Ana", "Ben"], labels=["yes", "no", "yes", "yes"]
    ... )
    >>> found.labels, found.distributions.tolist()
    (['no', 'yes'], [[0.5, 0.5], [0.0, 1.0]])
    """
    item_cells = read_column(items, "items")
    label_cells = [_label_set(cell) for cell in read_column(labels, "labels", length=len(item_cells))]
    if not item_cells:
        raise InvalidColumnError("There are no answers: the columns have no rows.")
    has_sets = any(isinstance(cell, tuple) for cell in label_cells)
    task = checked_task(task or ("multilabel" if has_sets else "single"))
    if has_sets and task != "multilabel":
        raise InvalidColumnError("Labels are lists, but the task is %(task)s.", task=task)
    chosen = [cell if isinstance(cell, tuple) else (cell,) for cell in label_cells]
    names = _label_names(chosen, label_names)
    item_names = sorted_names(item_cells)
    item = codes_of(item_cells, item_names)
    annotator = _annotators(annotators, item_cells, item)
    member = np.zeros((len(chosen), len(names)), dtype=bool)
    place = {name: code for code, name in enumerate(names)}
    for row, cell in enumerate(chosen):
        member[row, [place[name] for name in cell]] = True
    counts = np.zeros((len(item_names), len(names)), dtype=np.int64)
    np.add.at(counts, item, member)
    if task == "multilabel":
        answers = Answers.of_sets(items=item, annotators=annotator, memberships=member)
    else:
        answers = Answers.of_labels(
            items=item, annotators=annotator, labels=member.argmax(axis=1), n_labels=len(names)
        )
    return LabelDistributions(
        items=item_names,
        labels=names,
        task=task,
        counts=counts,
        n_annotators=np.bincount(item, minlength=len(item_names)),
        answers=answers,
        annotators_are_known=annotators is not None,
    )


def _label_set(cell: object) -> str | tuple[str, ...]:
    """A label as text; several as a tuple, also those of a polars list."""
    if isinstance(cell, _SETS) or type(cell).__name__ == "Series":
        return tuple(dict.fromkeys(str(label) for label in cell))  # type: ignore[attr-defined]
    return str(cell)


def _label_names(chosen: Sequence[tuple[str, ...]], given: Sequence[str] | None) -> list[str]:
    found = dict.fromkeys(label for cell in chosen for label in cell)
    if given is None:
        return sorted(found)
    names = [str(name) for name in given]
    if len(set(names)) != len(names):
        raise InvalidColumnError("Two label names are the same.")
    if unknown := [label for label in found if label not in set(names)]:
        raise InvalidColumnError(
            "The label %(unknown)s is not among the label names.", unknown=repr(unknown[0])
        )
    return names


def _annotators(annotators: Column | None, item_cells: Sequence[Name], item: IntArray) -> IntArray:
    if annotators is None:
        return np.arange(len(item_cells))
    cells = read_column(annotators, "annotators", length=len(item_cells))
    names = sorted_names(cells)
    annotator = codes_of(cells, names)
    pairs, first = np.unique(np.column_stack([item, annotator]), axis=0, return_index=True)
    if len(pairs) < len(cells):
        row = int(np.setdiff1d(np.arange(len(cells)), first)[0])
        raise InvalidColumnError(
            "%(cells)s answers the item %(item_cells)s twice, again in row %(at_row)s.",
            cells=repr(cells[row]),
            item_cells=repr(item_cells[row]),
            at_row=row,
        )
    return annotator

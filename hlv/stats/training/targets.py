"""What people said of the training texts, as each method wants it: shares, majorities, answers, weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.labels.distributions import Task
from hlv.stats.metrics.predictions import hard_labels
from hlv.stats.resampling.chunks import PackedFields

NOBODY = -1


@dataclass(frozen=True, eq=False)
class LabelledTexts(PackedFields):
    """Answers of people to N texts. Empty label sets are answers.

    Attributes
    ----------
    task : {"single", "multilabel", "ordinal"}
    shares : (N, K)
        Share of a text's people who chose each label; a row of zeros where nobody answered.
    n_answers : (N,)
        People who answered each text.
    item, annotator, times : (A,)
        Text and annotator of each answer, and how many people gave it. `NOBODY` where annotators are not known; then
        `times` may be above 1. Without answers of a text, only its shares are known.
    chosen : (A, K)
        The label set of each answer.
    """

    task: Task
    shares: FloatArray
    n_answers: FloatArray
    item: IntArray
    annotator: IntArray
    times: IntArray
    chosen: BoolArray

    @classmethod
    def of(
        cls,
        *,
        task: Task,
        counts: FloatArray,
        n_answers: FloatArray,
        item: IntArray,
        annotator: IntArray,
        chosen: BoolArray,
    ) -> Self:
        """From counts (N, K) of chosen labels, and the answers whose annotators are known.

        Of texts that have counts alone, the answers follow where each answer is one label.
        """
        whole = counts.sum(axis=1) if task != "multilabel" else n_answers
        shares = np.divide(counts, whole[:, None], out=np.zeros_like(counts), where=whole[:, None] > 0)
        order = np.argsort(item, kind="stable")
        parts = [(item[order], annotator[order], np.ones(len(item), dtype=np.int64), chosen[order])]
        if task != "multilabel":
            unnamed = np.setdiff1d(np.flatnonzero(n_answers > 0), item)
            row, label = np.nonzero(counts[unnamed])
            of_counts = unnamed[row].astype(np.int64)
            given = np.eye(counts.shape[1], dtype=bool)[label]
            times = counts[of_counts, label].astype(np.int64)
            parts.append((of_counts, np.full(len(row), NOBODY, dtype=np.int64), times, given))
        joined = [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]
        return cls(task, shares, n_answers, *joined)

    @property
    def multilabel(self) -> bool:
        return self.task == "multilabel"

    @property
    def n_labels(self) -> int:
        return int(self.shares.shape[1])

    @property
    def answered(self) -> BoolArray:
        """(N,)"""
        return np.asarray(self.n_answers > 0)

    @property
    def has_answers(self) -> bool:
        """Whether each answered text has its single answers."""
        return bool(np.isin(np.flatnonzero(self.answered), self.item).all())

    @property
    def has_annotators(self) -> bool:
        """Whether each answered text has answers of known annotators."""
        return self.has_answers and not (self.annotator == NOBODY).any()

    def of_items(self, wanted: IntArray) -> LabelledTexts:
        """The same of some texts, in their order; annotators keep their numbers."""
        place = np.full(len(self.shares), NOBODY, dtype=np.int64)
        place[wanted] = np.arange(len(wanted))
        rows = np.flatnonzero(place[self.item] != NOBODY)
        rows = rows[np.argsort(place[self.item[rows]], kind="stable")]
        return LabelledTexts(
            self.task,
            self.shares[wanted],
            self.n_answers[wanted],
            place[self.item[rows]],
            self.annotator[rows],
            self.times[rows],
            self.chosen[rows],
        )

    @cached_property
    def majority(self) -> BoolArray:
        """The label of most people (N, K), of several the first; multilabel: all that more than half chose."""
        return hard_labels(self.shares, task=self.task)

    def mean_shares(self) -> FloatArray:
        """Mean of the shares over texts (K,)."""
        return np.asarray(self.shares[self.answered].mean(axis=0))

    def each_answer(self) -> tuple[IntArray, FloatArray]:
        """Text (R,) and label set (R, K) of each person's answer."""
        return np.repeat(self.item, self.times), np.repeat(self.chosen, self.times, axis=0).astype(np.float64)

    def each_label(self) -> tuple[IntArray, FloatArray]:
        """A row for each text and label that somebody chose: text (R,), and the label alone (R, K)."""
        row, label = np.nonzero(self.shares)
        return row.astype(np.int64), np.eye(self.n_labels)[label]

    def answer_sets(self) -> AnswerSets:
        """The different label sets of each text."""
        keys = np.column_stack([self.item, self.chosen])
        sets, of_answer = np.unique(keys, axis=0, return_inverse=True)
        numbers = np.bincount(of_answer.ravel(), weights=self.times, minlength=len(sets))
        item = sets[:, 0]
        n_sets = np.bincount(item, minlength=len(self.shares))
        place = np.arange(len(sets)) - np.repeat(np.cumsum(n_sets) - n_sets, n_sets)
        answers = np.zeros((len(self.shares), n_sets.max(initial=0), self.n_labels))
        times = np.zeros(answers.shape[:2])
        answers[item, place] = sets[:, 1:]
        times[item, place] = numbers
        return AnswerSets(answers, times)

    def annotator_answers(self) -> AnnotatorAnswers:
        """Each annotator's answers to each text, summed where one annotator gave several."""
        annotators, number = np.unique(self.annotator, return_inverse=True)
        cells, of_answer = np.unique(self.item * len(annotators) + number.ravel(), return_inverse=True)
        times = np.zeros(len(cells))
        np.add.at(times, of_answer.ravel(), self.times)
        answers = np.zeros((len(cells), self.n_labels))
        np.add.at(answers, of_answer.ravel(), self.chosen * self.times[:, None])
        item, head = np.divmod(cells, max(len(annotators), 1))
        starts = np.searchsorted(item, np.arange(len(self.shares) + 1))
        return AnnotatorAnswers(len(annotators), starts, head, answers, times)

    def reliability_weights(self, *, hard: bool) -> FloatArray:
        """Of each text (N,), mean 1: the sum of its annotators' agreement with the majority.

        An annotator's agreement is the mean share of the majority where the annotator agreed with it, 0 if never; `hard`:
        the portion of answers that agree. Multilabel: by label, where to leave a label out may agree as well; their mean.
        """
        majority = self.majority[self.item]
        share = self.shares[self.item]
        if self.multilabel:
            agrees = self.chosen == majority
            agreed_share = np.where(majority, share, 1 - share)
        else:
            agrees = np.asarray((self.chosen & majority).any(axis=1))[:, None]
            agreed_share = (share * majority).sum(axis=1)[:, None]
        annotators, number = np.unique(self.annotator, return_inverse=True)
        sums = np.zeros((2, len(annotators), agrees.shape[1]))
        np.add.at(sums[0], number.ravel(), agrees if hard else agrees * agreed_share)
        np.add.at(sums[1], number.ravel(), 1.0 if hard else agrees)
        agreement = np.divide(sums[0], sums[1], out=np.zeros_like(sums[0]), where=sums[1] > 0).mean(axis=1)
        weights = np.bincount(self.item, weights=agreement[number.ravel()], minlength=len(self.shares))
        mean = weights.mean()
        # equal weights are exactly 1, so that nothing but the data tells the method from the majority vote
        if mean == 0 or np.allclose(weights, mean, rtol=1e-12, atol=0):
            return np.ones(len(weights))
        return np.asarray(weights / mean)


@dataclass(frozen=True, eq=False)
class AnswerSets:
    """The different label sets of each text (N, S, K), and how many people gave each (N, S); 0 where there is none."""

    answers: FloatArray
    times: FloatArray


@dataclass(frozen=True, eq=False)
class AnnotatorAnswers:
    """Answers of annotators by text: those of text i are from `starts[i]` to before `starts[i + 1]`.

    Attributes
    ----------
    n_annotators : int
    starts : (N + 1,)
    head : (C,)
        Number of the annotator.
    answers : (C, K)
    times : (C,)
    """

    n_annotators: int
    starts: IntArray
    head: IntArray
    answers: FloatArray
    times: FloatArray

    def of_rows(self, rows: IntArray) -> tuple[IntArray, IntArray]:
        """Place in `rows` and cell of each answer to these texts."""
        numbers = self.starts[rows + 1] - self.starts[rows]
        place = np.repeat(np.arange(len(rows)), numbers)
        before = np.cumsum(numbers) - numbers
        cell = np.arange(len(place)) - np.repeat(before - self.starts[rows], numbers)
        return place, cell

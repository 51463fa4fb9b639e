"""How often an output misses what single annotators said: over all of them, and of each one.

An output is one for all annotators, so its winning label is held against the label of every one of them. Where they
differ no output can meet them all: the best error rate is that of the majority, and not 0.

References
----------
Leonardelli, E., et al. (2025). LeWiDi-2025 at NLPerspectives: third edition of the Learning with Disagreements shared
task (error rate).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from scipy.sparse import csr_array

from hlv.stats.arrays import BoolArray, FloatArray, IntArray, SparseTable
from hlv.stats.labels.distributions import Task
from hlv.stats.metrics.metric import ANY_TASK, Means, Metric, combine_mean
from hlv.stats.metrics.predictions import Predictions, Targets, hard_labels
from hlv.stats.resampling.chunks import PackedFields, Runner, chunks, run_in_sequence
from hlv.stats.resampling.item_weights import Weights

SOURCE = "Leonardelli et al. (2025), LeWiDi-2025 at NLPerspectives"


def _missed(truth: Targets, prediction: Predictions) -> FloatArray:
    """Of each item, the share of its annotators' labels that the winning label misses."""
    hard = prediction.hard.astype(np.float64)
    if truth.task == "multilabel":
        # each label is a question of its own: chosen or not
        return np.asarray(np.abs(truth.distributions - hard).mean(axis=1))
    return np.asarray(1 - (truth.distributions * hard).sum(axis=1))


PERSPECTIVES: tuple[Metric, ...] = (
    Metric(
        name="perspectivist_error_rate",
        label="Perspectivist error rate",
        source=SOURCE,
        range=(0.0, 1.0),
        tasks=ANY_TASK,
        item_parts=Means(_missed),
        combination=combine_mean,
        item_mean_tasks=ANY_TASK,
        breaks_ties_by_index=True,
        higher_is_better=False,
        optimum=None,
    ),
)


@dataclass(frozen=True, eq=False)
class AnnotatorErrors:
    """Error rates of M methods by annotator.

    Attributes
    ----------
    annotators, n_answers : (A,)
        Codes of the annotators, rising, and how many scored items each answered.
    rates : (M, A)
    means : (M,)
        Over annotators, who count alike however much they answered.
    resampled : (R, M)
        Those means on resampled items; annotators without an answer in a resample are left out of it.
    """

    annotators: IntArray
    n_answers: IntArray
    rates: FloatArray
    means: FloatArray
    resampled: FloatArray


def annotator_errors(
    *,
    item: IntArray,
    annotator: IntArray,
    chosen: BoolArray,
    predicted: FloatArray,
    task: Task,
    n_resamples: int,
    seed: int,
    stream: int = 0,
    run: Runner = run_in_sequence,
) -> AnnotatorErrors:
    """Error rate of every method for every annotator.

    Parameters
    ----------
    item, annotator : (A,)
        Of each answer: the row of its item in the outputs, and any code of who gave it.
    chosen : (A, K)
        The labels that the answer contains; one, or in multilabel tasks any number.
    predicted : (M, N, K)
    n_resamples, seed, stream
        Of the N items, as `Weights.drawn` takes them.
    run
        Computes the resamples.

    Raises
    ------
    ValueError
        If there is no answer.
    """
    if not len(item):
        raise ValueError("there are no answers of annotators")
    codes, annotator_code = np.unique(annotator, return_inverse=True)
    work = ErrorsResampling(
        item=item,
        annotator_code=annotator_code,
        errors=np.stack(
            [_errors(hard_labels(method, task=task)[item], chosen, task) for method in predicted], axis=1
        ),
        n_items=predicted.shape[1],
        seed=seed,
        stream=stream,
        n_resamples=n_resamples,
    )
    n_answers = np.bincount(annotator_code, minlength=len(codes))
    rates = np.stack([np.asarray(table.sum(axis=0)).ravel() for table in work.tables]) / n_answers
    return AnnotatorErrors(codes.astype(np.int64), n_answers, rates, rates.mean(axis=1), run(work))


@dataclass(frozen=True, eq=False)
class ErrorsResampling(PackedFields):
    """Means over annotators of the error rates of M methods, on draws of the items with replacement.

    Attributes
    ----------
    item, annotator_code : (A,)
        Of each answer, its item and who gave it, numbered from 0.
    errors : (A, M)
    n_items, seed, stream, n_resamples
        As `Weights.drawn` takes them.
    """

    kind: ClassVar[str] = "resampled errors"

    item: IntArray
    annotator_code: IntArray
    errors: FloatArray
    n_items: int
    seed: int
    stream: int
    n_resamples: int

    @property
    def n_chunks(self) -> int:
        return len(chunks(self.n_resamples))

    def compute(self, first: int, stop: int) -> FloatArray:
        """(R, M); annotators without an answer in a resample are left out of it."""
        found = [np.empty((0, self.errors.shape[1]))]
        for chunk in range(first, min(stop, self.n_chunks)):
            weights = Weights.draw_chunks(
                self.n_items,
                first=chunk,
                stop=chunk + 1,
                n_resamples=self.n_resamples,
                seed=self.seed,
                stream=self.stream,
            )
            found.append(self._means(weights.counts.astype(np.float64)))
        return np.concatenate(found)

    @cached_property
    def tables(self) -> list[SparseTable]:
        """The sum of errors of each method, by item and annotator."""
        return [self._table(errors) for errors in self.errors.T]

    @cached_property
    def _answered(self) -> SparseTable:
        return self._table(np.ones(len(self.item)))

    def _table(self, values: FloatArray) -> SparseTable:
        shape = (self.n_items, int(self.annotator_code.max()) + 1)
        return csr_array((values, (self.item, self.annotator_code)), shape=shape)

    def _means(self, drawn: FloatArray) -> FloatArray:
        times: FloatArray = np.asarray(drawn @ self._answered)
        n_present = (times > 0).sum(axis=1)
        means = np.empty((len(drawn), len(self.tables)))
        for method, table in enumerate(self.tables):
            found = np.divide(np.asarray(drawn @ table), times, out=np.zeros(times.shape), where=times > 0)
            means[:, method] = found.sum(axis=1) / np.maximum(1, n_present)
        means[n_present == 0] = np.nan
        return means


def _errors(hard: BoolArray, chosen: BoolArray, task: Task) -> FloatArray:
    """Of each answer, 1 where its label is missed; in multilabel tasks the share of labels that differ."""
    if task == "multilabel":
        return np.asarray((hard != chosen).mean(axis=1))
    return np.asarray(~(hard & chosen).any(axis=1), dtype=np.float64)

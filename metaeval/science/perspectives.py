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

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from annotations.science.distributions import FloatArray, Task
from metaeval.science.item_weights import Weights
from metaeval.science.metric import ANY_TASK, Metric, combine_mean
from metaeval.science.parts import Means
from metaeval.science.prediction import Prediction
from metaeval.science.resampling import chunks
from metaeval.science.truth import Truth, hard_labels

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

SOURCE = "Leonardelli et al. (2025), LeWiDi-2025 at NLPerspectives"


def _missed(truth: Truth, prediction: Prediction) -> FloatArray:
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
        parts_of=Means(_missed),
        combine_of=combine_mean,
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
    weights: Weights,
) -> AnnotatorErrors:
    """Error rate of every method for every annotator.

    Parameters
    ----------
    item, annotator : (A,)
        Of each answer: the row of its item in the outputs, and any code of who gave it.
    chosen : (A, K)
        The labels that the answer contains; one, or in multilabel tasks any number.
    predicted : (M, N, K)
    weights
        Resamples of the N items.

    Raises
    ------
    ValueError
        If there is no answer.
    """
    if not len(item):
        raise ValueError("there are no answers of annotators")
    codes, who = np.unique(annotator, return_inverse=True)
    shape = (predicted.shape[1], len(codes))
    answered = csr_array((np.ones(len(item)), (item, who)), shape=shape)
    n_answers = np.bincount(who, minlength=len(codes))
    errors = [
        csr_array((_errors(hard_labels(method, task=task)[item], chosen, task), (item, who)), shape=shape)
        for method in predicted
    ]
    rates = np.stack([np.asarray(table.sum(axis=0)).ravel() for table in errors]) / n_answers
    resampled = np.full((len(weights.counts), len(errors)), np.nan)
    for rows in chunks(len(weights.counts)):
        drawn = weights.counts[rows].astype(np.float64)
        times: FloatArray = np.asarray(drawn @ answered)
        for method, table in enumerate(errors):
            found = np.divide(np.asarray(drawn @ table), times, out=np.zeros(times.shape), where=times > 0)
            resampled[rows, method] = found.sum(axis=1) / np.maximum(1, (times > 0).sum(axis=1))
        resampled[rows][~(times > 0).any(axis=1)] = np.nan
    return AnnotatorErrors(codes.astype(np.int64), n_answers, rates, rates.mean(axis=1), resampled)


def _errors(hard: BoolArray, chosen: BoolArray, task: Task) -> FloatArray:
    """Of each answer, 1 where its label is missed; in multilabel tasks the share of labels that differ."""
    if task == "multilabel":
        return np.asarray((hard != chosen).mean(axis=1))
    return np.asarray(~(hard & chosen).any(axis=1), dtype=np.float64)

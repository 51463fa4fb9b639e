"""Metrics that compare winning labels.

A label wins by argmax, the first index at a tie; in multilabel tasks by a membership above one half. What is 0/0
counts as 1, as scikit-learn's `zero_division=1`.
"""

from __future__ import annotations

import numpy as np

from hlv.stats.arrays import FloatArray
from hlv.stats.metrics.metric import (
    ANY_TASK,
    ONE_LABEL,
    LabelTables,
    Means,
    Metric,
    Table,
    combine_mean,
    quotient,
)
from hlv.stats.metrics.predictions import Predictions, Targets

SOURCE = "Kurniawan, Mistica, Baldwin and Lau (2026), Computational Linguistics 52(1), doi 10.1162/coli.a.578"


def _correct(truth: Targets, prediction: Predictions) -> FloatArray:
    return np.asarray(truth.winners == prediction.winners, dtype=np.float64)


def _micro_counts(truth: Targets, prediction: Predictions) -> FloatArray:
    hard = prediction.hard
    counts = [(truth.hard & hard).sum(axis=1), hard.sum(axis=1) + truth.hard.sum(axis=1)]
    return np.column_stack(counts).astype(np.float64)


def _right(truth: Targets, prediction: Predictions, items: slice) -> Table:
    return truth.hard[items] & prediction.hard[items]


def _predicted(truth: Targets, prediction: Predictions, items: slice) -> Table:
    return prediction.hard[items]


def _true(truth: Targets, items: slice) -> Table:
    return truth.hard[items]


def _label_count_sums(truth: Targets, prediction: Predictions) -> FloatArray:
    if truth.task == "multilabel":
        tables = (truth.hard & prediction.hard, prediction.hard, truth.hard)
        return np.concatenate([np.count_nonzero(table, axis=0) for table in tables]).astype(np.float64)
    n_labels = truth.distributions.shape[1]
    winners = prediction.winners
    right = np.bincount(winners, weights=truth.winners == winners, minlength=n_labels)
    return np.concatenate([right, np.bincount(winners, minlength=n_labels), truth.label_wins])


LABEL_COUNTS = LabelTables(_right, _predicted, _true, _label_count_sums, is_boolean=True)


def combine_micro_f1(sums: FloatArray) -> FloatArray:
    """2 x shared / (predicted + true); 1 where both are empty."""
    return quotient(2 * sums[..., 0], sums[..., 1], where_empty=1.0)


def label_scores(sums: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Precision, recall and F1 of each label from shared, predicted and true mass (..., 3 K); 0/0 is 1."""
    shared, predicted, true = np.split(sums, 3, axis=-1)
    return (
        quotient(shared, predicted, where_empty=1.0),
        quotient(shared, true, where_empty=1.0),
        quotient(2 * shared, predicted + true, where_empty=1.0),
    )


def combine_macro_precision(sums: FloatArray) -> FloatArray:
    """Mean (...) over labels of what `label_scores` says of sums (..., 3 K); recall and F1 likewise."""
    return np.asarray(label_scores(sums)[0].mean(axis=-1))


def combine_macro_recall(sums: FloatArray) -> FloatArray:
    """As `combine_macro_precision`."""
    return np.asarray(label_scores(sums)[1].mean(axis=-1))


def combine_macro_f1(sums: FloatArray) -> FloatArray:
    """As `combine_macro_precision`: the mean of the labels' F1, and not the F1 of the means."""
    return np.asarray(label_scores(sums)[2].mean(axis=-1))


HARD_METRICS: tuple[Metric, ...] = (
    Metric(
        name="hard_accuracy",
        label="Hard accuracy",
        source=SOURCE,
        range=(0.0, 1.0),
        tasks=ONE_LABEL,
        item_parts=Means(_correct),
        combination=combine_mean,
        item_mean_tasks=ONE_LABEL,
        breaks_ties_by_index=True,
        higher_is_better=True,
        optimum=1.0,
    ),
    Metric(
        name="hard_micro_f1",
        label="Hard micro F1",
        source=SOURCE,
        range=(0.0, 1.0),
        tasks=frozenset({"multilabel"}),
        item_parts=_micro_counts,
        combination=combine_micro_f1,
        higher_is_better=True,
        optimum=1.0,
    ),
    Metric(
        name="hard_macro_precision",
        label="Hard macro precision",
        source=SOURCE,
        range=(0.0, 1.0),
        tasks=ANY_TASK,
        item_parts=LABEL_COUNTS,
        combination=combine_macro_precision,
        breaks_ties_by_index=True,
        higher_is_better=True,
        optimum=1.0,
    ),
    Metric(
        name="hard_macro_recall",
        label="Hard macro recall",
        source=SOURCE,
        range=(0.0, 1.0),
        tasks=ANY_TASK,
        item_parts=LABEL_COUNTS,
        combination=combine_macro_recall,
        breaks_ties_by_index=True,
        higher_is_better=True,
        optimum=1.0,
    ),
    Metric(
        name="hard_macro_f1",
        label="Hard macro F1",
        source=SOURCE,
        range=(0.0, 1.0),
        tasks=ANY_TASK,
        item_parts=LABEL_COUNTS,
        combination=combine_macro_f1,
        breaks_ties_by_index=True,
        higher_is_better=True,
        optimum=1.0,
    ),
)

"""Metrics that compare whole distributions label by label, and the correlation of entropies.

The human distribution is P, the method's output Q; what they share of a label is min(P, Q).

A label with no mass on either side is 0/0 and counts as 1, as in the hard metrics; the reference code gives NaN.
A prediction of 0.001 on such a label turns its F1 from 1 to 0, so each macro metric has the mean over the labels
with human mass beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.special import rel_entr

from hlv.stats.arrays import FloatArray
from hlv.stats.metrics.hard import (
    SOURCE,
    combine_macro_f1,
    combine_macro_precision,
    combine_macro_recall,
    combine_micro_f1,
    label_scores,
)
from hlv.stats.metrics.metric import (
    ANY_TASK,
    ONE_LABEL,
    Combination,
    LabelTables,
    Means,
    Metric,
    Statistic,
    SummedStatistics,
    Table,
    combine_mean,
    quotient,
)
from hlv.stats.metrics.predictions import SAME_ENTROPY, Predictions, Targets

TOTAL_VARIATION_FAMILY = "total_variation"
# of the mean square: what is left of a variance after its digits cancelled
CANCELLED = 1e-13


def _shared(truth: Targets, prediction: Predictions) -> FloatArray:
    return prediction.item_overlaps


def _micro_masses(truth: Targets, prediction: Predictions) -> FloatArray:
    return np.column_stack([prediction.item_overlaps, truth.item_masses + prediction.item_masses])


def _micro_mass_sums(truth: Targets, prediction: Predictions) -> FloatArray:
    masses = truth.item_masses.sum() + prediction.item_masses.sum()
    return np.array([prediction.item_overlaps.sum(), masses])


def _shared_masses(truth: Targets, prediction: Predictions, items: slice) -> Table:
    return np.minimum(truth.distributions[items], prediction.distributions[items])


def _predicted(truth: Targets, prediction: Predictions, items: slice) -> Table:
    return prediction.distributions[items]


def _human(truth: Targets, items: slice) -> Table:
    return truth.distributions[items]


def _label_mass_sums(truth: Targets, prediction: Predictions) -> FloatArray:
    return np.concatenate([prediction.label_overlaps, prediction.label_masses, truth.label_masses])


LABEL_MASSES = LabelTables(_shared_masses, _predicted, _human, _label_mass_sums)


def _combine_over_human_labels(which: int) -> Combination:
    """Mean of precision (0), recall (1) or F1 (2) over the labels with human mass; NaN where there is none."""

    def combine(sums: FloatArray) -> FloatArray:
        human = np.split(sums, 3, axis=-1)[2]
        used = human > 0
        total = np.where(used, label_scores(sums)[which], 0.0).sum(axis=-1)
        return quotient(total, used.sum(axis=-1).astype(np.float64), where_empty=math.nan)

    return combine


def jensen_shannon_divergences(human: FloatArray, predicted: FloatArray) -> FloatArray:
    """Each label's share of the Jensen-Shannon divergence of an item, base 2, shape (N, K)."""
    middle = (human + predicted) / 2
    nats = (rel_entr(human, middle) + rel_entr(predicted, middle)) / 2
    return np.asarray(nats / math.log(2))


def item_divergences(truth: Targets, predicted: FloatArray) -> FloatArray:
    """Jensen-Shannon divergence in bits of each item (N, 1), or of each item and label (N, K) in multilabel."""
    human = truth.distributions
    bits = jensen_shannon_divergences(human, predicted)
    if truth.task == "multilabel":
        bits = bits + jensen_shannon_divergences(1 - human, 1 - predicted)
    else:
        bits = bits.sum(axis=1, keepdims=True)
    # the divergence lies in [0, 1]; the last bit of a sum of logarithms need not
    return np.clip(bits, 0.0, 1.0)


def _similarities(truth: Targets, prediction: Predictions) -> FloatArray:
    if truth.task == "multilabel":
        return np.asarray(1 - item_divergences(truth, prediction.distributions).mean(axis=1))
    return 1 - np.clip(prediction.divergences_in_nats / math.log(2), 0.0, 1.0)


def _entropy_moments(truth: Targets, prediction: Predictions) -> FloatArray:
    """1 and five moments for each label, shape (N, 1 + 5 L); L = 1 for a single label.

    Centred on the means of the data, so that variances keep their digits; a constant column becomes exact zeros.
    """
    x, y = truth.centred_entropies.T, prediction.centred_entropies.T
    return np.concatenate([np.ones((1, x.shape[1])), x, y, x * x, y * y, x * y]).T


def _entropy_moment_sums(truth: Targets, prediction: Predictions) -> FloatArray:
    x, y = truth.centred_entropies, prediction.centred_entropies
    products = [np.einsum("nk,nk->k", one, other) for one, other in ((x, x), (y, y), (x, y))]
    return np.concatenate([[len(x)], x.sum(axis=0), y.sum(axis=0), *products])


def _variances(sums: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Variances of both sides and their covariance for each label; exact 0 where a side is constant."""
    n = sums[..., :1]
    means = quotient(sums[..., 1:], n, where_empty=0.0)
    x, y, xx, yy, xy = np.split(means, 5, axis=-1)
    return _variance(x, xx), _variance(y, yy), xy - x * y


def _variance(mean: FloatArray, mean_square: FloatArray) -> FloatArray:
    variance = mean_square - mean**2
    return np.where(variance > np.maximum(SAME_ENTROPY**2, CANCELLED * mean_square), variance, 0.0)


def _combine_correlations(sums: FloatArray) -> FloatArray:
    """Mean Pearson correlation over the labels whose human entropy varies.

    NaN where no human entropy varies, or where the method's is constant on such a label.
    """
    human, method, covariance = _variances(sums)
    varies = human > 0
    correlations = quotient(covariance, np.sqrt(human * method), where_empty=math.nan)
    total = np.where(varies, np.clip(correlations, -1.0, 1.0), 0.0).sum(axis=-1)
    return quotient(total, varies.sum(axis=-1).astype(np.float64), where_empty=math.nan)


def _why_no_correlation(sums: FloatArray) -> str:
    human, method, _ = _variances(sums)
    if not (human > 0).any():
        return "the entropy of the human labels is the same for all items"
    n_constant = int(((human > 0) & (method == 0)).sum())
    if human.shape[-1] == 1:
        return "the entropy of the method's output is the same for all items"
    return f"the entropy of the method's output is the same for all items on {n_constant} of the labels"


def _no_human_mass(sums: FloatArray) -> str:
    return "nobody chose any label"


def _soft_macro(kind: str, label: str, combine: Callable[[FloatArray], FloatArray], which: int) -> Metric:
    return Metric(
        name=f"soft_macro_{kind}",
        label=f"Soft macro {label}",
        source=SOURCE,
        range=(0.0, 1.0),
        tasks=ANY_TASK,
        item_parts=LABEL_MASSES,
        combination=combine,
        higher_is_better=True,
        optimum=1.0,
        companion=Statistic(
            name=f"soft_macro_{kind}_of_human_labels",
            label=f"Soft macro {label} over labels that people chose",
            source="The same, without the labels that have no human mass",
            range=(0.0, 1.0),
            tasks=ANY_TASK,
            item_parts=LABEL_MASSES,
            combination=_combine_over_human_labels(which),
            explanation=_no_human_mass,
        ),
    )


SOFT_METRICS: tuple[Metric, ...] = (
    Metric(
        name="soft_accuracy",
        label="Soft accuracy",
        source=SOURCE,
        range=(0.0, 1.0),
        tasks=ONE_LABEL,
        item_parts=Means(_shared),
        combination=combine_mean,
        item_mean_tasks=ONE_LABEL,
        higher_is_better=True,
        optimum=1.0,
        affine_family=TOTAL_VARIATION_FAMILY,
    ),
    Metric(
        name="soft_micro_f1",
        label="Soft micro F1",
        source=SOURCE,
        range=(0.0, 1.0),
        tasks=ANY_TASK,
        item_parts=SummedStatistics(_micro_masses, _micro_mass_sums),
        combination=combine_micro_f1,
        # rows sum to 1 there, so that the ratio of sums is a mean
        item_mean_tasks=ONE_LABEL,
        higher_is_better=True,
        optimum=1.0,
        affine_family=TOTAL_VARIATION_FAMILY,
        affine_tasks=ONE_LABEL,
    ),
    _soft_macro("precision", "precision", combine_macro_precision, 0),
    _soft_macro("recall", "recall", combine_macro_recall, 1),
    _soft_macro("f1", "F1", combine_macro_f1, 2),
    Metric(
        name="po_jsd",
        label="PO-JSD",
        source=SOURCE,
        range=(0.0, 1.0),
        tasks=ANY_TASK,
        item_parts=Means(_similarities),
        combination=combine_mean,
        item_mean_tasks=ANY_TASK,
        higher_is_better=True,
        optimum=1.0,
    ),
    Metric(
        name="entropy_correlation",
        label="Entropy correlation",
        source=SOURCE,
        range=(-1.0, 1.0),
        tasks=ANY_TASK,
        item_parts=SummedStatistics(_entropy_moments, _entropy_moment_sums),
        combination=_combine_correlations,
        explanation=_why_no_correlation,
        higher_is_better=True,
        optimum=1.0,
    ),
)

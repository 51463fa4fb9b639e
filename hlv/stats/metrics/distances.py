"""Losses, divergences and distances between human distributions and a method's output.

All shrink as the output comes closer. The human distribution is P, the method's output Q. In multilabel tasks each
label is a distribution of two outcomes: the distance of (Q, 1 - Q) from (P, 1 - P), averaged over labels, then over
items.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from scipy.special import rel_entr, xlogy

from hlv.stats.arrays import FloatArray
from hlv.stats.labels.distributions import Task
from hlv.stats.metrics.metric import (
    ANY_TASK,
    ONE_LABEL,
    ItemParts,
    Means,
    Metric,
    Statistic,
    combine_mean,
    quotient,
)
from hlv.stats.metrics.predictions import Predictions, Targets
from hlv.stats.metrics.soft import TOTAL_VARIATION_FAMILY, item_divergences

# P and Q (..., outcomes) -> distance (...)
DistributionDistance: TypeAlias = Callable[[FloatArray, FloatArray], FloatArray]

LEWIDI_2025 = (
    "Leonardelli et al. (2025), LeWiDi-2025: the third edition of Learning with Disagreements, NLPerspectives"
)
CROSS_ENTROPY_FAMILY = "cross_entropy"


def _item_distances(distance: DistributionDistance, truth: Targets, predicted: FloatArray) -> FloatArray:
    """Distance of each item, shape (N,)."""
    human = truth.distributions
    if truth.task != "multilabel":
        return distance(human, predicted)
    label_distances = distance(
        np.stack([human, 1 - human], axis=-1), np.stack([predicted, 1 - predicted], axis=-1)
    )
    return np.asarray(label_distances.mean(axis=1))


def _mean_distance_parts(distance: DistributionDistance) -> ItemParts:
    """Parts of the mean over items of a finite distance."""

    def distances(truth: Targets, prediction: Predictions) -> FloatArray:
        return _item_distances(distance, truth, prediction.distributions)

    return Means(distances)


def _maybe_infinite_parts(distance: DistributionDistance) -> ItemParts:
    """Finite value, whether it is infinite, and 1: an infinity would spoil resamples that do not hold the item."""

    def parts(truth: Targets, prediction: Predictions) -> FloatArray:
        values = _item_distances(distance, truth, prediction.distributions)
        infinite = np.isinf(values)
        return np.column_stack([np.where(infinite, 0.0, values), infinite, np.ones(len(values))])

    return parts


def _combine_finite(sums: FloatArray) -> FloatArray:
    mean = quotient(sums[..., 0], sums[..., 2], where_empty=math.nan)
    return np.where(sums[..., 1] > 0, math.nan, mean)


def _explain_zero_prediction(sums: FloatArray) -> str:
    return f"it is infinite, as {_items(sums)} probability 0 to a label that people chose"


def _explain_unchosen_label(sums: FloatArray) -> str:
    return f"it is infinite, as {_items(sums)} probability to a label that nobody chose"


def _items(sums: FloatArray) -> str:
    n = int(sums[1])
    return "1 item gives" if n == 1 else f"{n:,} items give"


def _cross_entropy(human: FloatArray, predicted: FloatArray) -> FloatArray:
    # subtracted from 0, so that a certain and right answer costs 0 and not -0
    return np.asarray(0.0 - xlogy(human, predicted).sum(axis=-1))


def _kullback_leibler(human: FloatArray, predicted: FloatArray) -> FloatArray:
    # rows that sum to 1 within a last bit can fall a last bit below 0
    return np.asarray(np.maximum(rel_entr(human, predicted).sum(axis=-1), 0.0))


def _reverse_kullback_leibler(human: FloatArray, predicted: FloatArray) -> FloatArray:
    return _kullback_leibler(predicted, human)


def _total_variations(truth: Targets, prediction: Predictions) -> FloatArray:
    """Half the sum of absolute differences; in multilabel tasks their mean, as yes and no differ alike."""
    return _scaled_differences(truth, prediction, 0.5)


def _manhattan_distances(truth: Targets, prediction: Predictions) -> FloatArray:
    return _scaled_differences(truth, prediction, 1.0)


def _scaled_differences(truth: Targets, prediction: Predictions, share: float) -> FloatArray:
    item_differences_sum = prediction.item_differences
    if truth.task == "multilabel":
        item_differences_sum = 2 * item_differences_sum / truth.distributions.shape[1]
    return share * item_differences_sum


TOTAL_VARIATIONS = Means(_total_variations)


def _hellinger(human: FloatArray, predicted: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt(((np.sqrt(human) - np.sqrt(predicted)) ** 2).sum(axis=-1) / 2))


def _wasserstein(human: FloatArray, predicted: FloatArray) -> FloatArray:
    # neighbouring labels are one step apart: the area between the cumulative distributions
    return np.asarray(np.abs(np.cumsum(human - predicted, axis=-1)[..., :-1]).sum(axis=-1))


def _brier(human: FloatArray, predicted: FloatArray) -> FloatArray:
    return np.asarray(((human - predicted) ** 2).sum(axis=-1))


def _jensen_shannon_distances(truth: Targets, prediction: Predictions) -> FloatArray:
    # a root magnifies the last digits, so the divergence of equal distributions has to be an exact 0 here
    return np.asarray(np.sqrt(item_divergences(truth, prediction.distributions)).mean(axis=1))


def _mean_squares(truth: Targets, prediction: Predictions) -> FloatArray:
    return np.asarray(((truth.distributions - prediction.distributions) ** 2).mean(axis=1))


def _combine_root(sums: FloatArray) -> FloatArray:
    return np.sqrt(combine_mean(sums))


def _distance_metric(
    name: str,
    label: str,
    item_parts: ItemParts,
    *,
    source: str,
    largest: float = 1.0,
    affine_family: str | None = None,
    tasks: frozenset[Task] = ANY_TASK,
    uses_label_order: bool = False,
) -> Metric:
    return Metric(
        name=name,
        label=label,
        source=source,
        range=(0.0, largest),
        tasks=tasks,
        item_parts=item_parts,
        combination=combine_mean,
        item_mean_tasks=tasks,
        higher_is_better=False,
        optimum=0.0,
        affine_family=affine_family,
        uses_label_order=uses_label_order,
    )


DISTANCES: tuple[Metric, ...] = (
    Metric(
        name="soft_cross_entropy",
        label="Soft cross-entropy",
        source="Peterson et al. (2019), Human uncertainty makes classification more robust, ICCV",
        range=(0.0, math.inf),
        tasks=ANY_TASK,
        item_parts=_maybe_infinite_parts(_cross_entropy),
        combination=_combine_finite,
        explanation=_explain_zero_prediction,
        item_mean_tasks=ANY_TASK,
        higher_is_better=False,
        # the entropy of the human distributions, reached by them alone
        optimum=None,
        affine_family=CROSS_ENTROPY_FAMILY,
    ),
    Metric(
        name="kl_divergence",
        label="KL divergence of the output from the human labels",
        source="Kullback and Leibler (1951); used by Nie, Zhou and Bansal (2020), ChaosNLI, EMNLP",
        range=(0.0, math.inf),
        tasks=ANY_TASK,
        item_parts=_maybe_infinite_parts(_kullback_leibler),
        combination=_combine_finite,
        explanation=_explain_zero_prediction,
        item_mean_tasks=ANY_TASK,
        higher_is_better=False,
        optimum=0.0,
        # cross-entropy minus the human entropy, which is the same for all methods
        affine_family=CROSS_ENTROPY_FAMILY,
    ),
    Metric(
        name="reverse_kl_divergence",
        label="KL divergence of the human labels from the output",
        source="Kullback and Leibler (1951)",
        range=(0.0, math.inf),
        tasks=ANY_TASK,
        item_parts=_maybe_infinite_parts(_reverse_kullback_leibler),
        combination=_combine_finite,
        explanation=_explain_unchosen_label,
        item_mean_tasks=ANY_TASK,
        higher_is_better=False,
        optimum=0.0,
    ),
    Metric(
        name="jensen_shannon_distance",
        label="Jensen-Shannon distance",
        source="Endres and Schindelin (2003), IEEE Trans. Information Theory 49; used by Nie, Zhou and Bansal (2020)",
        range=(0.0, 1.0),
        tasks=ANY_TASK,
        item_parts=Means(_jensen_shannon_distances),
        combination=combine_mean,
        item_mean_tasks=ANY_TASK,
        higher_is_better=False,
        optimum=0.0,
    ),
    _distance_metric(
        "total_variation_distance",
        "Total variation distance",
        TOTAL_VARIATIONS,
        source="Baan et al. (2022), Stop measuring calibration when humans disagree, EMNLP",
        affine_family=TOTAL_VARIATION_FAMILY,
    ),
    _distance_metric(
        "hellinger_distance",
        "Hellinger distance",
        _mean_distance_parts(_hellinger),
        source="Hellinger (1909), Journal für die reine und angewandte Mathematik 136",
    ),
    _distance_metric(
        "manhattan_distance",
        "Manhattan distance",
        Means(_manhattan_distances),
        source=LEWIDI_2025,
        largest=2.0,
        affine_family=TOTAL_VARIATION_FAMILY,
    ),
    _distance_metric(
        "wasserstein_distance",
        "Wasserstein distance",
        _mean_distance_parts(_wasserstein),
        source=LEWIDI_2025,
        largest=math.inf,
        tasks=frozenset({"ordinal"}),
        uses_label_order=True,
    ),
    _distance_metric(
        "brier_loss",
        "Brier loss",
        _mean_distance_parts(_brier),
        source="Brier (1950), Monthly Weather Review 78, with human shares in place of outcomes",
        largest=2.0,
    ),
    Metric(
        name="rmse",
        label="Root mean square error",
        source="Root of the mean over items and labels of the squared difference",
        range=(0.0, 1.0),
        tasks=ANY_TASK,
        item_parts=Means(_mean_squares),
        combination=_combine_root,
        higher_is_better=False,
        optimum=0.0,
    ),
)


SOURCE = "Baan, Aziz, Plank and Fernández (2022), Stop measuring calibration when humans disagree, EMNLP"


def _entropy_differences(truth: Targets, prediction: Predictions) -> FloatArray:
    """Entropy of the output minus that of the human labels, in nats, shape (N,)."""
    return np.asarray((prediction.entropies_in_nats - truth.entropies_in_nats)[:, 0])


def _absolute_entropy_differences(truth: Targets, prediction: Predictions) -> FloatArray:
    return np.abs(_entropy_differences(truth, prediction))


def _same_order(truth: Targets, prediction: Predictions) -> FloatArray:
    """Whether all labels stand in the same order; equal ones in the order of the label set."""
    human = np.argsort(-truth.distributions, axis=1, kind="stable")
    predicted = np.argsort(-prediction.distributions, axis=1, kind="stable")
    return np.asarray((human == predicted).all(axis=1), dtype=np.float64)


CALIBRATION_METRICS: tuple[Metric, ...] = (
    Metric(
        name="dist_ce",
        label="DistCE",
        source=SOURCE,
        range=(0.0, 1.0),
        tasks=ONE_LABEL,
        item_parts=TOTAL_VARIATIONS,
        combination=combine_mean,
        item_mean_tasks=ONE_LABEL,
        higher_is_better=False,
        optimum=0.0,
        affine_family=TOTAL_VARIATION_FAMILY,
    ),
    Metric(
        name="ent_ce",
        label="EntCE",
        source=SOURCE,
        range=(0.0, math.inf),
        tasks=ONE_LABEL,
        item_parts=Means(_absolute_entropy_differences),
        combination=combine_mean,
        item_mean_tasks=ONE_LABEL,
        higher_is_better=False,
        optimum=0.0,
        companion=Statistic(
            name="ent_ce_signed",
            label="Mean entropy of the output minus that of the human labels",
            source=SOURCE,
            range=(-math.inf, math.inf),
            tasks=ONE_LABEL,
            item_parts=Means(_entropy_differences),
            combination=combine_mean,
            item_mean_tasks=ONE_LABEL,
        ),
    ),
    Metric(
        name="rank_cs",
        label="RankCS",
        source=SOURCE,
        range=(0.0, 1.0),
        tasks=ONE_LABEL,
        item_parts=Means(_same_order),
        combination=combine_mean,
        item_mean_tasks=ONE_LABEL,
        breaks_ties_by_index=True,
        higher_is_better=True,
        optimum=1.0,
    ),
)

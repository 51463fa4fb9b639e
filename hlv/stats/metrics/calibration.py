"""Calibration to human disagreement after Baan et al. (2022): distance, entropy and order of the labels."""

from __future__ import annotations

import math

import numpy as np

from hlv.stats.arrays import FloatArray
from hlv.stats.metrics.distances import TOTAL_VARIATIONS
from hlv.stats.metrics.metric import ONE_LABEL, Metric, Statistic, combine_mean
from hlv.stats.metrics.predictions import Predictions
from hlv.stats.metrics.soft import TOTAL_VARIATION_FAMILY
from hlv.stats.metrics.sufficient_statistics import Means
from hlv.stats.metrics.targets import Targets

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
        beside=Statistic(
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

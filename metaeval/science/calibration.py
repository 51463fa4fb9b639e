"""Calibration to human disagreement after Baan et al. (2022): distance, entropy and order of the labels."""

from __future__ import annotations

import math

import numpy as np

from annotations.science.distributions import FloatArray
from metaeval.science.distances import total_variation_parts
from metaeval.science.metric import ONE_LABEL, Metric, Statistic, combine_mean, mean_parts
from metaeval.science.prediction import Prediction
from metaeval.science.soft_metrics import TOTAL_VARIATION_FAMILY
from metaeval.science.truth import Truth

SOURCE = "Baan, Aziz, Plank and Fernández (2022), Stop measuring calibration when humans disagree, EMNLP"


def _entropy_differences(truth: Truth, prediction: Prediction) -> FloatArray:
    """Entropy of the output minus that of the human labels, in nats, shape (N,)."""
    return np.asarray((prediction.entropies_in_nats - truth.entropies_in_nats)[:, 0])


def _signed_parts(truth: Truth, prediction: Prediction) -> FloatArray:
    return mean_parts(_entropy_differences(truth, prediction))


def _absolute_parts(truth: Truth, prediction: Prediction) -> FloatArray:
    return mean_parts(np.abs(_entropy_differences(truth, prediction)))


def _same_order(truth: Truth, prediction: Prediction) -> FloatArray:
    """Whether all labels stand in the same order; equal ones in the order of the label set."""
    human = np.argsort(-truth.distributions, axis=1, kind="stable")
    theirs = np.argsort(-prediction.distributions, axis=1, kind="stable")
    return mean_parts((human == theirs).all(axis=1).astype(np.float64))


CALIBRATION_METRICS: tuple[Metric, ...] = (
    Metric(
        name="dist_ce",
        label="DistCE",
        source=SOURCE,
        range=(0.0, 1.0),
        tasks=ONE_LABEL,
        parts_of=total_variation_parts,
        combine_of=combine_mean,
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
        parts_of=_absolute_parts,
        combine_of=combine_mean,
        item_mean_tasks=ONE_LABEL,
        higher_is_better=False,
        optimum=0.0,
        beside=Statistic(
            name="ent_ce_signed",
            label="Mean entropy of the output minus that of the human labels",
            source=SOURCE,
            range=(-math.inf, math.inf),
            tasks=ONE_LABEL,
            parts_of=_signed_parts,
            combine_of=combine_mean,
            item_mean_tasks=ONE_LABEL,
        ),
    ),
    Metric(
        name="rank_cs",
        label="RankCS",
        source=SOURCE,
        range=(0.0, 1.0),
        tasks=ONE_LABEL,
        parts_of=_same_order,
        combine_of=combine_mean,
        item_mean_tasks=ONE_LABEL,
        breaks_ties_by_index=True,
        higher_is_better=True,
        optimum=1.0,
    ),
)

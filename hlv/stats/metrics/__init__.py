"""Automatic metrics: a registry, hard and soft metrics, distances, calibration, perspectivist errors."""

from hlv.stats.metrics.metric import Metric, Statistic, UndefinedScoreError, UnsupportedTaskError
from hlv.stats.metrics.perspectives import AnnotatorErrors, annotator_errors
from hlv.stats.metrics.predictions import Predictions, Targets
from hlv.stats.metrics.registry import METRICS, metrics_for
from hlv.stats.metrics.score_resampling import resampled_scores

__all__ = [
    "METRICS",
    "AnnotatorErrors",
    "Metric",
    "Predictions",
    "Statistic",
    "Targets",
    "UndefinedScoreError",
    "UnsupportedTaskError",
    "annotator_errors",
    "metrics_for",
    "resampled_scores",
]

"""Training on human label variation: methods, losses, heads on fixed features, folds, and the table of their scores."""

from hlv.stats.training.folds import Fold, TooFewTextsError, given_split, k_folds
from hlv.stats.training.heads import HeadOptions
from hlv.stats.training.losses import (
    aggregated_cross_entropy,
    annotator_cross_entropy,
    cross_entropy,
    jensen_shannon,
    soft_macro_f1,
    soft_micro_f1,
)
from hlv.stats.training.methods import METHODS, TrainingMethod, available_methods, same_objectives
from hlv.stats.training.ngrams import ngram_counts, ngram_features
from hlv.stats.training.table import MetricComparison, compare_methods
from hlv.stats.training.targets import LabelledTexts
from hlv.stats.training.work import TrainedRun, TrainedRuns

__all__ = [
    "METHODS",
    "Fold",
    "HeadOptions",
    "LabelledTexts",
    "MetricComparison",
    "TooFewTextsError",
    "TrainedRun",
    "TrainedRuns",
    "TrainingMethod",
    "aggregated_cross_entropy",
    "annotator_cross_entropy",
    "available_methods",
    "compare_methods",
    "cross_entropy",
    "given_split",
    "jensen_shannon",
    "k_folds",
    "ngram_counts",
    "ngram_features",
    "same_objectives",
    "soft_macro_f1",
    "soft_micro_f1",
]

"""Precision, recall and F1 of each label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray
from hlv.stats.labels.distributions import Task
from hlv.stats.metrics.hard import LABEL_COUNTS, label_scores
from hlv.stats.metrics.predictions import Predictions, Targets
from hlv.stats.metrics.soft import LABEL_MASSES

# Hard: winning labels, as in the hard metrics. Soft: shared mass, as in the soft metrics.
LabelScoreKind = Literal["hard", "soft"]


@dataclass(frozen=True, eq=False)
class LabelScores:
    """Scores of the labels (K,); 0/0 is 1. `support` is how many items a label wins, or its human mass."""

    precision: FloatArray
    recall: FloatArray
    f1: FloatArray
    support: FloatArray

    @classmethod
    def of(
        cls,
        human: npt.ArrayLike | Targets,
        predicted: npt.ArrayLike | Predictions,
        *,
        task: Task,
        kind: LabelScoreKind,
    ) -> LabelScores:
        """Score a method's output against the human distributions, both (N, K).

        Raises
        ------
        InvalidDistributionError
            A table is no table of distributions, or the two have different shapes.
        """
        truth = Targets.of(human, task=task)
        tables = LABEL_COUNTS if kind == "hard" else LABEL_MASSES
        sums = tables.sums(truth, Predictions.of(predicted, truth))
        return cls(*label_scores(sums), support=np.split(sums, 3)[2])

"""Scores of one method on resampled items, of many metrics at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from annotations.science.distributions import FloatArray
from metaeval.science.metric import PartsOf, Statistic
from metaeval.science.prediction import Prediction
from metaeval.science.resampling import Weights

# parts at least so wide are weighted by themselves, which bounds the memory; others share one product
_WIDE = 16


def resampled_scores(
    definitions: Sequence[Statistic], prediction: Prediction, weights: Weights
) -> list[FloatArray]:
    """Scores (R,) of each definition; metrics of the same parts share their sums.

    Parameters
    ----------
    definitions
        Defined for the task of the prediction.
    weights
        Of its items.
    """
    found: dict[PartsOf, FloatArray] = {}
    narrow: dict[PartsOf, FloatArray] = {}
    for parts_of in dict.fromkeys(definition.parts_of for definition in definitions):
        parts = parts_of(prediction.truth, prediction)
        if parts.shape[1] < _WIDE:
            narrow[parts_of] = parts
        else:
            found[parts_of] = weights.sums(parts)
    if narrow:
        edges = np.cumsum([parts.shape[1] for parts in narrow.values()])[:-1]
        sums = weights.sums(np.concatenate(list(narrow.values()), axis=1))
        found |= dict(zip(narrow, np.split(sums, edges, axis=1), strict=True))
    return [definition.combine(found[definition.parts_of]) for definition in definitions]

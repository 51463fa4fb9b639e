"""Texts on which people part: groups of annotators from one another, and a metric from the judges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.correlation import tie_tolerance
from hlv.stats.labels.distributions import Task
from hlv.stats.meta_evaluation.tie_calibration import tied_differences
from hlv.stats.metrics.soft import jensen_shannon_divergences
from hlv.stats.pairwise.comparisons import FIRST, TIE, UNKNOWN, Cells


def group_divergences(groups: list[FloatArray], *, task: Task) -> FloatArray:
    """The widest Jensen-Shannon divergence between two groups on each item, base 2.

    Parameters
    ----------
    groups : list of (N, K) arrays
        Human distributions of each group; NaN in a row where nobody of the group answered.
    task : {"single", "multilabel", "ordinal"}
        Multilabel: the mean over labels of the divergence of memberships.

    Returns
    -------
    (N,) ndarray
        In [0, 1]; NaN where fewer than two groups answered.
    """
    n_items = len(groups[0]) if groups else 0
    widest = np.full(n_items, np.nan)
    for place, one in enumerate(groups):
        for other in groups[place + 1 :]:
            both = ~(np.isnan(one).any(axis=1) | np.isnan(other).any(axis=1))
            widest[both] = np.fmax(widest[both], _divergence(one[both], other[both], task=task))
    return widest


def _divergence(one: FloatArray, other: FloatArray, *, task: Task) -> FloatArray:
    bits = jensen_shannon_divergences(one, other)
    if task == "multilabel":
        found = (bits + jensen_shannon_divergences(1 - one, 1 - other)).mean(axis=1)
    else:
        found = bits.sum(axis=1)
    # The last bit of a sum of logarithms need not lie within.
    return np.asarray(np.clip(found, 0.0, 1.0))


@dataclass(frozen=True, eq=False)
class Contradictions:
    """Of each item: `share` (N,) of the preferences that the metric contradicts, NaN without any; `n` of them (N,)."""

    share: FloatArray
    n: IntArray


def contradictions(cells: Cells, item_scores: FloatArray, *, higher_is_better: bool) -> Contradictions:
    """How often a metric's difference on an item says the opposite of a judge; half where it sees none.

    Parameters
    ----------
    cells
        The judgments; `cells.item` are columns of `item_scores`, `UNKNOWN` elsewhere. Ties are no preference.
    item_scores : (M, N)
        NaN where there is none.
    """
    n_items = item_scores.shape[1]
    kept = (cells.item != UNKNOWN) & (cells.outcome != TIE) & (cells.count > 0)
    first, second, item = cells.first[kept], cells.second[kept], cells.item[kept]
    count, preferred = cells.count[kept], np.where(cells.outcome[kept] == FIRST, 1.0, -1.0)
    sign = 1.0 if higher_is_better else -1.0
    # An infinite score is beyond any other, but by how much it is not known.
    item_scores = np.where(np.isfinite(item_scores), item_scores, np.nan)
    difference = sign * (item_scores[first, item] - item_scores[second, item])
    known = np.isfinite(difference)
    tolerance = float(tie_tolerance(np.where(np.isnan(item_scores), 0.0, item_scores).ravel(), "score")[0])
    wrong = (1 - preferred[known] * np.sign(tied_differences(difference[known], tolerance))) / 2
    n = np.bincount(item[known], weights=count[known], minlength=n_items)
    n_wrong = np.bincount(item[known], weights=count[known] * wrong, minlength=n_items)
    share = np.divide(n_wrong, n, out=np.full(n_items, np.nan), where=n > 0)
    return Contradictions(share=share, n=n.astype(np.int64))

"""Clusters of systems as in the tables of WMT.

WMT orders systems by their mean human score and draws a line where every system above it is significantly better than
every system below it. Between two lines is a cluster; its systems share a rank. A system's rank range counts the
systems that are significantly better, and worse, than it.

WMT's metrics task ranks metrics in another way (`greedy_ranks`): from the top, a new rank begins where some metric of
the current rank is significantly better.

No correction for the number of pairs is made by WMT; pass adjusted p values to make one.

References
----------
Barrault, L., et al. (2020). Findings of the 2020 conference on machine translation (WMT20). Proceedings of WMT, 1-55.
Freitag, M., et al. (2023). Results of WMT23 metrics shared task: metrics might be guilty but references are not
innocent. Proceedings of WMT, 578-628.
Wilcoxon, F. (1945). Individual comparisons by ranking methods. Biometrics Bulletin 1(6), 80-83.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from hlv.stats.arrays import BoolArray, FloatArray, IntArray

ALPHA: Final = 0.05


@dataclass(frozen=True, eq=False)
class SignificanceClusters:
    """Clusters of M systems.

    Attributes
    ----------
    order : (M,)
        Systems by falling score; systems with equal scores keep their order.
    cluster : (M,)
        Of each system, from 1, the best first.
    best_rank, worst_rank : (M,)
        1 + significantly better systems, and M - significantly worse systems.
    """

    order: IntArray
    cluster: IntArray
    best_rank: IntArray
    worst_rank: IntArray


def rank_sum_p(item_scores: npt.ArrayLike) -> FloatArray:
    """One-sided p (M, M) of Wilcoxon's rank-sum test that system i scores no higher than system j; 1 on the diagonal.

    Parameters
    ----------
    item_scores : (M, N)
        NaN where there is no score. WMT standardises the scores of each annotator before.

    Raises
    ------
    ValueError
        If there are fewer than two systems, or a system has no score.
    """
    scores = np.asarray(item_scores, dtype=np.float64)
    if scores.ndim != 2 or len(scores) < 2:
        raise ValueError(f"scores of two systems or more are needed, not a table {scores.shape}")
    columns = [row[~np.isnan(row)] for row in scores]
    if not all(len(column) for column in columns):
        raise ValueError("a system has no score")
    p = np.ones((len(scores), len(scores)))
    for i, one in enumerate(columns):
        for j, other in enumerate(columns):
            if i != j:
                # All scores equal: the test has nothing to compare.
                equal = np.ptp(np.concatenate([one, other])) == 0
                p[i, j] = 1.0 if equal else scipy.stats.mannwhitneyu(one, other, alternative="greater").pvalue
    return p


def significance_clusters(
    scores: npt.ArrayLike, p: npt.ArrayLike, *, alpha: float = ALPHA
) -> SignificanceClusters:
    """Clusters and rank ranges.

    Parameters
    ----------
    scores : (M,)
        Mean scores of systems.
    p : (M, M)
        One-sided p that system i is no better than system j, such as `rank_sum_p` or `paired_permutation_p`.
    alpha
        A system is significantly better where p is below it.

    Raises
    ------
    ValueError
        If shapes do not match, or a score or a p is not finite or not in [0, 1].

    Examples
    --------
    >>> p = np.array([[1, 0.2, 0.01], [0.8, 1, 0.03], [0.99, 0.97, 1]])
    >>> significance_clusters([0.3, 0.2, -0.4], p).cluster
    array([1, 1, 2])
    """
    values, better = _checked(scores, p, alpha)
    order = np.argsort(-values, kind="stable")
    ordered = better[np.ix_(order, order)]
    n = len(values)
    cluster = np.ones(n, dtype=np.int64)
    for place in range(1, n):
        cluster[place] = cluster[place - 1] + bool(ordered[:place, place:].all())
    of_systems = np.empty(n, dtype=np.int64)
    of_systems[order] = cluster
    return SignificanceClusters(
        order=order.astype(np.int64),
        cluster=of_systems,
        best_rank=1 + better.sum(axis=0).astype(np.int64),
        worst_rank=n - better.sum(axis=1).astype(np.int64),
    )


def greedy_ranks(scores: npt.ArrayLike, p: npt.ArrayLike, *, alpha: float = ALPHA) -> IntArray:
    """Ranks (M,) from 1, as WMT's metrics task gives them; parameters and errors as `significance_clusters`.

    A new rank begins with the first one, in falling order, that some one of the current rank beats significantly
    (p at most alpha, as in the task's program).
    """
    values, _ = _checked(scores, p, alpha)
    order = np.argsort(-values, kind="stable")
    beaten = np.asarray(p, dtype=np.float64)[np.ix_(order, order)] <= alpha
    ranks, start = np.ones(len(values), dtype=np.int64), 0
    for place in range(1, len(values)):
        begins = bool(beaten[start:place, place].any())
        start = place if begins else start
        ranks[place] = ranks[place - 1] + begins
    of_systems = np.empty(len(values), dtype=np.int64)
    of_systems[order] = ranks
    return of_systems


def _checked(scores: npt.ArrayLike, p: npt.ArrayLike, alpha: float) -> tuple[FloatArray, BoolArray]:
    values, table = np.asarray(scores, dtype=np.float64), np.asarray(p, dtype=np.float64)
    if values.ndim != 1 or len(values) < 2 or table.shape != (len(values), len(values)):
        raise ValueError("two scores or more, and a p of each two of them, are needed")
    if not np.isfinite(values).all() or not ((table >= 0) & (table <= 1)).all():
        raise ValueError("scores are finite, and each p is between 0 and 1")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is between 0 and 1, not {alpha}")
    better = (table < alpha) & (values[:, None] > values[None, :])
    return values, better

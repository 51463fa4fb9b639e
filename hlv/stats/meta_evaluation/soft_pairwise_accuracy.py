"""Soft pairwise accuracy from paired permutations of item scores, as its authors define it.

For each two methods the p value is the share of random exchanges of the two methods' scores, item by item, that give
a difference of means at least as large as the observed one. It is one-sided and is computed for people and for the
metric in the same way. Soft pairwise accuracy is 1 less the mean absolute difference of both p values.

The sources leave the observed scores out of the exchanges, p = hits / K, and so does this module. All pairs of methods
and both sides share the same exchanges.

`hlv.stats.correlation.soft_pairwise_accuracy` takes any table of shares. For a ranking from pairwise judgments there
are no human scores of items to exchange; there the shares of bootstrap resamples take the place of p.

References
----------
Thompson, B., Mathur, N., Deutsch, D., & Khayrallah, H. (2024). Improving statistical significance in human evaluation
of automatic metrics via soft pairwise accuracy. Proceedings of WMT, 1222-1234.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import SCORE_TOLERANCE, soft_pairwise_accuracy
from hlv.stats.resampling.sign_flips import MOST_EXACT_UNITS, sign_flips

N_PERMUTATIONS: Final = 1000


@dataclass(frozen=True)
class SoftAccuracy:
    """Soft pairwise accuracy and what it came from.

    Attributes
    ----------
    value
        0 to 1.
    chance
        Its mean over all orders of the metric's methods, so that 0 is not mistaken for chance.
    n_methods, n_items
    n_permutations
        Exchanges of each side.
    exact
        Whether they are all exchanges.
    """

    value: float
    chance: float
    n_methods: int
    n_items: int
    n_permutations: int
    exact: bool


def paired_permutation_p(
    item_scores: npt.ArrayLike, *, n_permutations: int = N_PERMUTATIONS, seed: int
) -> FloatArray:
    """One-sided p that method i is no better than method j, (M, M), with 1/2 on the diagonal.

    Parameters
    ----------
    item_scores : (M, N)
        Finite scores of methods on the same items, which grow with quality.
    n_permutations
        Random exchanges; up to `MOST_EXACT_UNITS` items all exchanges are taken instead.
    seed

    Raises
    ------
    ValueError
        If there are fewer than two methods, no item or no permutation, or a score is missing or infinite.

    Examples
    --------
    >>> float(paired_permutation_p([[0.8, 0.9, 0.7, 1.0, 0.6], [0.2, 0.3, 0.1, 0.4, 0.0]], seed=0)[0, 1])
    0.03125
    """
    scores = _checked(item_scores)
    if n_permutations < 1:
        raise ValueError("at least one permutation is needed")
    sums = scores.sum(axis=1)
    # An exchange that only rounds differently gives the same difference.
    tolerance = SCORE_TOLERANCE * np.abs(scores).sum(axis=1).max()
    observed = sums[:, None] - sums[None, :]
    hits, n_drawn = np.zeros_like(observed), 0
    for signs in sign_flips(scores.shape[1], n_permutations, seed=seed):
        exchanged = signs @ scores.T
        for method in range(len(scores)):
            differences = exchanged[:, [method]] - exchanged
            hits[method] += (differences >= observed[method] - tolerance).sum(axis=0)
        n_drawn += len(signs)
    p = hits / n_drawn
    np.fill_diagonal(p, 0.5)
    return np.asarray(p)


def soft_accuracy_of_scores(
    metric: npt.ArrayLike,
    human: npt.ArrayLike,
    *,
    higher_is_better: bool = True,
    n_permutations: int = N_PERMUTATIONS,
    seed: int,
) -> SoftAccuracy:
    """Soft pairwise accuracy of item scores (M, N) of a metric and of people.

    Items that lack a score of some method on either side are left out: an exchange needs both scores of an item.

    Raises
    ------
    ValueError
        As `paired_permutation_p`, or if the shapes differ or no item has all scores.
    """
    scores, people = np.asarray(metric, dtype=np.float64), np.asarray(human, dtype=np.float64)
    if scores.ndim != 2 or scores.shape != people.shape:
        raise ValueError(
            f"two tables of methods x items of one shape are needed, not {scores.shape} and {people.shape}"
        )
    complete = ~(np.isnan(scores) | np.isnan(people)).any(axis=0)
    if not complete.any():
        raise ValueError("no item has a score of every method on both sides")
    scores = scores if higher_is_better else -scores
    p_metric, p_people = (
        paired_permutation_p(side[:, complete], n_permutations=n_permutations, seed=seed)
        for side in (scores, people)
    )
    n_items = int(complete.sum())
    exact = n_items <= MOST_EXACT_UNITS
    return SoftAccuracy(
        value=soft_pairwise_accuracy(p_metric, p_people),
        chance=_mean_over_orders(p_metric, p_people),
        n_methods=len(scores),
        n_items=n_items,
        n_permutations=2**n_items if exact else n_permutations,
        exact=exact,
    )


def _checked(item_scores: npt.ArrayLike) -> FloatArray:
    scores = np.asarray(item_scores, dtype=np.float64)
    if scores.ndim != 2 or len(scores) < 2 or scores.shape[1] < 1:
        raise ValueError(
            f"scores of two methods or more on one item or more are needed, not a table {scores.shape}"
        )
    if not np.isfinite(scores).all():
        raise ValueError("exchanging scores needs a finite score of every method on every item")
    return scores


def _mean_over_orders(metric: FloatArray, people: FloatArray) -> float:
    """Mean soft accuracy over all orders of the metric's methods: each ordered pair meets each, equally often."""
    off = ~np.eye(len(metric), dtype=bool)
    upper = np.triu_indices(len(people), k=1)
    return float(1 - np.abs(metric[off][:, None] - people[upper][None]).mean())

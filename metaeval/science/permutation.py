"""Permutation tests of agreement between two rankings, exact for few methods.

References
----------
Phipson, B., & Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical Applications in
Genetics and Molecular Biology 9(1), 39.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import factorial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from annotations.science.chunked import Runner, in_turn
from metaeval.science.comparisons import FloatArray, IntArray
from metaeval.science.correlation import TieArray, correlations
from metaeval.science.permutation_work import PermutedCorrelations, PermutedShares

# 9! = 362,880 orders are some hundred small matrix products; 10! would take ten times as long for each table
EXACT_UP_TO: Final = 9


@dataclass(frozen=True, eq=False)
class Permutations:
    """Orders of the methods under the null hypothesis.

    Attributes
    ----------
    orders : (K, M)
    exact
        Whether they are all orders there are, the identity among them.
    """

    orders: IntArray | NDArray[np.int8]
    exact: bool

    def p_values(self, hits: FloatArray) -> FloatArray:
        """hits / M! of all orders, (1 + hits) / (1 + K) of K random ones."""
        return hits / len(self.orders) if self.exact else (1 + hits) / (1 + len(self.orders))


def method_permutations(n_methods: int, *, n_permutations: int, seed: int) -> Permutations:
    """All orders up to `EXACT_UP_TO` methods, random ones above.

    Raises
    ------
    ValueError
        If fewer than one permutation is asked for.
    """
    if n_permutations < 1:
        raise ValueError("at least one permutation is needed")
    if n_methods <= EXACT_UP_TO:
        return Permutations(_all_orders(n_methods), exact=True)
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(n_methods,)))
    orders = np.tile(np.arange(n_methods), (n_permutations, 1))
    return Permutations(generator.permuted(orders, axis=1), exact=False)


@lru_cache(maxsize=EXACT_UP_TO + 1)
def _all_orders(n_methods: int) -> NDArray[np.int8]:
    """(M!, M), the identity first: each method in front of all orders of the others."""
    if n_methods == 0:
        return np.zeros((1, 0), dtype=np.int8)
    rest = _all_orders(n_methods - 1)
    orders = np.empty((n_methods, len(rest), n_methods), dtype=np.int8)
    for front in range(n_methods):
        orders[front, :, 0] = front
        orders[front, :, 1:] = rest + (rest >= front)
    found = orders.reshape(-1, n_methods)
    found.flags.writeable = False
    return found


def correlation_p_values(
    metrics: FloatArray,
    people: FloatArray,
    shuffles: Permutations,
    *,
    metric_ties: TieArray,
    people_ties: TieArray,
    run: Runner = in_turn,
) -> dict[str, FloatArray]:
    """Two-sided p of each of `CORRELATIONS`, the same permutations for all metrics.

    Parameters
    ----------
    metrics : (L, M)
    people : (M,)
    metric_ties, people_ties
        Tie groups of both.
    run
        Computes the permutations.

    Returns
    -------
    dict
        Each (L,); NaN where the correlation is undefined.
    """
    work = PermutedCorrelations(
        shuffles.orders, metrics=metrics, people=people, metric_ties=metric_ties, people_ties=people_ties
    )
    hits = run(work).sum(axis=0)
    values = correlations(metrics, people[None], x_ties=metric_ties, y_ties=people_ties[None])
    found = {
        name: np.where(np.isnan(values[name]), np.nan, shuffles.p_values(of_name))
        for name, of_name in zip(("kendall_tau_b", "spearman", "pearson"), hits, strict=True)
    }
    # accuracy is a rising function of the same count of concordant less discordant pairs
    return found | {"pairwise_accuracy": found["kendall_tau_b"]}


def soft_accuracy_p_values(
    metrics: FloatArray, people: FloatArray, shuffles: Permutations, *, run: Runner = in_turn
) -> tuple[FloatArray, FloatArray]:
    """One-sided p (L,) of soft pairwise accuracy, and its mean over the permutations: what chance would give.

    Parameters
    ----------
    metrics : (L, M, M)
    people : (M, M)
        Shares as `soft_pairwise_accuracy` takes them.
    run
        Computes the permutations.
    """
    hits, total = run(PermutedShares(shuffles.orders, metrics, people)).sum(axis=0)
    return shuffles.p_values(hits), total / len(shuffles.orders)


def smallest_p_value(n_methods: int) -> float:
    """The smallest two-sided p that a rank correlation of so many methods without ties can have: 2 / M!."""
    return min(1.0, 2 / factorial(n_methods))


def tau_null_distribution(n_methods: int) -> tuple[FloatArray, FloatArray]:
    """Kendall's tau of two unrelated orders without ties: values, falling, and their probabilities."""
    counts = np.ones(1)
    for size in range(2, n_methods + 1):
        counts = np.convolve(counts, np.full(size, 1 / size))
    n_pairs = n_methods * (n_methods - 1) // 2
    return 1 - 2 * np.arange(n_pairs + 1) / max(n_pairs, 1), counts


def smallest_significant_tau(n_methods: int, *, alpha: float = 0.05) -> tuple[float, float] | None:
    """The smallest |tau| with two-sided p < alpha, and its p; None where no tau reaches that."""
    values, probabilities = tau_null_distribution(n_methods)
    two_sided = np.minimum(1.0, 2 * np.cumsum(probabilities))
    reached = np.flatnonzero((two_sided < alpha) & (values > 0))
    if not len(reached):
        return None
    return float(values[reached[-1]]), float(two_sided[reached[-1]])

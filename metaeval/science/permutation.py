"""Permutation tests of agreement between two rankings, exact for few methods.

References
----------
Phipson, B., & Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical Applications in
Genetics and Molecular Biology 9(1), 39.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import factorial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metaeval.science.comparisons import BoolArray, FloatArray, IntArray
from metaeval.science.correlation import SignArray, mean_ranks, pair_signs, pearson, rounded, unit_rows

# 9! = 362,880 orders are some hundred small matrix products; 10! would take ten times as long for each table
EXACT_UP_TO: Final = 9
# sums of products of unit vectors differ by less than this between two orders of adding
_ROUNDING = 1e-12
_AT_ONCE = 1000


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

    def batches(self, size: int = _AT_ONCE) -> Iterator[IntArray]:
        """The orders, some at a time: what is computed of all of them at once would take much memory."""
        for start in range(0, len(self.orders), size):
            yield self.orders[start : start + size].astype(np.int64)

    def p_value(self, n_hits: int) -> float:
        """hits / M! of all orders, (1 + hits) / (1 + K) of K random ones."""
        return n_hits / len(self.orders) if self.exact else (1 + n_hits) / (1 + len(self.orders))


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
    metrics: FloatArray, people: FloatArray, shuffles: Permutations
) -> dict[str, FloatArray]:
    """Two-sided p of each of `CORRELATIONS`, the same permutations for all metrics.

    Parameters
    ----------
    metrics : (L, M)
    people : (M,)

    Returns
    -------
    dict
        Each (L,); NaN where the correlation is undefined.
    """
    tau = _pair_p_values(pair_signs(metrics), people, shuffles)
    return {
        "kendall_tau_b": tau,
        "spearman": _product_p_values(mean_ranks(metrics), mean_ranks(people), shuffles),
        "pearson": _product_p_values(metrics, people, shuffles),
        # accuracy is a rising function of the same count of concordant less discordant pairs
        "pairwise_accuracy": tau,
    }


def soft_accuracy_p_values(
    metrics: FloatArray, people: FloatArray, shuffles: Permutations
) -> tuple[FloatArray, FloatArray]:
    """One-sided p (L,) of soft pairwise accuracy, and its mean over the permutations: what chance would give.

    Parameters
    ----------
    metrics : (L, M, M)
    people : (M, M)
        Shares as `soft_pairwise_accuracy` takes them.
    """
    first, second = np.triu_indices(len(people), k=1)
    wanted = metrics[:, first, second]
    bar = 1 - np.abs(wanted - people[first, second]).mean(axis=1) - _ROUNDING
    hits, total = np.zeros(len(metrics), dtype=np.int64), np.zeros(len(metrics))
    for orders in shuffles.batches():
        shuffled = people[orders[:, first], orders[:, second]]
        for place, row in enumerate(wanted):
            values = 1 - np.abs(shuffled - row).mean(axis=1)
            hits[place] += (values >= bar[place]).sum()
            total[place] += values.sum()
    p = np.array([shuffles.p_value(int(n_hits)) for n_hits in hits])
    return p, total / len(shuffles.orders)


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


def _pair_p_values(signs: SignArray, people: FloatArray, shuffles: Permutations) -> FloatArray:
    n_methods = len(people)
    first, second = np.triu_indices(n_methods, k=1)
    compared = rounded(people)
    above = (compared[:, None] > compared[None, :]).astype(np.float32)
    table = above - above.T
    # whole numbers below 2^24 are exact in single precision, and the product is twice as fast
    metric_signs = signs.astype(np.float32)
    observed = np.abs(metric_signs @ table[first, second])
    hits = np.zeros(len(metric_signs), dtype=np.int64)
    for orders in shuffles.batches():
        null = np.abs(table[orders[:, first], orders[:, second]] @ metric_signs.T)
        hits += (null >= observed).sum(axis=0)
    defined = (metric_signs != 0).any(axis=1) & bool(table.any())
    return _p_values(hits, defined, shuffles)


def _product_p_values(metrics: FloatArray, people: FloatArray, shuffles: Permutations) -> FloatArray:
    observed = pearson(metrics, people[None])
    defined = ~np.isnan(observed)
    hits = np.zeros(len(metrics), dtype=np.int64)
    if defined.any():
        rows = unit_rows(metrics[defined])
        target = unit_rows(people[None])[0]
        bar = np.abs(rows @ target) - _ROUNDING
        for orders in shuffles.batches():
            hits[defined] += (np.abs(target[orders] @ rows.T) >= bar).sum(axis=0)
    return _p_values(hits, defined, shuffles)


def _p_values(hits: IntArray, defined: BoolArray, shuffles: Permutations) -> FloatArray:
    values = np.array([shuffles.p_value(int(n_hits)) for n_hits in hits])
    return np.where(defined, values, np.nan)

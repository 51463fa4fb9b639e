"""Permutation tests of agreement between two rankings, exact for few methods and for tau-b without ties.

The null hypothesis of all of them: the metric's scores are unrelated to the people's, so that any order of the methods
is as likely as any other.

References
----------
Kendall, M. G. (1938). A new measure of rank correlation. Biometrika 30(1/2), 81-93.
Phipson, B., & Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical Applications in
Genetics and Molecular Biology 9(1), 39.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import factorial
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.correlation import TieArray, correlations, pair_signs
from hlv.stats.meta_evaluation.permutation_chunks import PermutedCorrelations, PermutedShares
from hlv.stats.resampling.chunks import Runner, run_in_sequence

# 9! = 362,880 orders are some hundred small matrix products; 10! would take ten times as long for each table
EXACT_UP_TO: Final = 9
# Random orders above that: an exact .0472 then has a Monte Carlo error of .0005.
N_PERMUTATIONS: Final = 199_999

# Kendall's exact distribution, all orders of the methods, or random ones.
NullKind = Literal["exact", "all orders", "random orders"]


@dataclass(frozen=True)
class NullOrders:
    """The orders of the methods that a p was taken over; `n` is None for Kendall's exact distribution."""

    kind: NullKind
    n: int | None = None

    @property
    def n_random(self) -> int | None:
        """How many random orders; None where none was needed."""
        return self.n if self.kind == "random orders" else None

    @property
    def words(self) -> str:
        if self.kind == "exact":
            return "exact"
        return f"all {self.n:,} orders" if self.kind == "all orders" else f"{self.n:,} permutations"


KENDALL_EXACT: Final = NullOrders("exact")


@dataclass(frozen=True, eq=False)
class Permutations:
    """Orders of the methods under the null hypothesis.

    Attributes
    ----------
    orders : (K, M)
    exact
        Whether they are all orders there are, the identity among them.
    """

    orders: IntArray | NDArray[np.int8] | NDArray[np.int16]
    exact: bool

    @property
    def null(self) -> NullOrders:
        return NullOrders("all orders" if self.exact else "random orders", len(self.orders))

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
    orders = np.tile(np.arange(n_methods, dtype=np.int16), (n_permutations, 1))
    return Permutations(generator.permuted(orders, axis=1), exact=False)


@lru_cache(maxsize=EXACT_UP_TO + 1)
def _all_orders(n_methods: int) -> NDArray[np.int8]:
    """(M!, M), the identity first: each method in front of all orders of the others."""
    if n_methods == 0:
        return np.zeros((1, 0), dtype=np.int8)
    smaller_orders = _all_orders(n_methods - 1)
    orders = np.empty((n_methods, len(smaller_orders), n_methods), dtype=np.int8)
    for front in range(n_methods):
        orders[front, :, 0] = front
        orders[front, :, 1:] = smaller_orders + (smaller_orders >= front)
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
    run: Runner = run_in_sequence,
) -> dict[str, FloatArray]:
    """Two-sided p of each of `CORRELATIONS`: the share of orders with at least as large an absolute coefficient.

    Of a metric without ties, where people have none either, the p of tau-b and of pairwise accuracy is exact for any
    number of methods; every other p is taken over the same permutations.

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

    Examples
    --------
    >>> import numpy as np
    >>> from hlv.stats.correlation import ties_of
    >>> from hlv.stats.meta_evaluation import correlation_p_values, method_permutations
    >>> people, metrics = np.array([1.2, 0.4, -0.1, -0.5]), np.array([[0.8, 0.6, 0.7, 0.3]])
    >>> orders = method_permutations(4, n_permutations=999, seed=1)
    >>> metric_ties, people_ties = ties_of(metrics, "score"), ties_of(people, "strength")
    >>> found = correlation_p_values(metrics, people, orders, metric_ties=metric_ties, people_ties=people_ties)
    >>> found["kendall_tau_b"].round(3).tolist()
    [0.333]
    """
    exact = without_ties(metric_ties, people_ties)
    work = PermutedCorrelations(
        shuffles.orders,
        metrics=metrics,
        people=people,
        metric_ties=metric_ties,
        people_ties=people_ties,
        counts_pairs=not bool(exact.all()),
    )
    hits = run(work).sum(axis=0)
    values = correlations(metrics, people[None], x_ties=metric_ties, y_ties=people_ties[None])
    found = {
        name: np.where(np.isnan(values[name]), np.nan, shuffles.p_values(of_name))
        for name, of_name in zip(("kendall_tau_b", "spearman", "pearson"), hits, strict=True)
    }
    tau = found["kendall_tau_b"]
    tau[exact] = kendall_p_values(values["kendall_tau_b"][exact], len(people))
    # accuracy is a rising function of the same count of concordant less discordant pairs
    return found | {"pairwise_accuracy": tau}


def without_ties(metric_ties: TieArray, people_ties: TieArray) -> BoolArray:
    """Whether tie groups (L, M) and (M,) have one method each, so that Kendall's exact distribution holds; (L,)."""
    return np.asarray((pair_signs(metric_ties) != 0).all(axis=-1) & (pair_signs(people_ties) != 0).all())


def kendall_p_values(taus: FloatArray, n_methods: int) -> FloatArray:
    """Exact two-sided p of tau between two orders without ties: P(|tau| is at least as large); (K,)."""
    n_pairs = n_methods * (n_methods - 1) // 2
    _, chances = tau_null_distribution(n_methods)
    discordant = np.rint((1 - np.abs(taus)) * n_pairs / 2).astype(np.int64)
    # of as many discordant as concordant pairs both tails hold the middle, so that they pass 1
    return np.asarray(np.minimum(1.0, 2 * np.cumsum(chances))[discordant])


def soft_accuracy_p_values(
    metrics: FloatArray, people: FloatArray, shuffles: Permutations, *, run: Runner = run_in_sequence
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


@lru_cache(maxsize=64)
def tau_null_distribution(n_methods: int) -> tuple[FloatArray, FloatArray]:
    """Kendall's tau of two unrelated orders without ties: values, falling, and their probabilities.

    The number of discordant pairs is the number of inversions of a random order: one method after the other is put in
    at a random place, which adds 0 to size - 1 inversions, each as likely.
    """
    chances = np.ones(1)
    for size in range(2, n_methods + 1):
        n_values = size * (size - 1) // 2 + 1
        half = -(-n_values // 2)
        below = np.concatenate([np.zeros(size), np.cumsum(chances)])
        reaching = np.minimum(np.arange(half), len(chances) - 1)
        # a sliding sum, of the lower half alone: there no sum is the difference of two nearly equal ones
        lower = (below[size + reaching] - below[np.arange(half)]) / size
        chances = np.concatenate([lower, lower[: n_values - half][::-1]])
    n_pairs = n_methods * (n_methods - 1) // 2
    values = 1 - 2 * np.arange(n_pairs + 1) / max(n_pairs, 1)
    for array in (values, chances):
        array.flags.writeable = False
    return values, chances


def smallest_significant_tau(n_methods: int, *, alpha: float = 0.05) -> tuple[float, float] | None:
    """The smallest |tau| with two-sided p < alpha, and its p; None where no tau reaches that."""
    values, probabilities = tau_null_distribution(n_methods)
    two_sided = np.minimum(1.0, 2 * np.cumsum(probabilities))
    reached = np.flatnonzero((two_sided < alpha) & (values > 0))
    if not len(reached):
        return None
    return float(values[reached[-1]]), float(two_sided[reached[-1]])

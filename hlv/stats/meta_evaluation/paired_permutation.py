"""Is the difference of two metrics' agreement with people more than exchanging their scores would give?

What is exchanged is the null hypothesis, and named in every result. Two go by the name PERM-BOTH:

"methods-xor-items"
    The two metrics' scores are exchanged for whole methods and for whole items at once: a cell is exchanged where
    its method was drawn or its item was, but not both. What an item does to all methods stays together.
"cells"
    Each cell of methods and items is exchanged by a coin of its own.

One is PERM-SYSTEMS:

"methods"
    Whole methods are exchanged, with all their items.

PERM-BOTH is valid for these methods only: where each metric has a bias for some methods, which is usual, two metrics
that would agree equally well on other methods differ far more often than the level (in simulated campaigns with
such biases 23 to 34 % at .05, against 4 to 8 % without; exchanging methods keeps to the level, and
finds less). With M methods it cannot give a p below 2 / 2^M; to 13 methods all 2^M exchanges are taken.

Random exchanges go on, in rounds that double their number, for the pairs of metrics whose decision under Holm's rule
the Monte Carlo error leaves open.

Metrics are z-scored over all cells before, because exchanged scores must be on one scale. The human ranking is
fixed: the test says nothing about other judges.

References
----------
Clopper, C. J., & Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in the case of the
binomial. Biometrika 26(4), 404-413.
Deutsch, D., Dror, R., & Roth, D. (2021). A statistical analysis of summarization evaluation metrics using
resampling methods. Transactions of the ACL 9, 1132-1146.
Phipson, B., & Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical Applications in
Genetics and Molecular Biology 9(1), 39.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy

from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.correlation import (
    CORRELATIONS,
    Scale,
    TieArray,
    is_constant,
    tie_groups,
    tie_tolerance,
    ties_of,
)
from hlv.stats.meta_evaluation.exchanged_scores import SWAP_NULLS, ExchangedScores, SwapNull
from hlv.stats.pairwise.multiple_comparisons import holm
from hlv.stats.resampling.chunks import Runner, chunks, run_in_sequence

__all__ = [
    "N_EXCHANGES",
    "SWAP_NULLS",
    "ExchangedScores",
    "SwapNull",
    "SwapTests",
    "standardised",
    "standardised_tolerance",
    "swap_p_values",
    "swap_tests",
    "undecided",
]

N_EXCHANGES: Final = 9_999
MOST_EXCHANGES: Final = 199_999
# Pairs of methods x pairs of metrics x exchanges of one round: within seconds.
MOST_WORK: Final = 200_000_000
_ALPHA: Final = 0.05
_CONFIDENCE: Final = 0.99


@dataclass(frozen=True, eq=False)
class SwapTests:
    """Tests of P pairs of metrics by exchanging their scores.

    Attributes
    ----------
    p : (P,)
    n_exchanges : (P,)
        How many each p was taken over.
    exact
        Whether they are all exchanges there are.
    smallest : (P,)
        The smallest p that so many can give.
    """

    p: FloatArray
    n_exchanges: IntArray
    exact: bool
    smallest: FloatArray


def standardised(item_scores: FloatArray, scales: Sequence[Scale] | None = None) -> FloatArray:
    """Scores (L, M, N) less the mean of their metric's cells, over their standard deviation.

    Parameters
    ----------
    scales
        Of each metric; all are scores by default.

    Raises
    ------
    ValueError
        If a metric is constant, or a score is not finite.
    """
    if not np.isfinite(item_scores).all():
        raise ValueError("exchanging scores needs a finite score of every method on every item")
    cells = item_scores.reshape(len(item_scores), -1)
    if is_constant(tie_groups(cells, _tolerances(cells, scales))).any():
        raise ValueError("a metric that is the same everywhere cannot be z-scored")
    centred = item_scores - cells.mean(axis=1)[:, None, None]
    return np.asarray(centred / cells.std(axis=1)[:, None, None])


def standardised_tolerance(item_scores: FloatArray, scales: Sequence[Scale] | None = None) -> FloatArray:
    """How far apart means of `standardised` scores (L, M, N) may lie and still be tied; (L,)."""
    cells = item_scores.reshape(len(item_scores), -1)
    return np.asarray(_tolerances(cells, scales)[:, 0] / cells.std(axis=1))


def _tolerances(cells: FloatArray, scales: Sequence[Scale] | None) -> FloatArray:
    """(L, 1)"""
    if scales is None:
        return tie_tolerance(cells, "score")
    return np.stack([tie_tolerance(row, scale) for row, scale in zip(cells, scales, strict=True)])


def swap_p_values(
    item_scores: FloatArray,
    people: FloatArray,
    first: IntArray,
    second: IntArray,
    *,
    people_scale: Scale = "strength",
    coefficient: str = "kendall_tau_b",
    null: SwapNull = "methods-xor-items",
    n_permutations: int = 9999,
    seed: int,
    run: Runner = run_in_sequence,
) -> FloatArray:
    """Two-sided p of the differences between metrics' agreement with people; (P,).

    All pairs of metrics share the same draws of what is exchanged, so their sums cost one product for each draw
    and metric, and not for each pair. p = (1 + hits) / (1 + n_permutations).

    Parameters
    ----------
    item_scores : (L, M, N)
        Of metrics whose score of a method is the mean over items; all grow with quality.
    people : (M,)
    first, second : (P,)
        The metrics of each pair.
    people_scale
        Which values of `people` are tied.
    coefficient
        One of `CORRELATIONS`.
    null
        One of `SWAP_NULLS`.
    seed
        Of the draws, a hundred of which share one generator.
    run
        Computes them.

    Raises
    ------
    ValueError
        If shapes do not match, an option is not known, a metric or the people's side is constant, or a score is
        not finite.
    """
    people_ties = _checked_ties(item_scores, people, people_scale, coefficient, null, n_permutations)
    scores, tolerance = standardised(item_scores), standardised_tolerance(item_scores)
    work = ExchangedScores(
        scores=np.ascontiguousarray(scores.T),
        people=people,
        people_ties=people_ties,
        # scores that were exchanged are no nearer to one another than those of either metric
        tolerance=np.maximum(tolerance[first], tolerance[second]),
        first=first,
        second=second,
        coefficient=coefficient,
        null=null,
        n_permutations=n_permutations,
        seed=seed,
    )
    return np.asarray((1 + run(work).sum(axis=0)) / (1 + n_permutations))


def swap_tests(
    item_scores: FloatArray,
    people: FloatArray,
    first: IntArray,
    second: IntArray,
    *,
    people_scale: Scale = "strength",
    scales: Sequence[Scale] | None = None,
    coefficient: str = "kendall_tau_b",
    null: SwapNull = "methods-xor-items",
    n_permutations: int = N_EXCHANGES,
    most_permutations: int = MOST_EXCHANGES,
    alpha: float = _ALPHA,
    clusters: IntArray | None = None,
    seed: int,
    run: Runner = run_in_sequence,
) -> SwapTests:
    """As `swap_p_values`, exact for whole methods where they are few, else sequential.

    After each round the Clopper-Pearson interval of every p (99 %) is held against Holm's rule over all pairs. Pairs
    that the lower ends reject and the upper ends do not are exchanged as often again, up to `most_permutations`, and
    as long as a round stays within `MOST_WORK`. Rounds draw chunks of their own, so the result depends on nothing but
    the seed.

    Parameters
    ----------
    scales
        Which values of each metric are tied; all are scores by default.
    most_permutations, alpha
        Of the rounds.
    clusters : (M,) or None
        Methods of one number, from 0, are exchanged together; for the null hypothesis "methods" alone.

    Raises
    ------
    ValueError
        As `swap_p_values`, or if clusters are given for another null hypothesis.
    """
    people_ties = _checked_ties(item_scores, people, people_scale, coefficient, null, n_permutations)
    if clusters is not None and null != "methods":
        raise ValueError("methods are exchanged in clusters under the null hypothesis 'methods' alone")
    scores, n_methods = standardised(item_scores, scales), len(people)
    tolerance = standardised_tolerance(item_scores, scales)
    n_units = n_methods if clusters is None else int(clusters.max()) + 1

    def hits(pairs: IntArray, *, n: int, first_chunk: int = 0, enumerated: bool = False) -> FloatArray:
        used, places = np.unique(np.stack([first[pairs], second[pairs]]), return_inverse=True)
        one, other = places.reshape(2, -1)
        work = ExchangedScores(
            scores=np.ascontiguousarray(scores[used].T),
            people=people,
            people_ties=people_ties,
            tolerance=np.maximum(tolerance[first[pairs]], tolerance[second[pairs]]),
            first=one,
            second=other,
            coefficient=coefficient,
            null=null,
            n_permutations=n,
            seed=seed,
            first_chunk=first_chunk,
            enumerated=enumerated,
            clusters=clusters,
        )
        return np.asarray(run(work).sum(axis=0))

    every = np.arange(len(first))
    if null == "methods" and 2**n_units <= 1 + n_permutations:
        n_all = 2**n_units
        # none and all exchanged give the same difference
        return SwapTests(
            hits(every, n=n_all, enumerated=True) / n_all,
            np.full(len(first), n_all),
            exact=True,
            smallest=np.full(len(first), 2 / n_all),
        )
    found, done = hits(every, n=n_permutations), np.full(len(first), n_permutations)
    total = n_permutations
    while True:
        left = np.flatnonzero(undecided(found, done, alpha=alpha))
        more = min(total + 1, most_permutations - total)
        if not len(left) or more < 1 or len(left) * more * n_methods * (n_methods - 1) // 2 > MOST_WORK:
            break
        found[left] += hits(left, n=more, first_chunk=len(chunks(total)))
        total += more
        done[left] = total
    smallest = 1 / (1 + done)
    return SwapTests(
        (1 + found) / (1 + done),
        done,
        exact=False,
        smallest=np.maximum(smallest, 2 / 2**n_units) if null == "methods" else smallest,
    )


def undecided(hits: FloatArray, n: IntArray, *, alpha: float) -> BoolArray:
    """Which of P tests Holm's rule rejects at the lower ends of their Monte Carlo intervals only; (P,)"""
    tail = (1 - _CONFIDENCE) / 2
    low = np.where(hits > 0, scipy.stats.beta.ppf(tail, np.maximum(hits, 1), n - hits + 1), 0.0)
    high = np.where(hits < n, scipy.stats.beta.isf(tail, hits + 1, np.maximum(n - hits, 1)), 1.0)
    return np.asarray((holm(low) < alpha) & ~(holm(high) < alpha))


def _checked_ties(
    item_scores: FloatArray,
    people: FloatArray,
    people_scale: Scale,
    coefficient: str,
    null: str,
    n_permutations: int,
) -> TieArray:
    """Tie groups of people, where all else is as it must be."""
    if coefficient not in CORRELATIONS:
        raise ValueError(f"unknown coefficient {coefficient!r}; one of {', '.join(CORRELATIONS)}")
    if null not in SWAP_NULLS:
        raise ValueError(f"unknown null hypothesis {null!r}; one of {', '.join(SWAP_NULLS)}")
    if n_permutations < 1:
        raise ValueError("at least one permutation is needed")
    if item_scores.ndim != 3 or item_scores.shape[1] != len(people):
        raise ValueError("scores need the shape (metrics, methods, items) with a human score of each method")
    people_ties = ties_of(people, people_scale)
    if is_constant(people_ties):
        raise ValueError("people rank all methods equal")
    return people_ties

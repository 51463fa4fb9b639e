"""Which pairs of methods are judged, on which items, by whom, on which side, in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray

from hlv.stats.arrays import IntArray
from hlv.stats.reporting import StatisticsError

_LARGEST_SEED = 2**63 - 1


class DesignError(StatisticsError, ValueError):
    """The wishes cannot be met together; the message says which and why."""


@dataclass(frozen=True)
class ComparisonPlan:
    """Comparisons to create and who is to judge them.

    A comparison is an unordered pair of methods on one item; an assignment is one judge's turn at it,
    with its sides and its place in the judge's order.

    Attributes
    ----------
    comparison_item : int array, shape (n_comparisons,)
    comparison_pair : int array, shape (n_comparisons, 2)
        Methods, the smaller number first; not the sides.
    comparison, judge, left, right, position : int arrays, shape (n_assignments,)
        Which comparison, which judge, the methods shown left and right, and the place (from 0) in the
        judge's own order. Sorted by judge, then position.
    order_seed : int
        Seed of the generator that shuffled each judge's order.
    """

    comparison_item: IntArray
    comparison_pair: IntArray
    comparison: IntArray
    judge: IntArray
    left: IntArray
    right: IntArray
    position: IntArray
    order_seed: int

    @property
    def n_comparisons(self) -> int:
        return len(self.comparison_item)

    @property
    def n_assignments(self) -> int:
        return len(self.judge)

    @property
    def item(self) -> IntArray:
        """Item of each assignment, shape (n_assignments,)."""
        return self.comparison_item[self.comparison]


def all_pairs(n_methods: int) -> IntArray:
    """Every unordered pair of methods, in lexicographic order.

    Parameters
    ----------
    n_methods : int
        At least 2.

    Returns
    -------
    int array, shape (n_methods * (n_methods - 1) / 2, 2)

    Raises
    ------
    DesignError
        Fewer than two methods.
    """
    if n_methods < 2:
        raise DesignError("a comparison needs two methods, not %(n_methods)s", n_methods=n_methods)
    first, second = np.triu_indices(n_methods, k=1)
    return np.column_stack([first, second]).astype(np.int64)


def balanced_pairs(n_methods: int, *, opponents_per_method: int, rng: np.random.Generator) -> IntArray:
    """A connected choice of pairs in which every method meets equally many others.

    Methods are put on a circle in random order and each is joined to its nearest neighbours: a cyclic
    incomplete block design with blocks of two.

    Parameters
    ----------
    n_methods : int
        At least 2.
    opponents_per_method : int
        From 2 (1 where there are only two methods) to ``n_methods - 1``.
    rng : numpy.random.Generator

    Returns
    -------
    int array, shape (n_methods * opponents_per_method / 2, 2)
        The smaller number of a pair first; rows in lexicographic order.

    Raises
    ------
    DesignError
        If no such choice exists: an odd number of methods with an odd number of opponents, too many
        opponents, or too few to join all methods.

    References
    ----------
    David, H. A. (1988). The Method of Paired Comparisons, 2nd ed., ch. 5 (cyclic designs).
    """
    if opponents_per_method == n_methods - 1:
        return all_pairs(n_methods)
    if opponents_per_method > n_methods - 1:
        raise DesignError(
            "a method has only %(n_methods)s others to meet, not %(opponents_per_method)s",
            n_methods=n_methods - 1,
            opponents_per_method=opponents_per_method,
        )
    if opponents_per_method < 2:
        raise DesignError(
            "with %(opponents_per_method)s opponents each, %(n_methods)s methods are not connected",
            opponents_per_method=opponents_per_method,
            n_methods=n_methods,
        )
    if n_methods % 2 and opponents_per_method % 2:
        raise DesignError(
            "%(n_methods)s methods cannot have %(opponents_per_method)s opponents each: both numbers are odd",
            n_methods=n_methods,
            opponents_per_method=opponents_per_method,
        )
    steps = list(range(1, opponents_per_method // 2 + 1))
    if opponents_per_method % 2:
        steps.append(n_methods // 2)
    circle = rng.permutation(n_methods)
    joined = {
        (min(a, b), max(a, b))
        for step in steps
        for a, b in zip(circle.tolist(), np.roll(circle, step).tolist(), strict=True)
    }
    return np.array(sorted(joined), dtype=np.int64)


def plan_comparisons(
    n_methods: int,
    n_items: int,
    *,
    texts_per_pair: int,
    judges_per_comparison: int,
    n_judges: int,
    rng: np.random.Generator,
    pairs: Sequence[Sequence[int]] | IntArray | None = None,
) -> ComparisonPlan:
    """Plan a judging campaign that is balanced over items, judges and sides.

    Items are used equally often and judges have equally many assignments, each up to one. For every
    judge and pair, either method stands on the left in half of the judge's assignments, up to one.

    Parameters
    ----------
    n_methods, n_items, n_judges : int
    texts_per_pair : int
        Different items on which each pair is compared, at most ``n_items``.
    judges_per_comparison : int
        Different judges of each comparison, at most ``n_judges``.
    rng : numpy.random.Generator
    pairs : int array, shape (n_pairs, 2), optional
        Pairs to compare; all of them by default.

    Returns
    -------
    ComparisonPlan

    Raises
    ------
    DesignError
        A count below one, more texts or judges wanted than there are, or a pair that is not a pair of
        different known methods.
    """
    _refuse_impossible_count(judges_per_comparison, n_judges, "judges per comparison")
    chosen = all_pairs(n_methods) if pairs is None else _checked_pairs(pairs, n_methods)
    assignment_pair, assignment_item = spread_over_texts(
        len(chosen), n_items, texts_per_pair=texts_per_pair, rng=rng
    )
    comparison, judge = _spread_judges(assignment_pair, n_judges, judges_per_comparison, rng)
    left_is_first = _counterbalance(judge, assignment_pair[comparison], rng)
    methods = chosen[assignment_pair][comparison]
    left = np.where(left_is_first, methods[:, 0], methods[:, 1])
    right = np.where(left_is_first, methods[:, 1], methods[:, 0])
    order_seed = int(rng.integers(_LARGEST_SEED))
    position = shuffled_positions(judge, order_seed=order_seed)
    rows = np.lexsort((position, judge))
    return ComparisonPlan(
        comparison_item=assignment_item,
        comparison_pair=chosen[assignment_pair],
        comparison=comparison[rows],
        judge=judge[rows],
        left=left[rows],
        right=right[rows],
        position=position[rows],
        order_seed=order_seed,
    )


def spread_over_texts(
    n_pairs: int, n_items: int, *, texts_per_pair: int, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """The comparisons of a design, where who judges them is settled later.

    Items are used equally often, up to one.

    Parameters
    ----------
    n_pairs, n_items : int
    texts_per_pair : int
        Different items on which each pair is compared, at most ``n_items``.
    rng : numpy.random.Generator

    Returns
    -------
    pair, item : int arrays, shape (n_pairs * texts_per_pair,)

    Raises
    ------
    DesignError
        Fewer than one text wanted, or more than there are.
    """
    _refuse_impossible_count(texts_per_pair, n_items, "texts per pair")
    return _spread_items(n_pairs, n_items, texts_per_pair, rng)


def shuffled_positions(judge: IntArray, *, order_seed: int) -> IntArray:
    """Place of each assignment in its judge's own random order.

    Parameters
    ----------
    judge : int array, shape (n_assignments,)
    order_seed : int
        The same seed and judges give the same order.

    Returns
    -------
    int array, shape (n_assignments,)
        For each judge a permutation of 0 ... n - 1.
    """
    rng = np.random.default_rng(order_seed)
    position = np.empty(len(judge), dtype=np.int64)
    for one in np.unique(judge):
        rows = np.flatnonzero(judge == one)
        position[rows] = rng.permutation(len(rows))
    return position


def _refuse_impossible_count(wanted: int, available: int, noun: str) -> None:
    if wanted < 1:
        raise DesignError("at least one of %(noun)s is needed, not %(wanted)s", noun=noun, wanted=wanted)
    if wanted > available:
        raise DesignError(
            "%(wanted)s %(noun)s are wanted but there are only %(available)s",
            wanted=wanted,
            noun=noun,
            available=available,
        )


def _checked_pairs(pairs: Sequence[Sequence[int]] | IntArray, n_methods: int) -> IntArray:
    chosen = np.asarray(pairs, dtype=np.int64)
    if chosen.ndim != 2 or chosen.shape[1] != 2 or len(chosen) == 0:
        raise DesignError("pairs must have the shape (n, 2), not %(shape)s", shape=chosen.shape)
    if chosen.min() < 0 or chosen.max() >= n_methods:
        raise DesignError("methods are numbered 0 to %(n_methods)s", n_methods=n_methods - 1)
    if (chosen[:, 0] == chosen[:, 1]).any():
        raise DesignError("a method cannot be compared with itself")
    chosen = np.sort(chosen, axis=1)
    if len(np.unique(chosen, axis=0)) < len(chosen):
        raise DesignError("a pair is named twice")
    return chosen


def _spread_items(
    n_pairs: int, n_items: int, texts_per_pair: int, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Pair and item of each comparison; taking the least used items first keeps the use within one."""
    uses = np.zeros(n_items, dtype=np.int64)
    assignment_item = np.empty((n_pairs, texts_per_pair), dtype=np.int64)
    for pair in rng.permutation(n_pairs):
        assignment_item[pair] = np.lexsort((rng.random(n_items), uses))[:texts_per_pair]
        uses[assignment_item[pair]] += 1
    return np.repeat(np.arange(n_pairs), texts_per_pair), assignment_item.ravel()


def _spread_judges(
    assignment_pair: IntArray, n_judges: int, judges_per_comparison: int, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Comparison and judge of each assignment: the least burdened first, then who saw the pair least."""
    burden = np.zeros(n_judges, dtype=np.int64)
    seen = np.zeros((n_judges, int(assignment_pair.max()) + 1), dtype=np.int64)
    assignment_judge = np.empty((len(assignment_pair), judges_per_comparison), dtype=np.int64)
    for comparison, pair in enumerate(assignment_pair):
        order = np.lexsort((rng.random(n_judges), seen[:, pair], burden))
        assignment_judge[comparison] = order[:judges_per_comparison]
        burden[assignment_judge[comparison]] += 1
        seen[assignment_judge[comparison], pair] += 1
    return np.repeat(np.arange(len(assignment_pair)), judges_per_comparison), assignment_judge.ravel()


def _counterbalance(judge: IntArray, pair: IntArray, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Whether the pair's first method stands left: half of each judge's assignments of a pair, up to one."""
    left_is_first = np.empty(len(judge), dtype=np.bool_)
    cell = judge * (int(pair.max()) + 1) + pair
    for one in np.unique(cell):
        rows = np.flatnonzero(cell == one)
        left_first = (np.arange(len(rows)) + rng.integers(2)) % 2 == 0
        left_is_first[rows] = rng.permutation(left_first)
    return left_is_first


def is_repeated(place: int, *, share: float, start: float) -> bool:
    """Whether the pair at this place comes again.

    Parameters
    ----------
    place : int
        From 1, in the order in which pairs were judged.
    share : float
        In [0, 1].
    start : float
        In [0, 1); moves all choices.
    """
    return n_repeated(place, share=share, start=start) > n_repeated(place - 1, share=share, start=start)


def n_repeated(n_pairs: int, *, share: float, start: float) -> int:
    """How many of the first `n_pairs` come again: their share, within one."""
    return floor(n_pairs * share + start) if n_pairs > 0 else 0

"""Agreement on spans: the F1 of pairs of annotators over the characters that they marked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np

from hlv.stats.arrays import FloatArray

# By what was marked (a label, or a label and a text): beginnings and ends, the end excluded.
Marked: TypeAlias = Mapping[Any, Sequence[tuple[int, int]]]
FEWEST_ITEMS = 5


@dataclass(frozen=True)
class SpanAgreement:
    """Mean F1 of the pairs of annotators, and what it comes from; `f1` is None where nobody can be compared."""

    f1: float | None
    # 2.5 and 97.5 % points over resamples of the items; None with fewer than five items or without resamples.
    interval: tuple[float, float] | None
    n_pairs: int
    n_items: int


def span_f1(first: Marked, second: Marked) -> float | None:
    """F1 of two sets of marked characters; None where both are empty."""
    shared, marked = _overlap(_merged(first), _merged(second))
    return 2 * shared / marked if marked else None


def span_agreement(
    answers: Sequence[tuple[Hashable, Hashable, Marked]],
    *,
    n_resamples: int = 0,
    rng: np.random.Generator | None = None,
) -> SpanAgreement:
    """Agreement of annotators on the spans that they marked (Hripcsak and Rothschild, 2005).

    F1 of two annotators is 2 s / (a + b): a and b are the characters that each marked in the items of both, s those
    that both marked for the same label. The agreement is the mean over pairs of annotators. It needs no number of
    characters that nobody marked, so it is not corrected for chance; with long texts chance agreement is near 0.

    Parameters
    ----------
    answers
        Item, annotator and marked spans of each answer; an answer without spans counts as an empty set.
    n_resamples
        Bootstrap resamples of the items for the interval.
    """
    by_item: defaultdict[Hashable, dict[Hashable, Marked]] = defaultdict(dict)
    for item, annotator, marked in answers:
        by_item[item][annotator] = _merged(marked)
    pairs: dict[tuple[Hashable, Hashable], int] = {}
    cells: list[tuple[int, int, int, int]] = []
    order = {annotator: place for place, annotator in enumerate(dict.fromkeys(one for _, one, _ in answers))}
    used: dict[Hashable, int] = {}
    for item, given in by_item.items():
        for one, other in combinations(sorted(given, key=order.__getitem__), 2):
            shared, both = _overlap(given[one], given[other])
            if both:
                place = used.setdefault(item, len(used))
                cells.append((place, pairs.setdefault((one, other), len(pairs)), shared, both))
    if not cells:
        return SpanAgreement(None, None, 0, 0)
    shared_by, marked_by = np.zeros((2, len(used), len(pairs)))
    for row, column, shared, both in cells:
        shared_by[row, column], marked_by[row, column] = shared, both
    value = float(_mean_f1(np.ones((1, len(used))), shared_by, marked_by)[0])
    interval = None
    if n_resamples and rng is not None and len(used) >= FEWEST_ITEMS:
        weights = rng.multinomial(len(used), np.full(len(used), 1 / len(used)), size=n_resamples)
        drawn = _mean_f1(weights.astype(np.float64), shared_by, marked_by)
        low, high = np.quantile(drawn[np.isfinite(drawn)], (0.025, 0.975))
        interval = (float(low), float(high))
    return SpanAgreement(value, interval, len(pairs), len(used))


def _mean_f1(weights: FloatArray, shared: FloatArray, marked: FloatArray) -> FloatArray:
    """Of each row of weights of the items: the mean F1 of the pairs that it draws."""
    numerators, denominators = 2 * weights @ shared, weights @ marked
    is_drawn = denominators > 0
    f1 = np.divide(numerators, denominators, out=np.zeros_like(numerators), where=is_drawn)
    n_drawn = is_drawn.sum(axis=1)
    means: FloatArray = np.full(len(weights), np.nan)
    np.divide(f1.sum(axis=1), n_drawn, out=means, where=n_drawn > 0)
    return means


def _merged(marked: Marked) -> dict[Hashable, list[tuple[int, int]]]:
    """The same characters in spans that do not overlap, in order."""
    found: dict[Hashable, list[tuple[int, int]]] = {}
    for key, spans in marked.items():
        merged: list[tuple[int, int]] = []
        for start, end in sorted(spans):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            elif end > start:
                merged.append((start, end))
        if merged:
            found[key] = merged
    return found


def _overlap(first: Marked, second: Marked) -> tuple[int, int]:
    """How many characters both have, and how many the two have in all, of merged spans."""
    shared = 0
    for key in first.keys() & second.keys():
        rest = list(second[key])
        for start, end in first[key]:
            shared += sum(max(0, min(end, e) - max(start, s)) for s, e in rest)
    marked = sum(end - start for one in (first, second) for spans in one.values() for start, end in spans)
    return shared, marked

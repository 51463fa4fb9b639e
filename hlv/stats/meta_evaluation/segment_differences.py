"""Which of two metrics agrees better with human scores text by text: exchanges of whole texts or documents.

Each metric has a coefficient on each text, over the systems. The difference of two metrics is the mean of their
differences over texts. Null hypothesis: on each text, or on all texts of a document together, the two metrics can be
exchanged without a change of the distribution. So each document keeps or reverses its difference at random
(PERM-Inputs of Deutsch et al. 2021). Systems and human scores are fixed: the test says nothing about other systems.

Rank and linear correlations of a text do not depend on the scale of a metric, so the scores need no z-scores. The
accuracy takes each metric's threshold from all texts and keeps it.

All tests of one coefficient are adjusted by Holm's rule. Metrics with the same coefficient on every text are one
metric there.

References
----------
Deutsch, D., Dror, R., & Roth, D. (2021). A statistical analysis of summarization evaluation metrics using resampling
methods. Transactions of the ACL 9, 1132-1146.
Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6(2), 65-70.
Phipson, B., & Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical Applications in Genetics
and Molecular Biology 9(1), 39.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.meta_evaluation.grouped_agreement import (
    ACCURACY,
    FEWEST_ITEMS,
    GROUPED_COEFFICIENTS,
    MOST_PAIRS,
)
from hlv.stats.meta_evaluation.score_cells import (
    CELL_CORRELATIONS,
    ScoreCells,
    UndeterminedGroupedAgreementError,
)
from hlv.stats.pairwise.multiple_comparisons import holm
from hlv.stats.resampling.percentiles import LEVEL
from hlv.stats.resampling.sign_flips import MOST_EXACT_UNITS, sign_flips

N_PERMUTATIONS: Final = 9_999
_ROUNDING: Final = 1e-12


@dataclass(frozen=True)
class SegmentDifference:
    """Two metrics by one coefficient.

    Attributes
    ----------
    first, second
        Names; each may be several metrics that are equal on every text.
    difference
        Mean over texts of the first's coefficient less the second's.
    interval
        95 % t interval over documents, or texts; None with too few of them.
    p, adjusted_p
        Two-sided; adjusted by Holm's rule over all pairs of the coefficient.
    n_texts, n_units
        Texts on which both have a coefficient, and the documents that were exchanged.
    """

    first: list[str]
    second: list[str]
    difference: float
    interval: tuple[float, float] | None
    p: float
    adjusted_p: float
    n_texts: int
    n_units: int


@dataclass(frozen=True)
class SegmentDifferences:
    """All pairs of metrics by one coefficient.

    Attributes
    ----------
    pairs
        The smallest adjusted p first.
    n_cells
        Cells that people and every metric scored: only these enter.
    exact
        Whether all exchanges were taken.
    n_permutations
        Exchanges of the pair with the fewest of them.
    smallest_p
        The smallest adjusted p that so many documents and tests can give.
    """

    coefficient: str
    pairs: list[SegmentDifference]
    n_cells: int
    exact: bool
    n_permutations: int
    smallest_p: float


def segment_differences(
    metrics: Mapping[str, npt.ArrayLike],
    human: npt.ArrayLike,
    *,
    documents: IntArray | None = None,
    n_permutations: int = N_PERMUTATIONS,
    seed: int,
) -> list[SegmentDifferences]:
    """Compare every two metrics text by text, by each of `GROUPED_COEFFICIENTS`.

    Parameters
    ----------
    metrics : name -> (S, N)
        Scores of systems x items that grow with quality; NaN where there is none.
    human : (S, N)
    documents : (N,) or None
        A code for each item; items of one document are exchanged together.
    n_permutations, seed
        Random exchanges; with few documents all exchanges are taken instead.

    Raises
    ------
    UndeterminedGroupedAgreementError
        If fewer than two systems have a score of every metric and of people on some text.
    ValueError
        If there are fewer than two metrics, no exchange, or tables of unequal shape.

    Examples
    --------
    >>> human = [[1, 2, 1, 3, 2], [2, 3, 2, 1, 4], [3, 1, 4, 4, 5]]
    >>> good, bad = human, [[3, 1, 2, 2, 5], [1, 2, 3, 3, 1], [2, 3, 1, 1, 2]]
    >>> found = segment_differences({"good": good, "bad": bad}, human, seed=0)[0].pairs[0]
    >>> round(found.difference, 3), found.p
    (1.467, 0.0625)
    """
    people = np.asarray(human, dtype=np.float64)
    tables = {name: np.asarray(scores, dtype=np.float64) for name, scores in metrics.items()}
    if len(tables) < 2 or n_permutations < 1:
        raise ValueError("two metrics and one exchange are needed at least")
    if any(table.shape != people.shape for table in tables.values()):
        raise ValueError("tables of systems x items of one shape are needed")
    missing: BoolArray = np.asarray(np.isnan(np.stack([people, *tables.values()])).any(axis=0))
    people = np.where(missing, np.nan, people)
    cells = [ScoreCells.of(np.where(missing, np.nan, table), people, "item") for table in tables.values()]
    if not cells[0].n_pairs:
        raise UndeterminedGroupedAgreementError(
            "No text has two systems with scores of people and of every metric: metrics cannot be compared."
        )
    items = np.unique(cells[0].item)
    units = np.unique(items if documents is None else np.asarray(documents)[items], return_inverse=True)[1]
    return [
        _all_pairs(
            name,
            list(tables),
            np.stack([_of_texts(one, name, seed) for one in cells]),
            units.astype(np.int64),
            n_cells=len(cells[0].metric),
            n_permutations=n_permutations,
            seed=seed,
        )
        for name in GROUPED_COEFFICIENTS
    ]


def _of_texts(cells: ScoreCells, coefficient: str, seed: int) -> FloatArray:
    """The coefficient of each text (G,); NaN where there is none."""
    ones = np.ones((1, len(cells.metric)))
    if coefficient != ACCURACY:
        return cells.of_groups(CELL_CORRELATIONS[coefficient], ones)[:, 0]
    pairs = cells.pairs(MOST_PAIRS, seed)
    best = pairs.accuracies(ones, np.ones((1, cells.n_groups))).threshold[0]
    return pairs.of_groups(float(best))


def _all_pairs(
    coefficient: str,
    names: list[str],
    values: FloatArray,
    units: IntArray,
    *,
    n_cells: int,
    n_permutations: int,
    seed: int,
) -> SegmentDifferences:
    """Of values (L, G) of metrics and texts."""
    kept = _distinct(names, values)
    found = [
        pair
        for (first, one), (second, other) in combinations(kept, 2)
        if (pair := _pair(first, second, one - other, units, n_permutations=n_permutations, seed=seed))
    ]
    adjusted = holm(np.array([pair.p for pair in found])) if found else np.empty(0)
    pairs = [
        SegmentDifference(**vars(pair) | {"adjusted_p": float(p)})
        for pair, p in zip(found, adjusted, strict=True)
    ]
    fewest = min((pair.n_units for pair in found), default=0)
    exact = fewest <= MOST_EXACT_UNITS
    n = 2**fewest if exact else n_permutations
    return SegmentDifferences(
        coefficient=coefficient,
        pairs=sorted(pairs, key=lambda pair: (pair.adjusted_p, pair.p, -abs(pair.difference))),
        n_cells=n_cells,
        exact=exact,
        n_permutations=n,
        smallest_p=min(1.0, len(found) * (2 / n if exact else 1 / (1 + n))),
    )


def _distinct(names: list[str], values: FloatArray) -> list[tuple[list[str], FloatArray]]:
    """Metrics with one row of values each; those with equal rows are one."""
    kept: list[tuple[list[str], FloatArray]] = []
    for name, row in zip(names, values, strict=True):
        for known, other in kept:
            if np.allclose(row, other, rtol=0, atol=_ROUNDING, equal_nan=True):
                known.append(name)
                break
        else:
            kept.append(([name], row))
    return kept


def _pair(
    first: list[str],
    second: list[str],
    differences: FloatArray,
    units: IntArray,
    *,
    n_permutations: int,
    seed: int,
) -> SegmentDifference | None:
    """None where no text has a coefficient of both."""
    there: BoolArray = ~np.isnan(differences)
    n_texts = int(there.sum())
    if not n_texts:
        return None
    place = np.unique(units[there], return_inverse=True)[1]
    sums = np.asarray(np.bincount(place, differences[there]), dtype=np.float64)
    sizes = np.bincount(place)
    difference = float(sums.sum() / n_texts)
    return SegmentDifference(
        first=first,
        second=second,
        difference=difference,
        interval=_interval(difference, sums, sizes),
        p=_exchange_p(sums, n_permutations=n_permutations, seed=seed),
        adjusted_p=1.0,
        n_texts=n_texts,
        n_units=len(sums),
    )


def _interval(difference: float, sums: FloatArray, sizes: IntArray) -> tuple[float, float] | None:
    """Of a ratio of sums over documents, linearised; equal to the usual t interval where each text is a document."""
    n = len(sums)
    if n < FEWEST_ITEMS:
        return None
    variance = n / (n - 1) * float(((sums - sizes * difference) ** 2).sum()) / float(sizes.sum()) ** 2
    margin = float(scipy.stats.t.ppf((1 + LEVEL) / 2, n - 1)) * float(np.sqrt(variance))
    return difference - margin, difference + margin


def _exchange_p(sums: FloatArray, *, n_permutations: int, seed: int) -> float:
    observed = abs(float(sums.sum()))
    least = observed - _ROUNDING * max(1.0, float(np.abs(sums).sum()))
    hits, n_drawn = 0, 0
    for signs in sign_flips(len(sums), n_permutations, seed=seed):
        hits += int((np.abs(signs @ sums) >= least).sum())
        n_drawn += len(signs)
    return hits / n_drawn if len(sums) <= MOST_EXACT_UNITS else (1 + hits) / (1 + n_drawn)

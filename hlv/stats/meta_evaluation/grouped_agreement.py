"""Agreement of a metric with human scores of single texts: over all cells, per item, or per system.

Scores are a table of systems x items. A cell counts where both sides have a score. There are three ways to compare
(Deutsch et al. 2023, section 3):

"none"
    One correlation over all cells.
"item"
    A correlation over the systems for each item, then the mean. It asks: which output of this text is better?
"system"
    A correlation over the items for each system, then the mean. It asks: which text did this system do better?

A group in which a side is constant has no correlation. It is left out of the mean and counted. Pairwise accuracy with
tie calibration is defined there too; it leaves out groups without a pair only.

Intervals are t intervals around the value less its bootstrap bias, with as many degrees of freedom as units were drawn,
less 1. Percentiles cover too seldom here: with few documents a resample has fewer different ones, so its correlation
within systems is too low.

References
----------
Deutsch, D., Dror, R., & Roth, D. (2021). A statistical analysis of summarization evaluation metrics using resampling
methods. Transactions of the ACL 9, 1132-1146.
Deutsch, D., Foster, G., & Freitag, M. (2023). Ties matter: meta-evaluating modern metrics with pairwise accuracy and
tie calibration. Proceedings of EMNLP, 12914-12929.
Efron, B., & Tibshirani, R. J. (1993). An Introduction to the Bootstrap, chapters 10 and 12. Chapman & Hall.
Hesterberg, T. C. (2015). What teachers should know about the bootstrap: resampling in the undergraduate statistics
curriculum. The American Statistician 69(4), 371-386.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
import scipy

from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.meta_evaluation.score_cells import (
    CELL_CORRELATIONS,
    GROUPINGS,
    Grouping,
    ScoreCells,
    UndeterminedGroupedAgreementError,
)
from hlv.stats.meta_evaluation.weighted_correlations import rows_at_once
from hlv.stats.resampling.item_weights import block_weights, multinomial_weights, n_blocks
from hlv.stats.resampling.percentiles import LARGEST_SHARE_WITHOUT_ANSWER, LEVEL

ResampledUnit: TypeAlias = Literal["items", "systems", "both"]
RESAMPLED_UNITS: Final[tuple[ResampledUnit, ...]] = get_args(ResampledUnit)

ACCURACY: Final = "calibrated_accuracy"
GROUPED_COEFFICIENTS: Final = ("kendall_tau_b", "spearman", "pearson", ACCURACY)
FEWEST_ITEMS: Final = 5
FEWEST_SYSTEMS: Final = 6
N_RESAMPLES: Final = 1000
# Beyond so many pairs, a random sample of them gives the accuracy, and of fewer its interval.
MOST_PAIRS: Final = 2_000_000
MOST_RESAMPLED_PAIRS: Final = 200_000
_STREAM_OF_SYSTEMS: Final = 1


@dataclass(frozen=True)
class GroupedCoefficient:
    """One coefficient of a grouping.

    Attributes
    ----------
    value
        Mean over the groups that have one; None where no group has.
    n_groups
        Groups in the mean.
    n_constant
        Groups left out because a side is constant.
    n_single
        Groups left out because they have fewer than two cells.
    interval
        95 % interval, or None. It can lie off the value where the bootstrap finds a large bias.
    resample_mean
        Mean of the resamples, or None; its distance from the value is the estimated bias.
    rule
        What became of the resamples, or why there is no interval or value.
    """

    value: float | None
    n_groups: int
    n_constant: int
    n_single: int
    interval: tuple[float, float] | None
    resample_mean: float | None
    rule: str


@dataclass(frozen=True)
class GroupedAgreement:
    """Agreement of a metric with human scores under one grouping.

    Attributes
    ----------
    grouping, unit
        As asked for; `unit` is None where nothing was resampled.
    coefficients
        By their names in `GROUPED_COEFFICIENTS`.
    threshold
        The metric's difference up to which a pair is tied, in the metric's units; None without a pair.
    uncalibrated_accuracy
        The accuracy where only equal scores of the metric are ties.
    n_systems, n_items, n_cells
        What entered: systems and items with a cell, and cells with both scores.
    n_missing
        Cells without one of the scores.
    n_pairs, n_pairs_used
        Pairs of cells within groups, and those that gave the accuracy.
    n_resamples, seed
    """

    grouping: Grouping
    unit: ResampledUnit | None
    coefficients: dict[str, GroupedCoefficient]
    threshold: float | None
    uncalibrated_accuracy: float | None
    n_systems: int
    n_items: int
    n_cells: int
    n_missing: int
    n_pairs: int
    n_pairs_used: int
    n_resamples: int
    seed: int


def grouped_agreement(
    metric: npt.ArrayLike,
    human: npt.ArrayLike,
    *,
    grouping: Grouping,
    higher_is_better: bool = True,
    unit: ResampledUnit | None = "items",
    documents: IntArray | None = None,
    n_resamples: int = N_RESAMPLES,
    most_pairs: int = MOST_PAIRS,
    seed: int,
) -> GroupedAgreement:
    """Kendall's tau-b, Spearman's rho, Pearson's r and pairwise accuracy with tie calibration.

    Parameters
    ----------
    metric, human : (S, N)
        Scores of systems x items; NaN where there is none. Human scores grow with quality.
    grouping : {"none", "item", "system"}
    higher_is_better
        Whether the metric grows with quality.
    unit : {"items", "systems", "both"} or None
        What is drawn again for the intervals. In each resample the threshold is chosen again.
    documents : (N,) or None
        A code for each item; items of one document are drawn together.
    n_resamples
    most_pairs
        Where there are more pairs of cells, a random sample of so many gives the accuracy.
    seed

    Raises
    ------
    UndeterminedGroupedAgreementError
        If fewer than two systems or no two cells of a group have both scores.
    ValueError
        If shapes do not match, a score is infinite, or an option is not known.

    Examples
    --------
    >>> found = grouped_agreement([[2, 1, 4], [3, 3, 7]], [[1, 2, 3], [4, 5, 6]], grouping="system", unit=None, seed=0)
    >>> round(found.coefficients["pearson"].value, 3), round(found.coefficients["kendall_tau_b"].value, 3)
    (0.76, 0.575)
    """
    scores, people = _checked(metric, human, grouping, unit)
    cells = ScoreCells.of(scores if higher_is_better else -scores, people, grouping)
    pairs = cells.pairs(most_pairs, seed)
    if not len(pairs.first):
        raise UndeterminedGroupedAgreementError(
            "No %(grouping)s has two cells with a score of both sides: there is nothing to compare.",
            grouping=grouping,
        )
    ones = np.ones((1, len(cells.metric)))
    accuracies = pairs.accuracies(ones, np.ones((1, cells.n_groups)))
    refusal = _why_not_resampled(cells, unit, documents, n_resamples)
    resampled = {} if refusal else _resampled(cells, unit, documents, n_resamples=n_resamples, seed=seed)
    n_units = _n_units(cells, unit, documents)
    coefficients = {
        name: _coefficient(
            cells.of_groups(correlation, ones)[:, 0], cells.sizes, resampled.get(name), refusal, n_units
        )
        for name, correlation in CELL_CORRELATIONS.items()
    }
    coefficients[ACCURACY] = _accuracy(
        float(accuracies.calibrated[0]), cells.sizes, resampled.get(ACCURACY), refusal, n_units
    )
    return GroupedAgreement(
        grouping=grouping,
        unit=None if refusal else unit,
        coefficients=coefficients,
        threshold=float(accuracies.threshold[0]),
        uncalibrated_accuracy=float(accuracies.uncalibrated[0]),
        n_systems=len(np.unique(cells.system)),
        n_items=len(np.unique(cells.item)),
        n_cells=len(cells.metric),
        n_missing=scores.size - len(cells.metric),
        n_pairs=cells.n_pairs,
        n_pairs_used=len(pairs.first),
        n_resamples=0 if refusal else n_resamples,
        seed=seed,
    )


def _checked(
    metric: npt.ArrayLike, human: npt.ArrayLike, grouping: str, unit: str | None
) -> tuple[FloatArray, FloatArray]:
    if grouping not in GROUPINGS:
        raise ValueError(f"unknown grouping {grouping!r}: one of {', '.join(GROUPINGS)}")
    if unit is not None and unit not in RESAMPLED_UNITS:
        raise ValueError(f"unknown unit {unit!r}: one of {', '.join(RESAMPLED_UNITS)}")
    scores, people = np.asarray(metric, dtype=np.float64), np.asarray(human, dtype=np.float64)
    if scores.ndim != 2 or scores.shape != people.shape:
        raise ValueError(
            f"two tables of systems x items of one shape are needed, not {scores.shape} and {people.shape}"
        )
    if np.isinf(scores).any() or np.isinf(people).any():
        raise ValueError("a score is infinite; leave the cell empty (NaN) instead")
    return scores, people


def _why_not_resampled(
    cells: ScoreCells, unit: ResampledUnit | None, documents: IntArray | None, n_resamples: int
) -> str:
    if unit is None or n_resamples < 2:
        return "nothing was resampled"
    n_drawn = _n_drawn_items(cells, documents)
    if unit != "systems" and n_drawn < FEWEST_ITEMS:
        noun = "items" if documents is None else "documents"
        return f"too few {noun} for an interval: {n_drawn}, and it takes {FEWEST_ITEMS}"
    n_systems = len(np.unique(cells.system))
    if unit != "items" and n_systems < FEWEST_SYSTEMS:
        return f"too few systems for an interval: {n_systems}, and it takes {FEWEST_SYSTEMS}"
    return ""


def _n_drawn_items(cells: ScoreCells, documents: IntArray | None) -> int:
    there = np.unique(cells.item)
    return n_blocks(len(there), None if documents is None else np.asarray(documents)[there])


def _n_units(cells: ScoreCells, unit: ResampledUnit | None, documents: IntArray | None) -> int:
    """How many items (or documents) or systems are drawn; of both, the fewer."""
    n_items, n_systems = _n_drawn_items(cells, documents), len(np.unique(cells.system))
    if unit == "both":
        return min(n_items, n_systems)
    return n_systems if unit == "systems" else n_items


def _resampled(
    cells: ScoreCells, unit: ResampledUnit | None, documents: IntArray | None, *, n_resamples: int, seed: int
) -> dict[str, FloatArray]:
    """Means over groups (R,) of each coefficient in each resample."""
    systems, system = np.unique(cells.system, return_inverse=True)
    items, item = np.unique(cells.item, return_inverse=True)
    generators = [
        np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
        for key in ((), (_STREAM_OF_SYSTEMS,))
    ]
    ones = np.ones((n_resamples, 1))
    blocks = None if documents is None else np.asarray(documents)[items]
    of_items = (
        ones.repeat(len(items), axis=1)
        if unit == "systems"
        else block_weights(generators[0], len(items), n_resamples, blocks=blocks)
    )
    of_systems = (
        ones.repeat(len(systems), axis=1)
        if unit == "items"
        else multinomial_weights(generators[1], len(systems), n_resamples)
    )
    pairs = cells.pairs(MOST_RESAMPLED_PAIRS, seed)
    n_rows = rows_at_once(len(cells.metric))
    found: dict[str, list[FloatArray]] = {name: [] for name in GROUPED_COEFFICIENTS}
    for start in range(0, n_resamples, n_rows):
        rows = slice(start, start + n_rows)
        by_item, by_system = of_items[rows][:, item], of_systems[rows][:, system]
        starts = np.cumsum(cells.sizes) - cells.sizes
        within, of_groups = {
            "none": (by_item * by_system, np.ones((len(by_item), 1))),
            "item": (by_system, by_item[:, starts]),
            "system": (by_item, by_system[:, starts]),
        }[cells.grouping]
        changes = not (within == 1).all()
        for name, correlation in CELL_CORRELATIONS.items():
            # Where whole groups are drawn, a group has one value in all resamples.
            values = cells.of_groups(correlation, within if changes else within[:1])
            found[name].append(_means(values.T, of_groups))
        found[ACCURACY].append(pairs.accuracies(within, of_groups).calibrated)
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _means(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Weighted means (R,) of the values (1 or R, G) that are defined; NaN where none with weight is."""
    counted = np.where(np.isnan(values), 0.0, weights)
    total = counted.sum(axis=1)
    sums = (counted * np.where(np.isnan(values), 0.0, values)).sum(axis=1)
    return np.asarray(np.divide(sums, total, out=np.full(len(total), np.nan), where=total > 0))


def _coefficient(
    values: FloatArray, sizes: IntArray, resampled: FloatArray | None, refusal: str, n_units: int
) -> GroupedCoefficient:
    defined: BoolArray = ~np.isnan(values)
    n_groups, n_single = int(defined.sum()), int((sizes < 2).sum())
    n_constant = len(values) - n_groups - n_single
    if n_groups == 0:
        rule = "a side is constant in every group: a correlation with a constant is undefined"
        return GroupedCoefficient(None, 0, n_constant, n_single, None, None, rule)
    value = float(values[defined].mean())
    interval, mean, rule = _interval(value, resampled, refusal, n_units, lowest=-1.0)
    return GroupedCoefficient(value, n_groups, n_constant, n_single, interval, mean, rule)


def _accuracy(
    value: float, sizes: IntArray, resampled: FloatArray | None, refusal: str, n_units: int
) -> GroupedCoefficient:
    n_groups = int((sizes >= 2).sum())
    interval, mean, rule = _interval(value, resampled, refusal, n_units, lowest=0.0)
    return GroupedCoefficient(value, n_groups, 0, len(sizes) - n_groups, interval, mean, rule)


def _interval(
    value: float, resampled: FloatArray | None, refusal: str, n_units: int, *, lowest: float
) -> tuple[tuple[float, float] | None, float | None, str]:
    if resampled is None:
        return None, None, refusal
    found = resampled[~np.isnan(resampled)]
    n_missing, n_resamples = len(resampled) - len(found), len(resampled)
    if n_missing > LARGEST_SHARE_WITHOUT_ANSWER * n_resamples:
        return None, None, f"not estimable: {n_missing:,} of {n_resamples:,} resamples have no answer"
    mean = float(found.mean())
    # The bootstrap's variance is that of n units, and not of n - 1.
    error = float(found.std(ddof=1)) * np.sqrt(n_units / (n_units - 1))
    margin = float(scipy.stats.t.ppf((1 + LEVEL) / 2, n_units - 1)) * error
    centre = 2 * value - mean
    low, high = (float(np.clip(end, lowest, 1.0)) for end in (centre - margin, centre + margin))
    rule = f"t interval less the bootstrap bias: {len(found):,} resamples of {n_units:,} units"
    if n_missing:
        rule += f"; {n_missing:,} without an answer are left out"
    return (low, high), mean, rule

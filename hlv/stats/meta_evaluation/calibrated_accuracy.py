"""Pairwise accuracy with tie calibration (acc_eq): the share of pairs on which a metric and people agree, ties included.

A metric's difference of at most a threshold is a tie. The threshold is the one that fits these pairs best, so it
flatters the metric a little: compare metrics that were calibrated on the same pairs.

One sort of all P pairs gives the accuracy at every threshold: O(P log P).

References
----------
Deutsch, D., Foster, G., & Freitag, M. (2023). Ties matter: meta-evaluating modern metrics with pairwise accuracy and
tie calibration. Proceedings of EMNLP, 12914-12929.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.correlation import TieArray, tie_tolerance
from hlv.stats.meta_evaluation.tie_calibration import tied_differences

# Rows of resamples x pairs that are summed together.
_CELLS_AT_ONCE: Final = 2_000_000


@dataclass(frozen=True, eq=False)
class CalibratedPairs:
    """Pairs of cells within groups, sorted by the size of the metric's difference.

    Attributes
    ----------
    first, second : (P,)
        The two cells of each pair.
    group : (P,)
        The group of both, from 0.
    n_groups
    right : (P,)
        Whether metric and people give the pair the same order.
    tied : (P,)
        Whether people give both the same score.
    ends : (T,)
        How many pairs have a difference of at most each threshold.
    thresholds : (T,)
        0, and each size that occurs.
    """

    first: IntArray
    second: IntArray
    group: IntArray
    n_groups: int
    right: BoolArray
    tied: BoolArray
    ends: IntArray
    thresholds: FloatArray

    @classmethod
    def of(
        cls,
        metric: FloatArray,
        human_ties: TieArray,
        first: IntArray,
        second: IntArray,
        group: IntArray,
        *,
        n_groups: int,
    ) -> CalibratedPairs:
        """Sort the pairs.

        Parameters
        ----------
        metric : (C,)
            Scores of the cells; higher is better.
        human_ties : (C,)
            Tie groups of the human scores, as `ties_of` gives them.
        first, second, group : (P,)
            The pairs.
        """
        tolerance = float(tie_tolerance(metric, "score")[0])
        differences = tied_differences(metric[first] - metric[second], tolerance)
        human = np.sign(human_ties[first].astype(np.int64) - human_ties[second])
        size = np.abs(differences)
        order = np.argsort(size, kind="stable")
        thresholds = np.unique(np.append(size, 0.0))
        return cls(
            first=first[order],
            second=second[order],
            group=group[order],
            n_groups=n_groups,
            right=((np.sign(differences) == human) & (human != 0))[order],
            tied=(human == 0)[order],
            ends=np.searchsorted(size[order], thresholds, side="right"),
            thresholds=thresholds,
        )

    def accuracies(self, weights: FloatArray, group_weights: FloatArray) -> CalibratedAccuracies:
        """Mean over groups of the share of agreeing pairs, at the best threshold and at 0.

        Parameters
        ----------
        weights : (R, C)
            Of the cells; a pair counts the product of both.
        group_weights : (R, G)
            Of the groups. A group without a pair is left out.
        """
        n_rows = max(1, _CELLS_AT_ONCE // max(1, len(self.first)))
        parts = [
            self._accuracies(weights[start : start + n_rows], group_weights[start : start + n_rows])
            for start in range(0, len(weights), n_rows)
        ]
        return CalibratedAccuracies(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def of_groups(self, threshold: float) -> FloatArray:
        """The share of agreeing pairs of each group (G,) at this threshold; NaN where a group has no pair."""
        is_tie = (
            np.arange(len(self.first)) < self.ends[np.searchsorted(self.thresholds, threshold, "right") - 1]
        )
        agrees = np.where(is_tie, self.tied, self.right)
        n_pairs = np.bincount(self.group, minlength=self.n_groups)
        n_agreeing = np.bincount(self.group, agrees, self.n_groups)
        shares = np.divide(n_agreeing, n_pairs, out=np.full(self.n_groups, np.nan), where=n_pairs > 0)
        return np.asarray(shares)

    def _accuracies(
        self, weights: FloatArray, group_weights: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        of_pairs = weights[:, self.first] * weights[:, self.second]
        masses = np.stack([np.bincount(self.group, row, self.n_groups) for row in of_pairs])
        counted = np.where(masses > 0, group_weights, 0.0)
        total = counted.sum(axis=1, keepdims=True)
        share = np.divide(
            counted, total * masses, out=np.zeros_like(masses), where=(masses > 0) & (total > 0)
        )
        of_pairs *= share[:, self.group]
        plain = (of_pairs * self.right).sum(axis=1)
        # The gain of making the smallest differences ties: a human tie is met, an agreeing order is lost.
        gains = np.zeros((len(weights), len(self.first) + 1))
        np.cumsum(of_pairs * (self.tied.astype(np.float64) - self.right), axis=1, out=gains[:, 1:])
        at_thresholds = plain[:, None] + gains[:, self.ends]
        best = (at_thresholds >= at_thresholds.max(axis=1, keepdims=True) - 1e-12).argmax(axis=1)
        undefined = total[:, 0] == 0
        value = np.take_along_axis(at_thresholds, best[:, None], axis=1)[:, 0]
        return (
            np.where(undefined, np.nan, value),
            np.where(undefined, np.nan, at_thresholds[:, 0]),
            np.where(undefined, np.nan, self.thresholds[best]),
        )


@dataclass(frozen=True, eq=False)
class CalibratedAccuracies:
    """Of each row of weights (R,), NaN where no group has a pair.

    Attributes
    ----------
    calibrated
        The largest accuracy that one threshold reaches.
    uncalibrated
        The accuracy at threshold 0: only equal scores of the metric are ties.
    threshold
        The smallest of the thresholds that reach the largest accuracy.
    """

    calibrated: FloatArray
    uncalibrated: FloatArray
    threshold: FloatArray

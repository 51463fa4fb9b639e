"""How small a difference of a metric is a tie: the threshold that fits the verdicts, and how well it does on others.

References
----------
Deutsch, D., Foster, G., & Freitag, M. (2023). Ties matter: meta-evaluating modern metrics with pairwise accuracy and
tie calibration. Proceedings of EMNLP, 12914-12929.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.correlation import tie_groups

# resamples times verdicts that are sorted out together: small enough to stay in a processor's cache or near it
_CELLS_AT_ONCE = 500_000


@dataclass(frozen=True, eq=False)
class TieCalibration:
    """Verdicts beside a metric's differences, sorted by the size of the difference.

    Attributes
    ----------
    order : (n,)
        Verdicts by rising size of the difference; the arrays below follow it.
    right, tied : (n,)
        Whether the sign of the difference agrees with a preference, and whether the verdict is a tie.
    fold : (n,)
        Fold of the verdict's item.
    n_folds
    ends : (G,)
        How many verdicts have a difference of at most each candidate for the threshold.
    thresholds : (G,)
        The candidates: 0, and every size that occurs.
    """

    order: IntArray
    right: BoolArray
    tied: BoolArray
    fold: IntArray
    n_folds: int
    ends: IntArray
    thresholds: FloatArray

    @classmethod
    def of(
        cls, differences: FloatArray, verdicts: IntArray, fold: IntArray, *, n_folds: int
    ) -> TieCalibration:
        """Sort.

        Parameters
        ----------
        differences : (n,)
            The metric's score of the first method less that of the second, as `tied_differences` gives them; it grows
            with quality.
        verdicts : (n,)
            1 where the first was preferred, -1 where the second, 0 for a tie.
        fold : (n,)
            From 0 to n_folds - 1.
        """
        size = np.abs(differences)
        order = np.argsort(size, kind="stable")
        thresholds = np.unique(np.append(size, 0.0))
        sign = np.sign(differences)
        return cls(
            order=order,
            right=((verdicts == sign) & (verdicts != 0))[order],
            tied=(verdicts == 0)[order],
            fold=fold[order],
            n_folds=n_folds,
            ends=np.searchsorted(size[order], thresholds, side="right"),
            thresholds=thresholds,
        )

    def cross_fitted(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Agreement of each fold under the threshold that fits all other folds best.

        Parameters
        ----------
        weights : (R, n)
            How often each verdict counts, in the order given to `of`; the folds stay, so copies of an item never
            stand on both sides.

        Returns
        -------
        (R,)
            Share of the verdicts that are met: a tie where the difference is at most the threshold, else its sign.
        (R, n_folds)
            The thresholds; the smallest of those that fit equally well.

        NaN where a row has no weight.
        """
        share = np.empty(len(weights))
        thresholds = np.empty((len(weights), self.n_folds))
        n_rows = max(1, _CELLS_AT_ONCE // max(1, weights.shape[1]))
        for start in range(0, len(weights), n_rows):
            rows = slice(start, start + n_rows)
            share[rows], thresholds[rows] = self._cross_fitted(weights[rows][:, self.order])
        return share, thresholds

    def _cross_fitted(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """`cross_fitted` of weights in sorted order."""
        gains = weights * (self.tied.astype(np.float64) - self.right)
        full = self._at_candidates(gains)
        met = weights @ self.right.astype(np.float64)
        chosen = np.empty((len(weights), self.n_folds), dtype=np.int64)
        for fold in range(self.n_folds):
            # a fold's own verdicts alone, few of all: what lies between them adds nothing
            in_fold = np.flatnonzero(self.fold == fold)
            own = _running_sums(gains[:, in_fold])[:, np.searchsorted(in_fold, self.ends)]
            chosen[:, fold] = _first_best(full - own)
            met += np.take_along_axis(own, chosen[:, [fold]], axis=1)[:, 0]
        total = weights.sum(axis=1)
        share = np.divide(met, total, out=np.full(len(total), np.nan), where=total > 0)
        return share, self.thresholds[chosen]

    def in_sample(self, weights: FloatArray) -> tuple[float, float]:
        """The best agreement that one threshold reaches on all verdicts of weights (n,), and that threshold.

        It is chosen on the verdicts it is measured on, so it flatters the metric.
        """
        weights = weights[self.order]
        values = weights @ self.right + self._at_candidates(
            (weights * (self.tied.astype(np.float64) - self.right))[None]
        )
        best = int(_first_best(values)[0])
        return float(values[0, best] / weights.sum()), float(self.thresholds[best])

    def _at_candidates(self, gains: FloatArray) -> FloatArray:
        """Gain (R, G) of each candidate over calling nothing a tie."""
        return _running_sums(gains)[:, self.ends]


def tied_differences(differences: FloatArray, tolerance: float) -> FloatArray:
    """The same (n,), with sizes that are tied made equal: 0 where a difference is no more than rounding."""
    sizes = np.append(0.0, np.abs(differences))
    ties = tie_groups(sizes, tolerance)
    smallest = np.full(int(ties.max()) + 1, np.inf)
    np.minimum.at(smallest, ties, sizes)
    return np.asarray(np.copysign(smallest[ties[1:]], differences))


def _running_sums(gains: FloatArray) -> FloatArray:
    """Of each row (R, n) the sums of its first values, none to all: (R, n + 1)."""
    sums = np.zeros((len(gains), gains.shape[1] + 1))
    np.cumsum(gains, axis=1, out=sums[:, 1:])
    return sums


def _first_best(values: FloatArray) -> IntArray:
    """The first column (R,) within rounding of each row's largest value."""
    return np.asarray((values >= values.max(axis=1, keepdims=True) - 1e-9).argmax(axis=1))


def item_folds(items: IntArray, *, n_folds: int, generator: np.random.Generator) -> tuple[IntArray, int]:
    """A fold for each verdict by its item (n,), folds of nearly equal numbers of items, and how many there are."""
    codes, place = np.unique(items, return_inverse=True)
    n_used = min(n_folds, len(codes))
    return (generator.permutation(len(codes)) % n_used)[place], n_used

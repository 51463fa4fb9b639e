"""What leaving out one judge, one item or one judgment does to a Bradley-Terry fit (CR3).

References
----------
Bell, R. M., & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with
multi-stage samples. Survey Methodology 28(2), 169-181.
MacKinnon, J. G., Nielsen, M. O., & Webb, M. D. (2023). Fast and reliable jackknife and bootstrap methods for
cluster-robust inference. Journal of Applied Econometrics 38(5), 671-694.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.pairwise.bradley_terry import BradleyTerryFit, information_at, rule_and_logarithm
from hlv.stats.pairwise.comparisons import SECOND, TIE, Cells
from hlv.stats.pairwise.mle_existence import weak_groups
from hlv.stats.pairwise.pair_likelihoods import (
    PairTable,
    derivatives,
    gradient,
    has_tie_parameter,
    information,
)
from hlv.stats.reporting import UndeterminedError

_CHUNK = 128
# relative to the largest eigenvalue of the information: below it a direction is not determined
_RANK_TOLERANCE = 1e-10


class UndeterminedIntervalError(UndeterminedError):
    """The judgments do not determine an analytic interval."""


@dataclass(frozen=True, eq=False)
class ClusterVariance:
    """What one way of clustering says.

    Attributes
    ----------
    strengths, differences : (M,) and (M, M)
        Variance of each strength less their mean, and of each difference.
    strength_units, difference_units : (M,) and (M, M)
        Effective number of clusters, 1 / sum of squared shares of what all clusters together inform; NaN on the
        diagonal. What a prior informs is no cluster's.
    """

    strengths: FloatArray
    differences: FloatArray
    strength_units: FloatArray
    difference_units: FloatArray


@dataclass(frozen=True, eq=False)
class JudgmentBlocks:
    """Rows of identical judgments (of one judge and item on one pair) and the fit they belong to."""

    fit: BradleyTerryFit
    full: PairTable
    inverse: FloatArray
    information: FloatArray
    pair: IntArray
    wins: FloatArray
    losses: FloatArray
    ties: FloatArray
    judge: IntArray
    item: IntArray
    multiplicity: FloatArray

    @classmethod
    def of(cls, cells: Cells, fit: BradleyTerryFit, pairs: PairTable) -> JudgmentBlocks:
        place = np.zeros((pairs.n_methods, pairs.n_methods), dtype=np.int64)
        place[pairs.upper, pairs.lower] = np.arange(pairs.n_pairs)
        kept = cells.count > 0
        if fit.ties_rule == "drop":
            # who only tied said nothing that was fitted, and is no cluster of it
            kept &= cells.outcome != TIE
        first, second, outcome = cells.first[kept], cells.second[kept], cells.outcome[kept]
        tied = outcome == TIE
        upper_won = (outcome == SECOND) == (first > second)
        full = information_at(fit, pairs)
        return cls(
            fit=fit,
            full=pairs,
            inverse=np.linalg.inv(full).astype(np.float64),
            information=full,
            pair=place[np.minimum(first, second), np.maximum(first, second)],
            wins=(~tied & upper_won).astype(np.float64),
            losses=(~tied & ~upper_won).astype(np.float64),
            ties=tied.astype(np.float64),
            judge=cells.judge[kept],
            item=cells.item[kept],
            multiplicity=cells.count[kept].astype(np.float64),
        )

    @property
    def n_rows(self) -> int:
        return len(self.pair)

    def variance(self, cluster: IntArray, *, what: str) -> ClusterVariance:
        """Variance by a clustering; rows of "judgment" clusters stand for as many clusters as they count."""
        single = what == "judgment"
        weight = np.ones(self.n_rows) if single else self.multiplicity
        times = self.multiplicity if single else np.ones(int(cluster.max()) + 1)
        n_clusters = float(times.sum())
        if n_clusters < 2:
            raise UndeterminedIntervalError("There is only one %(what)s.", what=what)
        order = np.argsort(cluster, kind="stable")
        ends = np.searchsorted(cluster[order], np.arange(0, len(times) + _CHUNK, _CHUNK))
        size = len(self.inverse)
        covariance = np.zeros((size, size))
        units_strength = _Units(np.zeros(self.full.n_methods), np.zeros(self.full.n_methods))
        shape = (self.full.n_methods, self.full.n_methods)
        units_difference = _Units(np.zeros(shape), np.zeros(shape))
        for chunk in range(len(ends) - 1):
            rows = order[ends[chunk] : ends[chunk + 1]]
            first = chunk * _CHUNK
            n_chunk = min(_CHUNK, len(times) - first)
            table = self._table(rows, cluster[rows] - first, weight[rows], n_chunk)
            slope, curve = self._score_and_information(table)
            if what != "cell":
                self._check_remaining(table, curve, what=what)
            steps = np.linalg.solve(self.information - curve, slope[..., None])[..., 0]
            chunk_times = times[first : first + n_chunk]
            covariance += (steps * chunk_times[:, None]).T @ steps
            if what != "cell":
                strength, difference = self._shares(curve)
                units_strength.add(chunk_times, strength)
                units_difference.add(chunk_times, difference)
        covariance *= (n_clusters - 1) / n_clusters
        strengths, differences = _contrasts(covariance[None], self.full.n_methods)
        return ClusterVariance(
            strengths[0], differences[0], units_strength.effective(), units_difference.effective()
        )

    def _table(self, rows: IntArray, cluster: IntArray, weight: FloatArray, n_clusters: int) -> PairTable:
        """Counts (n_clusters, n_pairs)."""
        n_pairs = self.full.n_pairs
        code = cluster * n_pairs + self.pair[rows]
        size = n_clusters * n_pairs
        counts = [
            np.bincount(code, weights=weight * outcome[rows], minlength=size)
            .astype(np.float64)
            .reshape(n_clusters, n_pairs)
            for outcome in (self.wins, self.losses, self.ties)
        ]
        return PairTable(self.full.n_methods, self.full.upper, self.full.lower, *counts)

    def _score_and_information(self, table: PairTable) -> tuple[FloatArray, FloatArray]:
        rule, logarithm = rule_and_logarithm(self.fit)
        strengths = self.fit.strengths
        x = np.broadcast_to(strengths[table.upper] - strengths[table.lower], table.wins.shape)
        slopes = derivatives(table, x, np.full(len(table.wins), float(logarithm)), rule)
        return gradient(table, slopes, rule), information(table, slopes, rule)

    def _check_remaining(self, table: PairTable, curve: FloatArray, *, what: str) -> None:
        """Raise where a cluster is the only link of two parts of the board."""
        full = self.full
        rule, _ = rule_and_logarithm(self.fit)
        left = full.wins + full.losses - table.wins - table.losses
        if rule != "drop":
            left = left + full.ties - table.ties
        lost_pairs = left < 0.5
        # a cluster that leaves every pair something to say cannot disconnect anything
        for row in np.flatnonzero(lost_pairs.any(axis=1)):
            adjacency: BoolArray = np.zeros((full.n_methods, full.n_methods), dtype=bool)
            adjacency[full.upper[~lost_pairs[row]], full.lower[~lost_pairs[row]]] = True
            if len(weak_groups(adjacency)) > 1:
                raise UndeterminedIntervalError(
                    "Without one %(what)s the comparisons no longer connect all methods, so the variation between %(what)ss is not determined.",
                    what=what,
                )
        if has_tie_parameter(rule):
            remaining = np.linalg.eigvalsh(self.information - curve)
            if (remaining[:, 0] <= _RANK_TOLERANCE * remaining[:, -1]).any():
                raise UndeterminedIntervalError(
                    "Without one %(what)s the tie model is not determined, so neither is the variation between %(what)ss.",
                    what=what,
                )

    def _shares(self, curve: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Each cluster's share of the information on every contrast: (n, M) and (n, M, M)."""
        inner = self.inverse @ curve @ self.inverse
        strength, difference = _contrasts(inner, self.full.n_methods)
        full_strength, full_difference = _contrasts(self.inverse[None], self.full.n_methods)
        diagonal = np.arange(self.full.n_methods)
        full_difference[:, diagonal, diagonal] = np.nan
        return strength / full_strength, difference / full_difference


def _contrasts(tables: FloatArray, n_methods: int) -> tuple[FloatArray, FloatArray]:
    """c'Tc for the contrasts e_i - 1/M, (n, M), and e_i - e_j, (n, M, M)."""
    top = tables[:, :n_methods, :n_methods]
    diagonal = np.diagonal(top, axis1=1, axis2=2)
    row_mean = top.mean(axis=2)
    strength = diagonal - 2 * row_mean + row_mean.mean(axis=1, keepdims=True)
    difference = diagonal[:, :, None] + diagonal[:, None, :] - 2 * top
    return np.maximum(strength, 0.0), np.maximum(difference, 0.0)


@dataclass(frozen=True, eq=False)
class _Units:
    """Sums over clusters of their shares of the information, and of the squares."""

    shares: FloatArray
    squares: FloatArray

    def add(self, times: FloatArray, shares: FloatArray) -> None:
        """Clusters that each stand for so many."""
        self.shares[...] += np.tensordot(times, shares, axes=1)
        self.squares[...] += np.tensordot(times, shares**2, axes=1)

    def effective(self) -> FloatArray:
        missing = np.full_like(self.squares, np.nan)
        return np.divide(self.shares**2, self.squares, out=missing, where=self.squares > 0)

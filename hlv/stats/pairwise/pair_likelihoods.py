"""Likelihoods of one pair of methods: what a comparison says about two strengths and the tie parameter.

Every model here is log-concave in (x, t), x = s_i - s_j and t the logarithm of its tie parameter, so one
Newton iteration serves them all. Arrays have shape (..., n_pairs): leading axes are resamples.

References
----------
Bradley, R. A., & Terry, M. E. (1952). Rank analysis of incomplete block designs. Biometrika 39, 324-345.
Davidson, R. R. (1970). On extending the Bradley-Terry model to accommodate ties in paired comparison
experiments. Journal of the American Statistical Association 65, 317-328.
Rao, P. V., & Kupper, L. L. (1967). Ties in paired-comparison experiments. Journal of the American Statistical
Association 62, 194-204.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.special import expit, log_expit

from hlv.stats.arrays import FloatArray, IntArray, SparseTable
from hlv.stats.pairwise.mle_existence import TIE_MODELS, TiesRule

_FEW_METHODS = 64


@dataclass(frozen=True, eq=False)
class PairTable:
    """Counts of the unordered pairs that were compared.

    Attributes
    ----------
    n_methods
        M.
    upper, lower : (n_pairs,)
        The two methods of a pair, upper < lower by index.
    wins, losses, ties : (..., n_pairs)
        How often the upper one won, lost and tied.
    """

    n_methods: int
    upper: IntArray
    lower: IntArray
    wins: FloatArray
    losses: FloatArray
    ties: FloatArray

    @property
    def n_pairs(self) -> int:
        return len(self.upper)

    def at(self, rows: IntArray) -> PairTable:
        """Those resamples only."""
        return PairTable(
            self.n_methods, self.upper, self.lower, self.wins[rows], self.losses[rows], self.ties[rows]
        )


@dataclass(frozen=True, eq=False)
class PairDerivatives:
    """First derivatives of the log-likelihood of each pair, and the negated second ones; (..., n_pairs)."""

    by_x: FloatArray
    by_t: FloatArray
    curve_xx: FloatArray
    curve_xt: FloatArray
    curve_tt: FloatArray


def pair_table(wins: FloatArray, ties: FloatArray) -> PairTable:
    """The pairs with at least one judgment, of one board (M, M)."""
    upper, lower = np.nonzero(np.triu(wins + wins.T + ties, k=1))
    return PairTable(len(wins), upper, lower, wins[upper, lower], wins[lower, upper], ties[upper, lower])


def square_tables(pairs: PairTable) -> tuple[FloatArray, FloatArray]:
    """Wins and ties as tables (..., M, M)."""
    shape = (*pairs.wins.shape[:-1], pairs.n_methods, pairs.n_methods)
    wins = np.zeros(shape)
    ties = np.zeros(shape)
    wins[..., pairs.upper, pairs.lower] = pairs.wins
    wins[..., pairs.lower, pairs.upper] = pairs.losses
    ties[..., pairs.upper, pairs.lower] = pairs.ties
    ties[..., pairs.lower, pairs.upper] = pairs.ties
    return wins, ties


def effective_rule(ties_rule: TiesRule, *, has_ties: bool) -> TiesRule:
    """The rule itself; a tie model without any tie is the model of wins alone."""
    return "drop" if ties_rule in TIE_MODELS and not has_ties else ties_rule


def has_tie_parameter(ties_rule: TiesRule) -> bool:
    """Whether the rule gives ties a probability of their own, with one parameter to fit beside the strengths."""
    return ties_rule in TIE_MODELS


def first_tie_logarithm(pairs: PairTable, ties_rule: TiesRule) -> FloatArray:
    """The tie parameter's logarithm if all methods were equal; shape (...,), where some but not all tie."""
    n_ties = pairs.ties.sum(axis=-1)
    n_decided = (pairs.wins + pairs.losses).sum(axis=-1)
    if ties_rule == "davidson":
        return np.asarray(np.log(2 * n_ties / n_decided))
    share = n_ties / (n_ties + n_decided)
    return np.asarray(np.log((1 + share) / (1 - share)))


def tie_parameter(logarithm: float) -> float:
    """nu of Davidson, theta of Rao and Kupper."""
    return float(np.exp(logarithm))


def log_likelihood(pairs: PairTable, x: FloatArray, t: FloatArray, ties_rule: TiesRule) -> FloatArray:
    """Sum over pairs; shape (...,).

    Parameters
    ----------
    x : (..., n_pairs)
        s_upper - s_lower.
    t : (...,)
        Logarithm of the tie parameter; not read for "half" and "drop". -inf comes back where it is outside
        the model (theta <= 1).
    """
    if ties_rule in ("half", "drop"):
        won, lost = _decided(pairs, ties_rule)
        return np.asarray((won * log_expit(x) + lost * log_expit(-x)).sum(axis=-1))
    t_pair = t[..., None]
    if ties_rule == "davidson":
        total = np.logaddexp(np.logaddexp(x / 2, -x / 2), t_pair)
        n = pairs.wins + pairs.losses + pairs.ties
        return np.asarray(
            ((pairs.wins - pairs.losses) * x / 2 + pairs.ties * t_pair - n * total).sum(axis=-1)
        )
    inside = t > 0
    safe = np.where(inside, t, 1.0)
    t_pair = safe[..., None]
    value = (
        (pairs.wins + pairs.ties) * log_expit(x - t_pair)
        + (pairs.losses + pairs.ties) * log_expit(-x - t_pair)
        + pairs.ties * np.log(np.expm1(2 * t_pair))
    ).sum(axis=-1)
    return np.asarray(np.where(inside, value, -np.inf))


def derivatives(pairs: PairTable, x: FloatArray, t: FloatArray, ties_rule: TiesRule) -> PairDerivatives:
    """Derivatives (..., n_pairs) of each pair's log-likelihood; parameters and shapes as in `log_likelihood`."""
    if ties_rule in ("half", "drop"):
        won, lost = _decided(pairs, ties_rule)
        p = expit(x)
        none = np.zeros_like(p)
        return PairDerivatives(won * (1 - p) - lost * p, none, (won + lost) * p * (1 - p), none, none)
    t_pair = t[..., None]
    if ties_rule == "davidson":
        n = pairs.wins + pairs.losses + pairs.ties
        total = np.logaddexp(np.logaddexp(x / 2, -x / 2), t_pair)
        p_win, p_loss, p_tie = np.exp(x / 2 - total), np.exp(-x / 2 - total), np.exp(t_pair - total)
        lean = p_win - p_loss
        return PairDerivatives(
            (pairs.wins - pairs.losses) / 2 - n * lean / 2,
            pairs.ties - n * p_tie,
            n / 4 * (p_win + p_loss - lean * lean),
            -n / 2 * lean * p_tie,
            n * p_tie * (1 - p_tie),
        )
    won, lost = pairs.wins + pairs.ties, pairs.losses + pairs.ties
    p, q = expit(x - t_pair), expit(-x - t_pair)
    bend_p, bend_q = won * p * (1 - p), lost * q * (1 - q)
    return PairDerivatives(
        won * (1 - p) - lost * (1 - q),
        -won * (1 - p) - lost * (1 - q) - 2 * pairs.ties / np.expm1(-2 * t_pair),
        bend_p + bend_q,
        bend_q - bend_p,
        bend_p + bend_q + pairs.ties / np.sinh(t_pair) ** 2,
    )


def gradient(pairs: PairTable, slopes: PairDerivatives, ties_rule: TiesRule) -> FloatArray:
    """By every parameter, shape (..., M) or (..., M + 1) with the tie parameter last."""
    by_strength = _scatter_difference(pairs, slopes.by_x)
    if not has_tie_parameter(ties_rule):
        return by_strength
    return np.concatenate([by_strength, slopes.by_t.sum(axis=-1)[..., None]], axis=-1)


def information(pairs: PairTable, slopes: PairDerivatives, ties_rule: TiesRule) -> FloatArray:
    """Negated Hessian (..., D, D): a weighted Laplacian, bordered by the tie parameter where there is one.

    D is M, or M + 1. Its null space holds the vector that adds the same to every strength.
    """
    n_methods = pairs.n_methods
    size = n_methods + has_tie_parameter(ties_rule)
    table = np.zeros((*slopes.curve_xx.shape[:-1], size, size))
    table[..., pairs.upper, pairs.lower] = -slopes.curve_xx
    table[..., pairs.lower, pairs.upper] = -slopes.curve_xx
    diagonal = np.arange(n_methods)
    table[..., diagonal, diagonal] = -table[..., :n_methods, :n_methods].sum(axis=-1)
    if has_tie_parameter(ties_rule):
        border = _scatter_difference(pairs, slopes.curve_xt)
        table[..., :n_methods, n_methods] = border
        table[..., n_methods, :n_methods] = border
        table[..., n_methods, n_methods] = slopes.curve_tt.sum(axis=-1)
    return table


def regulariser(n_methods: int, ties_rule: TiesRule, *, ridge: float) -> FloatArray:
    """What makes the information invertible: 11'/M over the strengths, and the precision of the prior."""
    size = n_methods + has_tie_parameter(ties_rule)
    table = np.zeros((size, size))
    table[:n_methods, :n_methods] = 1 / n_methods + ridge * np.eye(n_methods)
    return table


def _decided(pairs: PairTable, ties_rule: TiesRule) -> tuple[FloatArray, FloatArray]:
    if ties_rule == "drop":
        return pairs.wins, pairs.losses
    return pairs.wins + pairs.ties / 2, pairs.losses + pairs.ties / 2


def lead_and_size(pairs: PairTable, ties_rule: TiesRule) -> tuple[FloatArray, FloatArray]:
    """Wins less losses of each pair, and their sum, under "half" or "drop"."""
    won, lost = _decided(pairs, ties_rule)
    return won - lost, won + lost


def contrasts(pairs: PairTable) -> FloatArray | SparseTable:
    """1 for the upper and -1 for the lower method of each pair, (n_pairs, M); sparse where methods are many."""
    place = np.arange(pairs.n_pairs)
    if pairs.n_methods > _FEW_METHODS:
        ones = np.ones(pairs.n_pairs)
        columns = np.concatenate([pairs.upper, pairs.lower])
        entries = (np.concatenate([ones, -ones]), (np.concatenate([place, place]), columns))
        return csr_array(entries, shape=(pairs.n_pairs, pairs.n_methods))
    signs = np.zeros((pairs.n_pairs, pairs.n_methods))
    signs[place, pairs.upper], signs[place, pairs.lower] = 1.0, -1.0
    return signs


def _scatter_difference(pairs: PairTable, values: FloatArray) -> FloatArray:
    """Add each pair's value to its upper method and take it from its lower one; (..., M)."""
    square = np.zeros((*values.shape[:-1], pairs.n_methods, pairs.n_methods))
    square[..., pairs.upper, pairs.lower] = values
    return np.asarray(square.sum(axis=-1) - square.sum(axis=-2))

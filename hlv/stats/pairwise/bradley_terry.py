"""Bradley-Terry strengths by Newton's method on the counts, for one board or for many resamples of it.

The work does not grow with the number of judgments: the counts of the pairs are sufficient.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit

from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.pairwise.mle_existence import TiesRule, require_ranking
from hlv.stats.pairwise.pair_likelihoods import (
    PairTable,
    contrasts,
    derivatives,
    effective_rule,
    first_tie_logarithm,
    gradient,
    has_tie_parameter,
    information,
    lead_and_size,
    log_likelihood,
    pair_table,
    regulariser,
    tie_parameter,
)
from hlv.stats.reporting import StatisticsError

_MAX_STEPS = 200
_CHORD_STEPS = 40
# each step is a fraction of the one before, and so is what is left after it
_CHORD_TOLERANCE = 1e-12
# Newton's error after a step of this length is of the order of its square, below the last digit
_NEWTON_TOLERANCE = 1e-8
# steps that are as short and no longer shrink are rounding, on boards where some method wins nearly always
_ROUNDING = 1e-6
_LONGEST_STEP = 4.0
_SHORTEST_SHARE = 2.0**-30
# exp(d) - 1 - d < d^2 for d of up to 1.79: see `_newton_of_wins`
_SAFE_CHANGE = 1.75


class NonConvergenceError(StatisticsError, ArithmeticError):
    """Newton's method did not settle although a maximum exists."""


@dataclass(frozen=True, eq=False)
class BradleyTerryFit:
    """A maximum of the likelihood.

    Attributes
    ----------
    strengths : (M,)
        Natural log odds that sum to 0. Strengths under different tie rules are on different scales.
    ties_rule
        How ties entered.
    tie_parameter
        nu of Davidson (0 or more), theta of Rao and Kupper (1 or more); None where ties are not modelled.
    log_likelihood
        Of the judgments in their order of arrival, without the prior; under "half" of the halved wins.
    ridge
        Precision of the Gaussian prior on the strengths; 0 for none.
    n_steps
        Newton steps taken.
    """

    strengths: FloatArray
    ties_rule: TiesRule
    tie_parameter: float | None
    log_likelihood: float
    ridge: float
    n_steps: int


@dataclass(frozen=True, eq=False)
class _Solution:
    """Strengths (R, M), tie logarithms (R,) and the number of steps."""

    strengths: FloatArray
    tie_logarithms: FloatArray
    n_steps: int


def fit_bradley_terry(
    wins: FloatArray,
    ties: FloatArray,
    *,
    ties_rule: TiesRule = "half",
    ridge: float = 0.0,
    names: Sequence[str] | None = None,
) -> BradleyTerryFit:
    """The maximum of the likelihood of a board of comparisons.

    Parameters
    ----------
    wins, ties : (M, M)
        As `pair_counts` gives them; weights need not be whole.
    ties_rule
        "half": half a win each. "drop": left out. "davidson": P(tie) in proportion to
        nu sqrt(pi_i pi_j), pi = exp(strength). "rao-kupper": P(i beats j) = sigmoid(s_i - s_j - log theta).
    ridge
        Precision of a Gaussian prior with mean 0 on each strength.
    names
        Methods' names for the sentence of a refusal.

    Raises
    ------
    NoRankingError
        If there is no finite maximum.
    NonConvergenceError
        If Newton's method does not settle.
    ValueError
        If the tables are no counts, or the rule or the prior is not known.

    Examples
    --------
    >>> import numpy as np
    >>> from hlv.stats.pairwise import fit_bradley_terry
    >>> wins = np.array([[0, 6, 8], [4, 0, 7], [2, 3, 0]])
    >>> ties = np.zeros((3, 3))
    >>> fit_bradley_terry(wins, ties).strengths.round(3).tolist()
    [0.591, 0.149, -0.741]
    """
    check_ridge(ridge)
    wins, ties = require_ranking(wins, ties, ties_rule=ties_rule, names=names, ridge=ridge)
    rule = effective_rule(ties_rule, has_ties=bool(ties.any()))
    if has_tie_parameter(rule):
        pairs = pair_table(wins, ties)
        stack = PairTable(
            pairs.n_methods, pairs.upper, pairs.lower, pairs.wins[None], pairs.losses[None], pairs.ties[None]
        )
        found = _newton(
            stack,
            np.zeros((1, pairs.n_methods)),
            first_tie_logarithm(stack, rule),
            ties_rule=rule,
            ridge=ridge,
        )
        value = log_likelihood(stack, _differences(stack, found.strengths), found.tie_logarithms, rule)[0]
    else:
        decided = wins + ties / 2 if rule == "half" else wins
        found = _newton_of_wins(decided, ridge=ridge)
        value = _likelihood_of_wins(decided, found.strengths[0])
    return BradleyTerryFit(
        strengths=_centred(found.strengths[0]),
        ties_rule=ties_rule,
        tie_parameter=_named_tie_parameter(ties_rule, rule, float(found.tie_logarithms[0])),
        log_likelihood=float(value),
        ridge=ridge,
        n_steps=found.n_steps,
    )


def fit_resamples(
    resamples: PairTable,
    *,
    full: BradleyTerryFit,
    full_pairs: PairTable,
    ridge: float = 0.0,
) -> FloatArray:
    """Strengths of many resamples of one board at once, shape (R, M).

    Chord steps with the inverse information of the full board settle every resample that is not far from it, to
    1e-12; Newton's own steps settle the others.

    Parameters
    ----------
    resamples
        Counts of shape (R, n_pairs), each of which has a maximum (`rankings_exist`).
    full, full_pairs
        The fit of the full board and its counts, on the same pairs.
    ridge
        Precision of the prior for these resamples.

    Raises
    ------
    NonConvergenceError
        If a resample does not settle.
    """
    n_resamples = len(resamples.wins)
    if not has_tie_parameter(full.ties_rule):
        strengths, rested = _chord(resamples, full, full_pairs, ridge=ridge)
        rows = np.flatnonzero(~rested)
        if len(rows):
            subset, start = resamples.at(rows), np.tile(full.strengths, (len(rows), 1))
            found = _newton(subset, start, np.zeros(len(rows)), ties_rule=full.ties_rule, ridge=ridge)
            strengths[rows] = found.strengths
        return _centred(strengths)
    strengths = np.tile(full.strengths, (n_resamples, 1))
    # a resample that drew no tie has its tie parameter on the boundary, and the strengths of wins alone
    tied = resamples.ties.any(axis=1)
    for drew_ties in (True, False):
        rows = np.flatnonzero(tied == drew_ties)
        if not len(rows):
            continue
        rule = effective_rule(full.ties_rule, has_ties=drew_ties)
        subset = resamples.at(rows)
        logarithms = first_tie_logarithm(subset, rule) if drew_ties else np.zeros(len(rows))
        found = _newton(subset, strengths[rows], logarithms, ties_rule=rule, ridge=ridge)
        strengths[rows] = found.strengths
    return _centred(strengths)


def information_at(fit: BradleyTerryFit, pairs: PairTable) -> FloatArray:
    """Negated Hessian of the log-likelihood at the maximum, with the prior and 11'/M; (D, D)."""
    rule, logarithm = rule_and_logarithm(fit)
    slopes = derivatives(pairs, _differences(pairs, fit.strengths), logarithm, rule)
    return information(pairs, slopes, rule) + regulariser(pairs.n_methods, rule, ridge=fit.ridge)


def rule_and_logarithm(fit: BradleyTerryFit) -> tuple[TiesRule, FloatArray]:
    """The rule that was in force (a tie model on its boundary is "drop") and its tie logarithm."""
    on_boundary = (fit.ties_rule == "davidson" and fit.tie_parameter == 0.0) or (
        fit.ties_rule == "rao-kupper" and fit.tie_parameter == 1.0
    )
    rule = effective_rule(fit.ties_rule, has_ties=not on_boundary)
    if fit.tie_parameter is None or on_boundary:
        return rule, np.asarray(0.0)
    return rule, np.asarray(np.log(fit.tie_parameter))


def check_ridge(ridge: float) -> None:
    """Raise ValueError for a precision that is negative or not finite."""
    if not np.isfinite(ridge) or ridge < 0:
        raise ValueError(f"ridge, the precision of the prior, must be finite and 0 or more, not {ridge:g}")


def _chord(
    pairs: PairTable, full: BradleyTerryFit, full_pairs: PairTable, *, ridge: float
) -> tuple[FloatArray, BoolArray]:
    """Strengths (R, M) by steps with the inverse information of the full board, and which rows came to rest (R,).

    For "half" and "drop". The likelihood is concave, so a row whose steps have become nothing lies at its maximum.
    """
    inverse = np.linalg.inv(information_at(full, full_pairs))
    signs = contrasts(pairs)
    surplus, size = lead_and_size(pairs, full.ties_rule)
    found = np.tile(full.strengths, (len(size), 1))
    rested = np.zeros(len(size), dtype=bool)
    moving, current = np.arange(len(size)), found
    half, back = signs.T / 2, np.asarray((signs / 2) @ inverse)
    before = np.ones(len(size))
    for _ in range(_CHORD_STEPS):
        # twice the wins less the expected ones; tanh is several times as fast as the logistic function
        slopes = np.asarray(current @ half)
        np.tanh(slopes, out=slopes)
        slopes *= size
        np.subtract(surplus, slopes, out=slopes)
        step = slopes @ back
        if ridge:
            step -= ridge * (current @ inverse)
        current = current + step
        length = np.square(step).sum(axis=1)
        # steps shrink by about the same factor, so the next one would be shorter than the tolerance
        resting = np.square(length) < _CHORD_TOLERANCE**2 * before
        if resting.any():
            found[moving[resting]] = current[resting]
            rested[moving[resting]] = True
            left = ~resting
            moving, current, length = moving[left], current[left], length[left]
            surplus, size = surplus[left], size[left]
            if not len(moving):
                break
        before = length
    return found, rested


def _newton_of_wins(wins: FloatArray, *, ridge: float) -> _Solution:
    """One board without a tie parameter, on its table of wins (M, M), in which a tie may be two halves.

    Where a step changes differences of strengths by at most d, the curvature along it changes at most by the factor
    exp(d). The likelihood thus rises by at least (d^2 t - exp(d t) + 1 + d t) (s / d)^2 for a share t of the step, s^2
    being the slope along it: for a whole step up to d = 1.79, and most for t = log(1 + d) / d, which is above 0 for any d.
    """
    n_methods = len(wins)
    compared, penalty = wins + wins.T, regulariser(n_methods, "drop", ridge=ridge)
    strengths, before = np.zeros(n_methods), np.inf
    for n_steps in range(1, _MAX_STEPS + 1):
        p = expit(strengths[:, None] - strengths)
        # not wins less expected wins, which cancel where one method nearly always wins
        surprise = wins * p.T
        slope = surprise.sum(axis=1) - surprise.sum(axis=0) - ridge * strengths
        table = -compared * (p * p.T)
        table.flat[:: n_methods + 1] = -table.sum(axis=1)
        table += penalty
        step = np.linalg.solve(table, slope)
        change = float(step.max() - step.min())
        if change > _SAFE_CHANGE:
            old, new = (
                _likelihood_of_wins(wins, at) - ridge / 2 * (at @ at) for at in (strengths, strengths + step)
            )
            if not new >= old:
                step *= np.log1p(change) / change
        strengths += step
        if change <= _NEWTON_TOLERANCE or before <= change <= _ROUNDING:
            return _Solution(strengths[None], np.zeros(1), n_steps)
        before = change
    raise NonConvergenceError(
        "the fit had not settled after %(max_steps)s Newton steps", max_steps=_MAX_STEPS
    )


def _likelihood_of_wins(wins: FloatArray, strengths: FloatArray) -> float:
    return float((wins * log_expit(strengths[:, None] - strengths)).sum())


def _newton(
    pairs: PairTable, strengths: FloatArray, logarithms: FloatArray, *, ties_rule: TiesRule, ridge: float
) -> _Solution:
    """Damped Newton for all rows together; a row leaves when its full step is short."""
    n_methods = pairs.n_methods
    bordered = has_tie_parameter(ties_rule)
    point = np.concatenate([strengths, logarithms[:, None]], axis=1)
    penalty = regulariser(n_methods, ties_rule, ridge=ridge)
    moving = np.arange(len(point))
    for n_steps in range(1, _MAX_STEPS + 1):
        subset = pairs if len(moving) == len(point) else pairs.at(moving)
        current = point[moving]
        slopes = derivatives(
            subset, _differences(subset, current[:, :n_methods]), current[:, n_methods], ties_rule
        )
        slope = gradient(subset, slopes, ties_rule)
        slope[:, :n_methods] -= ridge * current[:, :n_methods]
        step = np.zeros_like(current)
        size = n_methods + bordered
        step[:, :size] = np.linalg.solve(information(subset, slopes, ties_rule) + penalty, slope[..., None])[
            ..., 0
        ]
        length = np.abs(step).max(axis=1)
        step *= np.minimum(1.0, _LONGEST_STEP / np.maximum(length, _LONGEST_STEP))[:, None]
        point[moving] = _uphill(subset, current, step, length=length, ties_rule=ties_rule, ridge=ridge)
        moving = moving[length > _NEWTON_TOLERANCE]
        if not len(moving):
            return _Solution(point[:, :n_methods], point[:, n_methods], n_steps)
    raise NonConvergenceError(
        "%(n_moving)s fits had not settled after %(max_steps)s Newton steps",
        n_moving=len(moving),
        max_steps=_MAX_STEPS,
    )


def _uphill(
    pairs: PairTable,
    current: FloatArray,
    step: FloatArray,
    *,
    length: FloatArray,
    ties_rule: TiesRule,
    ridge: float,
) -> FloatArray:
    """The step, halved for the rows whose likelihood would fall."""
    proposal = current + step
    # a short step is safe by itself, but theta of Rao and Kupper can be as close to its boundary
    checked: IntArray = np.flatnonzero((length > 1e-4) | (ties_rule == "rao-kupper"))
    if not len(checked):
        return proposal
    old = _penalised(pairs.at(checked), current[checked], ties_rule=ties_rule, ridge=ridge)
    share = 0.5
    while len(checked):
        new = _penalised(pairs.at(checked), proposal[checked], ties_rule=ties_rule, ridge=ridge)
        fell = new < old - 1e-10 * np.abs(old)
        checked, old = checked[fell], old[fell]
        if share < _SHORTEST_SHARE:
            raise NonConvergenceError("no step along Newton's direction raises the likelihood")
        proposal[checked] = current[checked] + share * step[checked]
        share /= 2
    return proposal


def _penalised(pairs: PairTable, point: FloatArray, *, ties_rule: TiesRule, ridge: float) -> FloatArray:
    strengths = point[:, : pairs.n_methods]
    value = log_likelihood(pairs, _differences(pairs, strengths), point[:, pairs.n_methods], ties_rule)
    return np.asarray(value - ridge / 2 * (strengths**2).sum(axis=1))


def _differences(pairs: PairTable, strengths: FloatArray) -> FloatArray:
    return np.asarray(strengths[..., pairs.upper] - strengths[..., pairs.lower])


def _centred(strengths: FloatArray) -> FloatArray:
    return np.asarray(strengths - strengths.mean(axis=-1, keepdims=True))


def _named_tie_parameter(ties_rule: TiesRule, rule: TiesRule, logarithm: float) -> float | None:
    if not has_tie_parameter(ties_rule):
        return None
    if rule != ties_rule:
        return 0.0 if ties_rule == "davidson" else 1.0
    return tie_parameter(logarithm)

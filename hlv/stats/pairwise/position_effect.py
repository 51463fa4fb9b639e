"""Whether standing on the left helps: Bradley-Terry with a side effect, and its test.

P(left beats right) = sigmoid(s_left - s_right + d): d is the log odds that the left side adds for all methods and
judges alike.

References
----------
Davidson, R. R., & Beaver, R. J. (1977). On extending the Bradley-Terry model to incorporate within-pair order effects.
Biometrics 33(4), 693-702.
Agresti, A. (2002). Categorical data analysis, 2nd ed., sec. 10.6 (the baseball season of 1987).
Bell, R. M., & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with multi-stage
samples. Survey Methodology 28(2), 169-181.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal

import numpy as np
import scipy
from scipy.sparse import csr_array
from scipy.sparse.csgraph import NegativeCycleError, bellman_ford
from scipy.special import expit, log_expit

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.pairwise.bradley_terry import NonConvergenceError, fit_bradley_terry
from hlv.stats.pairwise.comparisons import FIRST, TIE, UNKNOWN, Cells, default_names
from hlv.stats.pairwise.mle_existence import NoRankingError, require_ranking

PositionTies = Literal["half", "drop"]
POSITION_TIES: Final[tuple[PositionTies, ...]] = ("half", "drop")

_MAX_STEPS = 200
_TOLERANCE = 1e-10
_LONGEST_STEP = 4.0
_SHORTEST_SHARE = 2.0**-40
_AT_ONCE = 128
# relative to the largest eigenvalue of the information: below it a direction is not determined
_RANK_TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False)
class PositionEffectFit:
    """The side effect with its tests.

    Attributes
    ----------
    side_effect
        Log odds that the left side adds; below 0 the right one is preferred.
    strengths : (M,)
        With the side allowed for; natural log odds, sum 0.
    model_error
        Standard error from the inverse information, times the root of `dispersion`. It takes all judgments for
        independent.
    likelihood_ratio, p
        Twice the gain in log likelihood over no side effect; and the chance of that over `dispersion`, under
        chi-squared with one degree of freedom. It takes all judgments for independent: too small where judges judge
        often.
    dispersion
        How much less verdicts vary than wins and losses would, since half ties lie between the two; 1 without ties,
        0 where all are ties.
    judge_error, judge_degrees, judge_p
        Standard error with whole judges left out (CR3), its degrees of freedom J_eff - 1, and the two-sided p of t;
        None where undetermined, for the reason in `judge_undetermined`.
    n_judgments, n_left_out
        Judgments that entered, and those with unknown sides (or ties, where they are dropped).
    """

    side_effect: float
    strengths: FloatArray
    model_error: float
    likelihood_ratio: float
    p: float
    dispersion: float
    log_likelihood: float
    judge_error: float | None
    judge_degrees: float | None
    judge_p: float | None
    judge_undetermined: str | None
    ties_rule: PositionTies
    n_judgments: int
    n_left_out: int


@dataclass(frozen=True, kw_only=True)
class PositionEffect:
    """`PositionEffectFit` without what was estimated beside it; or why there is none."""

    undetermined: str | None = None
    side_effect: float | None = None
    model_error: float | None = None
    likelihood_ratio: float | None = None
    p: float | None = None
    judge_error: float | None = None
    judge_degrees: float | None = None
    judge_p: float | None = None
    judge_undetermined: str | None = None
    ties_rule: PositionTies | None = None
    n_judgments: int | None = None
    n_left_out: int | None = None


@dataclass(frozen=True, eq=False)
class _Rows:
    """Judgments counted by judge and by who stood left and right; `lost` are wins of the right."""

    left: IntArray
    right: IntArray
    won: FloatArray
    lost: FloatArray
    judge: IntArray
    n_methods: int
    n_ties: float

    def pooled(self) -> _Rows:
        """The same counts over all judges: what the fit needs, whatever their number."""
        keys, row = np.unique(self.left * self.n_methods + self.right, return_inverse=True)
        won, lost = (
            np.bincount(row, weights=values, minlength=len(keys)).astype(np.float64)
            for values in (self.won, self.lost)
        )
        left, right = keys // self.n_methods, keys % self.n_methods
        return _Rows(left, right, won, lost, np.zeros_like(keys), self.n_methods, self.n_ties)

    @property
    def design(self) -> FloatArray:
        """Derivative (n, M + 1) of each row's log odds by the strengths and the side effect."""
        rows = np.zeros((len(self.left), self.n_methods + 1))
        place = np.arange(len(self.left))
        rows[place, self.left] = 1
        rows[place, self.right] = -1
        rows[:, -1] = 1
        return rows


def fit_position_effect(
    cells: Cells, n_methods: int, *, ties_rule: PositionTies = "half", names: Sequence[str] | None = None
) -> PositionEffectFit:
    """Fit strengths and one side effect.

    A finite maximum exists if and only if the methods are joined both ways by wins (and ties, under "half"), and
    there are winner -> loser cycles of positive and of negative sum, +1 where the winner stood left and -1 where it
    stood right; a tie under "half" is an edge both ways. Otherwise the likelihood rises, or stays, for ever while
    the side effect grows and the strengths follow it.

    Parameters
    ----------
    cells
        Judgments; those with unknown sides are left out.
    n_methods
        M.
    ties_rule
        "half": half a win each. "drop": left out.
    names
        Methods' names for the sentence of a refusal.

    Raises
    ------
    NoRankingError
        If there is no finite maximum, or no judgment with known sides.
    NonConvergenceError
        If Newton's method does not settle.
    ValueError
        If the rule is not known, or a cell names a method beyond `n_methods`.
    """
    if ties_rule not in POSITION_TIES:
        raise ValueError(f"the side effect has no ties rule {ties_rule!r}; one of {', '.join(POSITION_TIES)}")
    names = default_names(n_methods, names)
    rows, n_used = _counted(cells, n_methods, ties_rule=ties_rule)
    wins = np.zeros((n_methods, n_methods))
    np.add.at(wins, (rows.left, rows.right), rows.won)
    np.add.at(wins, (rows.right, rows.left), rows.lost)
    if n_used == 0:
        raise NoRankingError("No judgment names the sides of the methods.")
    # halves of ties are wins both ways here, which joins methods just as ties do
    none = np.zeros_like(wins)
    require_ranking(wins, none, ties_rule="drop", names=names)
    _require_cycles(rows)
    without = fit_bradley_terry(wins, none, ties_rule="drop")
    point, value, information = _newton(rows.pooled(), np.append(without.strengths, 0.0))
    inverse = np.linalg.inv(information).astype(np.float64)
    ratio = max(2 * (value - without.log_likelihood), 0.0)
    dispersion = _dispersion(rows, point)
    error, degrees, reason = _judge_error(rows, point, information, inverse)
    return PositionEffectFit(
        side_effect=float(point[-1]),
        strengths=point[:-1] - point[:-1].mean(),
        model_error=float(np.sqrt(dispersion * inverse[-1, -1])),
        likelihood_ratio=ratio,
        # ties alone, which lie on every side alike, have a ratio of 0
        p=float(scipy.stats.chi2.sf(ratio / max(dispersion, _TOLERANCE), 1)),
        dispersion=dispersion,
        log_likelihood=value,
        judge_error=error,
        judge_degrees=degrees,
        judge_p=None
        if error is None or degrees is None
        else float(2 * scipy.stats.t.sf(abs(point[-1]) / error, degrees)),
        judge_undetermined=reason,
        ties_rule=ties_rule,
        n_judgments=n_used,
        n_left_out=cells.n_judgments - n_used,
    )


def _counted(cells: Cells, n_methods: int, *, ties_rule: PositionTies) -> tuple[_Rows, int]:
    kept = (cells.count > 0) & (cells.first_is_left != UNKNOWN)
    if ties_rule == "drop":
        kept &= cells.outcome != TIE
    first, second = cells.first[kept], cells.second[kept]
    if len(first) and max(int(first.max()), int(second.max())) >= n_methods:
        raise ValueError(f"a cell names a method beyond the {n_methods} that are ranked")
    first_left = cells.first_is_left[kept] == 1
    left, right = np.where(first_left, first, second), np.where(first_left, second, first)
    judge = np.unique(cells.judge[kept], return_inverse=True)[1]
    # judgments of unknown judges count as those of one judge, as in the intervals of strengths
    keys, row = np.unique((judge * n_methods + left) * n_methods + right, return_inverse=True)
    tied, count = cells.outcome[kept] == TIE, cells.count[kept].astype(np.float64)
    share = np.where(tied, 0.5, (cells.outcome[kept] == FIRST) == first_left)
    rows = _Rows(
        left=keys // n_methods % n_methods,
        right=keys % n_methods,
        won=np.bincount(row, weights=count * share, minlength=len(keys)).astype(np.float64),
        lost=np.bincount(row, weights=count * (1 - share), minlength=len(keys)).astype(np.float64),
        judge=keys // n_methods**2,
        n_methods=n_methods,
        n_ties=float(count[tied].sum()),
    )
    return rows, int(count.sum())


def _require_cycles(rows: _Rows) -> None:
    """Raise NoRankingError unless winner -> loser cycles of positive and of negative sum exist."""
    left_ties = np.zeros((rows.n_methods, rows.n_methods), dtype=bool)
    right_ties = np.zeros_like(left_ties)
    left_ties[rows.left[rows.won > 0], rows.right[rows.won > 0]] = True
    right_ties[rows.right[rows.lost > 0], rows.left[rows.lost > 0]] = True
    # of two edges between the same methods the search for a sum below 0 takes the lesser
    positive = _has_negative_cycle(np.where(left_ties, -1.0, np.where(right_ties, 1.0, 0.0)))
    negative = _has_negative_cycle(np.where(right_ties, -1.0, np.where(left_ties, 1.0, 0.0)))
    if positive and negative:
        return
    if not positive and not negative:
        raise NoRankingError(
            "The side effect cannot be separated from the strengths: in every cycle of wins, winners were left "
            "as often as right. Compare methods with sides swapped."
        )
    side, other = ("right", "left") if negative else ("left", "right")
    raise NoRankingError(
        "The side effect has no finite value: in no cycle of wins were winners on the %(other)s more often than on the %(side)s. It needs two methods that have each won against the other from the %(other)s.",
        other=other,
        side=side,
    )


def _has_negative_cycle(weights: FloatArray) -> bool:
    try:
        bellman_ford(csr_array(weights), directed=True)
    except NegativeCycleError:
        return True
    return False


def _newton(rows: _Rows, start: FloatArray) -> tuple[FloatArray, float, FloatArray]:
    """Point, log likelihood and information (with 11'/M over the strengths) at the maximum."""
    design = rows.design
    centre = np.zeros((rows.n_methods + 1, rows.n_methods + 1))
    centre[:-1, :-1] = 1 / rows.n_methods
    point = start
    value = _log_likelihood(rows, design @ point)
    for _ in range(_MAX_STEPS):
        chance = expit(design @ point)
        weight = (rows.won + rows.lost) * chance * (1 - chance)
        information = design.T @ (weight[:, None] * design) + centre
        slope = design.T @ (rows.won * (1 - chance) - rows.lost * chance)
        step = np.linalg.solve(information, slope)
        length = float(np.abs(step).max())
        if length < _TOLERANCE:
            return point, value, information
        step *= min(1.0, _LONGEST_STEP / length)
        share = 1.0
        new = _log_likelihood(rows, design @ (point + step))
        while new < value - 1e-12 * abs(value):
            share /= 2
            if share < _SHORTEST_SHARE:
                raise NonConvergenceError("no step along Newton's direction raises the likelihood")
            new = _log_likelihood(rows, design @ (point + share * step))
        point, value = point + share * step, new
    raise NonConvergenceError(
        "the side effect had not settled after %(max_steps)s Newton steps", max_steps=_MAX_STEPS
    )


def _dispersion(rows: _Rows, point: FloatArray) -> float:
    """Squared residuals over those of the half win and the half loss that each tie is counted as.

    The latter exceed the former by 1/4 for each tie, wherever the chance lies.
    """
    chance = expit(point[rows.left] - point[rows.right] + point[-1])
    counted = float((rows.won * (1 - chance) ** 2 + rows.lost * chance**2).sum())
    return 1 - rows.n_ties / 4 / counted


def _log_likelihood(rows: _Rows, odds: FloatArray) -> float:
    return float((rows.won * log_expit(odds) + rows.lost * log_expit(-odds)).sum())


def _judge_error(
    rows: _Rows, point: FloatArray, information: FloatArray, inverse: FloatArray
) -> tuple[float | None, float | None, str | None]:
    """CR3 standard error and degrees of freedom of the side effect, or why there are none."""
    n_judges = int(rows.judge.max()) + 1
    if n_judges < 2:
        return None, None, "There is only one judge, or none is known."
    size = len(point)
    chance = expit(point[rows.left] - point[rows.right] + point[-1])
    weight = (rows.won + rows.lost) * chance * (1 - chance)
    slope = rows.won * (1 - chance) - rows.lost * chance
    # what a row touches: its left method, its right one and the side effect
    touched = np.stack([rows.left, rows.right, np.full_like(rows.left, size - 1)])
    signs = np.array([1.0, -1.0, 1.0])
    smallest = _RANK_TOLERANCE * float(np.linalg.eigvalsh(information)[-1])
    scores = np.zeros((n_judges, len(point)))
    for place, sign in zip(touched, signs, strict=True):
        np.add.at(scores, (rows.judge, place), sign * slope)
    squares = shares = 0.0
    for start in range(0, n_judges, _AT_ONCE):
        stop = min(start + _AT_ONCE, n_judges)
        in_chunk = (rows.judge >= start) & (rows.judge < stop)
        own = np.zeros((stop - start, size, size))
        for i, j in product(range(3), repeat=2):
            place = (rows.judge[in_chunk] - start, touched[i, in_chunk], touched[j, in_chunk])
            np.add.at(own, place, signs[i] * signs[j] * weight[in_chunk])
        remaining = information - own
        if (np.linalg.eigvalsh(remaining)[:, 0] < smallest).any():
            return None, None, "Without some judge the side effect has no finite value."
        steps = np.linalg.solve(remaining, scores[start:stop, :, None])[:, -1, 0]
        squares += float((steps**2).sum())
        shares += float((np.einsum("i,jik,k->j", inverse[-1], own, inverse[-1]) ** 2).sum())
    error = float(np.sqrt((n_judges - 1) / n_judges * squares))
    degrees = float(inverse[-1, -1]) ** 2 / shares - 1
    if error < 1e-9:
        return None, None, "All judges agree exactly on the side effect."
    if degrees < 0.5:
        return None, None, f"The side effect comes from effectively {degrees + 1:.1f} judges."
    return error, degrees, None

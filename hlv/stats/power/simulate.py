"""Judgments drawn from known strengths, to test estimators and to plan campaigns."""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.comparisons import FIRST, SECOND, TIE

_LARGEST_LOG_TIE_PARAMETER = 50.0
_QUADRATURE_NODES = 61


@dataclass(frozen=True)
class SimulatedJudgments:
    """Judgments and the truth they were drawn from.

    Attributes
    ----------
    first, second : int arrays, shape (n_judgments,)
        Methods shown left and right.
    outcome : int array, shape (n_judgments,)
        `FIRST` (0), `SECOND` (1) or `TIE` (2) of `hlv.stats.pairwise.comparisons`.
    judge, item : int arrays, shape (n_judgments,)
    strengths : float array, shape (n_methods,)
        True strengths in natural-log odds, summing to 0.
    tastes : float array, shape (n_judges, n_methods)
        What each judge adds to the strengths; rows sum to 0.
    item_effects : float array, shape (n_items, n_methods)
        What each item adds to the strengths; rows sum to 0.
    side_biases : float array, shape (n_judges,)
        Log odds that each judge adds to the side shown first.
    tie_parameter : float
        Davidson's nu; 0 where no ties were asked for.
    """

    first: IntArray
    second: IntArray
    outcome: IntArray
    judge: IntArray
    item: IntArray
    strengths: FloatArray
    tastes: FloatArray
    item_effects: FloatArray
    side_biases: FloatArray
    tie_parameter: float


def even_strengths(n_methods: int, *, spread: float) -> FloatArray:
    """Strengths at equal distances, best first.

    Parameters
    ----------
    n_methods : int
        At least 2.
    spread : float
        Distance between the best and the worst, in natural-log odds, not negative.

    Returns
    -------
    float array, shape (n_methods,)
        Sums to 0.

    Raises
    ------
    ValueError
        Fewer than two methods, or a negative spread.
    """
    if n_methods < 2:
        raise ValueError(f"strengths need at least two methods, not {n_methods}")
    if not spread >= 0:
        raise ValueError(f"the spread of strengths must not be negative: {spread}")
    return np.linspace(spread / 2, -spread / 2, n_methods)


def uneven_activity(n_judges: int, *, evenness: float, rng: np.random.Generator) -> FloatArray:
    """Share of the judgments that each judge gives, from a symmetric Dirichlet distribution.

    Parameters
    ----------
    n_judges : int
    evenness : float
        Concentration, above 0; infinity gives equal shares. The effective number of judges,
        1 / sum of squared shares, is near ``n_judges * evenness / (evenness + 1)``.
    rng : numpy.random.Generator

    Returns
    -------
    float array, shape (n_judges,)
        Sums to 1.

    Raises
    ------
    ValueError
        No judges, or an evenness that is not above 0.
    """
    if n_judges < 1:
        raise ValueError("at least one judge is needed")
    if not evenness > 0:
        raise ValueError(f"the evenness of activity must be above 0: {evenness}")
    if np.isinf(evenness):
        return np.full(n_judges, 1 / n_judges)
    return rng.dirichlet(np.full(n_judges, evenness))


def simulate_judgments(
    strengths: ArrayLike,
    *,
    n_judgments: int,
    n_judges: int,
    n_items: int,
    rng: np.random.Generator,
    tie_share: float = 0.0,
    taste_sd: float = 0.0,
    item_sd: float = 0.0,
    side_bias_sd: float = 0.0,
    evenness: float = np.inf,
) -> SimulatedJudgments:
    """Draw pairwise judgments of methods whose strengths are known.

    Pairs, items and sides are drawn uniformly, judges by their activity. A judge on an item sees the
    strengths plus the judge's taste plus the item's effect, all normal, and answers by Davidson's model
    (Bradley-Terry where no ties are asked for).

    Parameters
    ----------
    strengths : array, shape (n_methods,)
        In natural-log odds; centred to sum to 0.
    n_judgments, n_judges, n_items : int
    rng : numpy.random.Generator
    tie_share : float
        Expected share of ties, in [0, 1). Davidson's nu is solved for over the pairs drawn.
    taste_sd, item_sd, side_bias_sd : float
        Standard deviations in natural-log odds, not negative.
    evenness : float
        Evenness of the judges' activity, see `uneven_activity`.

    Returns
    -------
    SimulatedJudgments

    Raises
    ------
    ValueError
        Fewer than two methods, a strength that is not finite, a count below one, a negative standard
        deviation, or a share of ties outside [0, 1).

    References
    ----------
    Davidson, R. R. (1970). On extending the Bradley-Terry model to accommodate ties in paired comparison
    experiments. Journal of the American Statistical Association 65(329), 317-328.
    """
    true = _centred_strengths(strengths)
    _refuse_impossible(n_judgments, n_items, tie_share, (taste_sd, item_sd, side_bias_sd))
    n_methods = len(true)
    tastes = _centred_effects(n_judges, n_methods, taste_sd, rng)
    item_effects = _centred_effects(n_items, n_methods, item_sd, rng)
    side_biases = rng.normal(0.0, side_bias_sd, n_judges)
    judge = rng.choice(n_judges, n_judgments, p=uneven_activity(n_judges, evenness=evenness, rng=rng))
    item = rng.integers(n_items, size=n_judgments)
    first = rng.integers(n_methods, size=n_judgments)
    second = (first + rng.integers(1, n_methods, size=n_judgments)) % n_methods
    # Of the two methods that are shown alone: a row of all methods for each judgment would fill the memory.
    seen_first = true[first] + tastes[judge, first] + item_effects[item, first]
    seen_second = true[second] + tastes[judge, second] + item_effects[item, second]
    advantage = seen_first - seen_second + side_biases[judge]
    nu = davidson_tie_parameter(advantage, tie_share=tie_share)
    return SimulatedJudgments(
        first=first,
        second=second,
        outcome=draw_outcomes(advantage, tie_parameter=nu, rng=rng),
        judge=judge,
        item=item,
        strengths=true,
        tastes=tastes,
        item_effects=item_effects,
        side_biases=side_biases,
        tie_parameter=nu,
    )


def population_strengths(
    strengths: ArrayLike, *, tie_share: float = 0.0, taste_sd: float = 0.0, item_sd: float = 0.0
) -> FloatArray:
    """What Bradley-Terry with half ties finds of endless judges and items: the truth that its intervals should hold.

    A judge who strays from the strengths is less predictable, so the odds of all judges together lie nearer to
    even than the odds of one without a taste.

    Parameters
    ----------
    strengths, tie_share, taste_sd, item_sd
        As `simulate_judgments` takes them; all pairs are judged alike.

    Returns
    -------
    float array, shape (n_methods,)
        In natural-log odds, summing to 0.
    """
    true = _centred_strengths(strengths)
    nodes, weights = np.polynomial.hermite_e.hermegauss(_QUADRATURE_NODES)
    weights = weights / weights.sum()
    # the difference of two methods' effects, each with this deviation, of a judge and of an item
    spread = np.sqrt(2 * (taste_sd**2 + item_sd**2))
    first, second = np.triu_indices(len(true), k=1)
    advantage = (true[first] - true[second])[:, None] + spread * nodes[None, :]
    nu = _tie_parameter(advantage, weights, tie_share=tie_share)
    expected = (outcome_probabilities(advantage, tie_parameter=nu) * weights[None, :, None]).sum(axis=1)
    return _strengths_of_expected(expected, len(true))


def same_judges_strengths(drawn: SimulatedJudgments, *, item_sd: float = 0.0) -> FloatArray:
    """What Bradley-Terry with half ties finds of endless items that the same judges judge, each as active as here.

    The truth that intervals with the judges as given should hold.

    Parameters
    ----------
    drawn
        Judgments without side biases.
    item_sd
        Standard deviation of the effects of items, as `simulate_judgments` took it.

    Returns
    -------
    float array, shape (n_methods,)
        In natural-log odds, summing to 0.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(_QUADRATURE_NODES)
    share = np.bincount(drawn.judge, minlength=len(drawn.tastes)) / len(drawn.judge)
    first, second = np.triu_indices(len(drawn.strengths), k=1)
    seen = drawn.strengths + drawn.tastes
    advantage = (seen[:, first] - seen[:, second])[..., None] + np.sqrt(2) * item_sd * nodes
    chances = outcome_probabilities(advantage, tie_parameter=drawn.tie_parameter)
    expected = np.einsum("j,jpno,n->po", share, chances, weights / weights.sum())
    return _strengths_of_expected(expected, len(drawn.strengths))


def _strengths_of_expected(expected: FloatArray, n_methods: int) -> FloatArray:
    """Of the expected outcomes (P, 3) of one judgment of each pair."""
    first, second = np.triu_indices(n_methods, k=1)
    wins, ties = np.zeros((n_methods, n_methods)), np.zeros((n_methods, n_methods))
    wins[first, second], wins[second, first] = expected[:, FIRST], expected[:, SECOND]
    ties[first, second] = ties[second, first] = expected[:, TIE]
    return fit_bradley_terry(wins, ties, ties_rule="half").strengths


def outcome_probabilities(advantage: ArrayLike, *, tie_parameter: float) -> FloatArray:
    """Davidson's probabilities of first better, second better and tie.

    Parameters
    ----------
    advantage : array, shape (n,)
        Strength of the first minus strength of the second, in natural-log odds.
    tie_parameter : float
        Davidson's nu, not negative.

    Returns
    -------
    float array, shape (n, 3)
        Rows sum to 1; columns in the order of the codes `FIRST`, `SECOND`, `TIE`.
    """
    half = np.abs(np.asarray(advantage, dtype=np.float64)) / 2
    # Divided through by the larger of the two terms, so that no exponential overflows.
    weaker, tie = np.exp(-2 * half), tie_parameter * np.exp(-half)
    stronger_first = np.asarray(advantage) >= 0
    weights = np.stack(
        [np.where(stronger_first, 1.0, weaker), np.where(stronger_first, weaker, 1.0), tie], -1
    )
    total: FloatArray = weights.sum(axis=-1, keepdims=True)
    return weights / total


def davidson_tie_parameter(advantage: FloatArray, *, tie_share: float) -> float:
    """Davidson's nu at which the mean probability of a tie equals a wanted share.

    Parameters
    ----------
    advantage : float array, shape (n,)
        In natural-log odds.
    tie_share : float
        In [0, 1).

    Returns
    -------
    float
        0 for a share of 0.
    """
    return _tie_parameter(advantage[:, None], np.ones(1), tie_share=tie_share)


def _tie_parameter(advantage: FloatArray, weights: FloatArray, *, tie_share: float) -> float:
    """Davidson's nu for advantages (n, K) of which the K of a row have these weights."""
    if tie_share == 0:
        return 0.0

    def excess(log_nu: float) -> float:
        probabilities = outcome_probabilities(advantage, tie_parameter=float(np.exp(log_nu)))
        return float((probabilities[..., TIE] @ weights).mean()) - tie_share

    root = scipy.optimize.brentq(excess, -_LARGEST_LOG_TIE_PARAMETER, _LARGEST_LOG_TIE_PARAMETER, xtol=1e-12)
    return float(np.exp(root))


def draw_outcomes(advantage: FloatArray, *, tie_parameter: float, rng: np.random.Generator) -> IntArray:
    """One verdict for each advantage.

    Parameters
    ----------
    advantage : float array, shape (n,)
        In natural-log odds.
    tie_parameter : float
        Davidson's nu, not negative.
    rng : numpy.random.Generator

    Returns
    -------
    int array, shape (n,)
        `FIRST`, `SECOND` or `TIE`.
    """
    below = outcome_probabilities(advantage, tie_parameter=tie_parameter).cumsum(axis=1)[:, :2]
    codes: IntArray = (rng.random((len(advantage), 1)) >= below).sum(axis=1).astype(np.int64)
    return codes


def _centred_strengths(strengths: ArrayLike) -> FloatArray:
    true = np.array(strengths, dtype=np.float64)
    if true.ndim != 1 or len(true) < 2:
        raise ValueError(f"strengths need the shape (n_methods,) with two methods or more, not {true.shape}")
    if not np.isfinite(true).all():
        raise ValueError("strengths must be finite")
    centred: FloatArray = true - true.mean()
    return centred


def _centred_effects(n_rows: int, n_methods: int, sd: float, rng: np.random.Generator) -> FloatArray:
    effects = rng.normal(0.0, sd, (n_rows, n_methods))
    centred: FloatArray = effects - effects.mean(axis=1, keepdims=True)
    return centred


def _refuse_impossible(
    n_judgments: int, n_items: int, tie_share: float, deviations: tuple[float, ...]
) -> None:
    if n_judgments < 1 or n_items < 1:
        raise ValueError(f"{n_judgments} judgments of {n_items} items cannot be drawn")
    if not 0 <= tie_share < 1:
        raise ValueError(f"the share of ties must lie in [0, 1): {tie_share}")
    if min(deviations) < 0:
        raise ValueError("standard deviations must not be negative")

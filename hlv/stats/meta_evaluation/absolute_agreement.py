"""|r|: strength of agreement for metrics whose direction has no meaning.

WMT's tables print |r| because some metrics are errors and some are similarities. Use it only where nobody states a
direction: it makes a metric that orders the systems upside down look good. Where a direction is stated, reverse the
metric instead.

The two-sided p of r is the p of |r|. Under no relation |r| is above 0, so its mean under chance is reported with it.

References
----------
Bojar, O., Graham, Y., & Kamran, A. (2017). Results of the WMT17 metrics shared task. Proceedings of WMT, 489-513.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import pearson, unit_rows
from hlv.stats.meta_evaluation.permutation import method_permutations


@dataclass(frozen=True)
class AbsoluteAgreement:
    """Strength of a coefficient without its sign.

    Attributes
    ----------
    value
        |coefficient|, 0 to 1.
    sign
        1, -1 or 0: the direction that the data show.
    interval
        All absolute values of the coefficient's interval, or None.
    chance
        Mean |coefficient| over the null distribution, or None.
    p
        Two-sided: share of the null values at least as large, the observed order among them; None without any.
    """

    value: float
    sign: int
    interval: tuple[float, float] | None
    chance: float | None
    p: float | None


def absolute_agreement(
    value: float, *, interval: tuple[float, float] | None = None, null: FloatArray | None = None
) -> AbsoluteAgreement:
    """Strength of a coefficient in [-1, 1].

    Parameters
    ----------
    interval
        Of the coefficient with its sign. The image of an interval with coverage c has coverage c or more.
    null : (R,)
        Values of the coefficient under random orders of the systems; NaN is left out.

    Raises
    ------
    ValueError
        If the value is not in [-1, 1], or the interval's ends are not in order.

    Examples
    --------
    >>> absolute_agreement(-0.8, interval=(-0.9, 0.2))
    AbsoluteAgreement(value=0.8, sign=-1, interval=(0.0, 0.9), chance=None, p=None)
    """
    if not -1 <= value <= 1:
        raise ValueError(f"a coefficient is between -1 and 1, not {value}")
    chance, p = _under_chance(abs(value), null)
    return AbsoluteAgreement(
        value=abs(value),
        sign=int(np.sign(value)),
        interval=None if interval is None else _absolute_interval(*interval),
        chance=chance,
        p=p,
    )


def chance_of_absolute_pearson(
    scores: FloatArray, people: FloatArray, *, n_permutations: int, seed: int
) -> float | None:
    """Mean |r| of scores and people (M,) over random orders of the systems, all orders up to nine systems.

    None where a side is constant.

    Raises
    ------
    ValueError
        If fewer than one permutation is asked for.

    Examples
    --------
    >>> scores, people = np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0])
    >>> round(chance_of_absolute_pearson(scores, people, n_permutations=99, seed=1), 4)
    0.6667
    """
    orders = method_permutations(len(scores), n_permutations=n_permutations, seed=seed).orders
    if np.isnan(pearson(scores, people)):
        return None
    # An order changes neither mean nor length of a row.
    return float(np.abs(unit_rows(scores)[orders] @ unit_rows(people)).mean())


def _absolute_interval(low: float, high: float) -> tuple[float, float]:
    if not low <= high:
        raise ValueError(f"the interval's ends are not in order: {low}, {high}")
    ends = sorted((abs(low), abs(high)))
    return (0.0 if low <= 0 <= high else ends[0], ends[1])


def _under_chance(strength: float, null: FloatArray | None) -> tuple[float | None, float | None]:
    """Mean strength over the null values, and p."""
    sizes = np.empty(0) if null is None else np.abs(null[~np.isnan(null)])
    if not len(sizes):
        return None, None
    hits = int((sizes >= strength - 1e-12).sum())
    return float(sizes.mean()), (1 + hits) / (1 + len(sizes))

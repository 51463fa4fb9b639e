"""Entropy of the population of annotators, estimated from the answers of a few.

The entropy of observed shares (plug-in, maximum likelihood) is too low: of three answers, all are equal often enough
by chance. No estimator is unbiased for every distribution (Paninski 2003). The three here remove most of the bias;
each has a name, and none is a default.

"miller-madow"
    Adds (labels seen - 1) / (2 m).
"chao-shen"
    Shrinks the shares by the estimated coverage 1 - f1 / m and divides each term by the chance that its label is seen
    (Horvitz and Thompson 1952). f1 is the number of labels seen once. Where all answers differ, f1 = m - 1 is used, as
    the estimated coverage would be 0.
"grassberger"
    Replaces log n by G(n) = psi(n) + (-1)^n (psi((n + 1) / 2) - psi(n / 2)) / 2.

References
----------
Chao, A., & Shen, T.-J. (2003). Nonparametric estimation of Shannon's index of diversity when there are unseen species
in sample. Environmental and Ecological Statistics 10, 429-443.
Grassberger, P. (2003). Entropy estimates from insufficient samplings. arXiv physics/0307138.
Miller, G. A. (1955). Note on the bias of information estimates. Information Theory in Psychology, 95-100.
Paninski, L. (2003). Estimation of entropy and mutual information. Neural Computation 15(6), 1191-1253.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, entr

from hlv.stats.arrays import FloatArray
from hlv.stats.labels.distributions import InvalidDistributionError, UndefinedDistributionError

EntropyEstimator: TypeAlias = Literal["plug-in", "miller-madow", "chao-shen", "grassberger"]
ENTROPY_ESTIMATORS: Final[tuple[EntropyEstimator, ...]] = get_args(EntropyEstimator)


def estimated_entropy(counts: npt.ArrayLike, *, estimator: EntropyEstimator) -> FloatArray:
    """Entropy of each item's population of annotators in nats, (N,).

    Parameters
    ----------
    counts : (N, K) array_like
        Annotators who chose each label: whole numbers.
    estimator
        One of `ENTROPY_ESTIMATORS`.

    Returns
    -------
    (N,) ndarray
        Not cut at log K: an estimate above it is a sign of too few answers, and cutting would add bias again.

    Raises
    ------
    UndefinedDistributionError
        If nobody answered an item.
    InvalidDistributionError
        If the table is not one of counts.
    ValueError
        If the estimator is not known.

    Examples
    --------
    >>> [float(estimated_entropy([[2, 1, 0]], estimator=one)[0].round(4)) for one in ENTROPY_ESTIMATORS]
    [0.6365, 0.8032, 1.0662, 1.0356]
    """
    table = checked_counts(counts)
    totals = table.sum(axis=1)
    shares = table / totals[:, None]
    if estimator == "plug-in":
        return np.asarray(entr(shares).sum(axis=1))
    if estimator == "miller-madow":
        return np.asarray(entr(shares).sum(axis=1) + ((table > 0).sum(axis=1) - 1) / (2 * totals))
    if estimator == "chao-shen":
        return _chao_shen(table, totals)
    if estimator == "grassberger":
        terms = np.where(table > 0, table * _grassberger(np.maximum(table, 1.0)), 0.0)
        return np.asarray(np.log(totals) - terms.sum(axis=1) / totals)
    raise ValueError(f"unknown estimator {estimator!r}: one of {', '.join(ENTROPY_ESTIMATORS)}")


def checked_counts(counts: npt.ArrayLike) -> FloatArray:
    """Counts (N, K) as floats, every item answered; errors as `estimated_entropy`."""
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] < 1 or table.shape[1] < 2:
        raise InvalidDistributionError(
            "counts: expected items x labels, two or more, got %(shape)s", shape=table.shape
        )
    wrong = ~np.isfinite(table) | (table < 0) | (table != np.floor(table))
    if wrong.any():
        row = int(np.nonzero(wrong)[0][0])
        raise InvalidDistributionError(
            "counts row %(at_row)s has a value that is not a count", row=row, at_row=row
        )
    empty = np.flatnonzero(table.sum(axis=1) == 0)
    if empty.size:
        raise UndefinedDistributionError(empty, "nobody answered")
    return table


def _chao_shen(table: FloatArray, totals: FloatArray) -> FloatArray:
    singles = (table == 1).sum(axis=1)
    singles = np.where(singles == totals, totals - 1, singles)
    shares = (1 - singles / totals)[:, None] * table / totals[:, None]
    # Of a single answer the coverage is 1, so its label is certain: both terms are 0.
    seen = -np.expm1(totals[:, None] * np.log1p(-np.minimum(shares, 1 - 1e-16)))
    return np.asarray(np.divide(entr(shares), seen, out=np.zeros_like(shares), where=shares > 0).sum(axis=1))


def _grassberger(counts: FloatArray) -> FloatArray:
    signs = 1 - 2 * (counts % 2)
    return np.asarray(digamma(counts) + signs * (digamma((counts + 1) / 2) - digamma(counts / 2)) / 2)

"""Single coefficients from tables of counts.

The sums run over blocks of items that stay in the cache of a core. Blocks depend on the shape of the table only, so a
coefficient has the same bits everywhere.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from hlv.stats.agreement.answer_arrays import InvalidAnswersError, checked_labels
from hlv.stats.agreement.kappas import SHARE_COEFFICIENTS, share_coefficients
from hlv.stats.agreement.krippendorff import alpha, centred_mid_ranks
from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.reporting import StatisticsError

_NUMBERS_AT_ONCE = 1 << 15


@dataclass(frozen=True, eq=False)
class CountTable:
    """How often each label was given to each item.

    Attributes
    ----------
    counts : (N, K) ndarray
        Whole numbers, 0 or more, of any integer type or as floats.
    """

    counts: npt.NDArray[Any]

    @classmethod
    def checked(cls, counts: npt.ArrayLike) -> CountTable:
        """Read a table.

        Raises
        ------
        InvalidAnswersError
            If it is no table, or something in it is no count.
        """
        table = np.asarray(counts)
        if table.ndim != 2 or 0 in table.shape:
            raise InvalidAnswersError(
                "expected counts of items x labels, got shape %(shape)s", shape=table.shape
            )
        if not np.issubdtype(table.dtype, np.integer):
            table = table.astype(np.float64, copy=False)
        for start, block in _blocks(table):
            if not _are_counts(block).all():
                row = start + int(np.argmin(_are_counts(block).all(axis=1)))
                raise InvalidAnswersError(
                    "row %(at_row)s contains something other than whole numbers >= 0", at_row=row
                )
        return cls(table)

    def shares(self) -> FloatArray:
        """Percent agreement, Fleiss' kappa and Gwet's AC1 with every label of the table possible; (3,)."""
        parts, shares = np.zeros((1, 3)), np.zeros((1, self.counts.shape[1]))
        for counts, n_answers in self._items(with_at_least=1):
            # divided before they are added, so that items of one label have a share of exactly 1
            shares += _column_sums(counts / n_answers[:, None])
            parts[0, 2] += len(counts)
        for counts, n_answers in self._items(with_at_least=2):
            equal = _row_sums(counts * (counts - 1))
            parts[0, :2] += (equal / (n_answers * (n_answers - 1))).sum(), len(counts)
        return np.asarray(share_coefficients(parts, shares, n_possible=shares.shape[1])[0])

    def nominal_alpha(self) -> float:
        """NaN where it is undefined."""
        chosen, observed = np.zeros(self.counts.shape[1]), 0.0
        for counts, n_answers in self._items(with_at_least=2):
            chosen += _column_sums(counts)
            unequal = _row_sums(counts * (n_answers[:, None] - counts))
            observed += (unequal / (n_answers - 1)).sum()
        n = chosen.sum()
        return _alpha(observed, (chosen * (n - chosen)).sum(), n)

    def ordinal_alpha(self) -> float:
        """NaN where it is undefined.

        The squared differences of all pairs of m values are m times their squared deviations from their mean.
        """
        pairable, observed = list(self._items(with_at_least=2)), 0.0
        chosen = np.sum([_column_sums(counts) for counts, _ in pairable], axis=0)
        mid_ranks = centred_mid_ranks(chosen)
        for counts, n_answers in pairable:
            deviations = mid_ranks - (counts @ mid_ranks / n_answers)[:, None]
            squares = _row_sums(counts * deviations**2)
            observed += (squares * n_answers / (n_answers - 1)).sum()
        n = chosen.sum()
        return _alpha(observed, n * (chosen * mid_ranks**2).sum(), n)

    def _items(self, *, with_at_least: int) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Blocks of counts (n, K) and numbers of answers (n,) of the items that have so many."""
        for _, block in _blocks(self.counts):
            counts = block.astype(np.float64, copy=False)
            n_answers = _row_sums(counts)
            enough = n_answers >= with_at_least
            yield (counts, n_answers) if enough.all() else (counts[enough], n_answers[enough])


def _blocks(table: npt.NDArray[Any]) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """Some rows of the table after others, with the place of the first."""
    at_once = max(1, _NUMBERS_AT_ONCE // table.shape[1])
    for start in range(0, len(table), at_once):
        yield start, table[start : start + at_once]


def _are_counts(block: npt.NDArray[Any]) -> BoolArray:
    if np.issubdtype(block.dtype, np.integer):
        return np.asarray(block >= 0)
    return np.asarray(np.isfinite(block) & (block >= 0) & (block == np.floor(block)))


# a product with ones adds up narrow rows several times as fast as numpy's sum along an axis
def _row_sums(table: FloatArray) -> FloatArray:
    return np.asarray(table @ np.ones(table.shape[1]))


def _column_sums(table: FloatArray) -> FloatArray:
    return np.asarray(np.ones(len(table)) @ table)


def _alpha(observed: float, expected: float, n_answers: float) -> float:
    return float(alpha(np.array([observed]), np.array([expected]), np.array([n_answers]))[0])


class UndefinedAgreementError(StatisticsError, ValueError):
    """The answers do not determine the coefficient: nothing to compare, or no variation."""


def percent_agreement(counts: npt.ArrayLike) -> float:
    """Mean, over items with two or more answers, of the share of pairs of answers that are equal.

    Parameters
    ----------
    counts : (N, K) array_like
        How many annotators gave label k to item n; items may have different numbers of answers.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    UndefinedAgreementError
        No item has two answers.
    InvalidAnswersError
        Not a table of counts.

    Examples
    --------
    >>> from hlv.stats.agreement import percent_agreement
    >>> percent_agreement([[2, 0], [1, 1], [0, 2], [2, 0]])
    0.75
    """
    return _share_coefficient(counts, "percent")


def fleiss_kappa(counts: npt.ArrayLike) -> float:
    """Fleiss' kappa, generalised to unequal numbers of answers.

    The share of a category is the mean over items of its share in the item; items with one answer enter the
    shares and not the observed agreement. With equal numbers this is Fleiss' own coefficient.

    Parameters, raises: as `percent_agreement`; also undefined where all answers are one category.

    Returns
    -------
    float
        At most 1.

    References
    ----------
    Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. Psychological Bulletin 76, 378-382.
    Gwet, K. L. (2014). Handbook of Inter-Rater Reliability, 4th ed.

    Examples
    --------
    >>> from hlv.stats.agreement import fleiss_kappa
    >>> round(fleiss_kappa([[2, 0], [1, 1], [0, 2], [2, 0]]), 3)
    0.467
    """
    return _share_coefficient(counts, "fleiss_kappa")


def gwet_ac1(counts: npt.ArrayLike) -> float:
    """Gwet's AC1, with chance agreement over all K labels of the table, chosen or not.

    Parameters, raises: as `percent_agreement`; also undefined where there is only one label.

    Returns
    -------
    float
        At most 1.

    References
    ----------
    Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high agreement.
    British Journal of Mathematical and Statistical Psychology 61, 29-48.

    Examples
    --------
    >>> from hlv.stats.agreement import gwet_ac1
    >>> round(gwet_ac1([[2, 0], [1, 1], [0, 2], [2, 0]]), 3)
    0.529
    """
    return _share_coefficient(counts, "gwet_ac1")


def krippendorff_alpha(
    counts: npt.ArrayLike, *, distance: Literal["nominal", "ordinal"] = "nominal"
) -> float:
    """Krippendorff's alpha of labels; items with one answer are left out.

    Parameters
    ----------
    counts : (N, K) array_like
        How many annotators gave label k to item n; ordinal labels stand in their order.
    distance : {"nominal", "ordinal"}

    Returns
    -------
    float
        At most 1.

    Raises
    ------
    UndefinedAgreementError
        No item has two answers, or all answers that can be paired are one label.
    InvalidAnswersError
        Not a table of counts.

    References
    ----------
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania.

    Examples
    --------
    >>> from hlv.stats.agreement import krippendorff_alpha
    >>> round(krippendorff_alpha([[2, 0], [1, 1], [0, 2], [2, 0]]), 3)
    0.533
    """
    table = CountTable.checked(counts)
    value = table.ordinal_alpha() if distance == "ordinal" else table.nominal_alpha()
    return _defined(value, f"krippendorff_alpha_{distance}")


def cohen_kappa(first: npt.ArrayLike, second: npt.ArrayLike, *, n_labels: int) -> float:
    """Cohen's kappa of two annotators.

    Parameters
    ----------
    first, second : (N,) array_like of int
        Labels 0 ... n_labels - 1 that each annotator gave to the same N items.
    n_labels : int

    Returns
    -------
    float
        In [-1, 1].

    Raises
    ------
    UndefinedAgreementError
        All answers are one label.
    InvalidAnswersError
        The arrays do not pair up.

    References
    ----------
    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological Measurement
    20, 37-46.

    Examples
    --------
    >>> from hlv.stats.agreement import cohen_kappa
    >>> cohen_kappa([0, 0, 1, 1], [0, 0, 1, 0], n_labels=2)
    0.5
    """
    left, right = np.asarray(first), np.asarray(second)
    if left.shape != right.shape or left.ndim != 1:
        raise InvalidAnswersError(
            "labels of shapes %(shape)s and %(shape_2)s do not pair up", shape=left.shape, shape_2=right.shape
        )
    chosen_first, chosen_second = (
        np.bincount(checked_labels(labels, n_labels=n_labels), minlength=n_labels) for labels in (left, right)
    )
    # whole numbers, which Python multiplies without overflow
    n, equal = len(left), int(np.count_nonzero(left == right))
    by_chance = sum(map(operator.mul, chosen_first.tolist(), chosen_second.tolist()))
    possible = n * n - by_chance
    return _defined((n * equal - by_chance) / possible if possible else math.nan, "cohen_kappa")


def _share_coefficient(counts: npt.ArrayLike, name: str) -> float:
    return _defined(float(CountTable.checked(counts).shares()[SHARE_COEFFICIENTS.index(name)]), name)


def _defined(value: float, name: str) -> float:
    if math.isnan(value):
        raise UndefinedAgreementError(
            "%(name)s is undefined: no item has two answers, or all of them are one category", name=name
        )
    return value

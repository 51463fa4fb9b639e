"""Single coefficients from tables of counts."""

from __future__ import annotations

import math
import operator
from typing import Literal

import numpy as np
import numpy.typing as npt

from hlv.stats.agreement.answer_arrays import InvalidAnswersError, checked_labels
from hlv.stats.agreement.count_table import CountTable
from hlv.stats.agreement.fleiss_gwet import SHARE_COEFFICIENTS


class UndefinedAgreementError(ValueError):
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
    """
    left, right = np.asarray(first), np.asarray(second)
    if left.shape != right.shape or left.ndim != 1:
        raise InvalidAnswersError(f"labels of shapes {left.shape} and {right.shape} do not pair up")
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
            f"{name} is undefined: no item has two answers, or all of them are one category"
        )
    return value

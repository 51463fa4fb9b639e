"""One Holm correction over all cells of several tables of metric agreement: criteria, campaigns, studies.

A cell is one metric in one table. Affine copies of a metric in one table are one hypothesis and count once. Holm's
rule holds under any dependence of the tests, so tables may share judges, texts, methods and metrics.

References
----------
Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics
6(2), 65-70.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np

from hlv.stats.meta_evaluation.permutation import NullOrders, smallest_p_value
from hlv.stats.pairwise.multiple_comparisons import holm

# Of 1 / M! orders no smaller p can be told from 0 anyway, and factorials of many methods pass the largest float.
_MOST_METHODS = 100


@dataclass(frozen=True)
class Cell:
    """The test of one metric in one table.

    Attributes
    ----------
    table
        Of which table, by any name.
    hypothesis
        Metrics of one table that share it are copies of one another and count once.
    p
        0 to 1; None where nothing was tested.
    smallest_p
        The smallest p that this test can give (`smallest_p_of`).
    """

    table: str
    hypothesis: str
    p: float | None
    smallest_p: float = 0.0


@dataclass(frozen=True)
class FamilyCorrection:
    """Holm-adjusted p of cells.

    Attributes
    ----------
    adjusted_p
        Of each cell; None where nothing was tested.
    smallest_adjusted_p
        What the adjusted p would be if every test of the family had its smallest p: no data give less.
    n_tests
        Different hypotheses of all tables.
    """

    adjusted_p: list[float | None]
    smallest_adjusted_p: list[float | None]
    n_tests: int


def correct_over_tables(cells: Sequence[Cell]) -> FamilyCorrection:
    """Holm's rule over all tested cells of all tables.

    Copies may differ by rounding: their largest p is that of the hypothesis.

    Raises
    ------
    ValueError
        If a p is not in [0, 1].

    Examples
    --------
    >>> found = correct_over_tables([Cell("clear", "f1", 0.01), Cell("clear", "bleu", 0.04), Cell("true", "f1", 0.03)])
    >>> found.adjusted_p
    [0.03, 0.06, 0.06]
    """
    tested: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for cell in cells:
        if cell.p is not None:
            tested.setdefault((cell.table, cell.hypothesis), []).append((cell.p, cell.smallest_p))
    p_values, floors = np.array([np.max(copies, axis=0) for copies in tested.values()]).reshape(-1, 2).T
    adjusted = dict(zip(tested, holm(p_values).tolist(), strict=True))
    least = dict(zip(tested, holm(floors).tolist(), strict=True))
    keys = [None if cell.p is None else (cell.table, cell.hypothesis) for cell in cells]
    return FamilyCorrection(
        [None if key is None else adjusted[key] for key in keys],
        [None if key is None else least[key] for key in keys],
        len(tested),
    )


def smallest_p_of(coefficient: str, n_methods: int, orders: NullOrders | None) -> float:
    """The smallest p that the permutation test of a coefficient of so many methods can give.

    2 / M! of a two-sided rank coefficient, 1 / M! of Pearson's r and of soft pairwise accuracy, whose opposite order is
    not as extreme; at least 1 / (1 + K) of K random orders. With ties it can be larger.

    Examples
    --------
    >>> smallest_p_of("kendall_tau_b", 4, None)
    0.08333333333333333
    """
    methods = min(n_methods, _MOST_METHODS)
    one_sided = coefficient in {"pearson", "soft_pairwise_accuracy"}
    least = 1 / factorial(methods) if one_sided else smallest_p_value(methods)
    n_random = None if orders is None else orders.n_random
    return least if n_random is None else max(least, 1 / (1 + n_random))

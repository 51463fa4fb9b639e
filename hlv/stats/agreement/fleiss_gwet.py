"""Percent agreement, Fleiss' kappa and Gwet's AC1: chance from the shares of the categories."""

from __future__ import annotations

import numpy as np

from hlv.stats.agreement.weighted_sums import CategoryCounts, ratio, weighted_sums
from hlv.stats.arrays import FloatArray

SHARE_COEFFICIENTS = ("percent", "fleiss_kappa", "gwet_ac1")


class OverallShares:
    """Percent, Fleiss and AC1 over all categories.

    The observed agreement of an item with m >= 2 answers is the share of its m (m - 1) ordered pairs of answers
    that are equal; percent is the mean over such items. The share of a category is the mean, over all items with
    an answer, of the category's share in the item.

    Parameters
    ----------
    counts : CategoryCounts
    n_possible : float
        Categories that could have been chosen: all labels, or 2 ** n_labels sets.
    """

    names: tuple[tuple[str, int | None], ...] = tuple((name, None) for name in SHARE_COEFFICIENTS)

    def __init__(self, counts: CategoryCounts, *, n_possible: float) -> None:
        pairs = counts.pairable
        entry_answers = pairs.entry_answers
        equal = pairs.per_item(pairs.count * (pairs.count - 1) / (entry_answers * (entry_answers - 1)))
        self._parts = np.column_stack([equal, counts.n_answers >= 2, counts.n_answers >= 1])
        self._shares = counts.table(counts.count / counts.entry_answers)
        self._n_possible = n_possible
        self.width = counts.n_categories

    def __call__(self, weights: FloatArray) -> FloatArray:
        return share_coefficients(
            weights @ self._parts, weighted_sums(weights, self._shares), n_possible=self._n_possible
        )


class SharesPerLabel:
    """Percent, Fleiss and AC1 for each label: present or absent in each answer."""

    def __init__(self, counts: CategoryCounts) -> None:
        pairs = counts.pairable
        entry_answers = pairs.entry_answers
        unequal = 2 * pairs.count * (entry_answers - pairs.count) / (entry_answers * (entry_answers - 1))
        self._unequal = pairs.table(unequal)
        self._numbers = np.column_stack([counts.n_answers >= 2, counts.n_answers >= 1]).astype(np.float64)
        self._present = counts.table(counts.count / counts.entry_answers)
        self.width = 6 * counts.n_categories
        self.names: tuple[tuple[str, int | None], ...] = tuple(
            (name, label) for name in SHARE_COEFFICIENTS for label in range(counts.n_categories)
        )

    def __call__(self, weights: FloatArray) -> FloatArray:
        numbers = weights @ self._numbers
        observed = 1 - ratio(weighted_sums(weights, self._unequal), numbers[:, 0:1])
        present = ratio(weighted_sums(weights, self._present), numbers[:, 1:2])
        disagreement_by_chance = 2 * present * (1 - present)
        return np.column_stack(
            [
                observed,
                chance_corrected(observed, 1 - disagreement_by_chance),
                chance_corrected(observed, disagreement_by_chance),
            ]
        )


def share_coefficients(parts: FloatArray, shares: FloatArray, *, n_possible: float) -> FloatArray:
    """Percent, Fleiss and AC1, shape (R, 3), from sums over items.

    Parameters
    ----------
    parts : (R, 3)
        Shares of equal pairs; items with two or more answers; items with one or more.
    shares : (R, K)
        Shares of the categories in an item.
    n_possible
        As in `OverallShares`.
    """
    observed = ratio(parts[:, 0], parts[:, 1])
    mean_shares = ratio(shares, parts[:, 2:3])
    by_chance = (mean_shares**2).sum(axis=1)
    spread = (mean_shares * (1 - mean_shares)).sum(axis=1)
    gwet_chance = ratio(spread, np.full_like(spread, n_possible - 1))
    return np.column_stack(
        [observed, chance_corrected(observed, by_chance), chance_corrected(observed, gwet_chance)]
    )


def chance_corrected(observed: FloatArray, by_chance: FloatArray) -> FloatArray:
    """(observed - by chance) / (1 - by chance); NaN where chance agreement is complete."""
    return ratio(observed - by_chance, 1 - by_chance)

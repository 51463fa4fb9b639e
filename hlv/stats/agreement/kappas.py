"""Cohen's kappa as the mean over pairs of annotators, percent agreement, Fleiss' kappa and Gwet's AC1."""

from __future__ import annotations

import numpy as np

from hlv.stats.agreement.answer_arrays import Answers
from hlv.stats.agreement.weighted_sums import CategoryCounts, ratio, sparse_table, weighted_sums
from hlv.stats.arrays import BoolArray, FloatArray, IntArray, SparseTable


class SharedItems:
    """The items that each pair of annotators has in common.

    Attributes
    ----------
    first, second : (E,) ndarray of int
        Rows of the answers that two annotators gave to the same item; the annotator of `first` comes first.
    item, pair : (E,) ndarray of int
    n_pairs : int
        Pairs of annotators with an item in common.
    """

    def __init__(self, answers: Answers) -> None:
        self.first, self.second = _answers_to_the_same_item(answers.item)
        self.item = answers.item[self.first]
        keys = answers.annotator[self.first] * answers.n_annotators + answers.annotator[self.second]
        pairs, pair = np.unique(keys, return_inverse=True)
        self.pair: IntArray = pair.reshape(-1).astype(np.int64)
        self.n_pairs = len(pairs)
        self.n_items = answers.n_items

    def table(self, entries: IntArray, columns: IntArray, n_columns: int) -> SparseTable:
        """Sparse (n_items, n_columns) table that counts `entries` in `columns`."""
        return sparse_table(
            self.item[entries], columns, np.ones(len(entries)), shape=(self.n_items, n_columns)
        )


class OverallCohen:
    """Mean kappa over the pairs of annotators for whom it is defined.

    Undefined for a pair whose answers to its shared items are all one and the same category. Where pairs share few
    items this happens in many resamples, and the mean over the other pairs drifts: an interval that then misses the
    value is withheld (`report.COHEN_DRIFTED`). The time of a resample grows with the pairs of answers to the same item.
    """

    names: tuple[tuple[str, int | None], ...] = (("cohen_kappa", None),)

    def __init__(self, answers: Answers, shared: SharedItems) -> None:
        all_pairs = np.arange(len(shared.first))
        category_first, category_second = answers.category[shared.first], answers.category[shared.second]
        equal = np.flatnonzero(category_first == category_second)
        self._n = shared.table(all_pairs, shared.pair, shared.n_pairs)
        self._equal = shared.table(equal, shared.pair[equal], shared.n_pairs)
        # only categories that both annotators of a pair have used add to their agreement by chance
        keys, column_first, column_second = _columns_of_keys(
            shared.pair * answers.n_categories + category_first,
            shared.pair * answers.n_categories + category_second,
        )
        common = _used(column_first, len(keys)) & _used(column_second, len(keys))
        self._first = _table_of_kept(shared, all_pairs, column_first, common)
        self._second = _table_of_kept(shared, all_pairs, column_second, common)
        keys = keys[common]
        self._pair_of_key = sparse_table(
            np.arange(len(keys)),
            keys // answers.n_categories,
            np.ones(len(keys)),
            shape=(len(keys), shared.n_pairs),
        )
        self.width = 3 * len(keys) + 4 * shared.n_pairs
        self.n_pairs = shared.n_pairs

    def __call__(self, weights: FloatArray) -> FloatArray:
        kappas = self.of_pairs(weights)
        return _mean_of_defined(kappas)[:, None]

    def count_undefined(self) -> int:
        """Pairs of annotators with an item in common, but no kappa."""
        n_items = self._n.shape[0]
        return int(np.isnan(self.of_pairs(np.ones((1, n_items)))).sum())

    def of_pairs(self, weights: FloatArray) -> FloatArray:
        """Kappa of each pair of annotators, shape (R, n_pairs), NaN where it is undefined."""
        n = weighted_sums(weights, self._n)
        by_chance = weighted_sums(
            weighted_sums(weights, self._first) * weighted_sums(weights, self._second), self._pair_of_key
        )
        return ratio(n * weighted_sums(weights, self._equal) - by_chance, n * n - by_chance)


class CohenPerLabel:
    """Mean kappa over pairs of annotators for each label, present or absent in each answer."""

    def __init__(self, answers: Answers, shared: SharedItems) -> None:
        n_labels = answers.n_labels
        present_first, keys_first = _present(answers, shared, shared.first)
        present_second, keys_second = _present(answers, shared, shared.second)
        # a label that neither annotator of a pair has chosen is undefined for the pair, and needs no column
        keys, column_first, column_second = _columns_of_keys(keys_first, keys_second)
        _, in_both, _ = np.intersect1d(present_first, present_second, assume_unique=True, return_indices=True)
        all_pairs = np.ones(len(keys), dtype=np.bool_)
        self._n = shared.table(np.arange(len(shared.first)), shared.pair, shared.n_pairs)
        self._first = _table_of_kept(shared, present_first // n_labels, column_first, all_pairs)
        self._second = _table_of_kept(shared, present_second // n_labels, column_second, all_pairs)
        self._both = _table_of_kept(
            shared, present_first[in_both] // n_labels, column_first[in_both], all_pairs
        )
        self._pair = keys // n_labels
        self._label = sparse_table(
            np.arange(len(keys)), keys % n_labels, np.ones(len(keys)), shape=(len(keys), n_labels)
        )
        self.width = 10 * len(keys) + shared.n_pairs
        self.names: tuple[tuple[str, int | None], ...] = tuple(
            ("cohen_kappa", label) for label in range(n_labels)
        )

    def __call__(self, weights: FloatArray) -> FloatArray:
        n = weighted_sums(weights, self._n)[:, self._pair]
        first, second = weighted_sums(weights, self._first), weighted_sums(weights, self._second)
        equal = n - first - second + 2 * weighted_sums(weights, self._both)
        by_chance = first * second + (n - first) * (n - second)
        kappas = ratio(n * equal - by_chance, n * n - by_chance)
        defined = ~np.isnan(kappas)
        totals = weighted_sums(np.where(defined, kappas, 0.0), self._label)
        return ratio(totals, weighted_sums(defined.astype(np.float64), self._label))


def count_answer_pairs(answers: Answers) -> int:
    """Pairs of answers to the same item: what the time and memory of Cohen's kappa grow with."""
    m = answers.answers_per_item
    return int((m * (m - 1) / 2).sum())


def _answers_to_the_same_item(item: IntArray) -> tuple[IntArray, IntArray]:
    """Row numbers of all pairs of answers to one item; `item` is sorted."""
    firsts, seconds = [], []
    start = np.arange(len(item))
    step = 0
    while start.size:
        step += 1
        start = start[start + step < len(item)]
        start = start[item[start] == item[start + step]]
        firsts.append(start)
        seconds.append(start + step)
    return np.concatenate(firsts), np.concatenate(seconds)


def _columns_of_keys(first: IntArray, second: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Sorted distinct keys of two lists, and where each entry of either list stands among them."""
    keys, column = np.unique(np.concatenate([first, second]), return_inverse=True)
    columns = column.reshape(-1).astype(np.int64)
    return keys, columns[: len(first)], columns[len(first) :]


def _used(columns: IntArray, n_columns: int) -> BoolArray:
    used: BoolArray = np.bincount(columns, minlength=n_columns) > 0
    return used


def _table_of_kept(shared: SharedItems, entries: IntArray, columns: IntArray, kept: BoolArray) -> SparseTable:
    rows = np.flatnonzero(kept[columns])
    new_column = np.cumsum(kept) - 1
    return shared.table(entries[rows], new_column[columns[rows]], int(kept.sum()))


def _present(answers: Answers, shared: SharedItems, rows: IntArray) -> tuple[IntArray, IntArray]:
    """(entry, label) codes of the labels that the answers `rows` contain, and their (pair, label) codes."""
    entry, label = answers.chosen[rows].nonzero()
    entries = entry.astype(np.int64)
    return entries * answers.n_labels + label, shared.pair[entries] * answers.n_labels + label


def _mean_of_defined(kappas: FloatArray) -> FloatArray:
    defined = ~np.isnan(kappas)
    return ratio(np.where(defined, kappas, 0.0).sum(axis=1), defined.sum(axis=1).astype(np.float64))


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

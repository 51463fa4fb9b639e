"""Few labels with human mass: the same sums as over whole tables."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import jensenshannon

from hlv.stats.metrics.sparse_labels import PackedCounts, SparseLabels, SparseWeights

RNG = np.random.default_rng(1)


def few_labels(n_items: int, n_labels: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    table = np.zeros((n_items, n_labels))
    for row in table:
        chosen = RNG.choice(n_labels, 2, replace=False)
        row[chosen] = [0.75, 0.25]
    return table


def test_overlaps_and_divergences_are_those_of_whole_tables() -> None:
    human, output = few_labels(30, 12), RNG.dirichlet(np.ones(12), size=30)
    support = SparseLabels.of(human)
    assert support is not None
    found = support.compared(output, output.sum(axis=1))
    np.testing.assert_allclose(found.item_overlaps, np.minimum(human, output).sum(axis=1))
    np.testing.assert_allclose(found.label_overlaps, np.minimum(human, output).sum(axis=0))
    expected = [jensenshannon(one, other) ** 2 for one, other in zip(human, output, strict=True)]
    np.testing.assert_allclose(found.divergences_in_nats, expected)


def test_a_table_with_mass_in_most_cells_is_not_sparse() -> None:
    assert SparseLabels.of(np.full((3, 2), 0.5)) is None


def test_weighted_cells_are_products_by_label() -> None:
    human = few_labels(9, 5)
    cells = SparseWeights.of(human)
    times = RNG.integers(0, 4, size=(6, 9))
    found = cells.weighted(times, cells.values([human]))
    np.testing.assert_allclose(found[:, :, 0].T, times @ human)


def test_counts_in_the_digits_of_one_number_are_exact() -> None:
    tables = [RNG.random((40, 7)) < 0.2, RNG.random((40, 5)) < 0.2]
    packing = PackedCounts(12, 8)
    times = RNG.integers(0, 6, size=(3, 40))
    counts = np.zeros((3, 12), dtype=np.int64)
    packing.add(times.astype(float) @ packing.packed(tables, 40), counts)
    np.testing.assert_array_equal(counts, times @ np.concatenate(tables, axis=1))

"""One Holm correction over several tables of metric agreement."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from hlv.stats.meta_evaluation.family_correction import Cell, correct_over_tables, smallest_p_of
from hlv.stats.meta_evaluation.permutation import KENDALL_EXACT, NullOrders


def closed_testing(p_values: list[float]) -> list[float]:
    """Holm's adjusted p by the closure of Bonferroni tests: the largest p of all sets of hypotheses with this one."""
    places = range(len(p_values))
    sets = [chosen for size in range(1, len(p_values) + 1) for chosen in combinations(places, size)]
    bonferroni = {chosen: min(1.0, len(chosen) * min(p_values[one] for one in chosen)) for chosen in sets}
    return [max(p for chosen, p in bonferroni.items() if place in chosen) for place in places]


def test_cells_of_all_tables_are_one_family() -> None:
    # By hand: .001 x 5, .008 x 4, .02 x 3, .02 x 2 (not below .06), .5 x 1.
    cells = [
        Cell("accuracy", "f1", 0.02),
        Cell("accuracy", "bleu", 0.001),
        Cell("clarity", "f1", 0.5),
        Cell("clarity", "bleu", 0.02),
        Cell("other study", "f1", 0.008),
    ]

    found = correct_over_tables(cells)

    assert found.n_tests == 5
    assert found.adjusted_p == pytest.approx([0.06, 0.005, 0.5, 0.06, 0.032], abs=1e-15)


def test_adjusted_p_is_that_of_the_closed_test() -> None:
    p_values = np.random.default_rng(3).random(9).round(3).tolist()
    cells = [Cell(f"table {place % 3}", f"metric {place}", p) for place, p in enumerate(p_values)]

    found = correct_over_tables(cells)

    assert found.adjusted_p == pytest.approx(closed_testing(p_values), abs=1e-12)


def test_copies_in_one_table_count_once_and_with_their_largest_p() -> None:
    cells = [
        Cell("clarity", "soft accuracy", 0.01),
        Cell("clarity", "soft accuracy", 0.012),
        Cell("clarity", "bleu", 0.04),
        # The same metric in another table is another hypothesis.
        Cell("accuracy", "soft accuracy", 0.03),
    ]

    found = correct_over_tables(cells)

    assert found.n_tests == 3
    assert found.adjusted_p == pytest.approx([0.036, 0.036, 0.06, 0.06], abs=1e-15)


def test_an_untested_cell_is_in_no_family() -> None:
    found = correct_over_tables([Cell("clarity", "flat", None), Cell("clarity", "f1", 0.03)])

    assert found.n_tests == 1
    assert found.adjusted_p == [None, 0.03]
    assert found.smallest_adjusted_p == [None, 0.0]
    assert correct_over_tables([]).n_tests == 0
    assert correct_over_tables([Cell("clarity", "flat", None)]).adjusted_p == [None]


def test_the_smallest_adjusted_p_is_holms_of_the_smallest_p() -> None:
    # Four methods give no p below 2 / 4! = .083, nine none below 2 / 9! = .0000055.
    cells = [
        Cell("four methods", "f1", 0.33, smallest_p=1 / 12),
        Cell("nine methods", "f1", 0.01, smallest_p=2 / 362_880),
        Cell("nine methods", "bleu", 0.3, smallest_p=2 / 362_880),
    ]

    found = correct_over_tables(cells)

    assert found.smallest_adjusted_p == pytest.approx([1 / 12, 6 / 362_880, 6 / 362_880], rel=1e-12)


def test_a_p_beyond_1_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        correct_over_tables([Cell("clarity", "f1", 1.01)])


@pytest.mark.parametrize(
    ("coefficient", "n_methods", "orders", "smallest"),
    [
        ("kendall_tau_b", 5, KENDALL_EXACT, 2 / 120),
        ("spearman", 5, NullOrders("all orders", 120), 2 / 120),
        ("pearson", 5, NullOrders("all orders", 120), 1 / 120),
        ("soft_pairwise_accuracy", 5, NullOrders("all orders", 120), 1 / 120),
        ("pearson", 12, NullOrders("random orders", 9_999), 1e-4),
        ("spearman", 4, NullOrders("random orders", 99), 2 / 24),
        ("kendall_tau_b", 2, None, 1.0),
    ],
)
def test_smallest_p(coefficient: str, n_methods: int, orders: NullOrders | None, smallest: float) -> None:
    assert smallest_p_of(coefficient, n_methods, orders) == pytest.approx(smallest, rel=1e-12)


def test_the_smallest_p_of_many_methods_is_a_number() -> None:
    assert 0 < smallest_p_of("kendall_tau_b", 500, KENDALL_EXACT) < 1e-100

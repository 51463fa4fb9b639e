"""Cells that both sides scored, their groups and their pairs, against plain loops and SciPy."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import kendalltau, pearsonr, spearmanr

from hlv.stats.arrays import FloatArray
from hlv.stats.meta_evaluation.score_cells import (
    CELL_CORRELATIONS,
    GROUPINGS,
    Grouping,
    ScoreCells,
    UndeterminedGroupedAgreementError,
)

NAN = np.nan
METRIC = np.array([[0.1, 0.7, NAN, 0.4], [0.2, 0.5, 0.9, 0.4], [0.8, NAN, 0.3, 0.6]])
HUMAN = np.array([[1.0, 3.0, 2.0, 2.0], [2.0, 2.0, NAN, 1.0], [3.0, 1.0, 2.0, 3.0]])
SCIPY = {"kendall_tau_b": kendalltau, "spearman": spearmanr, "pearson": pearsonr}


def looped(grouping: Grouping) -> dict[int, list[tuple[int, int]]]:
    """(system, item) of each group, by looking at each cell."""
    found: dict[int, list[tuple[int, int]]] = {}
    for system in range(3):
        for item in range(4):
            if not np.isnan(METRIC[system, item]) and not np.isnan(HUMAN[system, item]):
                group = {"none": 0, "item": item, "system": system}[grouping]
                found.setdefault(group, []).append((system, item))
    return found


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_groups_hold_the_cells_with_both_scores(grouping: Grouping) -> None:
    cells = ScoreCells.of(METRIC, HUMAN, grouping)

    expected = looped(grouping)
    for place, key in zip(cells.places(), sorted(expected), strict=True):
        there = sorted(zip(cells.system[place].tolist(), cells.item[place].tolist(), strict=True))
        assert there == sorted(expected[key])
        assert cells.metric[place].tolist() == [
            METRIC[system, item] for system, item in zip(cells.system[place], cells.item[place], strict=True)
        ]
    assert cells.n_groups == len(expected)
    assert cells.n_pairs == sum(len(list(combinations(group, 2))) for group in expected.values())


@pytest.mark.parametrize("grouping", GROUPINGS)
@pytest.mark.parametrize("name", CELL_CORRELATIONS)
def test_weights_count_a_cell_as_often_as_they_say(grouping: Grouping, name: str) -> None:
    rng = np.random.default_rng(8)
    metric, human = rng.normal(size=(5, 6)), np.round(rng.normal(size=(5, 6)))
    cells = ScoreCells.of(metric, human, grouping)
    weights = rng.integers(1, 4, size=(3, 30)).astype(float)

    found = cells.of_groups(CELL_CORRELATIONS[name], weights)

    for group, place in enumerate(cells.places()):
        for row in range(3):
            repeated = np.repeat(place, weights[row, place].astype(int))
            if name == "kendall_tau_b":
                expected = repeated_tau(cells.metric[repeated], cells.human[repeated], repeated)
            else:
                expected = SCIPY[name](cells.metric[repeated], cells.human[repeated]).statistic
            assert found[group, row] == pytest.approx(expected, abs=1e-12, nan_ok=True)


def repeated_tau(x: FloatArray, y: FloatArray, cell: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
    """Tau-b over pairs of different cells: a cell and its copy are no pair."""
    concordant = of_x = of_y = 0.0
    for i, j in combinations(range(len(x)), 2):
        if cell[i] != cell[j]:
            one, other = np.sign(x[i] - x[j]), np.sign(y[i] - y[j])
            concordant, of_x, of_y = concordant + one * other, of_x + one**2, of_y + other**2
    return float(concordant / np.sqrt(of_x * of_y)) if of_x * of_y else float("nan")


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_sampled_pairs_are_different_cells_of_one_group_and_every_group_has_as_many(
    grouping: Grouping,
) -> None:
    rng = np.random.default_rng(2)
    cells = ScoreCells.of(rng.normal(size=(9, 7)), rng.normal(size=(9, 7)), grouping)
    most = {"none": 700, "item": 140, "system": 90}[grouping]

    pairs = cells.pairs(most, seed=4)

    group = np.repeat(np.arange(cells.n_groups), cells.sizes)
    assert (pairs.first != pairs.second).all()
    assert (group[pairs.first] == group[pairs.second]).all()
    assert set(np.bincount(pairs.group)) == {most // cells.n_groups}
    again = cells.pairs(most, seed=4)
    assert (again.first == pairs.first).all()
    assert (cells.pairs(most, seed=5).first != pairs.first).any()


def test_few_pairs_are_all_taken() -> None:
    cells = ScoreCells.of(METRIC, HUMAN, "item")

    pairs = cells.pairs(cells.n_pairs, seed=0)

    taken = {frozenset(pair) for pair in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)}
    assert taken == {frozenset(pair) for place in cells.places() for pair in combinations(place.tolist(), 2)}


def test_a_metric_that_differs_within_a_text_by_rounding_alone_is_constant_there() -> None:
    metric = np.array([[1.0, 1e13], [1.0 + 1e-15, 5.0], [1.0, 7.0]])
    cells = ScoreCells.of(metric, np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 4.0]]), "item")

    found = cells.of_groups(CELL_CORRELATIONS["pearson"], np.ones((1, 6)))

    assert np.isnan(found[0, 0])
    assert not np.isnan(found[1, 0])


def test_one_system_is_refused() -> None:
    with pytest.raises(UndeterminedGroupedAgreementError, match="Fewer than two systems"):
        ScoreCells.of(np.array([[1.0, 2.0], [NAN, NAN]]), np.array([[1.0, 2.0], [1.0, 2.0]]), "none")

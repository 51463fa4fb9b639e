from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import pearsonr

from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.comparisons import FIRST, TIE, Cells, make_cells, pair_counts
from hlv.stats.power.simulate import even_strengths, simulate_judgments
from hlv.stats.raters.noise_ceiling import UndeterminedCeilingError, noise_ceiling
from hlv.stats.raters.rater_counts import RaterCounts
from tests.stats.boards import make_random_cells


def strengths_of(cells: Cells, judges: tuple[int, ...]) -> FloatArray:
    kept = np.isin(cells.judge, judges)
    part = make_cells(first=cells.first[kept], second=cells.second[kept], outcome=cells.outcome[kept])
    return fit_bradley_terry(*pair_counts(part, 5)).strengths


def test_two_judges_by_hand() -> None:
    # 2 : 1, 2 : 1 and 4 : 1, so the strengths are ln 4, ln 2, 0; the other judge has the first two the other way round
    cells = make_cells(
        first=[0, 1, 1, 2, 0, 2, 1, 0, 0, 2, 1, 2],
        second=[1, 0, 2, 1, 2, 0, 0, 1, 2, 0, 2, 1],
        outcome=[FIRST] * 12,
        count=[2, 1, 2, 1, 4, 1] * 2,
        judge=[3] * 6 + [4] * 6,
    )

    found = noise_ceiling(RaterCounts.of(cells, 3), seed=0)

    # r of (2, 1, 0) and (1, 2, 0) is 1 / 2; Spearman and Brown: 2 r / (1 + r)
    np.testing.assert_allclose(found.correlations, [1 / 2])
    assert found.half_correlation == pytest.approx(1 / 2)
    assert found.reliability == pytest.approx(2 / 3)
    assert found.ceiling == pytest.approx(np.sqrt(2 / 3))
    assert (found.exact, found.n_judges, found.n_without_answer) == (True, 2, 0)


@pytest.mark.parametrize("n_judges", [4, 5])
def test_few_judges_are_split_in_every_way_once(n_judges: int) -> None:
    cells = make_random_cells(6, n_judges=n_judges)

    found = noise_ceiling(RaterCounts.of(cells, 5), seed=0)

    everyone = set(range(n_judges))
    splits = {
        frozenset([half, tuple(sorted(everyone - set(half)))])
        for half in itertools.combinations(range(n_judges), n_judges // 2)
    }
    expected = [pearsonr(*(strengths_of(cells, half) for half in split))[0] for split in splits]
    assert found.exact
    np.testing.assert_allclose(sorted(found.correlations), sorted(expected), atol=1e-9)
    r = np.mean(expected)
    assert found.reliability == pytest.approx(2 * r / (1 + r))
    assert found.ceiling == pytest.approx(np.sqrt(found.reliability))


def test_more_judges_raise_the_ceiling_and_their_taste_lowers_it() -> None:
    def ceiling(*, n_judges: int, taste: float) -> float:
        drawn = simulate_judgments(
            even_strengths(6, spread=1.5),
            n_judgments=n_judges * 120,
            n_judges=n_judges,
            n_items=20,
            taste_sd=taste,
            rng=np.random.default_rng(4),
        )
        cells = make_cells(first=drawn.first, second=drawn.second, outcome=drawn.outcome, judge=drawn.judge)
        found = noise_ceiling(RaterCounts.of(cells, 6), n_splits=60, seed=1)
        assert 0 < found.half_correlation < found.reliability < found.ceiling < 1
        return found.reliability

    assert ceiling(n_judges=40, taste=0.8) > ceiling(n_judges=8, taste=0.8)
    assert ceiling(n_judges=8, taste=0.0) > ceiling(n_judges=8, taste=1.5)


def test_the_same_seed_gives_the_same_splits() -> None:
    boards = RaterCounts.of(make_random_cells(6, n_judges=20), 5)

    one, again, other = (noise_ceiling(boards, n_splits=30, seed=seed) for seed in (3, 3, 4))

    assert not one.exact
    np.testing.assert_array_equal(one.correlations, again.correlations)
    assert one.half_correlation != other.half_correlation


def test_what_cannot_be_halved_is_refused() -> None:
    alone = make_cells(first=[0, 1], second=[1, 0], outcome=[FIRST] * 2, judge=[1, 1])
    # each judge alone would leave one method undefeated
    thin = make_cells(first=[0, 1], second=[1, 0], outcome=[FIRST] * 2, judge=[1, 2])
    # two judges with opposite orders
    against = make_cells(
        first=[0, 1, 1, 2, 2, 1, 1, 0], second=[1, 0, 2, 1, 1, 2, 0, 1], outcome=[FIRST] * 8,
        count=[3, 1] * 4, judge=[1] * 4 + [2] * 4,
    )  # fmt: skip
    ties = make_cells(first=[0, 0], second=[1, 1], outcome=[TIE] * 2, judge=[1, 2])

    for cells, n_methods, reason in (
        (alone, 2, "one judge"),
        (thin, 2, "too few judgments"),
        (against, 3, "do not agree"),
        (ties, 2, "splits"),
    ):
        with pytest.raises(UndeterminedCeilingError, match=reason):
            noise_ceiling(RaterCounts.of(cells, n_methods), seed=0)
    with pytest.raises(ValueError, match="one split"):
        noise_ceiling(RaterCounts.of(make_random_cells(1), 5), n_splits=0, seed=0)

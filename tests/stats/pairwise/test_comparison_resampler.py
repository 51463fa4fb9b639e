"""What a resample of judges, items or judgments draws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlv.stats.pairwise.comparison_resampler import RankingDraws, ResamplingUnit, comparison_resampler
from hlv.stats.pairwise.comparisons import make_cells, pair_counts
from hlv.stats.pairwise.pair_likelihoods import pair_table, square_tables
from hlv.stats.resampling.chunks import chunk_generator
from hlv.stats.resampling.item_weights import multinomial_weights
from tests.stats.boards import make_random_cells


@pytest.mark.parametrize(("unit", "column"), [("judges", "judge"), ("items", "item")])
def test_a_resample_takes_all_or_nothing_of_a_judge_or_an_item(unit: ResamplingUnit, column: str) -> None:
    # each judge (and item) looks at a pair of its own, so its weight shows in that pair's count
    cells = make_cells(
        first=[0, 1, 2, 0],
        second=[1, 2, 3, 3],
        outcome=[0, 0, 0, 0],
        count=[7, 7, 7, 7],
        **{column: [0, 1, 2, 3]},
    )
    pairs = pair_table(*pair_counts(cells, 4))

    drawn = comparison_resampler(cells, pairs, unit=unit, seed=3).draw(0, 50)

    assert (drawn.wins % 7 == 0).all()
    assert (drawn.wins.sum(axis=1) == 28).all()
    assert not drawn.losses.any()


def test_both_ways_multiply_the_weights_of_judge_and_item() -> None:
    cells = make_random_cells(2)
    pairs = pair_table(*pair_counts(cells, 5))

    drawn = comparison_resampler(cells, pairs, unit="both", seed=3).draw(0, 400)

    totals = (drawn.wins + drawn.losses + drawn.ties).sum(axis=1)
    assert totals.mean() == pytest.approx(cells.n_judgments, rel=0.05)
    assert totals.std() > 10


def test_boards_of_many_judges_add_up_as_their_judgments_do() -> None:
    # more judges' pairs than are weighted at once
    generator = np.random.default_rng(8)
    first = generator.integers(0, 14, 40_000)
    cells = make_cells(
        first=first,
        second=(first + generator.integers(1, 14, len(first))) % 14,
        outcome=generator.integers(0, 3, len(first)),
        judge=generator.integers(-1, 60, len(first)),
        item=generator.integers(-1, 30, len(first)),
    )
    pairs = pair_table(*pair_counts(cells, 14))

    drawn = comparison_resampler(cells, pairs, unit="both", seed=5).draw(2, 3)

    numbers = chunk_generator(5, 2)
    judges, items = (multinomial_weights(numbers, n_units, 3) for n_units in (61, 31))
    for row in range(3):
        weights = judges[row][cells.judge + 1] * items[row][cells.item + 1]
        weighted = make_cells(
            first=cells.first, second=cells.second, outcome=cells.outcome, count=weights.astype(np.int64)
        )
        wins, ties = pair_counts(weighted, 14)
        np.testing.assert_array_equal(drawn.wins[row], wins[pairs.upper, pairs.lower])
        np.testing.assert_array_equal(drawn.losses[row], wins[pairs.lower, pairs.upper])
        np.testing.assert_array_equal(drawn.ties[row], ties[pairs.upper, pairs.lower])


def test_bare_judgments_are_poisson() -> None:
    cells = make_random_cells(2, known=False, n_judgments=2000)
    pairs = pair_table(*pair_counts(cells, 5))

    drawn = comparison_resampler(cells, pairs, unit="judgments", seed=3).draw(0, 1000)

    np.testing.assert_allclose(drawn.wins.mean(axis=0), pairs.wins, rtol=0.05)
    np.testing.assert_allclose(drawn.wins.var(axis=0), pairs.wins, rtol=0.25)


@settings(deadline=None)
@given(seed=st.integers(0, 200))
def test_outcomes_stay_with_their_method_whoever_stands_first(seed: int) -> None:
    cells = make_random_cells(seed, n_judgments=60)
    wins, ties = pair_counts(cells, 5)
    resampler = comparison_resampler(cells, pair_table(wins, ties), unit="judges", seed=1)

    # with every weight 1 the drawn board is the board itself
    counts = np.bincount(resampler.row, resampler.count, minlength=3 * resampler.pairs.n_pairs)
    np.testing.assert_array_equal(
        counts, np.concatenate([resampler.pairs.wins, resampler.pairs.losses, resampler.pairs.ties])
    )


def test_every_drawn_board_is_square_and_symmetric_in_its_ties() -> None:
    cells = make_random_cells(4)
    drawn = comparison_resampler(cells, pair_table(*pair_counts(cells, 5)), unit="both", seed=1).draw(0, 3)

    wins, ties = square_tables(drawn)

    np.testing.assert_array_equal(ties, np.swapaxes(ties, 1, 2))
    np.testing.assert_array_equal(wins.sum(axis=(1, 2)), (drawn.wins + drawn.losses).sum(axis=1))


def test_a_ranking_draws_an_item_by_its_place_and_an_unknown_item_by_its_key() -> None:
    draws = RankingDraws(seed=7, n_judges=3, items=np.array([20, 30, 50])).of_items(np.array([50, 40, 20]))
    assert draws.place.tolist() == [2, -1, 0]
    assert draws.key.tolist() == [50, 40, 20]

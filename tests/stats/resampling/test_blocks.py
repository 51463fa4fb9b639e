from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.pairwise.comparison_resampler import RankingDraws
from hlv.stats.pairwise.comparisons import make_cells
from hlv.stats.resampling.item_weights import (
    ItemBlocks,
    block_sums,
    block_weights,
    multinomial_weights,
    n_blocks,
)

BLOCKS = np.array([5, 5, 2, 9, 9, 9])


def test_items_of_a_block_are_drawn_equally_often() -> None:
    weights = block_weights(np.random.default_rng(3), 6, 50, blocks=BLOCKS)

    for code in (2, 5, 9):
        columns = weights[:, code == BLOCKS]
        assert (columns == columns[:, :1]).all()
    # As many blocks as there are, in each resample.
    assert (weights[:, [0, 2, 3]].sum(axis=1) == 3).all()
    assert len(np.unique(weights.sum(axis=1))) > 1


def test_without_blocks_each_item_is_one() -> None:
    alone, items = block_weights(np.random.default_rng(3), 6, 4), np.arange(6)

    np.testing.assert_array_equal(alone, multinomial_weights(np.random.default_rng(3), 6, 4))
    np.testing.assert_array_equal(alone, block_weights(np.random.default_rng(3), 6, 4, blocks=items))
    assert (n_blocks(6, None), n_blocks(6, BLOCKS)) == (6, 3)


def test_the_mean_of_correlated_items_has_the_variance_of_blocks() -> None:
    generator = np.random.default_rng(8)
    blocks = np.repeat(np.arange(100), 4)
    values = generator.normal(size=100)[blocks]
    weights = block_weights(generator, 400, 4000, blocks=blocks)

    means = weights @ values / weights.sum(axis=1)

    assert means.std() == pytest.approx(values[::4].std() / 10, rel=0.06)


def test_codes_that_do_not_match_the_items_are_refused() -> None:
    with pytest.raises(ValueError, match="one block each"):
        block_weights(np.random.default_rng(0), 3, 1, blocks=BLOCKS)
    with pytest.raises(ValueError, match="one item"):
        block_weights(np.random.default_rng(0), 0, 1)


def test_the_items_of_a_block_have_one_weight_in_a_ranking_and_in_scores() -> None:
    blocks = ItemBlocks(np.array([3, 4, 5, 8, 9]), np.array([3, 3, 5, 5, 9]))
    cells = make_cells(
        first=np.array([0, 0, 1]), second=np.array([1, 2, 2]), outcome=np.array([0, 1, 2]),
        judge=np.array([1, 2, 1]), item=blocks.of(np.array([4, 3, 8])),
    )  # fmt: skip
    draws = RankingDraws.of(cells, unit="both", seed=3, blocks=blocks)

    # The text 9 was not judged; 12 is in no block.
    counts = draws.of_items(np.array([3, 4, 5, 8, 9, 12])).counts(0, 50)

    assert (counts[:, 0] == counts[:, 1]).all()
    assert (counts[:, 2] == counts[:, 3]).all()
    assert (counts[:, 0] != counts[:, 2]).any()
    assert (counts[:, 4] != counts[:, 5]).any()
    # Two blocks are drawn, with replacement.
    assert (counts[:, 0] + counts[:, 2] == 2).all()


def test_without_a_ranking_the_items_of_a_block_have_one_weight_too() -> None:
    blocks = ItemBlocks(np.array([3, 4, 5]), np.array([3, 3, 5]))

    counts = RankingDraws.by_text(1, blocks).of_items(np.array([3, 4, 5])).counts(0, 80)

    assert (counts[:, 0] == counts[:, 1]).all()
    assert (counts[:, 0] != counts[:, 2]).any()


def test_sums_of_blocks_have_the_mean_of_the_items() -> None:
    of_items = np.random.default_rng(2).normal(size=(3, 7))
    blocks = np.array([1, 1, 4, 4, 4, 9, 1])

    sums = block_sums(of_items, blocks)

    assert sums.shape == (3, 3)
    np.testing.assert_allclose(sums.mean(axis=1), of_items.mean(axis=1))
    np.testing.assert_allclose(sums[:, 1], of_items[:, 2:5].sum(axis=1) * 3 / 7)

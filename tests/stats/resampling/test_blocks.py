from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.resampling.item_weights import block_weights, multinomial_weights, n_blocks

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

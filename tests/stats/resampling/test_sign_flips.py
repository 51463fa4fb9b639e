from __future__ import annotations

from itertools import product

import numpy as np

from hlv.stats.resampling.sign_flips import sign_flips


def test_few_units_have_each_exchange_once() -> None:
    (signs,) = sign_flips(5, 7, seed=0)
    assert {tuple(row) for row in signs.tolist()} == set(product((1.0, -1.0), repeat=5))
    assert signs[0].tolist() == [1.0] * 5
    assert len(signs) == 32


def test_many_units_are_exchanged_by_a_fair_coin_in_as_many_rows_as_are_asked_for() -> None:
    signs = np.concatenate(list(sign_flips(400, 12_000, seed=1)))
    assert signs.shape == (12_000, 400)
    assert set(np.unique(signs)) == {-1.0, 1.0}
    assert abs(signs.mean()) < 0.003
    assert np.abs(signs.mean(axis=0)).max() < 0.05

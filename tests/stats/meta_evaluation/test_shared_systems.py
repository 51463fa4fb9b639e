"""On which methods metrics are compared: against all sets there are."""

from __future__ import annotations

from itertools import product
from math import comb

import numpy as np
import pytest

from hlv.stats.meta_evaluation.shared_systems import shared_systems


def test_common_methods_are_those_of_most_pairs_of_methods_and_metrics() -> None:
    """Of a and b on six methods, and c on seven of which two are among them: a and b say more by themselves."""
    six, seven = np.arange(11) < 6, np.arange(11) >= 4
    found = shared_systems([six, six, seven], ["a", "b", "c"], np.ones(11, dtype=bool))
    assert found.tolist() == six.tolist()


@pytest.mark.parametrize("seed", range(20))
def test_common_methods_are_the_best_of_all_sets(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scored = list(rng.random((4, 6)) < 0.7)
    names = ["a", "b", "a", "c"]

    def worth(shared: np.ndarray) -> int:
        different = {name for name, there in zip(names, scored, strict=True) if there[shared].all()}
        return comb(int(shared.sum()), 2) * len(different) if len(different) > 1 else 0

    everything = [np.array(bits, dtype=bool) for bits in product([False, True], repeat=6)]
    found = shared_systems(scored, names, np.ones(6, dtype=bool))
    assert worth(found) == max(map(worth, everything))

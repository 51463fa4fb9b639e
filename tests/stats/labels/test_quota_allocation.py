"""Items that people would get next, in turns."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from hlv.stats.labels.quota_allocation import Spread, allocate_quotas


def spread(
    taken: list[int], *, wanted: int, had: list[list[int]], left: list[int], start: int | None = None
) -> Spread:
    had_array: NDArray[np.bool_] = np.array(had, dtype=bool).reshape(len(left), len(taken))
    return allocate_quotas(
        taken=np.array(taken),
        wanted=wanted,
        had=had_array,
        left=np.array(left),
        n_had=had_array.sum(axis=1),
        start=None if start is None else lambda person, n_had: start,
    )


def test_everybody_gets_the_items_with_the_fewest_seats_first() -> None:
    found = spread([1, 0, 0], wanted=2, had=[[1, 0, 0], [0, 0, 0]], left=[2, 2])
    assert found.people.tolist() == [0, 1, 0, 1]
    assert found.items.tolist() == [1, 2, 2, 0]
    assert found.taken.tolist() == [2, 1, 2]


def test_nobody_gets_an_item_twice_nor_more_than_it_wants() -> None:
    found = spread([0, 0], wanted=1, had=[[1, 0], [1, 0]], left=[5, 5])
    assert list(zip(found.people.tolist(), found.items.tolist(), strict=True)) == [(0, 1)]
    assert found.taken.tolist() == [0, 1]


def test_a_start_comes_before_items_with_as_few_seats() -> None:
    found = spread([0, 0, 0], wanted=1, had=[[0, 0, 0]], left=[1], start=2)
    assert found.items.tolist() == [2]


@pytest.mark.parametrize("room", [0, 1])
def test_a_group_takes_no_more_of_an_item_than_its_room(room: int) -> None:
    found = allocate_quotas(
        taken=np.array([0]),
        wanted=3,
        had=np.zeros((2, 1), dtype=bool),
        left=np.array([1, 1]),
        n_had=np.array([0, 0]),
        room_of_group=np.array([[room]]),
        group=np.array([0, 0]),
    )
    assert len(found.people) == room

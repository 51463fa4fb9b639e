"""Who would get which item if everybody went on at the same speed: seats given out on paper, none stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Further than any order of items, and small enough to be added up.
_UNAVAILABLE = 2**50


@dataclass(frozen=True)
class Spread:
    """Seats that would be given: (person, item) in the order of their giving, and how full items would be."""

    people: NDArray[np.int64]
    items: NDArray[np.int64]
    taken: NDArray[np.int64]


def allocate_quotas(
    *,
    taken: NDArray[np.int64],
    wanted: int,
    had: NDArray[np.bool_],
    left: NDArray[np.int64],
    n_had: NDArray[np.int64],
    room_of_group: NDArray[np.int64] | None = None,
    group: NDArray[np.int64] | None = None,
    start: Callable[[int, int], int] | None = None,
) -> Spread:
    """Give out seats in turns until nobody can get another.

    Parameters
    ----------
    taken
        Seats taken of each item, in the order of their positions.
    wanted
        Seats each item wants.
    had
        Whether a person had an item already, shape (people, items).
    left
        How many more a person may get.
    n_had
        How many a person had, in the whole study.
    room_of_group, group
        How many more of a group an item takes, shape (groups, items), and the group of each person. None where
        answers are not spread over groups.
    start
        The item from which on a person's next one is looked for: of (person, how many had). None where all
        begin with the first.
    """
    n_items = len(taken)
    taken, left, n_had = taken.copy(), left.copy(), n_had.copy()
    remaining_room = None if room_of_group is None else room_of_group.copy()
    # The smallest of these is the first of those with the fewest seats; what cannot be given lies beyond all.
    order = taken * n_items + np.arange(n_items) + _UNAVAILABLE * (taken >= wanted)
    own_items = had * _UNAVAILABLE
    group_full = None if remaining_room is None else (remaining_room <= 0) * _UNAVAILABLE
    people: list[int] = []
    items: list[int] = []
    waiting = [int(person) for person in np.flatnonzero(left > 0)] if n_items else []
    while waiting:
        continuing = []
        for person in waiting:
            priority = order + own_items[person]
            if group_full is not None and group is not None:
                priority += group_full[group[person]]
            first = 0 if start is None else start(person, int(n_had[person]))
            item = _next(priority, n_items, first)
            if priority[item] >= _UNAVAILABLE:
                # Items only fill up, so nothing will come to this person later.
                continue
            taken[item] += 1
            order[item] += n_items if taken[item] < wanted else _UNAVAILABLE
            own_items[person, item] = _UNAVAILABLE
            if remaining_room is not None and group_full is not None and group is not None:
                remaining_room[group[person], item] -= 1
                group_full[group[person], item] = _UNAVAILABLE * (remaining_room[group[person], item] <= 0)
            people.append(person)
            items.append(item)
            n_had[person] += 1
            left[person] -= 1
            if left[person] > 0:
                continuing.append(person)
        waiting = continuing
    return Spread(np.array(people, dtype=np.int64), np.array(items, dtype=np.int64), taken)


def _next(priority: NDArray[np.int64], n_items: int, first: int) -> int:
    """Of those with the fewest seats taken, the first from there on, or else the first of all."""
    item = int(priority.argmin())
    if item < first < n_items:
        later = first + int(priority[first:].argmin())
        if priority[later] // n_items == priority[item] // n_items:
            return later
    return item

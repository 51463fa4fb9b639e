"""Who would get which item if everybody went on at the same speed: seats given out on paper, none stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Further than any order of items, and small enough to be added up.
_BEYOND = 2**50


@dataclass(frozen=True)
class Spread:
    """Seats that would be given: (person, item) in the order of their giving, and how full items would be."""

    people: NDArray[np.int64]
    items: NDArray[np.int64]
    taken: NDArray[np.int64]


def spread_seats(
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
    room = None if room_of_group is None else room_of_group.copy()
    # The smallest of these is the first of those with the fewest seats; what cannot be given lies beyond all.
    order = taken * n_items + np.arange(n_items) + _BEYOND * (taken >= wanted)
    own = had * _BEYOND
    of_group = None if room is None else (room <= 0) * _BEYOND
    people: list[int] = []
    items: list[int] = []
    waiting = [int(person) for person in np.flatnonzero(left > 0)] if n_items else []
    while waiting:
        going_on = []
        for person in waiting:
            standing = order + own[person]
            if of_group is not None and group is not None:
                standing += of_group[group[person]]
            first = 0 if start is None else start(person, int(n_had[person]))
            item = _next(standing, n_items, first)
            if standing[item] >= _BEYOND:
                # Items only fill up, so nothing will come to this person later.
                continue
            taken[item] += 1
            order[item] += n_items if taken[item] < wanted else _BEYOND
            own[person, item] = _BEYOND
            if room is not None and of_group is not None and group is not None:
                room[group[person], item] -= 1
                of_group[group[person], item] = _BEYOND * (room[group[person], item] <= 0)
            people.append(person)
            items.append(item)
            n_had[person] += 1
            left[person] -= 1
            if left[person] > 0:
                going_on.append(person)
        waiting = going_on
    return Spread(np.array(people, dtype=np.int64), np.array(items, dtype=np.int64), taken)


def _next(standing: NDArray[np.int64], n_items: int, first: int) -> int:
    """Of those with the fewest seats taken, the first from there on, or else the first of all."""
    item = int(standing.argmin())
    if item < first < n_items:
        later = first + int(standing[first:].argmin())
        if standing[later] // n_items == standing[item] // n_items:
            return later
    return item

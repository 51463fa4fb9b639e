"""Which of a judge's pairs come a second time: a share that is kept exactly, from a place that nobody can guess."""

from __future__ import annotations

from math import floor


def is_repeated(place: int, *, share: float, start: float) -> bool:
    """Whether the pair at this place comes again.

    Parameters
    ----------
    place : int
        From 1, in the order in which pairs were judged.
    share : float
        In [0, 1].
    start : float
        In [0, 1); moves all choices.
    """
    return n_repeated(place, share=share, start=start) > n_repeated(place - 1, share=share, start=start)


def n_repeated(n_pairs: int, *, share: float, start: float) -> int:
    """How many of the first `n_pairs` come again: their share, within one."""
    return floor(n_pairs * share + start) if n_pairs > 0 else 0

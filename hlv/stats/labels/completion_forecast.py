"""How fast answers come, and when there may be enough of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from hlv.stats.reporting import StatisticsError

DAYS_OF_A_WEEK = 7


class NoProjectionError(StatisticsError, ValueError):
    """The days say nothing of an end."""


@dataclass(frozen=True)
class Projection:
    """Days until a number of answers is reached, if days to come are like those counted.

    Attributes
    ----------
    per_day : float
        Mean of the days counted.
    days : int
        Rounded up.
    earliest, latest : int or None
        From the ends of the interval of the mean; None where the slow end never gets there.
    n_days : int
    """

    per_day: float
    days: int
    earliest: int
    latest: int | None
    n_days: int


def projected_end(daily: npt.ArrayLike, *, remaining: int, level: float = 0.95) -> Projection:
    """Project the end from whole weeks of days.

    The interval of the mean is Student's, over days. Whole weeks hold each weekday alike; that weekends are slower
    then widens the interval, it does not shift it. A round that slows down at its end ends later than said here.

    Parameters
    ----------
    daily : (D,) array_like
        Answers of each day, the days without any too; D is a multiple of 7.
    remaining : int
        Answers still wanted, 1 or more.
    level : float
        In (0, 1).

    Raises
    ------
    NoProjectionError
        No whole week, or none with an answer.
    ValueError
        The days are not whole weeks, or nothing remains.

    Examples
    --------
    >>> from hlv.stats.labels import projected_end
    >>> projection = projected_end([12, 9, 15, 10, 14, 0, 0], remaining=60)
    >>> projection.earliest
    5
    """
    counts = np.asarray(daily, dtype=np.float64)
    if counts.ndim != 1 or len(counts) % DAYS_OF_A_WEEK:
        raise ValueError(f"expected whole weeks of days, got shape {counts.shape}")
    if remaining < 1:
        raise ValueError("nothing remains to be answered")
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    if not counts.size:
        raise NoProjectionError("there is no whole week of days yet")
    if not counts.any():
        raise NoProjectionError("these days have no answers")
    n, mean = len(counts), float(counts.mean())
    half_width = float(scipy.stats.t.ppf((1 + level) / 2, n - 1)) * float(counts.std(ddof=1)) / math.sqrt(n)
    slow = mean - half_width
    return Projection(
        per_day=mean,
        days=math.ceil(remaining / mean),
        earliest=math.ceil(remaining / (mean + half_width)),
        latest=math.ceil(remaining / slow) if slow > 0 else None,
        n_days=n,
    )

"""How far each annotator agrees with the others: one at a time, against those who answered the same items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from annotations.science.agreement.answers import Answers
from annotations.science.agreement.resampling import NUMBERS_AT_ONCE
from annotations.science.agreement.set_distances import masi_distance
from annotations.science.agreement.sums import FloatArray, IntArray

# Fewer items give resamples that are too much alike for the interval to hold what it claims.
FEWEST_ITEMS = 5
NO_SHARED_ITEM = "Nobody else answered an item of theirs."
NO_ITEM_OF_THREE = "No item of theirs has two other answers."
FEW_ITEMS = f"Too few items for an interval: it takes {FEWEST_ITEMS}."


@dataclass(frozen=True)
class Mean:
    """A mean over items, with the percentile interval of resamples of these items.

    Attributes
    ----------
    value : float or None
    interval : (float, float) or None
    undetermined : str or None
        Why the value, or its interval, is missing.
    n_items : int
    """

    value: float | None
    interval: tuple[float, float] | None
    undetermined: str | None
    n_items: int

    def as_dict(self) -> dict[str, Any]:
        return {
            "value": self.value,
            "interval": None if self.interval is None else list(self.interval),
            "undetermined": self.undetermined,
            "n_items": self.n_items,
        }


@dataclass(frozen=True)
class AnnotatorAgreement:
    """One annotator beside the others.

    Attributes
    ----------
    annotator : int
        Code of the annotator in the answers.
    agreement : Mean
        Mean over the items shared with somebody of the mean similarity to the others' answers, in [0, 1].
    departure : Mean
        That similarity less the one of the others among themselves, on the same items; of items with three or
        more answers. 0: agrees with the others as they agree with one another. In [-1, 1].
    """

    annotator: int
    agreement: Mean
    departure: Mean


def annotator_agreement(
    answers: Answers, *, rng: np.random.Generator, n_resamples: int = 2000, level: float = 0.95
) -> list[AnnotatorAgreement]:
    """Each annotator's agreement with the others, by code.

    Two answers are as similar as 1 less their distance: equal labels or not, and for sets the MASI distance. An item
    that is hard for everybody lowers the agreement and leaves the departure as it is.

    Parameters
    ----------
    answers : Answers
    rng : numpy.random.Generator
    n_resamples : int
        Draws of an annotator's items with replacement; 0 for no intervals.
    level : float
        Of each interval by itself, in (0, 1).

    Raises
    ------
    ValueError
        If the level is no such number.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    own, among_others = _similarities(answers)
    by_annotator = np.argsort(answers.annotator, kind="stable")
    ends = np.cumsum(np.bincount(answers.annotator, minlength=answers.n_annotators))
    found = []
    for code, rows in enumerate(np.split(by_annotator, ends[:-1])):
        shared = own[rows][~np.isnan(own[rows])]
        departures = own[rows] - among_others[rows]
        departures = departures[~np.isnan(departures)]
        found.append(
            AnnotatorAgreement(
                code,
                _mean(shared, NO_SHARED_ITEM, rng=rng, n_resamples=n_resamples, level=level),
                _mean(departures, NO_ITEM_OF_THREE, rng=rng, n_resamples=n_resamples, level=level),
            )
        )
    return found


def _similarities(answers: Answers) -> tuple[FloatArray, FloatArray]:
    """Of each answer: to the others of its item, and of these among themselves; NaN where there are too few."""
    to_others = np.zeros(len(answers.item))
    start: IntArray = np.arange(len(answers.item))
    step = 0
    # Answers of an item are neighbours: its pairs are rows 1, 2, ... steps apart.
    while True:
        step += 1
        start = start[start + step < len(answers.item)]
        start = start[answers.item[start] == answers.item[start + step]]
        if not start.size:
            break
        similar = _similar(answers, answers.category[start], answers.category[start + step])
        to_others[start] += similar
        to_others[start + step] += similar
    n = answers.answers_per_item[answers.item]
    of_item = np.bincount(answers.item, weights=to_others, minlength=answers.n_items)[answers.item] / 2
    missing = np.full(len(n), np.nan)
    own = np.divide(to_others, n - 1, out=missing.copy(), where=n >= 2)
    n_pairs_of_others = (n - 1) * (n - 2) / 2
    among = np.divide(of_item - to_others, n_pairs_of_others, out=missing.copy(), where=n >= 3)
    return own, among


def _similar(answers: Answers, one: IntArray, other: IntArray) -> FloatArray:
    if answers.sets is None:
        return np.asarray(one == other, dtype=np.float64)
    return 1 - masi_distance(answers.sets[one], answers.sets[other])


def _mean(
    values: FloatArray, why_none: str, *, rng: np.random.Generator, n_resamples: int, level: float
) -> Mean:
    n = len(values)
    if n == 0:
        return Mean(None, None, why_none, 0)
    value = float(values.mean())
    if n_resamples == 0:
        return Mean(value, None, None, n)
    if n < FEWEST_ITEMS:
        return Mean(value, None, FEW_ITEMS, n)
    at_once = max(1, NUMBERS_AT_ONCE // n)
    means = np.concatenate(
        [
            values[rng.integers(n, size=(min(at_once, n_resamples - first), n))].mean(axis=1)
            for first in range(0, n_resamples, at_once)
        ]
    )
    tail = (1 - level) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Mean(value, (float(low), float(high)), None, n)

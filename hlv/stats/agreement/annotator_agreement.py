"""How far each annotator agrees with the others: one at a time, against those who answered the same items."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hlv.stats.agreement.answer_arrays import Answers
from hlv.stats.agreement.bootstrap_agreement import FEWEST_ITEMS, NO_SPREAD, ROUNDING, MeansResampling
from hlv.stats.agreement.krippendorff import masi_distance
from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.resampling.chunks import Runner, run_in_sequence

NO_SHARED_ITEM = "Nobody else answered their items."
NO_ITEM_OF_THREE = "None of their items has two other answers."
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

    def or_else(self, why_none: str) -> Mean:
        """The same, with the reason where there is no value."""
        return replace(self, undetermined=why_none) if self.value is None else self


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
    answers: Answers,
    *,
    seed: int,
    n_resamples: int = 2000,
    level: float = 0.95,
    run: Runner = run_in_sequence,
) -> list[AnnotatorAgreement]:
    """Each annotator's agreement with the others, by code.

    Two answers are as similar as 1 less their distance: equal labels or not, and for sets the MASI distance. An item
    that is hard for everybody lowers the agreement and leaves the departure as it is.

    Parameters
    ----------
    answers : Answers
    seed : int
        Of the chunks of resamples.
    n_resamples : int
        Draws of an annotator's items with replacement; 0 for no intervals.
    level : float
        Of each interval by itself, in (0, 1).
    run : Runner
        Computes the chunks of resamples, by itself or with others.

    Raises
    ------
    ValueError
        If the level is no such number.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    own_similarity, similarity_among_others = _similarities(answers)
    by_annotator = np.argsort(answers.annotator, kind="stable")
    ends = np.cumsum(np.bincount(answers.annotator, minlength=answers.n_annotators))
    samples = []
    for rows in np.split(by_annotator, ends[:-1]):
        departures = own_similarity[rows] - similarity_among_others[rows]
        samples += [own_similarity[rows][~np.isnan(own_similarity[rows])], departures[~np.isnan(departures)]]
    means = iter(_means(samples, seed=seed, n_resamples=n_resamples, level=level, run=run))
    return [
        AnnotatorAgreement(code, next(means).or_else(NO_SHARED_ITEM), next(means).or_else(NO_ITEM_OF_THREE))
        for code in range(answers.n_annotators)
    ]


def _similarities(answers: Answers) -> tuple[FloatArray, FloatArray]:
    """Of each answer: to the others of its item, and of these among themselves; NaN where there are too few."""
    similarity_sums = np.zeros(len(answers.item))
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
        similarity_sums[start] += similar
        similarity_sums[start + step] += similar
    n = answers.answers_per_item[answers.item]
    item_similarity = (
        np.bincount(answers.item, weights=similarity_sums, minlength=answers.n_items)[answers.item] / 2
    )
    missing = np.full(len(n), np.nan)
    own_similarity = np.divide(similarity_sums, n - 1, out=missing.copy(), where=n >= 2)
    n_pairs_of_others = (n - 1) * (n - 2) / 2
    pair_similarity = np.divide(
        item_similarity - similarity_sums, n_pairs_of_others, out=missing.copy(), where=n >= 3
    )
    return own_similarity, pair_similarity


def _similar(answers: Answers, one: IntArray, other: IntArray) -> FloatArray:
    if answers.sets is None:
        return np.asarray(one == other, dtype=np.float64)
    return 1 - masi_distance(answers.sets[one], answers.sets[other])


def _means(
    samples: list[FloatArray], *, seed: int, n_resamples: int, level: float, run: Runner
) -> list[Mean]:
    """The mean of each sample; those of items enough are resampled together."""
    sizes = [len(values) for values in samples]
    enough = [place for place, size in enumerate(sizes) if size >= FEWEST_ITEMS] if n_resamples else []
    found = [_without_interval(values, resampled=n_resamples > 0) for values in samples]
    if not enough:
        return found
    drawn = run(MeansResampling(tuple(samples[place] for place in enough), seed, n_resamples))
    tail = (1 - level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    for column, place in enumerate(enough):
        if high[column] - low[column] < ROUNDING:
            found[place] = replace(found[place], undetermined=NO_SPREAD)
        else:
            found[place] = replace(found[place], interval=(float(low[column]), float(high[column])))
    return found


def _without_interval(values: FloatArray, *, resampled: bool) -> Mean:
    if not len(values):
        return Mean(None, None, None, 0)
    few = resampled and len(values) < FEWEST_ITEMS
    return Mean(float(values.mean()), None, FEW_ITEMS if few else None, len(values))

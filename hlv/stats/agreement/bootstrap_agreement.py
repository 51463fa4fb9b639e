"""The bootstrap of agreement over items as work in chunks: coefficients on items drawn with replacement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import numpy as np

from hlv.stats.agreement.answer_arrays import Answers
from hlv.stats.agreement.kappas import (
    CohenPerLabel,
    OverallCohen,
    OverallShares,
    SharedItems,
    SharesPerLabel,
    count_answer_pairs,
)
from hlv.stats.agreement.krippendorff import NominalAlphaPerLabel, OrdinalAlpha, SetAlpha
from hlv.stats.agreement.weighted_sums import Estimator
from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.labels.distributions import Task
from hlv.stats.resampling.chunks import Arrays, PackedFields, chunk_generator, chunks

# Fewer items give resamples that are too much alike for an interval to hold what it claims.
FEWEST_ITEMS = 5
NO_SPREAD = "No interval: all resamples of the items give the same value."
# Percentiles of equal numbers may differ from them by rounding.
ROUNDING = 1e-9
# numbers held at once in one table of weights or sums: 32 MB
NUMBERS_AT_ONCE = 4_000_000


def values_on(estimators: Sequence[Estimator], weights: FloatArray) -> FloatArray:
    """The coefficients of all estimators side by side, (R, V), on weights (R, N)."""
    return np.concatenate([_within_memory(estimator, weights) for estimator in estimators], axis=1)


def resampled(
    estimators: Sequence[Estimator], n_items: int, *, n_resamples: int, rng: np.random.Generator
) -> list[FloatArray]:
    """Coefficients on `n_resamples` draws of `n_items` items with replacement, a table (rows, V) for each block."""
    blocks = _item_weights(n_items, n_resamples=n_resamples, rng=rng)
    return [values_on(estimators, weights) for weights in blocks]


def _item_weights(n_items: int, *, n_resamples: int, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Yield blocks of how often each item is drawn, shape (rows, n_items)."""
    at_once = max(1, NUMBERS_AT_ONCE // n_items)
    for start in range(0, n_resamples, at_once):
        weights = np.empty((min(at_once, n_resamples - start), n_items))
        for row in weights:
            # drawn resample by resample, so that the block size does not change the draws
            row[:] = np.bincount(rng.integers(n_items, size=n_items), minlength=n_items)
        yield weights


def _within_memory(estimator: Estimator, weights: FloatArray) -> FloatArray:
    at_once = max(1, NUMBERS_AT_ONCE // max(1, estimator.width))
    blocks = [estimator(weights[start : start + at_once]) for start in range(0, len(weights), at_once)]
    return np.concatenate(blocks)


@dataclass(frozen=True, eq=False)
class MeansResampling(PackedFields):
    """Means of several samples, each on draws of its own values with replacement.

    Attributes
    ----------
    samples : V arrays of float, none empty
    seed : int
        Of the chunks of resamples.
    n_resamples : int
    """

    kind: ClassVar[str] = "resampled means"

    samples: tuple[FloatArray, ...]
    seed: int
    n_resamples: int

    @property
    def n_chunks(self) -> int:
        return len(chunks(self.n_resamples))

    def compute(self, first: int, stop: int) -> FloatArray:
        """(R, V)"""
        drawn = chunks(self.n_resamples)[first:stop]
        means = np.empty((sum(rows.stop - rows.start for rows in drawn), len(self.samples)))
        begin = 0
        for index, rows in enumerate(drawn, start=first):
            generator = chunk_generator(self.seed, index)
            end = begin + rows.stop - rows.start
            for column, values in enumerate(self.samples):
                means[begin:end, column] = _drawn_means(values, end - begin, generator)
            begin = end
        return means


def _drawn_means(values: FloatArray, n_resamples: int, generator: np.random.Generator) -> FloatArray:
    n = len(values)
    at_once = max(1, NUMBERS_AT_ONCE // n)
    return np.concatenate(
        [
            values[generator.integers(n, size=(min(at_once, n_resamples - begin), n))].mean(axis=1)
            for begin in range(0, n_resamples, at_once)
        ]
    )


# about 2 GB; far above any study in which a mean over pairs of annotators says something
MOST_PAIRS_OF_ANSWERS = 20_000_000


@dataclass(frozen=True, eq=False)
class AgreementResampling:
    """All coefficients of some answers, on draws of their items with replacement.

    Attributes
    ----------
    answers : Answers
    task : {"single", "multilabel", "ordinal"}
    annotators_are_known : bool
        False where `answers.annotator` only keeps answers apart, so that there is no Cohen's kappa.
    seed : int
        Of the chunks of resamples.
    n_resamples : int
    """

    kind: ClassVar[str] = "resampled agreement"

    answers: Answers
    task: Task
    annotators_are_known: bool
    seed: int
    n_resamples: int

    @property
    def n_chunks(self) -> int:
        return len(chunks(self.n_resamples))

    @cached_property
    def names(self) -> tuple[tuple[str, int | None], ...]:
        """Coefficient and label of each column."""
        return tuple(name for estimator in self.estimators for name in estimator.names)

    @cached_property
    def values(self) -> FloatArray:
        """The coefficients of the answers as they are, (V,)."""
        return values_on(self.estimators, np.ones((1, self.answers.n_items))).reshape(-1)

    @cached_property
    def cohen(self) -> tuple[OverallCohen, CohenPerLabel] | None:
        """None where the annotators are not known, or have too many pairs of answers."""
        if not self.annotators_are_known or count_answer_pairs(self.answers) > MOST_PAIRS_OF_ANSWERS:
            return None
        shared = SharedItems(self.answers)
        return OverallCohen(self.answers, shared), CohenPerLabel(self.answers, shared)

    @cached_property
    def estimators(self) -> Sequence[Estimator]:
        answers = self.answers
        n_possible = float(answers.n_labels) if answers.sets is None else 2.0**answers.n_labels
        estimators: list[Estimator] = [
            OverallShares(answers.category_counts, n_possible=n_possible),
            SharesPerLabel(answers.label_counts),
            NominalAlphaPerLabel(answers.label_counts, overall=answers.sets is None),
        ]
        if answers.sets is not None:
            estimators.append(SetAlpha(answers.category_counts, answers.sets))
        if self.task == "ordinal":
            estimators.append(OrdinalAlpha(answers.category_counts))
        return [*estimators, *(self.cohen or ())]

    def compute(self, first: int, stop: int) -> FloatArray:
        """(R, V), NaN where a resample has no answer; all coefficients see the same resamples."""
        rows = [np.empty((0, len(self.names)))]
        for index, drawn in enumerate(chunks(self.n_resamples)[first:stop], start=first):
            generator = chunk_generator(self.seed, index)
            rows += resampled(
                self.estimators, self.answers.n_items, n_resamples=drawn.stop - drawn.start, rng=generator
            )
        return np.concatenate(rows)

    def packed(self) -> Arrays:
        answers = self.answers
        return _PackedAgreement(
            self.task,
            self.annotators_are_known,
            answers.n_labels,
            self.seed,
            self.n_resamples,
            answers.item,
            answers.annotator,
            answers.category if answers.sets is None else answers.sets[answers.category],
        ).packed()

    @classmethod
    def unpacked(cls, arrays: Arrays) -> Self:
        """The work that was packed, whose chunks are the same bits here."""
        found = _PackedAgreement.unpacked(arrays)
        items, annotators, chosen = found.items, found.annotators, found.chosen
        if found.task == "multilabel":
            answers = Answers.of_sets(items=items, annotators=annotators, memberships=chosen)
        else:
            answers = Answers.of_labels(
                items=items, annotators=annotators, labels=chosen, n_labels=found.n_labels
            )
        return cls(answers, found.task, found.annotators_are_known, found.seed, found.n_resamples)


@dataclass(frozen=True, eq=False)
class _PackedAgreement(PackedFields):
    """`chosen` are the labels (A,), or in multilabel tasks the memberships (A, n_labels)."""

    task: Task
    annotators_are_known: bool
    n_labels: int
    seed: int
    n_resamples: int
    items: IntArray
    annotators: IntArray
    chosen: IntArray | BoolArray

"""The resampling of agreement over items as work in chunks, which any worker can compute from its packed arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from hlv.stats.agreement.answer_arrays import Answers
from hlv.stats.agreement.bootstrap import resampled, values_on
from hlv.stats.agreement.cohen import (
    CohenPerLabel,
    OverallCohen,
    SharedItems,
    count_answer_pairs,
)
from hlv.stats.agreement.fleiss_gwet import OverallShares, SharesPerLabel
from hlv.stats.agreement.krippendorff import NominalAlphaPerLabel, OrdinalAlpha, SetAlpha
from hlv.stats.agreement.weighted_sums import Estimator
from hlv.stats.arrays import FloatArray
from hlv.stats.labels.distributions import Task, checked_task
from hlv.stats.resampling.chunks import Arrays, chunk_generator, chunks, options_array, unpack_options

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
        options = {
            "task": self.task,
            "annotators_are_known": self.annotators_are_known,
            "n_labels": answers.n_labels,
            "seed": self.seed,
            "n_resamples": self.n_resamples,
        }
        of_one_label = answers.sets is None
        given = answers.category if answers.sets is None else answers.sets[answers.category]
        return {
            "options": options_array(options),
            "items": answers.item,
            "annotators": answers.annotator,
            "labels" if of_one_label else "memberships": given,
        }

    @classmethod
    def unpacked(cls, arrays: dict[str, npt.NDArray[Any]]) -> Self:
        """The work that `packed` laid out, whose chunks are the same bits here."""
        options = unpack_options(arrays)
        who = {"items": arrays["items"], "annotators": arrays["annotators"]}
        if "memberships" in arrays:
            answers = Answers.of_sets(memberships=arrays["memberships"], **who)
        else:
            answers = Answers.of_labels(labels=arrays["labels"], n_labels=options["n_labels"], **who)
        return cls(
            answers,
            checked_task(options["task"]),
            options["annotators_are_known"],
            options["seed"],
            options["n_resamples"],
        )


unpacked = AgreementResampling.unpacked

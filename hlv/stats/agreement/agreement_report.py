"""All coefficients of a study's answers with their intervals, as the agreement command prints and stores them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from hlv.stats.agreement.answer_arrays import Answers, Entered, InvalidAnswersError
from hlv.stats.agreement.bootstrap_agreement import (
    FEWEST_ITEMS,
    MOST_PAIRS_OF_ANSWERS,
    NO_SPREAD,
    ROUNDING,
    AgreementResampling,
)
from hlv.stats.arrays import FloatArray
from hlv.stats.labels.distributions import Task, checked_task
from hlv.stats.resampling.chunks import Runner, run_in_sequence


@dataclass(frozen=True)
class Coefficient:
    """One coefficient with its interval.

    Attributes
    ----------
    value : float or None
        None where the answers do not determine it.
    interval : (float, float) or None
        Percentiles of the resamples that have an answer. None where none was asked for; where the share of
        resamples without an answer exceeds 1 - level, as the others could not vouch for that level; and where
        the value lies outside, as the resamples then drift.
    undetermined : str or None
        Why the value, or an interval that was asked for, is missing.
    n_resamples_without_answer : int
    """

    value: float | None
    interval: tuple[float, float] | None = None
    undetermined: str | None = None
    n_resamples_without_answer: int = 0


@dataclass(frozen=True)
class Alpha(Coefficient):
    """Krippendorff's alpha, and the distance between answers that it used."""

    distance: str = ""


@dataclass(frozen=True)
class CohenKappa(Coefficient):
    """Cohen's kappa, a mean over pairs of annotators.

    Attributes
    ----------
    n_annotator_pairs, n_annotator_pairs_undefined : int or None
        Pairs of annotators with an item in common, and those among them without a kappa, which the mean leaves out.
        None where there were too many pairs of answers.
    """

    n_annotator_pairs: int | None = None
    n_annotator_pairs_undefined: int | None = None


@dataclass(frozen=True, kw_only=True)
class Coefficients:
    """The five coefficients, overall or of one label."""

    krippendorff_alpha: Coefficient
    percent: Coefficient
    fleiss_kappa: Coefficient
    cohen_kappa: Coefficient
    gwet_ac1: Coefficient


@dataclass(frozen=True, kw_only=True)
class LabelCoefficients(Coefficients):
    """Of one label, present or absent in an answer; alpha is nominal."""

    label: str


@dataclass(frozen=True, kw_only=True)
class LabelAgreement(Coefficients):
    """Agreement among annotators.

    The coefficients are those of labels; in multilabel tasks of whole sets: alpha with the MASI distance, the others
    with sets that are equal or not, and AC1 over all 2 ** n_labels sets that could be chosen.

    Attributes
    ----------
    krippendorff_alpha_by_distance : dict of str to Coefficient
        That alpha, and alpha with the other distances that fit the task.
    per_label : list of LabelCoefficients
    """

    task: Task
    krippendorff_alpha: Alpha
    cohen_kappa: CohenKappa
    krippendorff_alpha_by_distance: dict[str, Coefficient]
    per_label: list[LabelCoefficients]
    entered: Entered
    n_resamples: int
    level: float = 0.95


TASK_DISTANCES: Mapping[Task, tuple[str, ...]] = {
    "single": ("nominal",),
    "ordinal": ("ordinal", "nominal"),
    "multilabel": ("masi", "jaccard", "nominal"),
}

NO_PAIRS = "No item has two or more answers. Have two or more people annotate the same items."
ONE_LABEL = "There is only one label to choose. Add another label."
NO_VARIATION = "All comparable answers are the same, so agreement by chance is 1."
NO_VARIATION_OF_LABEL = "Everybody or nobody chose this label, so agreement by chance is 1."
NO_PAIR_OF_ANNOTATORS = "No two annotators vary on the items that they share."
TOO_MANY_PAIRS = f"There are more than {MOST_PAIRS_OF_ANSWERS:,} pairs of answers to the same item."
UNKNOWN_ANNOTATORS = "The labels are counts without annotators."
FEW_ITEMS = (
    f"Too few items for an interval: it takes {FEWEST_ITEMS} with two or more answers. "
    "Have more items annotated by two or more people."
)
DRIFTED = "The bootstrap of items is biased: its interval does not contain the value."
COHEN_DRIFTED = (
    "Pairs of annotators share too few items. The bootstrap of items is biased: its interval does not "
    "contain the value."
)
RARELY_DEFINED = "Too many resamples of the items have no value for an interval of this level."

# Fewer resamples may all fall on one side of the value by chance; ten do so once in 500.
FEWEST_TO_DRIFT = 10

Name: TypeAlias = tuple[str, int | None]


def label_agreement(
    *,
    task: Task,
    items: npt.ArrayLike,
    annotators: npt.ArrayLike,
    n_labels: int,
    rng: np.random.Generator,
    labels: npt.ArrayLike | None = None,
    memberships: npt.ArrayLike | None = None,
    label_names: Sequence[str] | None = None,
    n_resamples: int = 2000,
    level: float = 0.95,
    annotators_are_known: bool = True,
    run: Runner = run_in_sequence,
) -> LabelAgreement:
    """Agreement among annotators, per label and overall, with bootstrap intervals over items.

    Parameters
    ----------
    task : {"single", "multilabel", "ordinal"}
    items, annotators : (A,) array_like of int
        Who answered what: any integer identifiers. An annotator answers an item at most once.
    n_labels : int
        Labels of the label set, used or not.
    rng : numpy.random.Generator
    labels : (A,) array_like of int
        Single and ordinal: the label of each answer, 0 ... n_labels - 1.
    memberships : (A, n_labels) array_like of bool
        Multilabel: which labels each answer contains; a row of False is the empty set.
    label_names : sequence of str, optional
        Names of the labels; numbers where not given.
    n_resamples : int
        Draws of items with replacement; 0 for no intervals.
    level : float
        Of the percentile intervals, in (0, 1).
    annotators_are_known : bool
        False where `annotators` only keep answers apart; Cohen's kappa, which compares annotators, is left out.
    run : Runner
        Computes the chunks of resamples, by itself or with others.

    Raises
    ------
    InvalidAnswersError
        The arrays do not fit together, an annotator answers an item twice, a label is out of range.
    """
    if checked_task(task) == "multilabel":
        if memberships is None or labels is not None:
            raise InvalidAnswersError("multilabel answers are given as memberships")
        answers = Answers.of_sets(items=items, annotators=annotators, memberships=memberships)
        if answers.n_labels != n_labels:
            raise InvalidAnswersError(
                "memberships have %(n_labels)s labels, expected %(n_labels_2)s",
                n_labels=answers.n_labels,
                n_labels_2=n_labels,
            )
    else:
        if labels is None or memberships is not None:
            raise InvalidAnswersError("%(task)s answers are given as labels", task=task)
        answers = Answers.of_labels(items=items, annotators=annotators, labels=labels, n_labels=n_labels)
    return label_agreement_of_answers(
        answers,
        task=task,
        label_names=label_names,
        n_resamples=n_resamples,
        level=level,
        rng=rng,
        annotators_are_known=annotators_are_known,
        run=run,
    )


def label_agreement_of_answers(
    answers: Answers,
    *,
    task: Task,
    rng: np.random.Generator,
    label_names: Sequence[str] | None = None,
    n_resamples: int = 2000,
    level: float = 0.95,
    annotators_are_known: bool = True,
    run: Runner = run_in_sequence,
) -> LabelAgreement:
    """As `label_agreement`, for answers that were read before.

    Raises
    ------
    InvalidAnswersError
        If there are not as many names as labels.
    ValueError
        If the level does not lie between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    names = tuple(label_names) if label_names is not None else tuple(str(k) for k in range(answers.n_labels))
    if len(names) != answers.n_labels:
        raise InvalidAnswersError(
            "%(n_names)s label names for %(n_labels)s labels", n_names=len(names), n_labels=answers.n_labels
        )
    work = AgreementResampling(
        answers, task, annotators_are_known, seed=int(rng.integers(1 << 63)), n_resamples=n_resamples
    )
    read = _Reader(work, run(work), level=level)
    by_distance = {d: read.coefficient((f"krippendorff_alpha_{d}", None)) for d in TASK_DISTANCES[task]}
    distance = TASK_DISTANCES[task][0]
    pairs = None if work.cohen is None else work.cohen[0]
    return LabelAgreement(
        task=task,
        krippendorff_alpha=Alpha(**vars(by_distance[distance]), distance=distance),
        percent=read.coefficient(("percent", None)),
        fleiss_kappa=read.coefficient(("fleiss_kappa", None)),
        cohen_kappa=CohenKappa(
            **vars(read.coefficient(("cohen_kappa", None))),
            n_annotator_pairs=None if pairs is None else pairs.n_pairs,
            n_annotator_pairs_undefined=None if pairs is None else pairs.count_undefined(),
        ),
        gwet_ac1=read.coefficient(("gwet_ac1", None)),
        krippendorff_alpha_by_distance=by_distance,
        per_label=[
            LabelCoefficients(
                label=name,
                krippendorff_alpha=read.coefficient(("krippendorff_alpha", k)),
                percent=read.coefficient(("percent", k)),
                fleiss_kappa=read.coefficient(("fleiss_kappa", k)),
                cohen_kappa=read.coefficient(("cohen_kappa", k)),
                gwet_ac1=read.coefficient(("gwet_ac1", k)),
            )
            for k, name in enumerate(names)
        ],
        entered=answers.entered,
        n_resamples=n_resamples,
        level=level,
    )


class _Reader:
    """Turns columns of estimates into coefficients, and NaN into a reason."""

    def __init__(self, work: AgreementResampling, resamples: FloatArray, *, level: float) -> None:
        self._column = {name: column for column, name in enumerate(work.names)}
        self._values = work.values
        self._resamples = resamples
        self._entered: Entered = work.answers.entered
        self._level = level
        self._cohen_reason = TOO_MANY_PAIRS if work.annotators_are_known else UNKNOWN_ANNOTATORS

    def coefficient(self, name: Name) -> Coefficient:
        if name not in self._column:
            return Coefficient(value=None, interval=None, undetermined=self._cohen_reason)
        column = self._column[name]
        value = float(self._values[column])
        if math.isnan(value):
            return Coefficient(value=None, interval=None, undetermined=self._reason(name))
        resamples: FloatArray = self._resamples[:, column]
        defined = resamples[~np.isnan(resamples)]
        n_undefined = len(resamples) - len(defined)
        if not len(resamples):
            return Coefficient(value=value, interval=None, undetermined=None)
        if self._entered.n_items_with_two_or_more < FEWEST_ITEMS:
            return Coefficient(value, None, FEW_ITEMS, n_undefined)
        if n_undefined > (1 - self._level) * len(resamples):
            return Coefficient(value, None, RARELY_DEFINED, n_undefined)
        tail = (1 - self._level) / 2
        low, high = np.quantile(defined, [tail, 1 - tail])
        if high - low < ROUNDING:
            return Coefficient(value, None, NO_SPREAD, n_undefined)
        if len(defined) >= FEWEST_TO_DRIFT and not low - ROUNDING <= value <= high + ROUNDING:
            reason = COHEN_DRIFTED if name[0] == "cohen_kappa" else DRIFTED
            return Coefficient(value, None, reason, n_undefined)
        return Coefficient(value, (float(low), float(high)), None, n_undefined)

    def _reason(self, name: Name) -> str:
        coefficient, label = name
        if self._entered.n_items_with_two_or_more == 0:
            return NO_PAIRS
        if coefficient == "gwet_ac1":
            return ONE_LABEL
        if coefficient == "cohen_kappa":
            return NO_PAIR_OF_ANNOTATORS
        return NO_VARIATION if label is None else NO_VARIATION_OF_LABEL

"""The coefficients of a study's answers with their intervals, ready to be stored."""

from __future__ import annotations

from dataclasses import dataclass

from hlv.stats.agreement.answer_arrays import Entered
from hlv.stats.labels.distributions import Task


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

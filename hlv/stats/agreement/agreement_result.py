"""The coefficients of a study's answers with their intervals, ready to be stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hlv.stats.agreement.answer_arrays import Entered
from hlv.stats.labels.distributions import Task

COEFFICIENTS = ("krippendorff_alpha", "percent", "fleiss_kappa", "cohen_kappa", "gwet_ac1")


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
    interval: tuple[float, float] | None
    undetermined: str | None
    n_resamples_without_answer: int = 0

    def as_dict(self) -> dict[str, Any]:
        return {
            "value": self.value,
            "interval": None if self.interval is None else list(self.interval),
            "undetermined": self.undetermined,
            "n_resamples_without_answer": self.n_resamples_without_answer,
        }


@dataclass(frozen=True)
class Coefficients:
    """The five coefficients, overall or of one label."""

    krippendorff_alpha: Coefficient
    percent: Coefficient
    fleiss_kappa: Coefficient
    cohen_kappa: Coefficient
    gwet_ac1: Coefficient

    def as_dict(self) -> dict[str, dict[str, Any]]:
        return {name: getattr(self, name).as_dict() for name in COEFFICIENTS}


@dataclass(frozen=True)
class LabelAgreement:
    """Agreement among annotators.

    Attributes
    ----------
    overall : Coefficients
        Of labels; in multilabel tasks of whole sets: alpha with the MASI distance, the others with sets that are
        equal or not, and AC1 over all 2 ** n_labels sets that could be chosen.
    distance : str
        The distance of `overall.krippendorff_alpha`.
    alpha_by_distance : mapping of str to Coefficient
        That alpha, and alpha with the other distances that fit the task.
    per_label : tuple of Coefficients
        Of each label, present or absent in an answer; alpha is nominal.
    n_annotator_pairs, n_annotator_pairs_undefined : int or None
        Pairs of annotators with an item in common, and those among them without a Cohen's kappa, which the mean
        leaves out. None where there were too many pairs of answers.
    """

    task: Task
    label_names: tuple[str, ...]
    overall: Coefficients
    distance: str
    alpha_by_distance: Mapping[str, Coefficient]
    per_label: tuple[Coefficients, ...]
    n_annotator_pairs: int | None
    n_annotator_pairs_undefined: int | None
    entered: Entered
    n_resamples: int
    level: float

    def as_dict(self) -> dict[str, Any]:
        overall = self.overall.as_dict()
        overall["krippendorff_alpha"]["distance"] = self.distance
        overall["cohen_kappa"]["n_annotator_pairs"] = self.n_annotator_pairs
        overall["cohen_kappa"]["n_annotator_pairs_undefined"] = self.n_annotator_pairs_undefined
        return {
            "task": self.task,
            **overall,
            "krippendorff_alpha_by_distance": {
                distance: alpha.as_dict() for distance, alpha in self.alpha_by_distance.items()
            },
            "per_label": [
                {"label": name, **coefficients.as_dict()}
                for name, coefficients in zip(self.label_names, self.per_label, strict=True)
            ],
            "entered": self.entered.as_dict(),
            "n_resamples": self.n_resamples,
            "level": self.level,
        }

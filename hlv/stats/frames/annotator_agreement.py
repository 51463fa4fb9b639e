"""Agreement among annotators as a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hlv.stats.agreement.agreement_report import Coefficient, LabelAgreement, label_agreement_of_answers
from hlv.stats.display import Columns, Shown
from hlv.stats.frames.label_distributions import LabelDistributions

_NAMES = {
    "krippendorff_alpha": "Krippendorff's alpha",
    "percent": "Percent agreement",
    "fleiss_kappa": "Fleiss' kappa",
    "cohen_kappa": "Cohen's kappa",
    "gwet_ac1": "Gwet's AC1",
}


@dataclass(frozen=True, eq=False, repr=False)
class AnnotatorAgreement(Shown):
    """The coefficients of `LabelAgreement` as a table."""

    agreement: LabelAgreement

    @property
    def caption(self) -> str:
        entered = self.agreement.entered
        return f"Agreement among annotators: {entered.n_items:,} items, {entered.n_answers:,} answers"

    def columns(self) -> Columns:
        parts = [("all labels", self.agreement), *((part.label, part) for part in self.agreement.per_label)]
        found: list[tuple[str, str, Coefficient]] = [
            (label, _NAMES[name], getattr(part, name)) for label, part in parts for name in _NAMES
        ]
        return {
            "coefficient": [name for _, name, _ in found],
            "value": [one.value for *_, one in found],
            "low": [None if one.interval is None else one.interval[0] for *_, one in found],
            "high": [None if one.interval is None else one.interval[1] for *_, one in found],
            "label": [label for label, _, _ in found],
            "reason": [one.undetermined or "" for *_, one in found],
        }


def label_agreement(
    labels: LabelDistributions, *, n_resamples: int = 2000, seed: int = 1
) -> AnnotatorAgreement:
    """Krippendorff's alpha and four other coefficients, overall and by label, with 95 % intervals over items.

    Parameters
    ----------
    labels
        As `label_distributions` returns them.
    n_resamples
        0 for no intervals.
    seed
        The same seed and answers give the same intervals.

    Returns
    -------
    AnnotatorAgreement
        What the answers do not determine is None with a reason.

    Examples
    --------
    >>> from hlv.stats import label_agreement, label_distributions
    >>> labels = label_distributions(
    ...     items=[1, 1, 2, 2, 3, 3], annotators=["a", "b"] * 3, labels=["x", "x", "y", "y", "x", "y"]
    ... )
    >>> round(label_agreement(labels).agreement.krippendorff_alpha.value, 3)
    0.444
    """
    agreement = label_agreement_of_answers(
        labels.answers,
        task=labels.task,
        label_names=labels.labels,
        rng=np.random.default_rng(seed),
        n_resamples=n_resamples,
        annotators_are_known=labels.annotators_are_known,
    )
    return AnnotatorAgreement(agreement)


def krippendorff_alpha(labels: LabelDistributions, *, n_resamples: int = 2000, seed: int = 1) -> Coefficient:
    """Krippendorff's alpha with its 95 % interval over items: nominal, ordinal, or MASI in multilabel tasks.

    Parameters are those of `label_agreement`. What the answers do not determine is None with a reason.
    """
    return label_agreement(labels, n_resamples=n_resamples, seed=seed).agreement.krippendorff_alpha

"""Scores against the population of annotators, from the answers of a few.

With 3 to 6 answers of each item the observed shares are sharper than the population's, so several metrics prefer
sharp outputs. The bias of a score depends on its form, and `CORRECTIONS` names what can be done:

"unbiased"
    The score is linear in the human shares: its expectation is right with any number of annotators.
"closed form"
    The bias is known, and an unbiased estimate of it is subtracted.
"jackknife"
    No unbiased form exists, as only polynomials in the shares have one. Leaving out each annotator in turn removes the
    bias of order 1 / m.
"none"
    The score jumps or has a kink where shares meet a threshold or the output; a jackknife is not valid there. Use
    `annotator_curve` to see how far it depends on the number of annotators.

Assumption: the annotators of an item are independent draws of one population.

References
----------
Efron, B., & Stein, C. (1981). The jackknife estimate of variance. Annals of Statistics 9(3), 586-596.
Ferro, C. A. T., & Fricker, T. E. (2012). A bias-corrected decomposition of the Brier score. Quarterly Journal of the
Royal Meteorological Society 138, 1954-1960.
Halmos, P. R. (1946). The theory of unbiased estimation. Annals of Mathematical Statistics 17(1), 34-43.
Quenouille, M. H. (1956). Notes on bias in estimation. Biometrika 43, 353-360.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import rel_entr

from hlv.stats.arrays import FloatArray
from hlv.stats.labels.distributions import (
    InvalidDistributionError,
    Task,
    checked_distributions,
    checked_task,
    multilabel_distributions,
)
from hlv.stats.labels.entropy_estimators import checked_counts
from hlv.stats.metrics.metric import UndefinedScoreError, UnsupportedTaskError
from hlv.stats.metrics.registry import METRICS
from hlv.stats.metrics.soft import jensen_shannon_divergences

CorrectionKind: TypeAlias = Literal["unbiased", "closed form", "jackknife", "none"]
FEWEST_ANNOTATORS: Final = 2

# Shares and output (R, outcomes) -> loss of each row (R,).
RowLoss: TypeAlias = Callable[[FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True)
class Correction:
    """What can be done about few annotators in one metric.

    Attributes
    ----------
    kind
    reason
        A sentence.
    """

    kind: CorrectionKind
    reason: str


@dataclass(frozen=True)
class CorrectedScore:
    """A metric's score of one output, as observed and corrected for few annotators.

    Attributes
    ----------
    observed
        Score against the observed shares of the items that were kept.
    corrected
        It can lie outside the metric's range, as an unbiased estimate of a bound must.
    kind
    n_items
        Items with two annotators or more.
    n_left_out
        Items with fewer: one answer shows nothing about the spread of others.
    """

    observed: float
    corrected: float
    kind: CorrectionKind
    n_items: int
    n_left_out: int


_LINEAR = Correction("unbiased", "The score is linear in the human shares.")
_THRESHOLD = Correction(
    "none", "The most frequent label of few annotators can be another one: the score jumps."
)
_KINK = Correction("none", "An absolute difference has a kink where the shares equal the output.")
_ROOT = Correction("none", "A root has no finite slope at 0, where the shares equal the output.")
_RATIO = Correction(
    "none", "It is a ratio of sums of smaller values, which has a kink where shares equal the output."
)
_JACKKNIFE = Correction("jackknife", "A logarithm of shares is no polynomial, so no unbiased form exists.")

# Of every metric of the registry.
CORRECTIONS: Final[Mapping[str, Correction]] = MappingProxyType(
    {
        "hard_accuracy": _THRESHOLD,
        "hard_micro_f1": _THRESHOLD,
        "hard_macro_precision": _THRESHOLD,
        "hard_macro_recall": _THRESHOLD,
        "hard_macro_f1": _THRESHOLD,
        "soft_accuracy": _KINK,
        "soft_micro_f1": _RATIO,
        "soft_macro_precision": _RATIO,
        "soft_macro_recall": _RATIO,
        "soft_macro_f1": _RATIO,
        "po_jsd": _JACKKNIFE,
        "entropy_correlation": Correction(
            "none",
            "Errors of the human entropies lower the correlation; their size differs from item to item.",
        ),
        "soft_cross_entropy": _LINEAR,
        "kl_divergence": _JACKKNIFE,
        "reverse_kl_divergence": Correction("none", "It is infinite where nobody of the few chose a label."),
        "jensen_shannon_distance": _ROOT,
        "total_variation_distance": _KINK,
        "hellinger_distance": _ROOT,
        "manhattan_distance": _KINK,
        "wasserstein_distance": _KINK,
        "brier_loss": Correction("closed form", "The bias is the variance of the shares, p (1 - p) / m."),
        "rmse": Correction("none", "The root of an unbiased mean square is biased; use brier_loss."),
        "dist_ce": _KINK,
        "ent_ce": Correction("none", "An absolute difference of entropies has a kink where they are equal."),
        "rank_cs": Correction("none", "The order of the shares of few annotators can be another one."),
        "perspectivist_error_rate": _LINEAR,
    }
)


def corrected_score(
    metric: str,
    counts: npt.ArrayLike,
    predicted: npt.ArrayLike,
    *,
    task: Task,
    n_annotators: npt.ArrayLike | None = None,
) -> CorrectedScore:
    """Score of one output, corrected for few annotators.

    Parameters
    ----------
    metric
        A name of the registry.
    counts : (N, K) array_like
        Annotators who chose label k for item n.
    predicted : (N, K) array_like
        The output.
    task : {"single", "multilabel", "ordinal"}
    n_annotators : (N,) array_like
        For multilabel: annotators of each item. Otherwise the sum of the row.

    Raises
    ------
    UndefinedScoreError
        If no correction exists, no item has two annotators, or the score is infinite; the message gives the reason.
    UnsupportedTaskError
        If the metric is not defined in this kind of task.
    InvalidDistributionError, UndefinedDistributionError
        If a table is not one of counts, or not one of distributions.

    Examples
    --------
    >>> found = corrected_score("brier_loss", [[2, 1], [3, 0]], [[0.5, 0.5], [0.9, 0.1]], task="single")
    >>> round(found.observed, 4), round(found.corrected, 4)
    (0.0378, -0.0733)
    """
    known = METRICS[metric]
    correction = CORRECTIONS[metric]
    if checked_task(task) not in known.tasks:
        raise UnsupportedTaskError("%(metric)s is not defined for %(task)s tasks", metric=metric, task=task)
    if correction.kind == "none":
        raise UndefinedScoreError(
            "%(label)s has no correction for few annotators. %(reason)s",
            label=known.label,
            reason=correction.reason,
        )
    chosen, totals = _checked_answers(counts, n_annotators, task)
    output = checked_distributions(predicted, task=task, name="predicted")
    if output.shape != chosen.shape:
        raise InvalidDistributionError(
            "predicted has shape %(shape)s, but the human counts %(shape_2)s",
            shape=output.shape,
            shape_2=chosen.shape,
        )
    kept = totals >= FEWEST_ANNOTATORS
    if not kept.any():
        raise UndefinedScoreError("No item has two annotators or more: add annotators.")
    chosen, totals, output = chosen[kept], totals[kept], output[kept]
    observed = known.score(chosen / totals[:, None], output, task=task)
    bias = 0.0 if correction.kind == "unbiased" else _bias_of_loss(metric, chosen, totals, output, task)
    return CorrectedScore(
        observed=observed,
        corrected=observed + bias if known.higher_is_better else observed - bias,
        kind=correction.kind,
        n_items=int(kept.sum()),
        n_left_out=int((~kept).sum()),
    )


def _checked_answers(
    counts: npt.ArrayLike, n_annotators: npt.ArrayLike | None, task: Task
) -> tuple[FloatArray, FloatArray]:
    if task != "multilabel":
        if n_annotators is not None:
            raise ValueError("n_annotators is for multilabel tasks; elsewhere it is the sum of the row")
        table = checked_counts(counts)
        return table, np.asarray(table.sum(axis=1))
    if n_annotators is None:
        raise ValueError("multilabel tasks need n_annotators")
    totals = np.asarray(n_annotators, dtype=np.float64)
    # Checks both tables.
    multilabel_distributions(counts, totals)
    table = np.asarray(counts, dtype=np.float64)
    if (table != np.floor(table)).any() or (totals != np.floor(totals)).any():
        raise InvalidDistributionError("counts are whole numbers of annotators")
    return table, totals


def _bias_of_loss(
    metric: str, chosen: FloatArray, totals: FloatArray, output: FloatArray, task: Task
) -> float:
    """Estimated bias of the mean loss over items; a similarity is 1 less its loss."""
    if task != "multilabel":
        return float(_row_biases(metric, chosen, totals, output).mean())
    # Each label is a question of its own, chosen or not; labels of an item have equal weight.
    columns = zip(chosen.T, output.T, strict=True)
    return float(
        np.mean(
            [
                _row_biases(
                    metric,
                    np.stack([yes, totals - yes], axis=1),
                    totals,
                    np.stack([share, 1 - share], axis=1),
                ).mean()
                for yes, share in columns
            ]
        )
    )


def _row_biases(metric: str, chosen: FloatArray, totals: FloatArray, output: FloatArray) -> FloatArray:
    shares = chosen / totals[:, None]
    if metric == "brier_loss":
        return np.asarray((shares * (1 - shares)).sum(axis=1) / (totals - 1))
    loss = _ROW_LOSSES[metric]
    return (totals - 1) * (_mean_without_one(loss, chosen, totals, output) - loss(shares, output))


def _mean_without_one(
    loss: RowLoss, chosen: FloatArray, totals: FloatArray, output: FloatArray
) -> FloatArray:
    """Mean loss of each item over leaving out one of its annotators."""
    mean = np.zeros(len(chosen))
    for label in range(chosen.shape[1]):
        rows = np.flatnonzero(chosen[:, label] > 0)
        left = chosen[rows].copy()
        left[:, label] -= 1
        mean[rows] += chosen[rows, label] / totals[rows] * loss(left / (totals[rows, None] - 1), output[rows])
    return mean


def _divergence(human: FloatArray, predicted: FloatArray) -> FloatArray:
    return np.asarray(jensen_shannon_divergences(human, predicted).sum(axis=1))


def _kullback_leibler(human: FloatArray, predicted: FloatArray) -> FloatArray:
    return np.asarray(rel_entr(human, predicted).sum(axis=1))


_ROW_LOSSES: Final[Mapping[str, RowLoss]] = MappingProxyType(
    {"po_jsd": _divergence, "kl_divergence": _kullback_leibler}
)

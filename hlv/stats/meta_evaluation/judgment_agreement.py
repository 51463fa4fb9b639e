"""Whether a metric's difference on an item says what the judge of that item said.

This compares verdict by verdict where `agree` compares two rankings: a metric can order the methods well on the whole
and still say little of a single text.

References
----------
Deutsch, D., Foster, G., & Freitag, M. (2023). Ties matter: meta-evaluating modern metrics with pairwise accuracy and
tie calibration. Proceedings of EMNLP, 12914-12929.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.correlation import tie_tolerance
from hlv.stats.meta_evaluation.bootstrap_judgments import JudgmentSample
from hlv.stats.meta_evaluation.tie_calibration import item_folds, tied_differences
from hlv.stats.pairwise.bootstrap import ResamplingUnit, chunks, few_judges_note, resampling_unit
from hlv.stats.pairwise.comparisons import FIRST, TIE, UNKNOWN, Cells
from hlv.stats.reporting import UndeterminedError
from hlv.stats.resampling.percentiles import percentile_intervals

N_FOLDS: Final = 5
# a stream of the seed that no other resampling uses; 11 to 13 are those of the verdicts
_STREAM_OF_FOLDS: Final = 14


class UndeterminedJudgmentsError(UndeterminedError):
    """The verdicts do not determine how often the metric agrees."""


@dataclass(frozen=True, eq=False)
class JudgmentAgreement:
    """How often the metric says what the judge said.

    Attributes
    ----------
    accuracy
        Share of verdicts met, ties among them, with thresholds from other items; 0 to 1.
    decided
        Among the verdicts with a preference, the share whose sign the metric has, without any threshold; half where
        it sees no difference.
    in_sample, threshold
        The best share that one threshold reaches on all verdicts, and it: in the metric's units, a difference up to
        which the metric is said to see a tie. It flatters the metric, as it is chosen on what it is measured on.
    fold_thresholds : (F,)
        Those of the folds.
    always_tie
        Share of ties: what a metric that never sees a difference would reach.
    n_judgments, n_ties, n_items
        What entered.
    n_left_out
        Judgments on unknown items, or of an output without a score.
    accuracy_interval, decided_interval
        Percentiles of the resamples; None where there are none.
    accuracy_mean, decided_mean
        Means of the resamples.
    unit, rule, notes
        What was resampled, what became of the resamples, and what should be known of them.
    """

    accuracy: float
    decided: float
    in_sample: float
    threshold: float
    fold_thresholds: FloatArray
    always_tie: float
    n_judgments: int
    n_ties: int
    n_items: int
    n_left_out: int
    n_resamples: int
    seed: int
    accuracy_interval: tuple[float, float] | None
    decided_interval: tuple[float, float] | None
    accuracy_mean: float | None
    decided_mean: float | None
    unit: ResamplingUnit | None
    rule: str
    notes: list[str]


def judgment_agreement(
    cells: Cells,
    item_scores: FloatArray,
    *,
    higher_is_better: bool,
    n_folds: int = N_FOLDS,
    resample: ResamplingUnit | None = None,
    n_resamples: int = 2000,
    seed: int,
) -> JudgmentAgreement:
    """Agreement of a metric's differences with the verdicts.

    Parameters
    ----------
    cells
        Verdicts on pairs of the M methods.
    item_scores : (M, n_items)
        Of the metric; NaN where there is none.
    n_resamples
        The intervals are percentiles of so many; 0 for none.

    The others, and the errors, are those of `judgment_sample`.
    """
    sample = judgment_sample(
        cells,
        item_scores,
        higher_is_better=higher_is_better,
        n_folds=n_folds,
        resample=resample,
        seed=seed,
    )
    drawn = [
        sample.resampled(index, rows.stop - rows.start) for index, rows in enumerate(chunks(n_resamples))
    ]
    return sample_agreement(sample, np.concatenate([np.empty((0, 2)), *drawn]))


def judgment_sample(
    cells: Cells,
    item_scores: FloatArray,
    *,
    higher_is_better: bool,
    n_folds: int = N_FOLDS,
    resample: ResamplingUnit | None = None,
    seed: int,
) -> JudgmentSample:
    """A metric's differences beside the verdicts, made ready to be resampled.

    A metric seldom gives two outputs the same score, so it is said to see a tie where its difference is at most a
    threshold. That is fitted on the items of the other folds, also inside each resample, where the folds of the items
    stay the same. "Both good", "neither good" and ties of unspecified kind are ties alike.

    Parameters
    ----------
    cells
        The judgments; `cells.item` are columns of `item_scores`.
    item_scores : (M, N)
        The metric's score of each method's output on each item; NaN where there is none.
    higher_is_better
        False for losses and distances.
    n_folds
        Of the items, two or more; no more than there are items.
    resample
        What is drawn again; None takes the widest that is known.
    seed
        Of the folds and the resamples.

    Raises
    ------
    UndeterminedJudgmentsError
        If no verdict has scores, there is one item, every verdict is a tie, or the metric never sees a difference.
    ValueError
        If a cell names a method or item beyond the table, or a score is infinite.
    """
    if n_folds < 2:
        raise ValueError("crossing needs two folds or more")
    kept = _scored(cells, item_scores)
    used = _part(cells, kept)
    if not len(used):
        raise UndeterminedJudgmentsError("No judgment is on a known item with a score of both outputs.")
    if used.n_items < 2:
        raise UndeterminedJudgmentsError(
            "All judgments are on one item, so a tie threshold cannot be tested on others."
        )
    if used.n_ties == used.n_judgments:
        raise UndeterminedJudgmentsError("Every verdict is a tie.")
    sign = 1.0 if higher_is_better else -1.0
    differences = sign * (item_scores[used.first, used.item] - item_scores[used.second, used.item])
    # a difference is off by as much as the scores are that it is made of
    tolerance = float(tie_tolerance(np.where(np.isnan(item_scores), 0.0, item_scores).ravel(), "score")[0])
    differences = tied_differences(differences, tolerance)
    if not differences.any():
        raise UndeterminedJudgmentsError("The metric gives all compared outputs the same score.")
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_STREAM_OF_FOLDS,)))
    fold, n_used = item_folds(used.item, n_folds=n_folds, generator=generator)
    unit, notes = resampling_unit(used, resample)
    notes += few_judges_note(unit, used)
    return JudgmentSample(
        differences=differences,
        verdicts=np.where(used.outcome == TIE, 0, np.where(used.outcome == FIRST, 1, -1)),
        fold=fold,
        judge=np.unique(used.judge, return_inverse=True)[1],
        item=np.unique(used.item, return_inverse=True)[1],
        count=used.count,
        n_folds=n_used,
        unit=unit,
        seed=seed,
        n_items=used.n_items,
        n_left_out=cells.n_judgments - used.n_judgments,
        notes=tuple(notes),
    )


def sample_agreement(sample: JudgmentSample, drawn: FloatArray) -> JudgmentAgreement:
    """What the verdicts say, with resamples (R, 2) of both shares as `JudgmentSample.resampled` gives them."""
    weights = sample.count.astype(np.float64)
    accuracy, thresholds = sample.calibration.cross_fitted(weights[None])
    in_sample, threshold = sample.calibration.in_sample(weights)
    n_judgments, n_ties = int(weights.sum()), int(weights[sample.verdicts == 0].sum())
    intervals = percentile_intervals(drawn)
    return JudgmentAgreement(
        accuracy=float(accuracy[0]),
        decided=float(sample.decided(weights[None])[0]),
        in_sample=in_sample,
        threshold=threshold,
        fold_thresholds=thresholds[0],
        always_tie=n_ties / n_judgments,
        n_judgments=n_judgments,
        n_ties=n_ties,
        n_items=sample.n_items,
        n_left_out=sample.n_left_out,
        n_resamples=len(drawn),
        seed=sample.seed,
        accuracy_interval=_bounds(intervals.low, intervals.high, 0),
        decided_interval=_bounds(intervals.low, intervals.high, 1),
        accuracy_mean=_mean(drawn[:, 0]),
        decided_mean=_mean(drawn[:, 1]),
        unit=sample.unit if len(drawn) else None,
        rule=intervals.rule,
        notes=list(sample.notes) if len(drawn) else [],
    )


def _scored(cells: Cells, item_scores: FloatArray) -> BoolArray:
    """Cells with a known item and a score of both outputs."""
    if np.isinf(item_scores).any():
        raise ValueError("a score is infinite, so differences of scores are undefined")
    n_methods, n_items = item_scores.shape
    if len(cells) and max(int(cells.first.max()), int(cells.second.max())) >= n_methods:
        raise ValueError(f"a cell names a method beyond the {n_methods} that are scored")
    if len(cells) and int(cells.item.max()) >= n_items:
        raise ValueError(f"a cell names an item beyond the {n_items} that are scored")
    kept: BoolArray = np.asarray((cells.count > 0) & (cells.item != UNKNOWN))
    known: BoolArray = kept.copy()
    scores = (
        item_scores[cells.first[kept], cells.item[kept]] - item_scores[cells.second[kept], cells.item[kept]]
    )
    known[kept] = ~np.isnan(scores)
    return known


def _part(cells: Cells, kept: BoolArray) -> Cells:
    return Cells(
        cells.first[kept],
        cells.second[kept],
        cells.outcome[kept],
        cells.count[kept],
        cells.judge[kept],
        cells.item[kept],
        cells.first_is_left[kept],
    )


def _bounds(low: FloatArray | None, high: FloatArray | None, column: int) -> tuple[float, float] | None:
    return None if low is None or high is None else (float(low[column]), float(high[column]))


def _mean(values: FloatArray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None

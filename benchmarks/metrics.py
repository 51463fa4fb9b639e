"""Eight automatic metrics of many methods, and their resamples over items."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy, pearsonr
from sklearn.metrics import accuracy_score, f1_score

from benchmarks.scoreboard import Scoreboard
from benchmarks.timing import interleaved_medians, timed
from hlv.stats.arrays import FloatArray
from hlv.stats.metrics.predictions import Predictions, Targets
from hlv.stats.metrics.registry import METRICS
from hlv.stats.metrics.score_resampling import resampled_scores
from hlv.stats.resampling.item_weights import Weights

SEED = 20260101
N_METHODS = 14
N_ITEMS = 100_000
N_LABELS = 33
N_RESAMPLES = 1000
NAMES = (
    "hard_accuracy",
    "hard_macro_f1",
    "soft_accuracy",
    "soft_micro_f1",
    "soft_macro_f1",
    "po_jsd",
    "entropy_correlation",
    "total_variation_distance",
)


def run(scoreboard: Scoreboard) -> None:
    generator = np.random.default_rng(SEED)
    human = generator.multinomial(5, generator.dirichlet(np.full(N_LABELS, 0.3), N_ITEMS)) / 5
    outputs = [
        share * human + (1 - share) * generator.dirichlet(np.full(N_LABELS, 0.5), N_ITEMS)
        for share in np.linspace(0.1, 0.7, N_METHODS)
    ]
    _once(scoreboard, human, outputs)
    _resampled(scoreboard, human, outputs)


def straightforward(human: FloatArray, predicted: FloatArray) -> list[float]:
    """The metrics of one method as one writes them down with numpy, scipy and scikit-learn, in the order of NAMES."""
    truth, guess = human.argmax(axis=1), predicted.argmax(axis=1)
    labels = np.arange(human.shape[1])
    most = np.log(human.shape[1])
    shared, masses = np.minimum(human, predicted), human + predicted
    both_empty = masses.sum(axis=0) == 0
    of_labels = np.where(
        both_empty, 1.0, 2 * shared.sum(axis=0) / np.where(both_empty, 1, masses.sum(axis=0))
    )
    return [
        accuracy_score(truth, guess),
        f1_score(truth, guess, average="macro", zero_division=1, labels=labels),
        shared.sum(axis=1).mean(),
        2 * shared.sum() / masses.sum(),
        of_labels.mean(),
        1 - (jensenshannon(human, predicted, axis=1, base=2) ** 2).mean(),
        pearsonr(entropy(human, axis=1) / most, entropy(predicted, axis=1) / most).statistic,
        0.5 * np.abs(human - predicted).sum(axis=1).mean(),
    ]


def _once(scoreboard: Scoreboard, human: FloatArray, outputs: list[FloatArray]) -> None:
    def ours() -> FloatArray:
        truth = Targets.of(human, task="single")
        # one after the other, as the services do, so that no more than one is held
        predictions = (Predictions.of(output, truth) for output in outputs)
        return np.array(
            [[METRICS[name].score(truth, one, task="single") for name in NAMES] for one in predictions]
        )

    def theirs() -> FloatArray:
        return np.array([straightforward(human, output) for output in outputs])

    seconds = interleaved_medians({"hlv": timed(ours), "theirs": timed(theirs)}, enough=5)
    scoreboard.open_work(f"Eight metrics, {N_METHODS} methods, {N_LABELS} labels, {N_ITEMS:,} items")
    scoreboard.ours(seconds["hlv"])
    scoreboard.against(
        "numpy, scipy and scikit-learn",
        seconds["theirs"],
        ours=seconds["hlv"],
        at_least=10,
        apart=float(np.abs(ours() - theirs()).max()),
        may_differ=1e-9,
    )


def _resampled(scoreboard: Scoreboard, human: FloatArray, outputs: list[FloatArray]) -> None:
    stacked = np.stack(outputs)

    def ours() -> FloatArray:
        """(resamples, metrics, methods)"""
        truth = Targets.of(human, task="single")
        weights = Weights.drawn(N_ITEMS, n_resamples=N_RESAMPLES, seed=SEED)
        return resampled_scores([METRICS[name] for name in NAMES], truth, stacked, weights)

    # one pass takes so long that one method and one resample tell what all take
    draw = Weights.drawn(N_ITEMS, n_resamples=1, seed=SEED).counts[0]
    drawn = np.repeat(np.arange(N_ITEMS), draw)

    def theirs() -> list[float]:
        return straightforward(human[drawn], outputs[0][drawn])

    seconds = interleaved_medians({"hlv": timed(ours), "theirs": timed(theirs)}, enough=0, warm=False)
    scoreboard.open_work(f"The same with {N_RESAMPLES:,} resamples of the items")
    scoreboard.ours(seconds["hlv"])
    scoreboard.against(
        "the same, a pass a resample",
        seconds["theirs"] * N_RESAMPLES * N_METHODS,
        ours=seconds["hlv"],
        at_least=900,
        apart=float(np.abs(ours()[0, :, 0] - theirs()).max()),
        may_differ=1e-9,
        remark="one pass of one method measured, several times",
    )

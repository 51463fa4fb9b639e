"""Automatic metrics and their resamples over items."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy, pearsonr
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

from benchmarks.scoreboard import Scoreboard
from benchmarks.timing import interleaved_medians, timed
from metaeval.science.registry import METRICS

SEED = 20260101
N_RESAMPLES = 1000
# One pass takes the other side long enough that a few tell what a thousand take.
N_MEASURED = 20


def run(scoreboard: Scoreboard) -> None:
    metrics_with_resamples(scoreboard, n_items=1_000, n_labels=10)


def straightforward(human: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    truth, guess = human.argmax(axis=1), predicted.argmax(axis=1)
    macro = {"average": "macro", "zero_division": 1, "labels": np.arange(human.shape[1])}
    most = np.log(human.shape[1])
    return {
        "hard_accuracy": accuracy_score(truth, guess),
        "hard_macro_precision": precision_score(truth, guess, **macro),
        "hard_macro_recall": recall_score(truth, guess, **macro),
        "hard_macro_f1": f1_score(truth, guess, **macro),
        "soft_accuracy": np.minimum(human, predicted).sum(axis=1).mean(),
        "total_variation_distance": 0.5 * np.abs(human - predicted).sum(axis=1).mean(),
        "po_jsd": 1 - (jensenshannon(human, predicted, axis=1, base=2) ** 2).mean(),
        "entropy_correlation": pearsonr(entropy(human, axis=1) / most, entropy(predicted, axis=1) / most)[0],
    }


def metrics_with_resamples(scoreboard: Scoreboard, *, n_items: int, n_labels: int) -> None:
    rng = np.random.default_rng(SEED)
    human = rng.multinomial(10, rng.dirichlet(np.ones(n_labels), n_items)) / 10
    predicted = rng.dirichlet(np.ones(n_labels), n_items)
    draws = rng.integers(0, n_items, size=(N_RESAMPLES, n_items))
    weights = np.stack([np.bincount(draw, minlength=n_items) for draw in draws]).astype(float)
    names = list(straightforward(human, predicted))

    def ours() -> dict[str, np.ndarray]:
        parts = {name: METRICS[name].parts(human, predicted, task="single") for name in names}
        return {name: METRICS[name].combine(weights @ parts[name]) for name in names}

    def theirs() -> list[dict[str, float]]:
        return [straightforward(human[draw], predicted[draw]) for draw in draws[:N_MEASURED]]

    computed, expected = ours(), theirs()
    apart = max(
        abs(float(computed[name][row]) - float(expected[row][name]))
        for name in names
        for row in range(N_MEASURED)
    )
    seconds = interleaved_medians({"hlv": timed(ours), "loop": timed(theirs)}, enough=5)
    scoreboard.open_work(f"Eight metrics, {N_RESAMPLES:,} resamples of {n_items:,} items, {n_labels} labels")
    scoreboard.ours(seconds["hlv"])
    scoreboard.against(
        "scikit-learn and scipy, a pass a resample",
        seconds["loop"] * N_RESAMPLES / N_MEASURED,
        ours=seconds["hlv"],
        apart=apart,
        may_differ=1e-9,
        remark=f"{N_MEASURED} passes measured",
    )

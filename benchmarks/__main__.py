"""`make bench`: the same answers as other libraries, and how long both took. Trust the ratios, not the seconds.

Each side gets its input in the form it wants, made before the clock starts. Each task runs until at least
`SECONDS_EACH` have passed, at least twice; the fastest run counts. Answers are compared before times are.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import choix
import numpy as np
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy, pearsonr
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

from metaeval.science.bradley_terry import fit_bradley_terry
from metaeval.science.comparisons import SECOND, make_cells, pair_counts
from metaeval.science.registry import METRICS
from metaeval.science.simulate import simulate_judgments

SECONDS_EACH = 1.0
SEED = 20260101
N_RESAMPLES = 1000
# One pass takes the other side long enough that a few tell what a thousand take.
N_MEASURED = 20


def fastest(task: Callable[[], object]) -> float:
    times: list[float] = []
    while len(times) < 2 or sum(times) < SECONDS_EACH:
        begun = time.perf_counter()
        task()
        times.append(time.perf_counter() - begun)
    return min(times)


def say(what: str, ours: float, theirs: float, whose: str, apart: float) -> None:
    print(f"{what}\n  hlv {ours:10.4f} s\n  {whose} {theirs:.4f} s")
    ratio = theirs / ours
    words = f"hlv is {ratio:.1f} x faster" if ratio >= 1 else f"hlv is {1 / ratio:.1f} x slower"
    print(f"  {words}; the answers differ by at most {apart:.1g}\n")


def bradley_terry(n_methods: int, n_judgments: int) -> None:
    rng = np.random.default_rng(SEED)
    drawn = simulate_judgments(
        np.linspace(-1, 1, n_methods), n_judgments=n_judgments, n_judges=50, n_items=500, rng=rng
    )
    cells = make_cells(first=drawn.first, second=drawn.second, outcome=drawn.outcome)
    second_won = drawn.outcome == SECOND
    winners = np.where(second_won, drawn.second, drawn.first)
    losers = np.where(second_won, drawn.first, drawn.second)
    pairs = list(zip(winners.tolist(), losers.tolist(), strict=True))

    def ours() -> np.ndarray:
        return fit_bradley_terry(*pair_counts(cells, n_methods)).strengths

    def theirs() -> np.ndarray:
        return choix.ilsr_pairwise(n_methods, pairs, tol=1e-10)

    apart = float(np.abs(ours() - (theirs() - theirs().mean())).max())
    title = f"Bradley-Terry, {n_judgments:,} judgments of {n_methods} methods, no ties"
    say(title, fastest(ours), fastest(theirs), "choix.ilsr_pairwise", apart)


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


def metrics_with_resamples(n_items: int, n_labels: int) -> None:
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
    title = f"Eight metrics, {N_RESAMPLES:,} resamples of {n_items:,} items, {n_labels} labels"
    scale = N_RESAMPLES / N_MEASURED
    whose = f"scikit-learn and scipy, a pass a resample ({N_MEASURED} measured, scaled)"
    say(title, fastest(ours), fastest(theirs) * scale, whose, apart)


if __name__ == "__main__":
    bradley_terry(n_methods=20, n_judgments=100_000)
    bradley_terry(n_methods=60, n_judgments=10_000)
    metrics_with_resamples(n_items=1_000, n_labels=10)

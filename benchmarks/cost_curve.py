"""How time grows: with the judgments, with the methods, and with the items.

Everything is simulated, and each row is the whole way: from judgments to strengths and their bootstrap by judge, or
from outputs to scores and their bootstrap by item.
"""

from __future__ import annotations

import numpy as np

from benchmarks.scoreboard import Scoreboard
from benchmarks.timing import interleaved_medians, timed
from hlv.stats.metrics.predictions import Predictions, Targets
from hlv.stats.metrics.registry import metrics_for
from hlv.stats.metrics.score_resampling import resampled_scores
from hlv.stats.pairwise.bootstrap import comparison_resampler, resample_fits
from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.comparisons import judgment_counts, make_cells
from hlv.stats.pairwise.pair_likelihoods import pair_table
from hlv.stats.resampling.item_weights import Weights

SEED = 20260101
N_JUDGES = 50
N_RESAMPLES = 1000
N_LABELS = 10
JUDGMENTS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
METHODS = (9, 14, 30, 100, 300)
ITEMS = (1_000, 10_000, 100_000, 1_000_000)
# resamples of a million items are weighed in a part, and the part is said
MOST_DRAWN = 100_000_000


def run(scoreboard: Scoreboard) -> None:
    scoreboard.open_work("What more judgments, methods and items cost")
    print(
        "\n| judgments | methods | count | check and fit | 1,000 resamples of 50 judges |\n|---|---|---|---|---|"
    )
    for n_judgments in JUDGMENTS:
        _board(n_judgments, 14)
    for n_methods in METHODS:
        if n_methods != 14:
            _board(1_000_000, n_methods)
    print("\n| items | labels | all metrics of a method | 1,000 resamples of the items |\n|---|---|---|---|")
    for n_items in ITEMS:
        _metrics(n_items)


def _board(n_judgments: int, n_methods: int) -> None:
    generator = np.random.default_rng(SEED)
    first = generator.integers(0, n_methods, n_judgments)
    second = (first + generator.integers(1, n_methods, n_judgments)) % n_methods
    strengths = np.linspace(-1, 1, n_methods)
    wins = generator.random(n_judgments) < 1 / (1 + np.exp(strengths[second] - strengths[first]))
    outcome = np.where(generator.random(n_judgments) < 0.2, 2, np.where(wins, 0, 1))
    judge = generator.integers(0, N_JUDGES, n_judgments)

    def count() -> tuple[np.ndarray, np.ndarray]:
        return judgment_counts(first=first, second=second, outcome=outcome, n_methods=n_methods)

    # many pairs are resampled in a part, and the part is said
    n_resamples = N_RESAMPLES if n_methods <= 100 else N_RESAMPLES // 10
    counts = count()
    fit = fit_bradley_terry(*counts)
    cells = make_cells(first=first, second=second, outcome=outcome, judge=judge)

    def resample() -> object:
        resampler = comparison_resampler(cells, pair_table(*counts), unit="judges", seed=SEED)
        return resample_fits(resampler, fit, n_resamples=n_resamples)

    seconds = interleaved_medians(
        {
            "count": timed(count),
            "fit": timed(lambda: fit_bradley_terry(*counts)),
            "resample": timed(resample),
        },
        enough=3,
    )
    part = "" if n_resamples == N_RESAMPLES else f" ({n_resamples} measured)"
    of_all = seconds["resample"] * N_RESAMPLES / n_resamples
    print(
        f"| {n_judgments:,} | {n_methods} | {_shown(seconds['count'])} | {_shown(seconds['fit'])} | "
        f"{_shown(of_all)}{part} |",
        flush=True,
    )


def _metrics(n_items: int) -> None:
    generator = np.random.default_rng(SEED)
    human = generator.multinomial(5, np.full(N_LABELS, 1 / N_LABELS), n_items) / 5
    output = 0.5 * human + 0.5 * generator.dirichlet(np.ones(N_LABELS), n_items)
    metrics = metrics_for("single")
    n_resamples = min(N_RESAMPLES, MOST_DRAWN // n_items)

    def score() -> list[object]:
        truth = Targets.of(human, task="single")
        prediction = Predictions.of(output, truth)
        return [metric.sums(truth, prediction, task="single") for metric in metrics]

    def resample() -> object:
        truth = Targets.of(human, task="single")
        weights = Weights.drawn(n_items, n_resamples=n_resamples, seed=SEED)
        return resampled_scores(metrics, truth, output[None], weights)

    seconds = interleaved_medians({"score": timed(score), "resample": timed(resample)}, enough=3)
    part = "" if n_resamples == N_RESAMPLES else f" ({n_resamples} measured)"
    of_all = seconds["resample"] * N_RESAMPLES / n_resamples
    print(f"| {n_items:,} | {N_LABELS} | {_shown(seconds['score'])} | {_shown(of_all)}{part} |", flush=True)


def _shown(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"
